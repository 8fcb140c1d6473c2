"""The real application over a large catalogue: 2,000 offers, an index on disk; and the engine under it."""

from __future__ import annotations

import json
import shutil
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.main import create_app
from api.settings import Settings
from benchmarks.generate import HOME, city
from services_catalog.crisis import CrisisRules
from services_catalog.database import DatabaseRepository, migrate
from services_catalog.editors.publishing import Target
from services_catalog.large.engine import LargeEngine
from services_catalog.large.index import OfferIndex
from services_catalog.large.loading import load_large, load_search
from services_catalog.offer import Offer, Publication
from services_catalog.search import Outcome, SearchEngine
from tests.conftest import LEARNED, ROOT, STAFF_TOKEN, free_port

SIZE = 2000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, crisis_rules: CrisisRules) -> Iterator[TestClient]:
    folder = tmp_path_factory.mktemp("large")
    url = f"sqlite:///{folder}/catalogue.db"
    migrate(url)
    repository = DatabaseRepository(url)
    repository.replace(city(SIZE))
    repository.close()
    learned = folder / "learned"
    learned.mkdir()
    for kept in LEARNED.glob("crisis-*"):  # danger does not hang on the size
        (learned / kept.name).symlink_to(kept)
    settings = Settings(
        database_url=url,
        bot_port=free_port(),
        internal_secret=SecretStr("inside"),
        staff_tokens=SecretStr(STAFF_TOKEN),
        data_folder=folder,
        large_catalogue_from=SIZE,
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as running:
        yield running


@pytest.fixture(scope="module")
def engine(large: TestClient) -> LargeEngine:
    found = large.app.state.catalogue.current.engine  # type: ignore[attr-defined]
    assert isinstance(found, LargeEngine)
    return found


@pytest.fixture(scope="module")
def hidden(engine: LargeEngine, tmp_path_factory: pytest.TempPathFactory) -> LargeEngine:
    """The engine with the real offers in one municipality and the generated ones in another."""
    index = OfferIndex(tmp_path_factory.mktemp("hidden"))
    index.write(engine.entry(offer, "elsewhere" if _made(offer) else HOME) for offer in engine.catalogue.published)
    return LargeEngine(engine.catalogue, engine.model, index.reopened())


def _made(offer: Offer) -> bool:
    return offer.sources[0].file == "generated.txt"


def new_offer(engine: LargeEngine) -> Offer:
    like = next(offer for offer in engine.catalogue.published if _made(offer) and offer.availability.recommendable)
    texts = {
        tag: one.model_copy(update={"name": "Quidditch", "summary": "Quidditchklubben Nimbus flyver.", "examples": ()})
        for tag, one in like.texts.items()
    }
    return like.model_copy(update={"id": "quidditch", "official_name": "Quidditchklubben Nimbus", "texts": texts})


def ids(engine: LargeEngine, question: str, **how: object) -> list[str]:
    return [hit.offer.id for hit in engine.search(question, **how).hits]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "language", "offer"),
    [
        ("hvor kan jeg lære dansk gratis som ny i Danmark", "da", "danskuddannelse"),
        ("de vejleder om kontingentstøtte", "da", "kontingentstoette"),
        ("help to find a job", "en", "jobcenter-koebenhavn"),
        ("де навчитися данської новоприбулим", "uk", "danskuddannelse"),
        ("أين أتعلم الدنماركية مجاناً", "ar", "danskuddannelse"),
    ],
)
def test_the_search_finds_among_two_thousand(large: TestClient, question: str, language: str, offer: str) -> None:
    answer = large.get("/api/v1/search", params={"q": question, "language": language, "limit": 10}).json()
    assert answer["outcome"] == "offers"
    assert offer in [hit["id"] for hit in answer["hits"]]
    assert all(0 <= hit["score"] <= 1 for hit in answer["hits"])


def test_pages_chat_and_hsds_work(large: TestClient, engine: LargeEngine) -> None:
    made = next(offer for offer in engine.catalogue.published if _made(offer))
    for page in ("/da", "/da/areas", "/en/areas/leisure", "/uk/districts", f"/ar/offers/{made.id}", "/sitemap.xml"):
        assert large.get(page).status_code == 200, page
    assert "svømning" in large.get("/da/search", params={"q": "svømning"}).text.lower()
    assert large.get(f"/da/offers/{made.id}").status_code == 200
    told = large.post("/api/v1/chat", json={"text": "min søn på 10 år vil gerne svømme", "language": "da"}).json()
    assert told["degraded"]
    assert told["offers"]
    services = large.get("/hsds/services", params={"search": made.official_name, "per_page": 5}).json()
    assert made.official_name in json.dumps(services, ensure_ascii=False)


