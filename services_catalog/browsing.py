"""Looking around without a question: offers for residents by life area and need, and by part of the city."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services_catalog.catalogue import Catalogue
from services_catalog.eligibility import Judgement, Verdict, judge
from services_catalog.looked_up import LookedUp
from services_catalog.offer import Audience, ChoiceCriterion, Criterion, Offer, Publication
from services_catalog.outlines import Outline, Place
from services_catalog.profile import Profile
from services_catalog.records import District, Need


@dataclass(frozen=True)
class Shelf:
    """Offers beside each other: those that can be had, and apart those that are planned, ended or without money."""

    available: LookedUp[Offer]
    others: LookedUp[Offer]


@dataclass(frozen=True)
class NeedCount:
    """A need and how many offers for it can be had."""

    need: Need
    count: int


@dataclass(frozen=True)
class Area:
    """A life area and the needs below it that some offer for residents is for, each with its count. An offer for several
    of them counts once in the area."""

    need: Need
    count: int
    needs: tuple[NeedCount, ...]


@dataclass(frozen=True)
class DistrictCount:
    """A part of the city, how many offers for it can be had, and the parts of it."""

    district: District
    count: int
    parts: tuple[DistrictCount, ...]


@dataclass(frozen=True)
class DistrictShelf:
    """What there is for the people of one part of the city.

    `here`: stated for it, for what it is part of or for a part of it, and can be had. `city`: for everybody in the city,
    by life area. `unclear`: only in some places, and no source says whether here. `others`: stated for it, and planned,
    ended or without money.
    """

    here: LookedUp[Offer]
    city: tuple[tuple[Need, LookedUp[Offer]], ...]
    unclear: LookedUp[Offer]
    others: LookedUp[Offer]


class _Tied(NamedTuple):
    """What is held against a person of an offer that is for some parts of the city."""

    eligibility: tuple[Criterion, ...]


def visible(offer: Offer) -> bool:
    """Return whether residents may see the offer."""
    return offer.audience is not Audience.STAFF and offer.publication is Publication.PUBLISHED


def areas(catalogue: Catalogue) -> tuple[Area, ...]:
    """Return every life area in the order of the taxonomy."""
    return catalogue.once("areas", lambda: tuple(_area(catalogue, need) for need in catalogue.life_areas))


def area_of(catalogue: Catalogue, need_id: str) -> Area:
    """Return the life area that a need belongs to. Raises KeyError for an id that is no need."""
    *_, top = catalogue.broader_needs(need_id)
    return next(area for area in areas(catalogue) if area.need.id == top)


def in_need(catalogue: Catalogue, need_id: str) -> Shelf:
    """Return the offers for a need or for anything below it; first those that are above all for that."""
    needs = _with_narrower(catalogue, need_id)

    def offers(*, available: bool) -> LookedUp[Offer]:
        return LookedUp(catalogue.offers, catalogue.outlines.for_needs(needs, available=available))

    return catalogue.once(("need", need_id), lambda: Shelf(offers(available=True), offers(available=False)))


def district_counts(catalogue: Catalogue) -> tuple[DistrictCount, ...]:
    """Return every part of the city in the order of the file, smaller parts below the larger one."""
    return catalogue.once("districts", lambda: _parts(catalogue, None))


def in_district(catalogue: Catalogue, district_id: str) -> DistrictShelf:
    """Return the offers for one part of the city. Offers for other parts only are left out."""
    return catalogue.once(("district", district_id), lambda: _in_district(catalogue, district_id))


def _in_district(catalogue: Catalogue, district_id: str) -> DistrictShelf:
    stated: list[tuple[bool, Outline]] = []
    unclear: list[Outline] = []
    for place, offers in _by_place(catalogue).items():
        if place is None:
            unclear += (one for one in offers if one.somewhere)
            continue
        verdict = _verdict(catalogue, place, district_id)
        if verdict is not Verdict.FAILS:
            stated += ((verdict is not Verdict.MEETS, one) for one in offers)
        elif not place.strict:  # above all for others, but not only
            unclear += offers
    stated.sort(key=lambda pair: (pair[0], pair[1].id))
    unclear.sort(key=lambda one: one.id)
    here = _shelf(catalogue, [one for _, one in stated])
    return DistrictShelf(here.available, _whole_city(catalogue), _shelf(catalogue, unclear).available, here.others)


def place_of(offer: Offer, district_id: str, catalogue: Catalogue) -> Judgement:
    """Return the criterion that ties an offer to parts of the city, held against one of them. Raises StopIteration for an offer
    for the whole city."""
    resident = Profile(districts=frozenset({district_id}))
    return next(one for one in judge(offer, resident, catalogue).judgements if one.criterion.criterion == "district")


def _by_place(catalogue: Catalogue) -> dict[Place | None, list[Outline]]:
    """Return the offers for residents by where they are for, in the order of their ids."""

    def sorted_by_place() -> dict[Place | None, list[Outline]]:
        found: dict[Place | None, list[Outline]] = {}
        for one in catalogue.outlines.published:
            outline = catalogue.outlines[one]
            if outline.visible:
                found.setdefault(outline.place, []).append(outline)
        return found

    return catalogue.once("places", sorted_by_place)


def _verdict(catalogue: Catalogue, place: Place, district_id: str) -> Verdict:
    return (
        judge(_Tied((_criterion(place),)), Profile(districts=frozenset({district_id})), catalogue).judgements[0].verdict
    )


def _criterion(place: Place) -> ChoiceCriterion:
    return ChoiceCriterion.model_construct(criterion="district", source="", **place._asdict())


def _whole_city(catalogue: Catalogue) -> tuple[tuple[Need, LookedUp[Offer]], ...]:
    """Return the offers for everybody in the city that can be had, by the life area of what they are above all for;
    those for no need of the taxonomy are left out."""

    def by_area() -> tuple[tuple[Need, LookedUp[Offer]], ...]:
        top = {need: list(catalogue.broader_needs(need))[-1] for need in catalogue.needs}
        under: dict[str, list[Outline]] = {need.id: [] for need in catalogue.life_areas}
        for one in _by_place(catalogue).get(None, ()):
            if one.needs and not one.somewhere:
                under[top[one.needs[0]]].append(one)
        shelves = ((catalogue.needs[area], _shelf(catalogue, found).available) for area, found in under.items())
        return tuple((area, offers) for area, offers in shelves if offers)

    return catalogue.once("whole city", by_area)


def _shelf(catalogue: Catalogue, offers: Sequence[Outline]) -> Shelf:
    available = [one.id for one in offers if one.availability.recommendable]
    others = [one.id for one in offers if not one.availability.recommendable]
    return Shelf(LookedUp(catalogue.offers, available), LookedUp(catalogue.offers, others))


def _with_narrower(catalogue: Catalogue, need_id: str) -> list[str]:
    """Return a need and everything below it."""
    return [one for one in catalogue.needs if need_id in catalogue.broader_needs(one)]


def _area(catalogue: Catalogue, top: Need) -> Area:
    def count(need: Need, *, available: bool = True) -> int:
        return catalogue.outlines.count_for(_with_narrower(catalogue, need.id), available=available)

    below = [NeedCount(need, count(need)) for need in catalogue.needs.values() if need.broader == top.id]
    shown = (one for one in below if one.count or count(one.need, available=False))
    return Area(top, count(top), tuple(shown))


def _parts(catalogue: Catalogue, part_of: str | None) -> tuple[DistrictCount, ...]:
    """Return the parts of a district, or of the city, each with how many of the offers for some part of the city it has."""
    return tuple(
        DistrictCount(one, _counted(catalogue, one.id), _parts(catalogue, one.id))
        for one in catalogue.districts.values()
        if one.part_of == part_of
    )


def _counted(catalogue: Catalogue, district_id: str) -> int:
    return sum(
        sum(one.availability.recommendable for one in offers)
        for place, offers in _by_place(catalogue).items()
        if place is not None and _verdict(catalogue, place, district_id) is not Verdict.FAILS
    )
