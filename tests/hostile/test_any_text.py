"""Any text and any bytes: read or refused, never worse, and in bounded time. Processor time is held against the limits: the
machine may be busy."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.languages import accepted_language
from api.plain_words import plain_words, whole_characters
from api.privacy import redact
from services_catalog.catalogue import Catalogue
from services_catalog.crisis import CrisisRules
from services_catalog.errors import RecordInvalid
from services_catalog.exchange.importing import read_import
from services_catalog.exchange.xliff import read_xliff
from services_catalog.languages import LANGUAGES
from services_catalog.normalize import fold, normalize
from services_catalog.search import SearchEngine
from services_catalog.yaml_records import load_records
from tests.hostile.pieces import BIDI, INVISIBLE, MARKUP, ORDERS, OTHER_SCRIPTS, SQL, TEMPLATES

#: Characters of the longest message, and seconds of a processor that reading it may take.
LONGEST, MOST_SECONDS = 4000, 0.5
SCRIPTS = st.characters(exclude_categories=["Cs"])
PIECES = st.sampled_from(
    [*MARKUP, *SQL, *TEMPLATES, *ORDERS, *OTHER_SCRIPTS, *BIDI, *INVISIBLE, "010190-1234", "я", "æ", "م"]
)
#: Short texts of anything, texts of awkward pieces, and one piece over and over up to the longest message.
TEXTS = st.one_of(
    st.text(SCRIPTS, max_size=200),
    st.lists(st.one_of(PIECES, st.text(max_size=8)), max_size=30).map("".join),
    st.text(min_size=1, max_size=6).map(lambda piece: (piece * LONGEST)[:LONGEST]),
    st.lists(st.text(SCRIPTS, min_size=1, max_size=12), min_size=1, max_size=9).map(
        lambda said: " ".join(said * 400)[:LONGEST]
    ),
)
MANY = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@contextlib.contextmanager
def bounded(seconds: float = MOST_SECONDS) -> Iterator[None]:
    """Fail when the block takes more of a processor than that."""
    began = time.thread_time()
    yield
    taken = time.thread_time() - began
    assert taken < seconds, f"took {taken:.2f} s"


@pytest.fixture(scope="module", autouse=True)
def _warm(engine: SearchEngine, crisis_rules: CrisisRules) -> None:
    """Load what is loaded with the first question of a language."""
    for text in (
        "hvad koster det at lære dansk",
        "як вивчити данську",
        "كيف أتعلم الدنماركية",
        "ich suche eine Wohnung bitte",
    ):
        for language in LANGUAGES:
            engine.search(text, language=language)
        crisis_rules.recognize(text)


@MANY
@given(TEXTS)
def test_reading_a_message(engine: SearchEngine, crisis_rules: CrisisRules, text: str) -> None:
    with bounded():
        plain = plain_words(whole_characters(text))
    with bounded():
        kept = redact(plain)
    with bounded():
        identified = engine.identifier.identify(kept)
    assert identified.language in LANGUAGES
    with bounded():
        crisis_rules.recognize(kept)
    with bounded():
        assert fold(fold(kept)) == fold(kept)
        assert len(normalize(kept).text) == len(normalize(kept).offsets)


@MANY
@given(TEXTS, st.sampled_from(sorted(LANGUAGES)), st.booleans())
def test_searching(engine: SearchEngine, text: str, language: str, staff: bool) -> None:
    with bounded():
        found = engine.search(text, language=language, staff=staff)
    assert len(found.hits) <= 5


@MANY
@given(TEXTS, st.sampled_from([None, *sorted(LANGUAGES)]))
def test_choosing_a_language(engine: SearchEngine, text: str, conversation: str | None) -> None:
    found = engine.identifier.identify(text, conversation)
    assert found.language in LANGUAGES
    assert accepted_language(text) in (None, *LANGUAGES)
    # what cannot be seen changes nothing
    seen = engine.identifier.identify(plain_words("\u200b".join(text[:50])), conversation)
    assert seen.language in LANGUAGES


#: What a browser can send in a form or an address.
TYPED = st.text(SCRIPTS, max_size=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from("text session remove plain language question kind name password outcome offer".split())
MEDIA = st.sampled_from(
    [
        "application/json",
        "text/plain",
        "a/b;c",
        "",
        "multipart/form-data",
        "application/x-www-form-urlencoded; charset=\xff",
    ]
)
BODIES = st.one_of(
    st.binary(max_size=200),
    JSON.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(FIELDS, JSON | TEXTS, max_size=4).map(lambda value: json.dumps(value).encode()),
    st.text(max_size=60).map(lambda text: b'{"text": "' + text.encode(errors="surrogatepass") + b'"}'),
)


@MANY
@given(BODIES, st.sampled_from(["/api/v1/chat", "/api/v1/feedback", "/api/v1/login"]), MEDIA)
def test_a_request_of_anything(visitor: TestClient, body: bytes, path: str, media: str) -> None:
    answer = visitor.post(path, content=body, headers={b"Content-Type": media.encode("latin-1")})
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["status"] == answer.status_code


@MANY
@given(
    st.dictionaries(st.sampled_from("q language role limit age district situation page x".split()), TYPED, max_size=5),
    st.sampled_from("/api/v1/search /da/search /ar /hsds/services /en/slip /uk/favourites /da/login /was".split()),
)
def test_a_query_of_anything(visitor: TestClient, query: dict[str, str], path: str) -> None:
    assert visitor.get(path, params=query).status_code < 500


@MANY
@given(
    st.dictionaries(
        st.sampled_from("q offer kind text question name password next add drop".split()), TYPED, max_size=5
    ),
    st.sampled_from("/da/feedback /ar/favourites /en/login /da/desk /uk/logout".split()),
    st.booleans(),
)
def test_a_form_of_anything(visitor: TestClient, fields: dict[str, str], path: str, files: bool) -> None:
    answer = visitor.post(path, data=fields, files={"file": ("\0", b"x")} if files else None)
    assert answer.status_code < 500


# --- files that people hand in: hostile bytes in tests/services_catalog, here hostile values in the right form -----------

FIELD_NAMES = "id kind availability cost eligibility texts sources provider schedule needs access owner".split()


@MANY
@given(st.dictionaries(st.sampled_from(FIELD_NAMES) | st.text(max_size=8), JSON, max_size=6))
def test_a_record_of_anything(tmp_path_factory: pytest.TempPathFactory, record: dict[str, Any]) -> None:
    folder = tmp_path_factory.mktemp("import")
    (folder / "offers").mkdir()
    data = json.dumps(record).encode()  # JSON is YAML
    (folder / "offers" / "a.yml").write_bytes(data)
    for read in (lambda: load_records("a.yml", data), lambda: read_import(folder)):
        with contextlib.suppress(RecordInvalid):
            read()


@MANY
@given(st.lists(st.lists(st.text(max_size=15), max_size=6), max_size=5), st.sampled_from([";", ",", "\t"]))
def test_a_table_of_anything(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], separator: str) -> None:
    folder = tmp_path_factory.mktemp("table")
    heading = separator.join(("id", "kind", "availability", "cost.kind", "provider"))
    lines = [heading, *(separator.join(row) for row in rows)]
    (folder / "offers.csv").write_bytes("\n".join(lines).encode(errors="surrogatepass"))
    with contextlib.suppress(RecordInvalid):
        read_import(folder)


TAGS = st.sampled_from(
    ["xliff", "file", "unit", "segment", "source", "target", "body", "trans-unit", "group", "note", "x"]
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["id", "version", "srcLang", "trgLang", "original", "state", "xml:space"]),
    st.sampled_from(["", "1.2", "2.0", "da", "ar", "muhabet", "x" * 50, "&#x202e;"]),
    max_size=3,
)
LEAVES = st.sampled_from(["", "text", "&amp;", "<![CDATA[x]]>"])


@st.composite
def _elements(draw: st.DrawFn, depth: int = 3) -> str:
    tag = draw(TAGS)
    attributes = "".join(f' {name}="{value}"' for name, value in draw(ATTRIBUTES).items())
    inner = "".join(draw(st.lists(_elements(depth - 1), max_size=3))) if depth else draw(LEAVES)
    return f"<{tag}{attributes}>{inner}</{tag}>"


@MANY
@given(st.one_of(st.binary(max_size=200), _elements().map(str.encode)))
def test_a_translation_of_anything(catalogue: Catalogue, data: bytes) -> None:
    with contextlib.suppress(RecordInvalid):
        read_xliff(data, catalogue)
