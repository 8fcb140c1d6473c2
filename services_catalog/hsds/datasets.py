"""What `/hsds` serves: every HSDS object of one catalogue in one language, narrowed by outlines and made when it is shown."""

from __future__ import annotations

import datetime as dt
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property

from services_catalog.catalogue import Catalogue
from services_catalog.hsds.entries import NO_FACETS, Entries, Entry, Facets
from services_catalog.hsds.objects import TAXONOMIES, Json, Renderer, filled, identifier, one_to_one
from services_catalog.hsds.service import modified, service_of, spoken_in
from services_catalog.normalize import fold, words
from services_catalog.offer import Audience, Offer
from services_catalog.outlines import Outline

#: So many services at most stand in an organization; the others are listed by its identifier.
MOST_NESTED = 200


@dataclass
class _Provided:
    """What one organisation provides: the ids of the offers, and what these are classified by, as taxonomy and term."""

    offers: list[str] = field(default_factory=list)
    terms: set[tuple[str, str]] = field(default_factory=set)


class Dataset:
    """The published offers of a catalogue as HSDS objects, by their identifiers; those for staff only if `staff`.

    `since` is when this state was taken up: nothing here has changed later than that.
    """

    def __init__(
        self, catalogue: Catalogue, language: str, *, staff: bool = False, public_url: str = "", since: dt.datetime
    ) -> None:
        self.catalogue, self.language, self.since = catalogue, language, since
        self._staff = staff
        self._render = Renderer(catalogue, language, public_url)

    @cached_property
    def services(self) -> Entries:
        """The services, in the order of the offers' ids."""
        known = self.catalogue.once(
            ("hsds services", self._staff), lambda: {_service_identifier(one.id): one.id for one in self._shown()}
        )
        return Entries(lambda identity: self._service(self.catalogue.offers[known[identity]]), known, self._facets)

    @cached_property
    def service_at_locations(self) -> Entries:
        """The places where a service can be had, each with the service."""

        def places() -> dict[str, str]:
            named = {one.id for one in self.catalogue.facts.values() if one.address and one.status.shown}
            return {
                identifier("service_at_location", offer.id, fact): offer.id
                for offer in self._shown()
                if not named.isdisjoint(offer.facts)
                for fact in offer.facts
                if fact in named
            }

        known = self.catalogue.once(("hsds places", self._staff), places)
        return Entries(lambda identity: self._place(identity, known[identity]), known, self._facets)

    @cached_property
    def organizations(self) -> dict[str, Entry]:
        """The organizations that provide or partner a service shown here, and those they are part of."""
        taking_part = {name for one in self._shown() for name in (one.provider, *one.partners)}
        shown = self._with_parents(taking_part)
        return {
            identifier("organization", one): self._organization(one)
            for one in self.catalogue.organisations
            if one in shown
        }

    @cached_property
    def taxonomies(self) -> dict[str, Entry]:
        """The vocabularies that services are classified by."""
        made = [self._render.taxonomy(name) for name in TAXONOMIES]
        return {one["id"]: _entry(one, {self.language}) for one in made}

    @cached_property
    def taxonomy_terms(self) -> dict[str, Entry]:
        """Every term of every taxonomy, in the order of the vocabularies."""
        found = {}
        for taxonomy in TAXONOMIES:
            detail = self._render.taxonomy(taxonomy)
            for record in getattr(self.catalogue, taxonomy).values():
                term = self._render.taxonomy_term(taxonomy, record)
                full = term | {"taxonomy_detail": detail}
                found[term["id"]] = _entry(full, {term["language"]}, listed=term)
        return found

    def organization_with_services(self, entry: Entry) -> Json:
        """Return an organization with everything that is known of each of its services, at most MOST_NESTED."""
        services = [_without(one.full, "organization") for one in self._services_of(entry.full["id"])]
        return entry.full | ({"services": services} if services else {})

    def _shown(self) -> Iterator[Outline]:
        outlines = (self.catalogue.outlines[one] for one in self.catalogue.outlines.published)
        return (one for one in outlines if self._staff or one.audience is not Audience.STAFF)

    def _facets(self, offer_id: str) -> Facets:
        outline = self.catalogue.outlines[offer_id]
        provider, changed = _named("organization", outline.provider), modified(outline, self.catalogue)
        return Facets(provider, changed, *_classified(_terms(outline)), *outline.ages)

    def _service(self, offer: Offer) -> Entry:
        language = spoken_in(offer, self.language) or self.language
        return Entry(lambda: service_of(offer, self._render), frozenset({language}), self._facets(offer.id))

    def _place(self, identity: str, offer_id: str) -> Entry:
        """Return what HSDS calls a service at a location."""
        service = self.services[_service_identifier(offer_id)]
        place = next(one for one in service.full["service_at_locations"] if one["id"] == identity)
        there = _without(service.full, "service_at_locations")
        return Entry(
            lambda: place | {"service": there},
            service.languages,
            service.facets,
            one_to_one(place) | {"service": one_to_one(there)},
        )

    def _organization(self, name: str) -> Entry:
        record = self.catalogue.organisations[name]
        basic = self._render.organization(record)
        own = self._provided.get(name)
        return _entry(
            basic,
            {self._render.label(record)[1]},
            whole=lambda: self._whole_organization(basic),
            facets=Facets(None, None, *_classified(frozenset(own.terms))) if own else NO_FACETS,
        )

    def _whole_organization(self, basic: Json) -> Json:
        """Return an organization with its places and services, at most MOST_NESTED."""
        own = self._services_of(basic["id"])
        locations = {
            place["location"]["id"]: place["location"]
            for one in own
            for place in one.full.get("service_at_locations", ())
        }
        services = [_without(one.listed, "organization") for one in own]
        return basic | filled(locations=list(locations.values()), services=services)

    def _services_of(self, organization: str) -> list[Entry]:
        name = next(one for one in self.catalogue.organisations if _named("organization", one) == organization)
        own = self._provided.get(name, _Provided())
        return [self.services[_service_identifier(one)] for one in own.offers[:MOST_NESTED]]

    @property
    def _provided(self) -> dict[str, _Provided]:
        """What each organisation provides."""

        def by_provider() -> dict[str, _Provided]:
            found: dict[str, _Provided] = defaultdict(_Provided)
            for one in self._shown():
                found[one.provider].offers.append(one.id)
                found[one.provider].terms.update(_terms(one))
            return dict(found)

        return self.catalogue.once(("hsds providers", self._staff), by_provider)

    def _with_parents(self, names: Iterable[str]) -> set[str]:
        found: set[str] = set()
        for name in names:
            current: str | None = name
            while current is not None and current not in found:
                found.add(current)
                current = self.catalogue.organisations[current].part_of
        return found


