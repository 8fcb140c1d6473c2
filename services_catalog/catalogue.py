"""The whole catalogue at one moment: immutable, so that a search sees the old or the new one, never a mix."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar

from services_catalog.errors import OfferNotFound
from services_catalog.expressions import Expressions
from services_catalog.languages import LANGUAGES
from services_catalog.looked_up import LookedUp
from services_catalog.offer import Offer
from services_catalog.offer_records import Offers
from services_catalog.outlines import Outlines
from services_catalog.records import (
    Concept,
    ContactFact,
    District,
    Municipality,
    Need,
    NeedQuestions,
    Organisation,
    Policy,
    Situation,
)

Derived = TypeVar("Derived")


@dataclass(frozen=True)
class Catalogue:
    """Every record by its id. `version` grows by one with each published change (0 for a catalogue read from files)."""

    offers: Mapping[str, Offer]
    needs: Mapping[str, Need]
    questions: Mapping[str, NeedQuestions]
    situations: Mapping[str, Situation]
    districts: Mapping[str, District]
    organisations: Mapping[str, Organisation]
    policies: Mapping[str, Policy]
    facts: Mapping[str, ContactFact]
    expressions: Mapping[str, Expressions]
    other_places: Mapping[str, District]
    concepts: Mapping[str, Concept]
    #: At most one; a catalogue from before there were several municipalities has none.
    municipalities: Mapping[str, Municipality] = field(default_factory=dict)
    version: int = 0
    #: When each offer was last published, in UTC; an offer read from a file has no such moment.
    modified: Mapping[str, dt.datetime] = field(default_factory=dict)

    def offer(self, offer_id: str) -> Offer:
        """Return one offer. Raises OfferNotFound."""
        try:
            return self.offers[offer_id]
        except KeyError:
            raise OfferNotFound(offer_id) from None

    @cached_property
    def outlines(self) -> Outlines:
        """The outlines of all offers: enough to count, filter and sort them without reading them."""
        return (self.offers if isinstance(self.offers, Offers) else Offers(self.offers)).outlines

    @cached_property
    def published(self) -> LookedUp[Offer]:
        """The offers that may be shown, in the order of their ids."""
        return LookedUp(self.offers, self.outlines.published)

    def with_offers(self, changes: Mapping[str, Offer | None]) -> Catalogue:
        """Return the catalogue with some offers new or different, and without those that are None."""
        offers = self.offers if isinstance(self.offers, Offers) else Offers(self.offers)
        return replace(self, offers=offers.with_changes(changes))

    @cached_property
    def _derived(self) -> dict[Hashable, Any]:
        return {}

    def once(self, what: Hashable, make: Callable[[], Derived]) -> Derived:
        """Return what follows from this catalogue alone, made the first time it is asked for."""
        if what not in self._derived:
            self._derived[what] = make()
        found: Derived = self._derived[what]
        return found

    @property
    def municipality(self) -> Municipality | None:
        """The municipality that the catalogue belongs to, as far as it says."""
        return next(iter(self.municipalities.values()), None)

    @property
    def contact_centre(self) -> ContactFact | None:
        """The contact fact that every hand-over rests on."""
        return self.facts.get(self.municipality.contact_centre) if self.municipality else None

    @property
    def municipality_name(self) -> str:
        """The Danish name of the municipality; empty where the catalogue does not say."""
        organisation = self.organisations.get(self.municipality.id) if self.municipality else None
        return organisation.name if organisation else ""

    @property
    def languages(self) -> tuple[str, ...]:
        """The tags of the languages that this catalogue answers in."""
        return (self.municipality.languages if self.municipality else ()) or tuple(LANGUAGES)

    @cached_property
    def life_areas(self) -> tuple[Need, ...]:
        """The top of the need taxonomy, in the order of the file."""
        return tuple(need for need in self.needs.values() if need.broader is None)

    def broader_needs(self, need_id: str) -> Iterable[str]:
        """Yield a need and everything above it."""
        current: str | None = need_id
        while current is not None:
            yield current
            current = self.needs[current].broader

    def shown_facts(self, offer: Offer) -> tuple[ContactFact, ...]:
        """The contact facts of an offer that a resident may see, in the order of its sources."""
        facts = (self.facts[source.fact] for source in offer.sources if source.fact is not None)
        return tuple(fact for fact in facts if fact.status.shown)