def test_a_crisis_is_answered_whatever_the_size(large: TestClient) -> None:
    answer = large.get("/api/v1/search", params={"q": "min mand slår mig", "language": "da"}).json()
    assert answer["outcome"] == "crisis"
    assert answer["hits"]


def test_real_questions_are_answered_among_offers_of_other_cities(hidden: LargeEngine) -> None:
    """At most five points of success@3 below the engine that learns each offer, which has 0.97 to 1.00."""
    right = defaultdict(list)
    home = hidden.within(HOME)
    for path in sorted((ROOT / "data" / "eval").glob("*.jsonl")):
        for row in map(json.loads, path.read_text(encoding="utf-8").splitlines()):
            if row["gold"] and row["type"] in {"need", "name", "noisy", "mixed", "staff"}:
                found = ids(home, row["text"], staff=row["role"] == "staff", limit=3)
                right[row["lang"]].append(not set(row["gold"]).isdisjoint(found))
    assert {
        tag: fmean(some) >= least
        for (tag, some), least in zip(sorted(right.items()), (0.93, 0.94, 0.94, 0.95), strict=True)
    } == (dict.fromkeys(right, True)), {tag: round(fmean(some), 3) for tag, some in right.items()}


@pytest.mark.parametrize(
    "question", ["svømning", "lektiehjælp", "kontingentstøtte", "help with homework", "плавання", "سباحة"]
)
def test_nothing_of_another_municipality_is_shown(hidden: LargeEngine, question: str) -> None:
    for hit in hidden.within(HOME).search(question, limit=50, staff=True).hits:
        assert not _made(hit.offer)
    for hit in hidden.within("elsewhere").search(question, limit=50, staff=True).hits:
        assert _made(hit.offer)
    assert hidden.within("nowhere").search(question, limit=50).hits == ()


@pytest.mark.parametrize(
    "question", ["hvordan bager man et rugbrød", "how tall is the eiffel tower", "яка погода завтра"]
)
def test_what_nobody_offers_is_refused(engine: LargeEngine, question: str) -> None:
    assert engine.search(question).outcome is Outcome.NOTHING_FOUND


def test_a_publication_is_found_at_once_and_goes_at_once(engine: LargeEngine) -> None:
    offer = new_offer(engine)
    after = engine.updated(replace(engine.catalogue, offers={**engine.catalogue.offers, offer.id: offer}))
    assert ids(after, "quidditchklubben nimbus")[0] == offer.id
    assert ids(after, "quidditchklubben nimbsu")[:1] == [offer.id]
    assert offer.id not in ids(engine, "quidditchklubben nimbus")
    assert after.asked_by_name("Quidditchklubben Nimbus", staff=False) == {"id": offer.id, "little_else": True}
    archived = offer.model_copy(update={"publication": Publication.ARCHIVED})
    gone = after.updated(replace(after.catalogue, offers={**after.catalogue.offers, offer.id: archived}))
    assert offer.id not in ids(gone, "quidditchklubben nimbus", limit=50)


def test_an_offer_of_the_index_that_is_archived_is_no_longer_found(engine: LargeEngine) -> None:
    offer = engine.catalogue.offers["kontingentstoette"]
    archived = offer.model_copy(update={"publication": Publication.ARCHIVED})
    gone = engine.updated(replace(engine.catalogue, offers={**engine.catalogue.offers, offer.id: archived}))
    assert ids(engine, "kontingentstøtte")[0] == offer.id
    assert offer.id not in ids(gone, "kontingentstøtte", limit=50)
    assert engine.updated(gone.catalogue).named_offers("kontingentstøtte") == gone.named_offers("kontingentstøtte")


def test_what_was_published_is_written_into_the_index_when_it_is_loaded_again(
    engine: LargeEngine, large: TestClient
) -> None:
    folder: Path = large.app.state.settings.learned_folder  # type: ignore[attr-defined]
    offer = new_offer(engine)
    later = replace(engine.catalogue, offers={**engine.catalogue.offers, offer.id: offer})
    again = load_large(later, folder)
    assert again.index.folder == engine.index.folder
    assert len(again.index) == len(engine.index) + 1
    assert len(again.additions) == 0
    assert ids(again, "quidditchklubben nimbus")[0] == offer.id
    assert offer.id not in ids(engine, "quidditchklubben nimbus")  # what was opened before sees what it saw
    assert len(load_large(engine.catalogue, folder).index) == len(engine.index)


