"""The objects that `/hsds` lists: narrowed by what is known of each without making it, and made when it is shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

from services_catalog.hsds.objects import Json, one_to_one
from services_catalog.looked_up import LookedUp

#: The least that HSDS lets a service be, and when it changed.
_MINIMAL = ("id", "name", "status", "last_modified")
#: So many objects that were shown lately are kept.
_KEPT = 500


class Facets(NamedTuple):
    """What an object is narrowed by: who provides it, when it changed, the terms and taxonomies it is classified by, the ages
    that are demanded."""

    organization: str | None = None
    modified: dt.datetime | None = None
    terms: frozenset[str] = frozenset()
    taxonomies: frozenset[str] = frozenset()
    minimum_age: int | None = None
    maximum_age: int | None = None


NO_FACETS = Facets()


@dataclass(frozen=True, eq=False)
class Entry:
    """One object. `whole` makes it as it is shown alone, when that is asked for; `short`, where it is given, is how lists show
    it. `languages` are those of its texts, `folded` what is looked for in organizations, taxonomies and terms."""

    whole: Callable[[], Json]
    languages: frozenset[str]
    facets: Facets = NO_FACETS
    short: Json | None = None
    folded: str = ""

    @cached_property
    def full(self) -> Json:
        """The object as it is shown alone."""
        return self.whole()

    @cached_property
    def listed(self) -> Json:
        """The object as lists show it."""
        return one_to_one(self.full) if self.short is None else self.short

    @property
    def minimal(self) -> Json:
        """What a harvester needs to see what changed."""
        return {name: self.full[name] for name in _MINIMAL if name in self.full}


@dataclass(frozen=True)
class Filter:
    """What services, and services at locations, are narrowed by; everything that is given must hold.

    The identifiers are UUIDs. `modified_after` includes that moment. `minimum_age` and `maximum_age` are whole years and
    are held against what the service states (Open Referral UK): an unknown age or date meets nothing.
    """

    taxonomy_term_id: str | None = None
    taxonomy_id: str | None = None
    organization_id: str | None = None
    modified_after: dt.datetime | None = None
    minimum_age: int | None = None
    maximum_age: int | None = None

    def lets(self, one: Facets) -> bool:
        """Tell whether an object meets everything that was asked."""
        lowest, highest, changed, asked = one.minimum_age, one.maximum_age, one.modified, self.modified_after
        return (
            (self.taxonomy_term_id is None or self.taxonomy_term_id in one.terms)
            and (self.taxonomy_id is None or self.taxonomy_id in one.taxonomies)
            and (self.organization_id is None or self.organization_id == one.organization)
            and (asked is None or (changed is not None and changed >= asked))
            and (self.minimum_age is None or (lowest is not None and lowest >= self.minimum_age))
            and (self.maximum_age is None or (highest is not None and highest <= self.maximum_age))
        )


EVERYTHING = Filter()


class Entries(Mapping[str, Entry]):
    """The objects of one kind by their identifiers, in their order, each made when it is looked at."""

    def __init__(
        self, make: Callable[[str], Entry], offers: Mapping[str, str], facets: Callable[[str], Facets]
    ) -> None:
        """`offers` are the identifiers, each with the id of the offer it comes from; `facets` those of an offer."""
        self._make, self._offers, self._facets = lru_cache(_KEPT)(make), offers, facets

    def __getitem__(self, identity: str) -> Entry:
        if identity not in self._offers:
            raise KeyError(identity)
        return self._make(identity)

    def __iter__(self) -> Iterator[str]:
        return iter(self._offers)

    def __len__(self) -> int:
        return len(self._offers)

    def narrowed(self, narrowing: Filter = EVERYTHING) -> LookedUp[Entry]:
        """Return those that a filter lets through."""
        if narrowing == EVERYTHING:
            return LookedUp(self, list(self._offers))
        return LookedUp(self, [one for one, offer in self._offers.items() if narrowing.lets(self._facets(offer))])

    def of_offers(self, offer_ids: Sequence[str], narrowing: Filter) -> LookedUp[Entry]:
        """Return those that come from some offers, in the order of these, as far as a filter lets them through."""
        wanted: dict[str, list[str]] = {one: [] for one in offer_ids}
        for one, offer in self._offers.items():
            if offer in wanted and narrowing.lets(self._facets(offer)):
                wanted[offer].append(one)
        return LookedUp(self, [one for some in wanted.values() for one in some])
