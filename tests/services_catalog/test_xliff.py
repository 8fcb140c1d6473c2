"""Texts go to an agency and come back without loss; what cannot be an answer to our export is refused by unit."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from translate.storage.xliff import Xliff1File

from services_catalog.catalogue import Catalogue
from services_catalog.editors.translations import READ_FIELDS, danish_changes
from services_catalog.errors import RecordInvalid
from services_catalog.exchange.xliff import applied, longest, read_xliff, write_xliff
from services_catalog.exchange.xliff_document import MOST_BYTES
from services_catalog.offer import Offer, Texts, TranslationState
from services_catalog.plainness import markup_in
from services_catalog.seed import read_catalogue
from tests.services_catalog.test_translations import edited, only

ARABIC_NAME = "محبت"

#: Any text of the catalogue: letters of every script, marks, direction controls, ampersands; no control characters.
words = (
    st.text(
        st.characters(blacklist_categories=("Cs", "Cc")) | st.sampled_from("&<>\"'\n\tæøåשمحї"),
        min_size=1,
        max_size=150,
    )
    .map(str.strip)
    .filter(lambda text: bool(text) and markup_in(text) is None)
)


@pytest.fixture(scope="module")
def offer() -> Offer:
    return read_catalogue().offer("muhabet")


def with_texts(offer: Offer, danish: dict[str, str], translated: dict[str, str] | None) -> Offer:
    texts = {"da": Texts(state=TranslationState.SOURCE, **danish)}
    if translated is not None:
        texts["ar"] = Texts(state=TranslationState.UNREVIEWED, **translated)
    return offer.model_copy(update={"texts": texts})


def tool(data: bytes, work: Callable[[Any, str], None]) -> bytes:
    """Return a file as a translation tool would save it after `work` on every unit."""
    store: Any = Xliff1File.parsestring(data)
    for unit in store.units:
        work(unit, unit.getid().partition("\x04")[2])
    return bytes(store)


def translated(field: str, text: str, state: str | None = "translated") -> Callable[[Any, str], None]:
    def work(unit: Any, name: str) -> None:
        if name == field:
            unit.target = text
            unit.target_dom.attrib.pop("state", None)
            if state:
                unit.target_dom.set("state", state)

    return work


def problems(data: bytes, catalogue: Catalogue, **options: Any) -> list[tuple[str, str, str]]:
    with pytest.raises(RecordInvalid) as refused:
        read_xliff(data, catalogue, **options)
    return [(one.path, one.field, one.message) for one in refused.value.problems]


@settings(max_examples=60, deadline=None)
@given(danish=st.tuples(words, words, words), arabic=st.tuples(words, words, words))
def test_a_translation_comes_back_to_the_letter(danish: tuple[str, str, str], arabic: tuple[str, str, str]) -> None:
    catalogue = read_once()
    fields = ("name", "summary", "how")
    source, target = dict(zip(fields, danish, strict=True)), dict(zip(fields, arabic, strict=True))
    there = with_texts(catalogue.offer("muhabet"), source, target)
    data = write_xliff([there], "ar")
    assert read_xliff(data, only(catalogue, there)) == []
    empty = only(catalogue, with_texts(there, source, None))
    (back,) = read_xliff(data, empty)
    assert applied(empty, [back]) == [there]
    assert back.conflicts == back.unfinished == ()


_READ: list[Catalogue] = []


def read_once() -> Catalogue:
    if not _READ:
        _READ.append(read_catalogue())
    return _READ[0]


def test_all_offers_go_out_and_come_back_unchanged(catalogue: Catalogue) -> None:
    for language in ("en", "uk", "ar"):
        data = write_xliff(catalogue.offers.values(), language)
        assert read_xliff(data, catalogue, language=language) == []
        store: Any = Xliff1File.parsestring(data)
        assert set(store.getfilenames()) == set(catalogue.offers)


def test_a_unit_has_what_a_translator_needs(offer: Offer) -> None:
    now = edited(edited(offer, "da", summary="Et nyt & bedre sted."), "ar", state=TranslationState.OUTDATED)
    changes = {offer.id: danish_changes(offer.texts["da"], now.texts["da"])}
    store: Any = Xliff1File.parsestring(write_xliff([now], "ar", changes=changes))
    units = {unit.getid().partition("\x04")[2]: unit for unit in store.units}
    assert (store.sourcelanguage, store.targetlanguage) == ("da", "ar")
    assert "keywords" not in units
    assert units["summary"].source == "Et nyt & bedre sted."
    assert units["summary"].target == offer.texts["ar"].summary
    assert units["summary"].target_dom.get("state") == "needs-translation"
    assert units["name"].target_dom.get("state") == "needs-review-translation"
    notes = units["summary"].getnotes()
    assert offer.official_name in notes
    assert "At most 1200 characters" in notes
    assert f"It was: {offer.texts['da'].summary}" in notes
    assert units["summary"].xmlelement.get("maxwidth") == "1200"
    assert units["name"].xmlelement.get("maxwidth") == "200"


@pytest.mark.parametrize(
    ("state", "approved", "becomes"),
    [
        ("final", None, "reviewed"),
        ("signed-off", "yes", "reviewed"),
        ("final", "no", "unreviewed"),
        ("translated", "yes", "unreviewed"),
        ("needs-review-translation", None, "unreviewed"),
        ("x-tool-done", None, "unreviewed"),
        (None, None, "unreviewed"),
    ],
)
def test_a_text_is_reviewed_only_when_the_tool_says_so(
    offer: Offer, catalogue: Catalogue, state: str | None, approved: str | None, becomes: str
) -> None:
    outdated = edited(offer, "ar", state=TranslationState.OUTDATED)

    def work(unit: Any, name: str) -> None:
        translated(name, f"نص {name}", state)(unit, name)
        unit.xmlelement.attrib.pop("approved", None)
        if approved:
            unit.xmlelement.set("approved", approved)

    (back,) = read_xliff(tool(write_xliff([outdated], "ar"), work), only(catalogue, outdated))
    assert back.texts is not None
    assert back.texts.state == becomes
    assert back.texts.name == "نص name"
    assert (back.texts.keywords, back.texts.examples) == (offer.texts["ar"].keywords, offer.texts["ar"].examples)


def test_the_state_is_that_of_the_weakest_text(offer: Offer, catalogue: Catalogue) -> None:
    outdated = edited(offer, "ar", state=TranslationState.OUTDATED)
    data = tool(write_xliff([outdated], "ar"), translated("name", ARABIC_NAME, "final"))
    (back,) = read_xliff(data, only(catalogue, outdated))
    assert back.texts is not None
    assert (back.fields, back.texts.state) == (("name",), "outdated")


def test_an_outdated_text_is_up_to_date_once_its_changed_fields_are(offer: Offer, catalogue: Catalogue) -> None:
    now = edited(edited(offer, "da", summary="Et nyt sted."), "ar", state=TranslationState.OUTDATED)
    changes = {offer.id: danish_changes(offer.texts["da"], now.texts["da"])}
    data = tool(write_xliff([now], "ar", ["summary"], changes), translated("summary", "مكان جديد."))
    (back,) = read_xliff(data, only(catalogue, now), changes=lambda _: changes)
    assert back.texts is not None
    assert back.texts.state == "unreviewed"


def test_a_reviewed_text_that_comes_back_untouched_stays_reviewed(offer: Offer, catalogue: Catalogue) -> None:
    reviewed = edited(offer, "ar", state=TranslationState.REVIEWED)
    lowered = write_xliff([reviewed], "ar").replace(b'state="final"', b'state="translated"')
    assert b'state="translated"' in lowered
    assert read_xliff(lowered, only(catalogue, reviewed)) == []


def test_what_comes_back_empty_is_left_as_it_was(offer: Offer, catalogue: Catalogue) -> None:
    def work(unit: Any, name: str) -> None:
        unit.target = "  " if name == "name" else ""

    assert read_xliff(tool(write_xliff([offer], "ar"), work), catalogue) == []


def test_what_is_not_finished_is_left_out_and_told(offer: Offer, catalogue: Catalogue) -> None:
    data = tool(write_xliff([offer], "ar"), translated("summary", "نصف", "needs-translation"))
    (back,) = read_xliff(data, catalogue)
    assert (back.texts, back.unfinished) == (None, ("summary",))


def test_a_first_translation_waits_for_its_name_and_summary(offer: Offer, catalogue: Catalogue) -> None:
    none = offer.model_copy(update={"texts": {"da": offer.texts["da"]}})
    data = tool(write_xliff([none], "ar"), translated("name", ARABIC_NAME))
    (back,) = read_xliff(data, only(catalogue, none))
    assert (back.texts, back.unfinished) == (None, ("name",))
    (whole,) = read_xliff(tool(data, translated("summary", "مكان.")), only(catalogue, none))
    assert whole.texts is not None
    assert (whole.texts.name, whole.texts.summary, whole.texts.state) == (ARABIC_NAME, "مكان.", "unreviewed")


def test_a_danish_text_that_changed_meanwhile_is_a_conflict_and_the_rest_is_taken(
    offer: Offer, catalogue: Catalogue
) -> None:
    data = tool(write_xliff([offer], "ar"), translated("summary", "مكان."))
    data = tool(data, translated("name", ARABIC_NAME))
    now = edited(offer, "da", summary="Noget andet.", how=None)
    data = tool(data, translated("how", "اتصل."))
    (back,) = read_xliff(data, only(catalogue, now))
    assert back.texts is not None
    assert (back.texts.name, back.texts.summary) == (ARABIC_NAME, offer.texts["ar"].summary)
    assert [(one.field, one.now, one.target) for one in back.conflicts] == [
        ("summary", "Noget andet.", "مكان."),
        ("how", None, "اتصل."),
    ]
    assert back.conflicts[0].exported == offer.texts["da"].summary


def test_an_untouched_unit_is_no_conflict_and_a_signed_off_one_is(offer: Offer, catalogue: Catalogue) -> None:
    data = write_xliff([offer], "ar")
    now = edited(offer, "da", summary="Noget andet.")
    assert read_xliff(data, only(catalogue, now)) == []
    signed = tool(data, translated("summary", offer.texts["ar"].summary, "signed-off"))
    (back,) = read_xliff(signed, only(catalogue, now))
    assert ([one.field for one in back.conflicts], back.texts) == (["summary"], None)


def test_a_draft_with_an_impossible_state_is_only_unreviewed(offer: Offer, catalogue: Catalogue) -> None:
    odd = edited(offer, "ar", state=TranslationState.SOURCE)
    (back,) = read_xliff(tool(write_xliff([odd], "ar"), translated("name", ARABIC_NAME)), only(catalogue, odd))
    assert back.texts is not None
    assert back.texts.state == "unreviewed"


def test_a_note_never_stops_an_export(offer: Offer) -> None:
    named = offer.model_copy(update={"official_name": "Mu\x1bhabet"})
    assert "Mu\ufffdhabet".encode() in write_xliff([named], "ar")


def test_a_tool_that_rewraps_the_danish_makes_no_conflict(offer: Offer, catalogue: Catalogue) -> None:
    data = tool(write_xliff([offer], "ar"), translated("summary", "مكان."))
    summary = offer.texts["da"].summary
    wrapped = data.replace(escape(summary).encode(), escape(summary.replace(" ", "\n  ", 2)).encode())
    assert wrapped != data
    (back,) = read_xliff(wrapped, catalogue)
    assert (back.fields, back.conflicts) == (("summary",), ())


def test_marks_of_sentences_are_taken_off_and_regions_of_languages_too(offer: Offer, catalogue: Catalogue) -> None:
    data = tool(write_xliff([offer], "ar"), translated("name", ARABIC_NAME)).replace(
        f">{ARABIC_NAME}</target>".encode(), f'><mrk mtype="seg" mid="1">{ARABIC_NAME}</mrk></target>'.encode()
    )
    assert b"<mrk" in data
    (back,) = read_xliff(data.replace(b'target-language="ar"', b'target-language="ar-SA"'), catalogue, language="ar")
    assert back.texts is not None
    assert back.texts.name == ARABIC_NAME


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('target-language="ar"', 'target-language="fr"', "'fr' is not a language that is translated into"),
        ('target-language="ar"', 'target-language="da"', "'da' is not a language that is translated into"),
        ('target-language="ar"', "", "'' is not a language that is translated into"),
        ('target-language="ar"', 'target-language="uk"', "'ar' was asked for"),
        ('source-language="da"', 'source-language="en"', "the source language is 'en', not 'da'"),
        ('original="muhabet"', 'original="no-such-offer"', "there is no offer with the id 'no-such-offer'"),
        ('id="name"', 'id="keywords"', "is not a text field"),
        ('id="name"', 'id="summary"', "stands there twice"),
        (">TARGET<", "><b>fed</b><", "the element <b>"),
        (">TARGET<", '><g id="1">fed</g><', "the element <g>"),
        (">TARGET<", ">&lt;script&gt;alert(1)&lt;/script&gt;<", "HTML (<script"),
        (">TARGET<", ">a&amp;nbsp;b<", "an HTML entity (&nbsp;)"),
        (">TARGET<", ">a\u0090b<", "a control character (U+0090)"),
        (">TARGET<", f">{'م' * 201}<", "has 201 characters, at most 200 are allowed"),
    ],
)
def test_what_cannot_be_an_answer_is_refused_by_file_and_unit(
    offer: Offer, catalogue: Catalogue, old: str, new: str, said: str
) -> None:
    data = tool(write_xliff([offer], "ar"), translated("name", "TARGET")).decode()
    assert old in data
    found = problems(data.replace(old, new, 1).encode(), catalogue, language="ar")
    unit = re.findall(r'\bid="([a-z]+)"', new)
    file = re.findall(r'original="([\w-]+)"', new) or ["muhabet"]
    assert any(path == file[0] and field in (unit or ["name"]) and said in message for path, field, message in found)


def test_every_problem_is_told_at_once_with_its_line(catalogue: Catalogue) -> None:
    data = write_xliff([catalogue.offer("muhabet"), catalogue.offer("geist")], "ar")
    with pytest.raises(RecordInvalid) as refused:
        read_xliff(data.replace(b'source-language="da"', b'source-language="sv"'), catalogue)
    assert {one.path for one in refused.value.problems} == {"muhabet", "geist"}
    assert len({one.line for one in refused.value.problems}) == len(refused.value.problems)
    assert all(one.line > 0 for one in refused.value.problems)


BOMB = (
    b'<!DOCTYPE xliff [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
OUTSIDE = b'<!DOCTYPE xliff [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not well-formed"),
        (b"PK\x03\x04 not xml", "not well-formed"),
        (b"<xliff", "not well-formed"),
        (b"<html/>", "not an XLIFF 1.2 file"),
        (b'<xliff version="2.0" xmlns="urn:oasis:names:tc:xliff:document:2.0"/>', "save it as XLIFF 1.2"),
        (b'<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"/>', "no <file>"),
        (BOMB + b"<xliff>&c;</xliff>", "document type"),
        (OUTSIDE + b"<xliff>&a;</xliff>", "document type"),
        (b'<?xml version="1.0" encoding="klingon"?><xliff/>', "character encoding"),
    ],
)
def test_what_is_no_xliff_is_refused(catalogue: Catalogue, data: bytes, said: str) -> None:
    assert said in problems(data, catalogue)[0][2]


def test_units_without_a_place_are_refused(offer: Offer, catalogue: Catalogue) -> None:
    data = write_xliff([offer], "ar")
    assert "lacks its `original`" in str(problems(data.replace(b'original="muhabet"', b""), catalogue))
    assert "lacks its `id`" in str(problems(data.replace(b'id="name"', b""), catalogue))
    assert "<source> is missing" in str(problems(re.sub(rb"<source>.*?</source>", b"", data, count=1), catalogue))


def test_a_file_that_is_too_large_is_refused_before_it_is_read(catalogue: Catalogue) -> None:
    assert "larger than 20 MB" in problems(b" " * (MOST_BYTES + 1), catalogue)[0][2]


def test_a_deep_file_is_refused(catalogue: Catalogue) -> None:
    deep = b"<a>" * 5000 + b"</a>" * 5000
    head = b'<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="x">'
    assert problems(head + deep + b"</file></xliff>", catalogue)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_hostile_bytes_are_read_or_refused_and_never_worse(data: st.DataObject) -> None:
    catalogue = read_once()
    good = write_xliff([catalogue.offer("muhabet")], "ar")
    begin = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(begin, min(len(good), begin + 60)))
    bad = good[:begin] + data.draw(st.binary(max_size=12) | st.sampled_from([b"<", b"&#0;", b"</body>"])) + good[end:]
    with contextlib.suppress(RecordInvalid):
        read_xliff(bad, catalogue)


@pytest.mark.parametrize("bad", ["\x00", "\x1b", "\ud800", "\ufffe"])
def test_a_text_that_xml_cannot_hold_is_refused_on_the_way_out(offer: Offer, bad: str) -> None:
    holding = offer.texts["da"].model_copy(update={"summary": f"a{bad}b"})
    broken = offer.model_copy(update={"texts": offer.texts | {"da": holding}})
    with pytest.raises(RecordInvalid, match=r"texts\.da\.summary"):
        write_xliff([broken], "ar")


def test_the_way_out_refuses_what_is_not_translated(offer: Offer) -> None:
    with pytest.raises(RecordInvalid, match="not a language"):
        write_xliff([offer], "da")
    with pytest.raises(RecordInvalid, match="keywords"):
        write_xliff([offer], "ar", ["keywords"])


def test_two_languages_in_one_file_are_both_applied(offer: Offer, catalogue: Catalogue) -> None:
    arabic = tool(write_xliff([offer], "ar"), translated("name", ARABIC_NAME)).decode()
    english = tool(write_xliff([offer], "en"), translated("name", "The place")).decode()
    file = english[english.index("<file ") : english.index("</xliff>")]
    back = read_xliff(arabic.replace("</xliff>", file + "</xliff>").encode(), catalogue)
    (after,) = applied(catalogue, back)
    assert (after.texts["ar"].name, after.texts["en"].name) == (ARABIC_NAME, "The place")


def test_every_field_tells_the_translator_what_it_is_for(offer: Offer) -> None:
    whole = offer.texts["da"].model_copy(update=dict.fromkeys(READ_FIELDS, "Tekst."))
    store: Any = Xliff1File.parsestring(write_xliff([offer.model_copy(update={"texts": {"da": whole}})], "ar"))
    assert [unit.getid().partition("\x04")[2] for unit in store.units] == list(READ_FIELDS)
    assert len({unit.getnotes() for unit in store.units}) == len(READ_FIELDS)


def test_the_longest_text_is_that_of_the_record() -> None:
    assert (longest("name"), longest("summary"), longest("contact")) == (200, 1200, 1200)
