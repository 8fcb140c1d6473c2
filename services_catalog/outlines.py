"""What lists, counts and rules ask of every offer, without reading the whole of any: one short outline each, in memory."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from services_catalog.offer import Audience, Availability, ChoiceCriterion, Limit, Offer, Publication, RangeCriterion

#: Limits of offers that are in some places of the city, while no source says which.
_SOMEWHERE = frozenset({Limit.SELECTED_PLACES_ONLY, Limit.PLACES_NOT_NAMED})


class Place(NamedTuple):
    """The first criterion of an offer that is about parts of the city, as `ChoiceCriterion` has it."""

    any: tuple[str, ...]
    none: tuple[str, ...]
    strict: bool


class Outline(NamedTuple):
    """The fields of an offer that are asked of all offers at once, named as they are there.

    `names` are the official one, the aliases and those of each language; `states` how far each language can be trusted;
    `examples` the number of example questions; `facts` the contact facts among the sources; `refers` the ids of every record
    that the offer names; `place` where it is for, None for the whole city; `somewhere` tells that it is in some places only and
    no source says in which; `ages` the least and the greatest age that is demanded; `spoken` the languages it can be had in;
    `files` the documents among the sources; `terms` the situations and districts that it is for.
    """

    id: str
    names: tuple[str, ...]
    publication: Publication
    audience: Audience
    availability: Availability
    provider: str
    partners: tuple[str, ...]
    needs: tuple[str, ...]
    owner: str | None
    assured_on: dt.date | None
    review_by: dt.date | None
    states: tuple[tuple[str, str], ...]
    examples: int
    facts: tuple[str, ...]
    refers: tuple[str, ...]
    place: Place | None
    somewhere: bool
    ages: tuple[int | None, int | None]
    spoken: tuple[str, ...]
    files: tuple[str, ...]
    terms: tuple[tuple[str, str], ...]

    @property
    def visible(self) -> bool:
        """Whether residents may see the offer."""
        return self.audience is not Audience.STAFF and self.publication is Publication.PUBLISHED

    @property
    def name(self) -> str:
        """The official name."""
        return self.names[0]


def outline_of(offer: Offer, shared: dict[Any, Any] | None = None) -> Outline:
    """Return the outline of an offer. Through `shared`, many outlines have their equal parts in common."""
    same = (shared if shared is not None else {}).setdefault
    names = dict.fromkeys((offer.official_name, *offer.aliases, *(one.name for one in offer.texts.values())))
    choices = [one for one in offer.eligibility if isinstance(one, ChoiceCriterion)]
    district = next((one for one in choices if one.criterion == "district"), None)
    place = Place(district.any, district.none, district.strict) if district else None
    kinds = {"district": "districts", "situation": "situations"}
    terms = tuple(dict.fromkeys((kinds[one.criterion], name) for one in choices for name in one.any))
    states = tuple((tag, one.state.value) for tag, one in offer.texts.items())
    refers = dict.fromkeys(sys.intern(one) for one in _referred(offer, choices))
    spoken = tuple(one.tag for one in offer.service_languages)
    files = tuple(dict.fromkeys(one.file for one in offer.sources if one.file is not None))
    needs, partners = offer.needs, offer.partners
    facts = tuple(dict.fromkeys(one.fact for one in offer.sources if one.fact is not None))
    return Outline(
        sys.intern(offer.id), tuple(names), offer.publication, offer.audience, offer.availability,
        sys.intern(offer.provider), same(partners, partners), same(needs, needs), same(offer.owner, offer.owner),
        same(offer.assured_on, offer.assured_on), same(offer.review_by, offer.review_by), same(states, states),
        sum(len(one.examples) for one in offer.texts.values()), same(facts, facts), same(found := tuple(refers), found),
        same(place, place), not _SOMEWHERE.isdisjoint(offer.limits), same(ages := _ages(offer), ages), same(spoken, spoken),
        same(files, files), same(terms, terms),
    )  # fmt: skip


def _referred(offer: Offer, choices: Iterable[ChoiceCriterion]) -> Iterator[str]:
    """Yield the ids of the records that an offer names."""
    yield offer.provider
    for some in (offer.partners, offer.policies, offer.alternatives, offer.needs):
        yield from some
    if offer.parent is not None:
        yield offer.parent
    yield from (source.fact for source in offer.sources if source.fact is not None)
    for one in choices:
        yield from (*one.any, *one.none)


def _ages(offer: Offer) -> tuple[int | None, int | None]:
    """Return the ages a source demands; one that only says "primarily" demands none."""
    demanded = [
        one for one in offer.eligibility if isinstance(one, RangeCriterion) and one.criterion == "age" and one.strict
    ]
    lowest = max((one.minimum for one in demanded if one.minimum is not None), default=None)
    highest = min((one.maximum for one in demanded if one.maximum is not None), default=None)
    return lowest, highest


class Outlines(Mapping[str, Outline]):
    """The outlines of all offers of a catalogue by id. Never changes in place; what is asked again and again is arranged once,
    and of a later state only what differs is arranged anew."""

    def __init__(self, outlines: Iterable[Outline]) -> None:
        self._outlines = {one.id: one for one in outlines}

    def __getitem__(self, offer_id: str) -> Outline:
        return self._outlines[offer_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._outlines)

    def __len__(self) -> int:
        return len(self._outlines)

    def __contains__(self, offer_id: object) -> bool:
        return offer_id in self._outlines

    def with_changes(self, changes: Mapping[str, Outline | None]) -> Outlines:
        """Return these outlines with some new ones; None takes one away."""
        new = Outlines(())
        new._outlines = self._outlines | {one: outline for one, outline in changes.items() if outline is not None}
        for one, outline in changes.items():
            if outline is None:
                new._outlines.pop(one, None)
        if "_by_need" in self.__dict__:
            new.__dict__["_by_need"] = self._moved(changes)
        return new

    @cached_property
    def published(self) -> tuple[str, ...]:
        """The ids of the offers that may be shown, in their order."""
        shown = (one.id for one in self._outlines.values() if one.publication is Publication.PUBLISHED)
        return tuple(sorted(shown))

    def for_needs(self, needs: Collection[str], *, available: bool) -> list[str]:
        """Return the ids of the offers for residents that are for any of some needs, those first that are above all for one of
        them; either those that can be had, or the others."""
        places: dict[str, int] = {}
        for need in needs:
            for one, place in self._by_need.get((need, available), {}).items():
                places[one] = min(place, places.get(one, place))
        return sorted(places, key=lambda one: (places[one], one))

    def count_for(self, needs: Collection[str], *, available: bool) -> int:
        """Return how many these are."""
        return len(set().union(*(self._by_need.get((need, available), {}) for need in needs)))

    def referring(self, ids: Collection[str]) -> set[str]:
        """Return the ids of the offers that name any of some records."""
        wanted = frozenset(ids)
        return {one.id for one in self._outlines.values() if not wanted.isdisjoint(one.refers)}

    @cached_property
    def _by_need(self) -> dict[tuple[str, bool], dict[str, int]]:
        """The ids of the offers for residents for each need, those that can be had and the others, each with the place of the
        need among those of the offer."""
        found: dict[tuple[str, bool], dict[str, int]] = {}
        for one in self._outlines.values():
            for place, key in _shelves(one):
                found.setdefault(key, {}).setdefault(one.id, place)
        return found

    def _moved(self, changes: Mapping[str, Outline | None]) -> dict[tuple[str, bool], dict[str, int]]:
        """Return the offers for each need after some changes: the rest is shared with those before."""
        pairs = [(one, self._outlines.get(one), after) for one, after in changes.items()]
        touched = {key for _, *both in pairs for outline in both for _, key in _shelves(outline)}
        moved = self._by_need | {key: dict(self._by_need.get(key, {})) for key in touched}
        for one, before, after in pairs:
            for _, key in _shelves(before):
                moved[key].pop(one, None)
            for place, key in _shelves(after):
                moved[key].setdefault(one, place)
        return moved


def _shelves(outline: Outline | None) -> Iterator[tuple[int, tuple[str, bool]]]:
    """Yield the needs under which residents find an offer, each with its place and whether the offer can be had."""
    if outline is not None and outline.visible:
        available = outline.availability.recommendable
        yield from ((place, (need, available)) for place, need in enumerate(outline.needs))
