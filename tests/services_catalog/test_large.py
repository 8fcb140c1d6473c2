"""The parts of the search for large catalogues: generated offers, the index on disk, what was published since, spelling."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from benchmarks.generate import HOME, Country, GeneratedOffers
from services_catalog.analysis import analyzer
from services_catalog.languages import LANGUAGES
from services_catalog.large.additions import Additions
from services_catalog.large.facts import facts_of, read, written
from services_catalog.large.index import Entry, OfferIndex
from services_catalog.large.spelling import Spelling
from services_catalog.large.terms import names_of, offer_terms
from services_catalog.lexicon import Lexicon
from services_catalog.offer import Audience, Offer
from services_catalog.ranking import ranking


@pytest.fixture(scope="module")
def country() -> Country:
    return Country(400, seed=3)


@pytest.fixture(scope="module")
def entries(country: Country) -> dict[str, Entry]:
    lexicon = Lexicon(country.real, tuple(LANGUAGES))
    return {
        offer.id: Entry(
            offer.id, country.outline(number).municipality, "1", written(offer), names_of(offer),
            offer_terms(offer, lexicon, ranking()),
        )
        for number, offer in enumerate(map(country.offer, range(country.size)))
    }  # fmt: skip


@pytest.fixture(scope="module")
def index(entries: dict[str, Entry], tmp_path_factory: pytest.TempPathFactory) -> OfferIndex:
    made = OfferIndex(tmp_path_factory.mktemp("index"))
    made.write(entries.values())
    return made.reopened()


def found(index: OfferIndex, terms: list[str], municipality: str | None = None) -> list[str]:
    rarities = {term: index.rarity(term) for term in terms}
    return [one.id for one in index.candidates(dict.fromkeys(terms, 1.0), rarities, municipality, 50)]


def test_generated_offers_are_offers_and_the_same_each_time(country: Country) -> None:
    again = Country(400, seed=3)
    for number in range(0, 400, 7):
        offer = country.offer(number)
        assert Offer.model_validate(offer.model_dump(mode="json")).id == again.offer(number).id
        assert offer.texts == again.offer(number).texts
    assert len({country.offer(number).texts["uk"].summary for number in range(400)}) > 390
    assert GeneratedOffers(country)[country.offer(5).id].texts == country.offer(5).texts


def test_a_generated_question_is_answered_in_its_municipality(country: Country) -> None:
    questions = country.questions(5)
    assert {one.kind for one in questions} == {"name", "need", "typo"}
    places = {country.outline(number).id: country.outline(number).municipality for number in range(400)}
    for one in questions:
        assert one.municipality != HOME
        assert {places[gold] for gold in one.gold} == {one.municipality}


def test_a_country_has_its_98_municipalities_and_a_continent_more() -> None:
    assert len(Country(100_000).municipalities) == 98
    assert len(Country(300_000).municipalities) == 300


def test_facts_come_back_as_they_were(country: Country) -> None:
    for offer in (*country.real.published, *map(country.offer, range(20))):
        facts, there = facts_of(offer), read(written(offer))
        assert (facts.needs, facts.audience, facts.availability, facts.review_by) == (
            there.needs, there.audience, there.availability, there.review_by
        )  # fmt: skip
        assert [one.model_dump() for one in facts.eligibility] == [one.model_dump() for one in there.eligibility]
        assert facts.access.route == there.access.route
        assert [one.tag for one in facts.service_languages] == [one.tag for one in there.service_languages]


def test_terms_find_an_offer_in_its_municipality_alone(index: OfferIndex, entries: dict[str, Entry]) -> None:
    one = next(entry for entry in entries.values() if "-swimming-" in entry.id)
    (lemma,) = analyzer("da")("svømning").content
    assert one.id in found(index, [f"word:{lemma}"])
    assert one.id in found(index, [f"word:{lemma}"], one.municipality)
    assert found(index, [f"word:{lemma}"], "nowhere") == []
    assert found(index, ["word:unheard-of"]) == []


def test_an_offer_is_found_by_its_name_also_misspelt(index: OfferIndex, entries: dict[str, Entry]) -> None:
    one = next(entry for entry in entries.values() if len(entry.names[0]) > 12)
    name = one.names[0]
    assert one.id in index.named([name], [], None)
    assert one.id in index.named([], [name[:5] + name[6:]], one.municipality)
    assert index.named([name], [], "nowhere") == []


def test_what_is_written_shows_when_the_index_is_opened_again(entries: dict[str, Entry], tmp_path: Path) -> None:
    index = OfferIndex(tmp_path)
    assert list(index.stamps()) == []
    first, second, third = list(entries.values())[:3]
    index.write([first, second])
    before = index.reopened()
    before.write([third], gone=[first.id])
    assert dict(before.stamps()) == {first.id: "1", second.id: "1"}
    assert dict(before.reopened().stamps()) == {second.id: "1", third.id: "1"}


def test_what_was_added_since_weighs_as_it_will_in_the_index(index: OfferIndex, entries: dict[str, Entry]) -> None:
    usual = sum(sum(entry.terms.values()) for entry in entries.values()) / len(entries)
    for entry in list(entries.values())[:40]:
        terms = dict.fromkeys(list(entry.terms)[:8], 1.0)
        rarities = {term: index.rarity(term) for term in terms}
        added = Additions(usual).with_changes([entry], [])
        (beside,) = added.candidates(terms, rarities, entry.municipality)
        within = {one.id: one.share for one in index.candidates(terms, rarities, None, 400)}
        assert beside.share == pytest.approx(within[entry.id], abs=0.03)
        assert added.candidates(terms, rarities, "nowhere") == []
        assert added.replaced == {entry.id}
        assert len(added.with_changes([], [entry.id]).entries) == 0


def test_a_mistyped_word_is_brought_back() -> None:
    spelling = pickle.loads(pickle.dumps(Spelling(["svømning"] * 3 + ["svømmer"] * 2 + ["kor"] * 9 + ["enkelt"])))  # noqa: S301
    assert spelling.repaired("svømnign") == "svømning"
    assert spelling.repaired("svømnng") == "svømning"
    assert spelling.repaired("svømmning") == "svømning"
    assert spelling.repaired("enkellt") is None  # seen once: perhaps a mistake itself
    assert spelling.repaired("kro") is None
    assert spelling.repaired("bordtennis") is None


def test_generated_offers_are_for_residents(country: Country) -> None:
    assert {country.offer(number).audience for number in range(50)} == {Audience.RESIDENT}
