"""The catalogue as an HSDS tabular data package: a zip with one CSV a table and `datapackage.json` to describe them.

Tables, columns and file names are those of HSDS 3.0; the package follows the Tabular Data Package specification
(https://specs.frictionlessdata.io/tabular-data-package/). Only what everybody may see is in it. Cells hold the texts as
they are: the files are for programs, and a spreadsheet must read them as text.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from services_catalog.catalogue import Catalogue
from services_catalog.hsds.exchange import hsds_export
from services_catalog.hsds.objects import Json
from services_catalog.languages import SOURCE_LANGUAGE


@dataclass(frozen=True)
class Table:
    """One table: its file, its columns, those that every row has beside `id`, and which columns name a row of another."""

    path: str
    columns: tuple[str, ...]
    required: tuple[str, ...] = ()
    references: Mapping[str, str] = field(default_factory=dict)


def _table(path: str, columns: str, required: str = "", **references: str) -> Table:
    return Table(path, ("id", *columns.split()), tuple(required.split()), references)


TABLES: dict[str, Table] = {
    "organization": _table("organizations.csv", "name description parent_organization_id", "name description",
                           parent_organization_id="organization"),
    "service": _table("services.csv", "organization_id name alternate_name description url email status "
                      "interpretation_services application_process fees_description eligibility_description minimum_age "
                      "maximum_age assured_date alert last_modified", "organization_id name status",
                      organization_id="organization"),
    "attribute": _table("attributes.csv", "link_id taxonomy_term_id link_type link_entity",
                        "link_id taxonomy_term_id link_entity", taxonomy_term_id="taxonomy_term"),
    "service_at_location": _table("service_at_location.csv", "service_id location_id description",
                                  "service_id location_id", service_id="service", location_id="location"),
    "location": _table("locations.csv", "location_type name description", "location_type"),
    "phone": _table("phones.csv", "service_id number type description", "number", service_id="service"),
    "address": _table("addresses.csv", "location_id address_1 city state_province postal_code country address_type",
                      "address_1 city state_province postal_code country address_type", location_id="location"),
    "schedule": _table("schedules.csv", "service_id description", service_id="service"),
    "service_area": _table("service_areas.csv", "service_id name", service_id="service"),
    "required_document": _table("required_documents.csv", "service_id document", service_id="service"),
    "language": _table("languages.csv", "service_id name code", service_id="service"),
    "taxonomy_term": _table("taxonomy_terms.csv", "code name description parent_id taxonomy language taxonomy_id",
                            "name description", parent_id="taxonomy_term", taxonomy_id="taxonomy"),
    "cost_option": _table("cost_options.csv", "service_id currency amount", "service_id", service_id="service"),
    "taxonomy": _table("taxonomies.csv", "name description", "name description"),
}  # fmt: skip

#: Where an object holds others, and of which table they are.
_INSIDE = {
    "organizations": "organization", "organization": "organization", "services": "service", "attributes": "attribute",
    "service_at_locations": "service_at_location", "location": "location", "phones": "phone", "addresses": "address",
    "schedules": "schedule", "service_areas": "service_area", "required_documents": "required_document",
    "languages": "language", "taxonomy_term": "taxonomy_term", "taxonomy_terms": "taxonomy_term",
    "cost_options": "cost_option", "taxonomies": "taxonomy",
}  # fmt: skip

_TYPES: dict[str, Json] = {
    "minimum_age": {"type": "number"},
    "maximum_age": {"type": "number"},
    "amount": {"type": "number"},
    "assured_date": {"type": "date"},
    "last_modified": {"type": "datetime", "format": "any"},
    "url": {"type": "string", "format": "uri"},
    "email": {"type": "string", "format": "email"},
}

#: So that the same catalogue gives the same bytes.
_TIME = (1980, 1, 1, 0, 0, 0)


def data_package(catalogue: Catalogue, *, language: str = SOURCE_LANGUAGE, public_url: str = "") -> bytes:
    """Return the zip file, its texts in `language` (a tag of LANGUAGES). The same catalogue gives the same bytes."""
    tables = tables_of(hsds_export(catalogue, language=language, lossless=False, public_url=public_url))
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        _write(package, "datapackage.json", json.dumps(description(language), ensure_ascii=False, indent=2))
        for name, table in TABLES.items():
            _write(package, table.path, _csv(table, tables[name]))
    return made.getvalue()


def tables_of(document: Json) -> dict[str, list[Json]]:
    """Return the rows of every table of an HSDS document, each object once, in the order in which they first stand."""
    rows: dict[str, dict[str, Json]] = {name: {} for name in TABLES}
    _collect(document, rows)
    return {name: list(found.values()) for name, found in rows.items()}


def description(language: str) -> Json:
    """Return what `datapackage.json` says: every table with its columns, types, keys and references."""
    return {
        "name": "vejviser-hsds",
        "title": "Vejviser",
        "profile": "tabular-data-package",
        "hsds_version": "3.0",
        "language": language,
        "resources": [
            {
                "name": name,
                "path": table.path,
                "profile": "tabular-data-resource",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "schema": {
                    "fields": [_column(table, one) for one in table.columns],
                    "primaryKey": "id",
                    "foreignKeys": [
                        {"fields": column, "reference": {"resource": "" if other == name else other, "fields": "id"}}
                        for column, other in table.references.items()
                    ],
                },
            }
            for name, table in TABLES.items()
        ],
    }


def _collect(thing: Json, rows: dict[str, dict[str, Json]]) -> None:
    for name, value in thing.items():
        kind = _INSIDE.get(name)
        if kind is None or not isinstance(value, dict | list):
            continue
        for one in value if isinstance(value, list) else [value]:
            rows[kind].setdefault(one["id"], {column: one[column] for column in TABLES[kind].columns if column in one})
            _collect(one, rows)


def _column(table: Table, name: str) -> Json:
    is_key = name == "id" or name.endswith("_id")
    kind = _TYPES.get(name, {"type": "string", "format": "uuid"} if is_key else {"type": "string"})
    rules = {"required": True} if name == "id" or name in table.required else {}
    constraints = rules | ({"unique": True} if name == "id" else {})
    return {"name": name, **kind, **({"constraints": constraints} if constraints else {})}


def _csv(table: Table, rows: list[Json]) -> str:
    made = io.StringIO()
    writer = csv.DictWriter(made, table.columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return made.getvalue()


def _write(package: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    package.writestr(entry, text.encode())