class Datasets:
    """The datasets of the newest catalogue, one for each language and audience, made when first asked for. Thread-safe."""

    def __init__(
        self, public_url: str = "", clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    ) -> None:
        self._public_url, self._clock = public_url, clock
        self._lock = threading.Lock()
        self._catalogue: Catalogue | None = None
        self._since = clock()
        self._made: dict[tuple[str, bool], Dataset] = {}

    def of(self, catalogue: Catalogue, language: str, *, staff: bool = False) -> Dataset:
        """Return the dataset of a catalogue in a language of LANGUAGES."""
        with self._lock:
            if catalogue is not self._catalogue:
                self._catalogue, self._since, self._made = catalogue, self._clock(), {}
            key = (language, staff)
            if key not in self._made:
                self._made[key] = Dataset(
                    catalogue, language, staff=staff, public_url=self._public_url, since=self._since
                )
            return self._made[key]


def holding(entries: Iterable[Entry], text: str) -> list[Entry]:
    """Return the entries whose name, description or code hold every word of a text."""
    wanted = words(text)
    return [entry for entry in entries if all(word in entry.folded for word in wanted)]


def _entry(
    full: Json,
    languages: Iterable[str],
    listed: Json | None = None,
    whole: Callable[[], Json] | None = None,
    facets: Facets = NO_FACETS,
) -> Entry:
    folded = fold(" ".join(str(full[name]) for name in ("name", "description", "code") if name in full))
    return Entry(whole or (lambda: full), frozenset(languages), facets, listed or one_to_one(full), folded)


def _without(thing: Json, name: str) -> Json:
    return {one: value for one, value in thing.items() if one != name}


def _terms(outline: Outline) -> tuple[tuple[str, str], ...]:
    """Return what an offer is classified by, as taxonomy and term."""
    return (*(("needs", one) for one in outline.needs), *outline.terms)


@cache
def _classified(terms: Collection[tuple[str, str]]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the identifiers of some terms and of their taxonomies."""
    taxonomies = {taxonomy for taxonomy, _ in terms}
    return (
        frozenset(_named("taxonomy_term", *one) for one in terms),
        frozenset(_named("taxonomy", one) for one in taxonomies),
    )


@cache
def _service_identifier(offer_id: str) -> str:
    return identifier("service", offer_id)


@cache
def _named(kind: str, *names: str) -> str:
    """Return the identifier of a record of which there are few."""
    return identifier(kind, *names)
