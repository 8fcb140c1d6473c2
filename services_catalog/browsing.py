"""Looking around without a question: offers for residents by life area and need, and by part of the city."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services_catalog.catalogue import Catalogue
from services_catalog.eligibility import Judgement, Verdict, judge
from services_catalog.offer import Audience, Limit, Offer, Publication
from services_catalog.profile import Profile
from services_catalog.records import District, Need

#: Limits of offers that are in some places of the city, while no source says which.
_SOMEWHERE = frozenset({Limit.SELECTED_PLACES_ONLY, Limit.PLACES_NOT_NAMED})


@dataclass(frozen=True)
class Shelf:
    """Offers beside each other: those that can be had, and apart those that are planned, ended or without money."""

    available: tuple[Offer, ...]
    others: tuple[Offer, ...]


_EMPTY = Shelf((), ())


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
class Stated:
    """An offer with the criterion that ties it to a part of the city."""

    offer: Offer
    place: Judgement


@dataclass(frozen=True)
class DistrictShelf:
    """What there is for the people of one part of the city.

    `here`: stated for it, for what it is part of or for a part of it, and can be had. `city`: for everybody in the city,
    by life area. `unclear`: only in some places, and no source says whether here. `others`: stated for it, and planned,
    ended or without money.
    """

    here: tuple[Stated, ...]
    city: tuple[tuple[Need, tuple[Offer, ...]], ...]
    unclear: tuple[Offer, ...]
    others: tuple[Stated, ...]


def visible(offer: Offer) -> bool:
    """Return whether residents may see the offer."""
    return offer.audience is not Audience.STAFF and offer.publication is Publication.PUBLISHED


def areas(catalogue: Catalogue) -> tuple[Area, ...]:
    """Return every life area in the order of the taxonomy."""
    shelves = _shelves(catalogue)
    return tuple(_area(catalogue, need, shelves) for need in catalogue.life_areas)


def area_of(catalogue: Catalogue, need_id: str) -> Area:
    """Return the life area that a need belongs to. Raises KeyError for an id that is no need."""
    *_, top = catalogue.broader_needs(need_id)
    return _area(catalogue, catalogue.needs[top], _shelves(catalogue))


def in_need(catalogue: Catalogue, need_id: str) -> Shelf:
    """Return the offers for a need or for anything below it; first those that are above all for that."""
    return _shelves(catalogue).get(need_id, _EMPTY)


def district_counts(catalogue: Catalogue) -> tuple[DistrictCount, ...]:
    """Return every part of the city in the order of the file, smaller parts below the larger one."""
    tied = [
        offer
        for offer in _for_residents(catalogue)
        if offer.availability.recommendable and any(one.criterion == "district" for one in offer.eligibility)
    ]
    return _parts(catalogue, None, tied)


def in_district(catalogue: Catalogue, district_id: str) -> DistrictShelf:
    """Return the offers for one part of the city. Offers for other parts only are left out."""
    resident = Profile(districts=frozenset({district_id}))
    stated: list[Stated] = []
    city: list[Offer] = []
    unclear: list[Offer] = []
    for offer in _for_residents(catalogue):
        place = _place(judge(offer, resident, catalogue).judgements)
        if place is None:
            (unclear if _SOMEWHERE.intersection(offer.limits) else city).append(offer)
        elif place.verdict is not Verdict.FAILS:
            stated.append(Stated(offer, place))
        elif not place.strict:  # above all for others, but not only
            unclear.append(offer)
    stated.sort(key=lambda one: one.place.verdict is not Verdict.MEETS)
    return DistrictShelf(
        here=tuple(one for one in stated if one.offer.availability.recommendable),
        city=_by_area(catalogue, _shelf(city).available),
        unclear=_shelf(unclear).available,
        others=tuple(one for one in stated if not one.offer.availability.recommendable),
    )


def _for_residents(catalogue: Catalogue) -> Iterable[Offer]:
    return (offer for offer in catalogue.published if visible(offer))


def _shelf(offers: Iterable[Offer]) -> Shelf:
    found = tuple(offers)
    return Shelf(
        tuple(one for one in found if one.availability.recommendable),
        tuple(one for one in found if not one.availability.recommendable),
    )


def _shelves(catalogue: Catalogue) -> dict[str, Shelf]:
    """Return the offers for each need that has some, in one pass over all offers."""
    found: dict[str, dict[str, tuple[int, Offer]]] = {}
    for offer in _for_residents(catalogue):
        for place, need in enumerate(offer.needs):
            for broader in catalogue.broader_needs(need):
                found.setdefault(broader, {}).setdefault(offer.id, (place, offer))
    return {
        need: _shelf(offer for _, (_, offer) in sorted(some.items(), key=lambda one: (one[1][0], one[0])))
        for need, some in found.items()
    }


def _area(catalogue: Catalogue, top: Need, shelves: Mapping[str, Shelf]) -> Area:
    counts = tuple(
        NeedCount(need, len(shelves[need.id].available))
        for need in catalogue.needs.values()
        if need.broader == top.id and need.id in shelves
    )
    return Area(top, len(shelves.get(top.id, _EMPTY).available), counts)


def _parts(catalogue: Catalogue, part_of: str | None, tied: Sequence[Offer]) -> tuple[DistrictCount, ...]:
    """Return the parts of a district, or of the city, each with how many of the offers `tied` to some district it has."""
    return tuple(
        DistrictCount(one, _counted(catalogue, one.id, tied), _parts(catalogue, one.id, tied))
        for one in catalogue.districts.values()
        if one.part_of == part_of
    )


def _counted(catalogue: Catalogue, district_id: str, tied: Sequence[Offer]) -> int:
    resident = Profile(districts=frozenset({district_id}))
    places = (_place(judge(offer, resident, catalogue).judgements) for offer in tied)
    return sum(place is not None and place.verdict is not Verdict.FAILS for place in places)


def _place(judgements: Sequence[Judgement]) -> Judgement | None:
    return next((one for one in judgements if one.criterion.criterion == "district"), None)


def _by_area(catalogue: Catalogue, offers: Sequence[Offer]) -> tuple[tuple[Need, tuple[Offer, ...]], ...]:
    """Return offers under the life area of what they are above all for; those for no need of the taxonomy are left out."""
    under: dict[str, list[Offer]] = {need.id: [] for need in catalogue.life_areas}
    for offer in offers:
        if offer.needs:
            *_, top = catalogue.broader_needs(offer.needs[0])
            under[top].append(offer)
    return tuple((catalogue.needs[top], tuple(found)) for top, found in under.items() if found)
