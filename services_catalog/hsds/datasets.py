"""What `/hsds` serves: every HSDS object of one catalogue in one language, made once and then only filtered."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from services_catalog.catalogue import Catalogue
from services_catalog.hsds.objects import TAXONOMIES, Json, Renderer, identifier, one_to_one
from services_catalog.hsds.service import modified, service_of, spoken_in
from services_catalog.normalize import fold, words
from services_catalog.offer import Audience, Offer

#: The least that HSDS lets a service be, and when it changed.
_MINIMAL = ("id", "name", "status", "last_modified")


@dataclass(frozen=True)
class Entry:
    """One object: `full` as it is shown alone, `listed` as lists show it. `languages` are those of its texts, `terms` and
    `taxonomies` what it is classified by, `offers` the ids of the offers it comes from, `organization` who provides it."""

    full: Json
    listed: Json
    languages: frozenset[str]
    modified: dt.datetime | None = None
    organization: str | None = None
    terms: frozenset[str] = frozenset()
    taxonomies: frozenset[str] = frozenset()
    offers: frozenset[str] = frozenset()
    folded: str = field(default="", repr=False)

    @property
    def minimal(self) -> Json:
        """Return what a harvester needs to see what changed."""
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

    def lets(self, entry: Entry) -> bool:
        """Tell whether an entry meets everything that was asked."""
        service = entry.full.get("service", entry.full)
        lowest, highest = service.get("minimum_age"), service.get("maximum_age")
        changed, asked = entry.modified, self.modified_after
        return (
            (self.taxonomy_term_id is None or self.taxonomy_term_id in entry.terms)
            and (self.taxonomy_id is None or self.taxonomy_id in entry.taxonomies)
            and (self.organization_id is None or self.organization_id == entry.organization)
            and (asked is None or (changed is not None and changed >= asked))
            and (self.minimum_age is None or (lowest is not None and lowest >= self.minimum_age))
            and (self.maximum_age is None or (highest is not None and highest <= self.maximum_age))
        )


class Dataset:
    """The published offers of a catalogue as HSDS objects, by their identifiers; those for staff only if `staff`.

    `since` is when this state was taken up: nothing here has changed later than that.
    """

    def __init__(
        self, catalogue: Catalogue, language: str, *, staff: bool = False, public_url: str = "", since: dt.datetime
    ) -> None:
        self.catalogue, self.language, self.since = catalogue, language, since
        self._render = Renderer(catalogue, language, public_url)
        self._offers = [one for one in catalogue.published if staff or one.audience is not Audience.STAFF]

    @cached_property
    def services(self) -> dict[str, Entry]:
        """The services, in the order of the offers' ids."""
        return {entry.full["id"]: entry for entry in map(self._service, self._offers)}

    @cached_property
    def service_at_locations(self) -> dict[str, Entry]:
        """The places where a service can be had, each with the service."""
        return {entry.full["id"]: entry for service in self.services.values() for entry in _places(service)}

    @cached_property
    def organizations(self) -> dict[str, Entry]:
        """The organizations that provide or partner a service shown here, and those they are part of."""
        shown = {name for offer in self._offers for name in self._with_parents((offer.provider, *offer.partners))}
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
        """Return an organization with everything that is known of each of its services."""
        services = [
            {name: value for name, value in one.full.items() if name != "organization"}
            for one in self.services.values()
            if one.organization == entry.full["id"]
        ]
        return entry.full | ({"services": services} if services else {})

    def _service(self, offer: Offer) -> Entry:
        full = service_of(offer, self._render)
        attributes = full.get("attributes", ())
        return _entry(
            full,
            {spoken_in(offer, self.language) or self.language},
            modified=modified(offer, self.catalogue),
            organization=full["organization_id"],
            terms=frozenset(one["taxonomy_term_id"] for one in attributes),
            taxonomies=frozenset(one["taxonomy_term"]["taxonomy_id"] for one in attributes),
            offers=frozenset({offer.id}),
        )

    def _organization(self, name: str) -> Entry:
        record = self.catalogue.organisations[name]
        basic = self._render.organization(record)
        own = [one for one in self.services.values() if one.organization == basic["id"]]
        locations = {
            place["location"]["id"]: place["location"]
            for one in own
            for place in one.full.get("service_at_locations", ())
        }
        full = dict(basic)
        if locations:
            full["locations"] = list(locations.values())
        if own:
            full["services"] = [_without(one.listed, "organization") for one in own]
        return _entry(
            full,
            {self._render.label(record)[1]},
            listed=basic,
            terms=frozenset().union(*(one.terms for one in own)),
            taxonomies=frozenset().union(*(one.taxonomies for one in own)),
            offers=frozenset().union(*(one.offers for one in own)),
        )

    def _with_parents(self, names: Iterable[str]) -> Iterator[str]:
        for name in names:
            current: str | None = name
            while current is not None:
                yield current
                current = self.catalogue.organisations[current].part_of


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


def in_order(entries: Iterable[Entry], offer_ids: Sequence[str]) -> list[Entry]:
    """Return the entries that come from some offers, in the order of these."""
    rank = {offer_id: position for position, offer_id in enumerate(offer_ids)}
    found = [entry for entry in entries if not entry.offers.isdisjoint(rank)]
    return sorted(found, key=lambda entry: min(rank[one] for one in entry.offers if one in rank))


def holding(entries: Iterable[Entry], text: str) -> list[Entry]:
    """Return the entries whose name, description or code hold every word of a text."""
    wanted = words(text)
    return [entry for entry in entries if all(word in entry.folded for word in wanted)]


def _entry(full: Json, languages: Iterable[str], listed: Json | None = None, **known: object) -> Entry:
    folded = fold(" ".join(str(full[name]) for name in ("name", "description", "code") if name in full))
    return Entry(full, listed or one_to_one(full), frozenset(languages), folded=folded, **known)  # type: ignore[arg-type]


def _places(service: Entry) -> Iterator[Entry]:
    """Yield what HSDS calls the services at locations of a service."""
    there = _without(service.full, "service_at_locations")
    for place in service.full.get("service_at_locations", ()):
        yield Entry(
            place | {"service": there},
            one_to_one(place) | {"service": one_to_one(there)},
            service.languages,
            service.modified,
            service.organization,
            service.terms,
            service.taxonomies,
            service.offers,
        )


def _without(thing: Json, name: str) -> Json:
    return {one: value for one, value in thing.items() if one != name}