def test_a_damaged_index_is_written_again(engine: LargeEngine, large: TestClient, tmp_path: Path) -> None:
    folder: Path = large.app.state.settings.learned_folder  # type: ignore[attr-defined]
    # a copy: what cuts a file short that another process has mapped kills that process
    copied = shutil.copytree(folder, tmp_path / "learned", symlinks=True)
    place = copied / engine.index.folder.name
    for damaged in (next(place.glob("*.store")), place / "meta.json"):
        damaged.write_bytes(b"torn")
        again = load_large(engine.catalogue, copied)
        assert again.index.folder == place
        assert len(again.index) == len(engine.index)
        assert ids(again, "kontingentstøtte")[0] == "kontingentstoette"


def test_a_need_is_learned_from_new_questions_without_the_rest(engine: LargeEngine) -> None:
    need = engine.catalogue.questions["find-a-club"]
    asked = (
        *need.questions["da"],
        *(f"hvor spiller man quidditch {place}" for place in ("inde", "ude", "her", "sammen")),
    )
    more = need.model_copy(update={"questions": {**need.questions, "da": asked}})
    after = engine.updated(replace(engine.catalogue, questions={**engine.catalogue.questions, need.id: more}))
    before = engine.model.needs(engine.read("quidditch i nærheden", language="da").vector)
    now = after.model.needs(after.read("quidditch i nærheden", language="da").vector)
    assert now[need.id] > before[need.id] + 0.2
    assert now["sleep-tonight"] == pytest.approx(before["sleep-tonight"], abs=0.15)


def test_a_publication_is_found_by_another_worker_and_by_one_that_starts_later(large: TestClient) -> None:
    """Two workers over one database and one folder: what is published by one is read by the other alone, not all again."""
    state = large.app.state  # type: ignore[attr-defined]
    like = state.catalogue.current.catalogue.offers["brobold"]
    texts = {tag: one.model_copy(update={"name": "Quidditch"}) for tag, one in like.texts.items()}
    offer = like.model_copy(update={"id": "quidditch", "official_name": "Quidditchklubben Nimbus", "texts": texts})
    who = {"author": "anna", "reason": "a test"}
    asked = {"q": "quidditchklubben nimbus", "language": "da"}

    def first(worker: TestClient) -> str:
        hits = worker.get("/api/v1/search", params=asked).json()["hits"]
        return str(hits[0]["id"]) if hits else ""

    files = sorted(state.settings.learned_folder.glob("shelf-*.offers"))
    assert len(files) == 1
    with TestClient(create_app(state.settings)) as other:
        assert first(other) != offer.id
        saved = state.editing.save("offers", offer, expected=0, **who)
        submitted = state.editing.submit("offers", offer.id, expected=saved.number, **who)
        began = time.monotonic()
        state.publishing.publish([Target("offers", offer.id, submitted.number)], **who)
        assert first(large) == offer.id
        while first(other) != offer.id:
            assert time.monotonic() < began + 10
            time.sleep(0.05)
        assert offer.id in other.get("/sitemap.xml").text
        assert other.get(f"/da/offers/{offer.id}").status_code == 200
        service = other.get("/hsds/services", params={"search": offer.official_name, "per_page": 1}).json()["contents"][
            0
        ]
        assert service["alternate_name"] == offer.official_name
    with TestClient(create_app(state.settings)) as later:
        assert first(later) == offer.id
        assert offer.id in later.app.state.catalogue.current.catalogue.offers  # type: ignore[attr-defined]
    assert sorted(state.settings.learned_folder.glob("shelf-*.offers")) == files
    submitted = state.editing.newest("offers", offer.id)
    state.publishing.archive([Target("offers", offer.id, submitted.number)], **who)
    assert first(large) != offer.id


def test_residents_never_see_staff_offers(engine: LargeEngine) -> None:
    staff = next(offer for offer in engine.catalogue.published if offer.audience == "staff")
    question = staff.official_name
    assert staff.id in ids(engine, question, staff=True, limit=50)
    assert staff.id not in ids(engine, question, limit=50)
    assert staff.id not in ids(engine, question, staff=True, limit=50, without=[staff.id])


def test_a_hit_says_which_words_made_it_fit(engine: LargeEngine) -> None:
    hit = engine.search("svømning for min søn", language="da").hits[0]
    assert "svømning" in hit.words
    assert set(hit.signals) == {"learned", "need", "name"}


def test_the_one_shown_that_is_described_is_meant(engine: LargeEngine) -> None:
    distances = engine.distances_among("den med lektier", ["lektiecafeer", "jobcenter-koebenhavn", "no-such-offer"])
    assert distances.argmax() == 0
    assert distances[2] == -1


def test_the_size_chooses_the_engine(engine: LargeEngine) -> None:
    small = replace(
        engine.catalogue, offers={"geist": engine.catalogue.offers["geist"]}, needs={}, questions={}, concepts={}
    )
    assert isinstance(load_search(small, None, large_from=1), SearchEngine)  # no folder, no index
