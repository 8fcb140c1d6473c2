"""The catalogue as one HSDS JSON document, there and back.

Every offer is a service as other systems read it. What HSDS has no place for stands in one property of ours, which the
schemas allow: `x_vejviser` of a service holds the offer's record, `x_vejviser` of the document all other records. A
service without it is foreign and becomes a draft (hsds_foreign.py).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeVar

from pydantic import ValidationError

from services_catalog.catalogue import Catalogue
from services_catalog.errors import Problem, RecordInvalid
from services_catalog.hsds.datasets import Dataset
from services_catalog.hsds.foreign import Drafts
from services_catalog.hsds.node import Node
from services_catalog.hsds.objects import Json, Renderer
from services_catalog.hsds.service import service_of
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.offer import Offer, Record
from services_catalog.seed import FOLDERS

RecordType = TypeVar("RecordType", bound=Record)

EXTENSION = "x_vejviser"
#: Grows when an older Vejviser could no longer read the extension.
FORMAT = 1


class _OfOffer(Record):
    """The extension of a service: the offer's record, and a hash of the service that was made of it."""

    digest: str
    offer: Offer


class _OfDocument(Record):
    """The extension of a document: the other records, and what the catalogue knows beside its records."""

    format: Literal[1]
    version: int = 0
    modified: dict[str, dt.datetime] = {}
    records: dict[str, list[dict[str, Any]]]


def hsds_export(
    catalogue: Catalogue, *, language: str = SOURCE_LANGUAGE, lossless: bool = True, public_url: str = ""
) -> Json:
    """Return a validated catalogue as an HSDS document, its texts in `language` (a tag of LANGUAGES).

    With `lossless` it holds every offer, drafts and offers for staff too, and the extension from which `hsds_import` makes
    the same catalogue again. Without, it holds what everybody may see, and no extension. `public_url` is the address of
    the pages, for services without a website.
    """
    data = Dataset(catalogue, language, public_url=public_url, since=dt.datetime.now(dt.UTC))
    document: Json = {
        "version": "3.0",
        "language": language,
        "taxonomies": [one.full for one in data.taxonomies.values()],
        "taxonomy_terms": [one.listed for one in data.taxonomy_terms.values()],
    }
    if not lossless:
        return document | {
            "organizations": [one.listed for one in data.organizations.values()],
            "services": [one.full for one in data.services.values()],
        }
    render = Renderer(catalogue, language, public_url)
    extension = _OfDocument(
        format=FORMAT,
        version=catalogue.version,
        modified=dict(catalogue.modified),
        records={
            kind: [_dumped(record) for record in getattr(catalogue, kind).values()]
            for kind in FOLDERS
            if kind != "offers"
        },
    )
    return document | {
        "organizations": [render.organization(one) for one in catalogue.organisations.values()],
        "services": [_with_record(service_of(offer, render), offer) for offer in catalogue.offers.values()],
        EXTENSION: extension.model_dump(mode="json"),
    }


def hsds_import(data: object, *, language: str | None = None, origin: str = "hsds.json") -> Catalogue:
    """Return the catalogue that an HSDS document holds; nothing is stored.

    `data` is parsed JSON: a document of `hsds_export`, a page of an HSDS API, a list of services, or one. Services with the
    extension come back as they were; others become draft offers with what they say, their texts in `language` (that of the
    document, else Danish). `origin` names the document in sources and problems. Raises RecordInvalid with every problem.
    """
    problems: list[Problem] = []
    document = Node(_as_document(data), "", origin, problems)
    found: dict[str, dict[str, Record]] = {kind: {} for kind in FOLDERS}
    extension = None
    if EXTENSION in document.value:
        extension = _record(_OfDocument, document.value[EXTENSION], document, EXTENSION)
    if extension is not None:
        _read_records(extension, document, found)
    services = list(_services(document))
    for service, _ in services:
        offer = _original(service) if EXTENSION in service.value else None
        if offer is not None and offer.id in found["offers"]:
            service.wrong("id", f"the offer {offer.id!r} is there twice: leave one out")
        elif offer is not None:
            found["offers"][offer.id] = offer
    drafts = Drafts(document, _language(language or document.value.get("language")), found)
    for service, organization in services:
        if EXTENSION not in service.value:
            drafts.add(service, organization)
    if not services and extension is None:
        document.wrong("services", "there is none: give a document with `services`, a page of them, or a list")
    if problems:
        raise RecordInvalid(list(dict.fromkeys(problems)))
    version, modified = (extension.version, extension.modified) if extension else (0, {})
    return Catalogue(**found, version=version, modified=modified)  # type: ignore[arg-type]


def _as_document(data: object) -> Mapping[str, Any]:
    """Return any of the forms in which HSDS services are given as a document with `services`."""
    if isinstance(data, list):
        return {"services": data}
    if not isinstance(data, Mapping):
        return {}
    if "contents" in data:
        return {**data, "services": data["contents"]}
    if any(name in data for name in ("services", "organizations", EXTENSION)):
        return data
    return {"services": [data]} if data else {}


def _language(tag: object) -> str:
    return tag if isinstance(tag, str) and tag in LANGUAGES else SOURCE_LANGUAGE


def _services(document: Node) -> Iterator[tuple[Node, Node | None]]:
    """Yield every service, with the organization it stands below, if any."""
    yield from ((service, None) for service in document.items("services"))
    for organization in document.items("organizations"):
        yield from ((service, organization) for service in organization.items("services"))


def _with_record(service: Json, offer: Offer) -> Json:
    return service | {EXTENSION: {"digest": _digest(service), "offer": _dumped(offer)}}


def _original(service: Node) -> Offer | None:
    """Return the offer of our own extension, unless the service around it says something else by now."""
    extension = _record(_OfOffer, service.value[EXTENSION], service, EXTENSION)
    if extension is None:
        return None
    if extension.digest != _digest({name: value for name, value in service.value.items() if name != EXTENSION}):
        service.wrong(
            "",
            f"was changed outside Vejviser and no longer fits its `{EXTENSION}`: change the offer in Vejviser, or remove "
            f"`{EXTENSION}` to import the service as a new draft",
        )
        return None
    return extension.offer


def _read_records(extension: _OfDocument, document: Node, found: dict[str, dict[str, Record]]) -> None:
    for kind, (_, record_type) in FOLDERS.items():
        for number, value in enumerate(extension.records.get(kind, ())):
            record = _record(record_type, value, document, f"{EXTENSION}.records.{kind}.{number}")
            if record is not None:
                found[kind][str(record.id)] = record  # type: ignore[attr-defined]


def _record(record_type: type[RecordType], value: object, node: Node, name: str) -> RecordType | None:
    """Return a record of what stands in a document under `name`; None, and what is wrong with it, otherwise."""
    try:
        return record_type.model_validate(value)
    except ValidationError as error:
        for one in error.errors():
            node.wrong(".".join(map(str, (name, *one["loc"]))), one["msg"])
        return None


def _dumped(record: Record) -> Json:
    return record.model_dump(mode="json", exclude_defaults=True)


def _digest(service: Json) -> str:
    """Return a hash of what a service says; the order of its fields and how its numbers are written do not count."""
    plain = json.loads(json.dumps(service), parse_int=float)
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()
