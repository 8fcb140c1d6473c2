"""Looking around shows residents what they may see, what can be had first, and by district only what may be there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from services_catalog.browsing import area_of, areas, district_counts, in_district, in_need, visible
from services_catalog.catalogue import Catalogue
from services_catalog.offer import Audience, Availability, Limit, Offer, Publication
from tests.services_catalog.catalogues import small


def ids(offers: tuple[Offer, ...]) -> list[str]:
    return [offer.id for offer in offers]


def with_offer(catalogue: Catalogue, offer_id: str, **changes: object) -> Catalogue:
    changed = catalogue.offers[offer_id].model_copy(update=changes)
    return replace(catalogue, offers={**catalogue.offers, offer_id: changed})


def test_every_offer_for_residents_is_found_by_topic_and_no_other(catalogue: Catalogue) -> None:
    found: set[str] = set()
    for area in areas(catalogue):
        shelf = in_need(catalogue, area.need.id)
        assert area.count == len(shelf.available)
        found |= {*ids(shelf.available), *ids(shelf.others)}
    assert found == {offer.id for offer in catalogue.published if visible(offer)}


def test_counts_are_those_of_the_pages_and_staff_needs_are_left_out(catalogue: Catalogue) -> None:
    for area in areas(catalogue):
        for one in area.needs:
            shelf = in_need(catalogue, one.need.id)
            assert one.count == len(shelf.available)
            assert shelf.available or shelf.others
        assert area.count >= max((one.count for one in area.needs), default=0)
    shown = {one.need.id for area in areas(catalogue) for one in area.needs}
    assert "staff-spot-control" in catalogue.needs
    assert "staff-spot-control" not in shown


@pytest.mark.parametrize("need", ["leisure", "find-a-club", "work", "practise-danish"])
def test_what_cannot_be_had_stands_apart(catalogue: Catalogue, need: str) -> None:
    shelf = in_need(catalogue, need)
    assert all(offer.availability.recommendable for offer in shelf.available)
    assert not any(offer.availability.recommendable for offer in shelf.others)


def test_offers_that_are_above_all_for_the_need_come_first(catalogue: Catalogue) -> None:
    shelf = in_need(catalogue, "find-a-club")
    places = [offer.needs.index("find-a-club") for offer in shelf.available]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "change",
    [{"audience": Audience.STAFF}, {"publication": Publication.DRAFT}, {"publication": Publication.ARCHIVED}],
)
def test_hidden_offers_are_neither_shown_nor_counted(catalogue: Catalogue, change: dict[str, object]) -> None:
    need = "afford-leisure"
    before = in_need(catalogue, need)
    assert "kontingentstoette" in ids(before.available)
    hidden = with_offer(catalogue, "kontingentstoette", **change)
    after = in_need(hidden, need)
    assert "kontingentstoette" not in ids(after.available) + ids(after.others)
    counts = {one.need.id: one.count for one in area_of(hidden, need).needs}
    assert counts[need] == len(before.available) - 1


def test_the_area_of_a_need_is_its_life_area(catalogue: Catalogue) -> None:
    assert area_of(catalogue, "find-a-club").need.id == "leisure"
    assert area_of(catalogue, "leisure").need.id == "leisure"
    with pytest.raises(KeyError):
        area_of(catalogue, "no-such-need")


def test_a_district_has_its_own_offers_and_leaves_out_those_of_others(catalogue: Catalogue) -> None:
    shelf = in_district(catalogue, "tingbjerg")
    assert [one.id for one in shelf.here] == ["indsats-ledige-borgere-i-tingbjerg"]
    assert [one.id for one in shelf.others] == ["ny-start-interventionsteam-tingbjerg"]
    everywhere = {offer.id for _, found in shelf.city for offer in found} | set(ids(shelf.unclear))
    assert "kontingentstoette" in everywhere
    assert "helhedsorienteret-familieindsats" not in everywhere  # Nørrebro and Bispebjerg only


def test_a_part_has_what_the_larger_district_has_and_the_larger_what_its_parts_have(catalogue: Catalogue) -> None:
    in_part = [one.id for one in in_district(catalogue, "nordvest").here]
    assert in_part == ["helhedsorienteret-familieindsats"]  # stated for Bispebjerg
    around = [one.id for one in in_district(catalogue, "broenshoej-husum").here]
    assert around == ["indsats-ledige-borgere-i-tingbjerg"]


def test_an_offer_above_all_for_another_district_is_unclear_here(catalogue: Catalogue) -> None:
    assert "boerne-og-ungekulturpiloterne" in ids(in_district(catalogue, "valby").unclear)
    assert [one.id for one in in_district(catalogue, "urbanplanen").here] == ["boerne-og-ungekulturpiloterne"]


def test_offers_in_places_nobody_names_are_not_said_to_be_here(catalogue: Catalogue) -> None:
    shelf = in_district(catalogue, "valby")
    for _, found in shelf.city:
        assert not any({Limit.PLACES_NOT_NAMED, Limit.SELECTED_PLACES_ONLY} & set(offer.limits) for offer in found)
    assert all(offer.availability.recommendable for offer in shelf.unclear)


def test_each_offer_stands_once_on_a_district(catalogue: Catalogue) -> None:
    for district in catalogue.districts:
        shelf = in_district(catalogue, district)
        listed = [one.id for one in (*shelf.here, *shelf.others)] + ids(shelf.unclear)
        listed += [offer.id for _, found in shelf.city for offer in found]
        assert len(listed) == len(set(listed))


def test_an_offer_for_the_whole_city_stands_under_its_first_need(catalogue: Catalogue) -> None:
    one = small(catalogue, "kontingentstoette")
    assert [(need.id, ids(found)) for need, found in in_district(one, "valby").city] == [
        ("leisure", ["kontingentstoette"])
    ]
    planned = with_offer(one, "kontingentstoette", availability=Availability.PLANNED)
    assert in_district(planned, "valby").city == ()


def test_every_district_is_counted_once(catalogue: Catalogue) -> None:
    counted = {}
    waiting = list(district_counts(catalogue))
    while waiting:
        one = waiting.pop()
        assert one.district.id not in counted
        counted[one.district.id] = one.count
        waiting += one.parts
    assert set(counted) == set(catalogue.districts)
    assert counted["tingbjerg"] == 1
