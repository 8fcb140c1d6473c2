"""What staff find for a client: filters, verdicts that are never guessed, and offers side by side."""

from __future__ import annotations

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.desk import (
    INTERPRETER,
    MOST_COMPARED,
    Filters,
    Fit,
    compare,
    find,
    languages_offered,
    needs_by_area,
    requirements,
    speaks,
)
from services_catalog.eligibility import Verdict
from services_catalog.offer import Audience, Availability
from services_catalog.profile import Profile
from services_catalog.records import Attribute
from services_catalog.search import SearchEngine

FOOTBALL = "min søn på 8 år vil gerne spille fodbold"
FEE, STAFF_OFFER = "kontingentstoette", "flersprogede-behandlere"


def ids(engine: SearchEngine, question: str = "", filters: Filters | None = None) -> list[str]:
    return [hit.offer.id for hit in find(engine, question, filters or Filters()).hits]


def test_words_find_what_the_search_finds_and_what_is_for_staff(engine: SearchEngine) -> None:
    searched = engine.search(FOOTBALL, staff=True, limit=50)
    assert ids(engine, FOOTBALL) == [hit.offer.id for hit in searched.hits]
    assert STAFF_OFFER in ids(engine, "Findes der behandlere der taler klientens sprog?")


def test_without_words_everything_published_is_there_and_what_can_be_had_first(
    engine: SearchEngine, catalogue: Catalogue
) -> None:
    found = find(engine, "", Filters())
    assert {hit.offer.id for hit in found.hits} == {offer.id for offer in catalogue.published}
    available = [hit.offer.availability.recommendable for hit in found.hits]
    assert available == sorted(available, reverse=True)
    assert not found.by_words


def test_a_need_takes_in_what_lies_below_it(engine: SearchEngine, catalogue: Catalogue) -> None:
    found = ids(engine, filters=Filters(need="housing"))
    below = {need for need in catalogue.needs if "housing" in catalogue.broader_needs(need)}
    assert len(below) > 1
    expected = {offer.id for offer in catalogue.published if below & set(offer.needs)}
    assert set(found) == expected
    assert expected


@pytest.mark.parametrize("audience", [Audience.RESIDENT, Audience.STAFF])
def test_an_offer_for_both_passes_each_audience(engine: SearchEngine, catalogue: Catalogue, audience: Audience) -> None:
    expected = {offer.id for offer in catalogue.published if offer.audience in (audience, Audience.BOTH)}
    assert set(ids(engine, filters=Filters(audience=audience))) == expected


def test_availability_leaves_out(engine: SearchEngine, catalogue: Catalogue) -> None:
    planned = ids(engine, filters=Filters(availability=frozenset({Availability.PLANNED})))
    assert planned
    assert all(catalogue.offer(one).availability is Availability.PLANNED for one in planned)


def test_what_the_filters_say_of_the_client_counts_before_the_words(engine: SearchEngine) -> None:
    client = find(engine, FOOTBALL, Filters(age=10, district="valby", situations=frozenset({"refugee"}))).client
    assert [span.minimum for span in client.age] == [10]
    assert client.districts == {"valby"}
    assert {"refugee", "minority-background"} <= client.situations  # a refugee has a foreign background
    assert find(engine, FOOTBALL, Filters()).client.age[0].minimum == 8


def test_verdicts_are_said_in_words_and_what_fails_comes_first(engine: SearchEngine, catalogue: Catalogue) -> None:
    def lines(age: int | None) -> list[tuple[str, Verdict]]:
        hit = next(hit for hit in find(engine, "", Filters(age=age)).hits if hit.offer.id == FEE)
        return [(line.text, line.verdict) for line in requirements(hit.eligibility, "en", catalogue)]

    assert ("3 to 17 years old", Verdict.MEETS) in lines(8)
    assert lines(40)[0] == ("3 to 17 years old", Verdict.FAILS)
    assert ("3 to 17 years old", Verdict.UNKNOWN) in lines(None)


def test_fit_leaves_out_what_fails_or_also_what_is_unknown(engine: SearchEngine) -> None:
    everything = Filters(age=40)
    possible = find(engine, "", Filters(age=40, fit=Fit.POSSIBLE))
    sure = find(engine, "", Filters(age=40, fit=Fit.SURE))
    assert FEE in ids(engine, filters=everything)
    assert FEE not in [hit.offer.id for hit in possible.hits]
    assert possible.left_out == len(ids(engine, filters=everything)) - len(possible.hits) > 0
    assert all(one.verdict is Verdict.MEETS for hit in sure.hits for one in hit.eligibility.judgements)
    assert all(hit.eligibility.judgements for hit in sure.hits)


def test_what_is_ruled_out_comes_last_when_browsing(engine: SearchEngine) -> None:
    ruled_out = [hit.eligibility.ruled_out for hit in find(engine, "", Filters(age=8)).hits]
    assert any(ruled_out)
    assert ruled_out == sorted(ruled_out)


def test_no_source_says_in_which_language_an_offer_cannot_be_had(engine: SearchEngine, catalogue: Catalogue) -> None:
    stated = {offer.id for offer in catalogue.published if any(one.tag == "ar" for one in offer.service_languages)}
    assert stated
    found = find(engine, "", Filters(spoken="ar"))
    assert {hit.offer.id for hit in found.hits if speaks(hit.offer, "ar") is Verdict.MEETS} == stated
    assert {speaks(offer, "ar") for offer in catalogue.published} == {Verdict.MEETS, Verdict.UNKNOWN}
    assert found.client.spoken == {"ar"}
    interpreted = [hit.offer for hit in find(engine, "", Filters(spoken=INTERPRETER)).hits]
    assert speaks(interpreted[0], INTERPRETER) is Verdict.MEETS


def test_words_that_find_nothing_leave_the_filters(engine: SearchEngine) -> None:
    nonsense = "xqzt vrrp blkj"
    assert find(engine, nonsense, Filters()).hits == ()
    found = find(engine, nonsense, Filters(need="housing"))
    assert not found.by_words
    assert [hit.offer.id for hit in found.hits] == ids(engine, filters=Filters(need="housing"))


def test_three_offers_side_by_side(catalogue: Catalogue) -> None:
    chosen = [catalogue.offer(one) for one in (FEE, STAFF_OFFER, "brobold", "kringlebakken")]
    compared = compare(chosen, Profile(), "en", catalogue)
    assert [offer.id for offer in compared.offers] == [FEE, STAFF_OFFER, "brobold"]
    cells = [*compared.criteria.values(), *compared.facts.values()]
    assert {len(row) for row in cells} == {MOST_COMPARED}
    assert [line.text for line in compared.criteria["age"][0]] == ["3 to 17 years old"]
    assert compared.criteria["age"][2] == ()
    assert compared.facts[Attribute.COST][0].stated
    assert all(any(cell.stated for cell in row) for row in compared.facts.values())


def test_every_need_stands_under_its_life_area_once(catalogue: Catalogue) -> None:
    listed = [need.id for area, below in needs_by_area(catalogue) for need in (area, *below)]
    assert sorted(listed) == sorted(catalogue.needs)


def test_languages_to_choose_from(catalogue: Catalogue) -> None:
    offered = languages_offered(catalogue, ["uk"])
    assert offered[0] == "uk"
    assert INTERPRETER not in offered
    assert {"ar", "tr"} <= set(offered)
