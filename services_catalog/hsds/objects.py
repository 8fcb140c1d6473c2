"""The catalogue's records as objects of the Human Services Data Specification (HSDS 3.0, also valid under 3.1).

https://docs.openreferral.org/en/latest/hsds/schema_reference.html gives the fields. A field that nothing is known for is
left out. Identifiers are UUIDs made from our own ids (RFC 9562, version 5): the same record has the same one everywhere.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services_catalog.catalogue import Catalogue
from services_catalog.languages import SOURCE_LANGUAGE
from services_catalog.localized import localizer
from services_catalog.messages import N_
from services_catalog.records import District, Need, Organisation, Situation

Json = dict[str, Any]
Term = Need | Situation | District

#: Never change it: every identifier that others have stored rests on it.
NAMESPACE = uuid.UUID("5b0c2f0e-6d0a-5a43-9a57-2f6a3d1f7c11")

#: The vocabularies that are published as taxonomies: where the catalogue keeps them, their name and what they are.
TAXONOMIES: dict[str, tuple[str, str]] = {
    "needs": (N_("Needs"), N_("What a person needs, in the words of ordinary people.")),
    "situations": (N_("Situations"), N_("Circumstances of life that decide who can use an offer.")),
    "districts": (N_("Districts"), N_("The parts of the municipality.")),
}


def identifier(kind: str, *names: str) -> str:
    """Return the UUID of a record from what it is (`service`, `organization` …) and its ids here."""
    return str(uuid.uuid5(NAMESPACE, "/".join((kind, *names))))


def filled(**fields: Any) -> Json:
    """Return the fields that say something: neither None nor empty."""
    return {name: value for name, value in fields.items() if value is not None and value not in ("", [], {})}


def one_to_one(thing: Json) -> Json:
    """Return an object as lists show it: without its lists of other objects."""
    return {
        name: one_to_one(value) if isinstance(value, dict) else value
        for name, value in thing.items()
        if not isinstance(value, list)
    }


@dataclass(frozen=True)
class Renderer:
    """Renders records in `language` (a tag of LANGUAGES). `public_url` is the address of the pages, for offers without a
    website of their own; without it such an offer has no `url`."""

    catalogue: Catalogue
    language: str
    public_url: str = ""

    def label(self, record: Term | Organisation) -> tuple[str, str]:
        """Return what a record is called and the language of it."""
        for tag in (self.language, SOURCE_LANGUAGE, *record.labels):
            if tag in record.labels:
                return record.labels[tag], tag
        return (record.name if isinstance(record, Organisation) else record.id), SOURCE_LANGUAGE

    def organization(self, record: Organisation) -> Json:
        """Return an organization without its services; `name` is the official one, `description` explains it."""
        return filled(
            id=identifier("organization", record.id),
            name=record.name,
            description=self.label(record)[0],
            parent_organization_id=identifier("organization", record.part_of) if record.part_of else None,
        )

    def taxonomy(self, name: str) -> Json:
        """Return one of TAXONOMIES."""
        speak = localizer(self.language)
        title, description = TAXONOMIES[name]
        return filled(id=identifier("taxonomy", name), name=speak.text(title), description=speak.text(description))

    def taxonomy_term(self, taxonomy: str, record: Term) -> Json:
        """Return a term; its `description` is the way to it from the top of the taxonomy."""
        name, language = self.label(record)
        above = list(self._above(taxonomy, record))
        return filled(
            id=identifier("taxonomy_term", taxonomy, record.id),
            code=record.id,
            name=name,
            description=" › ".join([*(self.label(one)[0] for one in reversed(above)), name]),
            parent_id=identifier("taxonomy_term", taxonomy, above[0].id) if above else None,
            taxonomy=localizer(self.language).text(TAXONOMIES[taxonomy][0]),
            taxonomy_id=identifier("taxonomy", taxonomy),
            language=language,
        )

    def _above(self, taxonomy: str, record: Term) -> Iterator[Term]:
        """Yield the terms above one, the nearest first."""
        records: Mapping[str, Term] = getattr(self.catalogue, taxonomy)
        above = record.broader if isinstance(record, Need) else getattr(record, "part_of", None)
        if above is not None:
            yield records[above]
            yield from self._above(taxonomy, records[above])
