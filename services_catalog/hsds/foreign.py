"""Draft offers from the HSDS services of others: what a service says, and nothing it does not say.

What has no place in an offer is kept as a note for the editors, so that nothing is lost; phone numbers, addresses and the
like become contact facts that nobody has verified yet, and so are not shown before an editor has seen to them.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from services_catalog.hsds.node import Node
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.offer import Audience, Availability, Kind, Offer, Publication, Record, TranslationState
from services_catalog.records import Attribute, ContactFact, FactStatus, Organisation

_AVAILABILITY = {
    "active": Availability.ACTIVE,
    "inactive": Availability.TIME_LIMITED,
    "temporarily closed": Availability.TIME_LIMITED,
    "defunct": Availability.HISTORICAL,
}
#: The three-letter codes (ISO 639-2) of the languages that have a two-letter one here.
_TWO_LETTERS = {one.three_letters: tag for tag, one in LANGUAGES.items() if one.three_letters}
_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}")
_LATIN = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ß": "ss"})
#: Room for a number or "-phone-1" behind a name, within the length of an id.
_LONGEST_SLUG = 60
_NAME, _TEXT = 200, 1200
#: What an offer takes from a service; anything else becomes a note.
_TAKEN = frozenset(
    ("name", "alternate_name", "description", "url", "email", "application_process", "interpretation_services", "alert",
     "fees_description", "eligibility_description", "minimum_age", "maximum_age", "assured_date", "organization",
     "organization_id", "phones", "service_at_locations", "schedules", "required_documents", "languages", "attributes",
     "cost_options", "last_modified", "status")
)  # fmt: skip


class Drafts:
    """Makes draft offers of the services of one document, their texts in `language`, and adds them to `found`: records of
    each kind by their ids. An organisation that is there already is taken for the one of the same name."""

    def __init__(self, document: Node, language: str, found: dict[str, dict[str, Record]]) -> None:
        self._language, self._found = language, found
        self._organizations = {one.string("id"): one for one in document.items("organizations")}
        self._terms = {one.string("id"): one for one in document.items("taxonomy_terms")}
        self._seen: set[str] = set()
        self._known = {one.name: name for name, one in found["organisations"].items() if isinstance(one, Organisation)}

    def add(self, service: Node, organization: Node | None) -> None:
        """Add the offer of a service, with its provider and its contact facts; or say what is wrong with the service."""
        problems = len(service.problems)
        name, identity = service.string("name"), service.string("id")
        if name is None:
            service.wrong("name", "is required")
        if identity is not None and identity in self._seen:
            service.wrong("id", f"{identity!r} is used twice")
        self._seen.add(identity or "")
        own = (
            service.inner("organization") or organization or self._organizations.get(service.string("organization_id"))
        )
        provider = self._provider(own) if own is not None else None
        if provider is None:
            service.wrong("organization", "give `organization`, or `organization_id` of one in `organizations`")
        if name is None or provider is None:
            return
        slug = _unused(_slug(name) or _slug(f"service {identity or ''}"), self._found["offers"])
        reading = _Reading(service, slug, name, self._language, self._terms)
        fields = reading.fields(provider)
        if len(service.problems) > problems:
            return
        try:
            offer = Offer.model_validate(fields)
        except ValidationError as error:
            for one in error.errors():
                service.wrong("", f"{'.'.join(map(str, one['loc']))}: {one['msg']}")
            return
        self._found["offers"][slug] = offer
        self._found["facts"] |= {fact.id: fact for fact in reading.facts}

    def _provider(self, organization: Node) -> str | None:
        """Return the id of an organization's record, made when it is new."""
        name = organization.string("name")
        if name is None:
            organization.wrong("name", "is required")
            return None
        if name not in self._known:
            organisations = self._found["organisations"]
            slug = _unused(_slug(name) or _slug(f"organization {organization.string('id') or ''}"), organisations)
            description = organization.string("description")
            labels = {self._language: description} if description and len(description) <= _NAME else {}
            organisations[slug] = Organisation(id=slug, name=name[:_NAME], labels=labels)
            self._known[name] = slug
        return self._known[name]


class _Reading:
    """One service being read: its fields, the facts and notes that they leave."""

    def __init__(self, service: Node, slug: str, name: str, language: str, terms: Mapping[str | None, Node]) -> None:
        self._service, self._slug, self._name, self._language, self._terms = service, slug, name, language, terms
        self.facts: list[ContactFact] = []
        self._notes: list[str] = []

    def fields(self, provider: str) -> dict[str, Any]:
        """Return the fields of the offer."""
        service = self._service
        texts = self._texts()
        alternate = service.string("alternate_name")
        lowest, highest = service.years("minimum_age"), service.years("maximum_age")
        if lowest is not None and highest is not None and lowest > highest:
            service.wrong("minimum_age", f"{lowest} is above the maximum age {highest}")
        aged = lowest is not None or highest is not None
        self._find_facts()
        status = service.string("status")
        if status != "active":
            self._notes.append(f"status: {status}")
        source = {
            "id": "hsds",
            "file": service.origin,
            "section": f"service {service.string('id') or self._name}",
            "quote": service.string("description") or self._name,
        }
        self._notes += [
            f"{name}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
            for name, value in service.value.items()
            if name not in _TAKEN and value not in (None, "", [], {})
        ]
        return {
            "id": self._slug,
            "kind": Kind.RESIDENT_OFFER,
            "availability": _AVAILABILITY.get(status or "", Availability.ACTIVE),
            "audience": Audience.RESIDENT,
            "publication": Publication.DRAFT,
            "provider": provider,
            "official_name": texts["name"],
            "aliases": [alternate[:_NAME]] if alternate else [],
            "eligibility": [{"criterion": "age", "minimum": lowest, "maximum": highest, "source": "hsds"}]
            if aged
            else [],
            "cost": self._cost(),
            "service_languages": [{"tag": tag, "source": "hsds"} for tag in dict.fromkeys(self._languages())],
            "assured_on": service.date("assured_date"),
            "sources": [source, *({"id": fact.id, "fact": fact.id} for fact in self.facts)],
            "editor_notes": self._notes,
            "texts": {self._language: texts},
        }

    def _texts(self) -> dict[str, Any]:
        service = self._service
        documents = [one.string("document") for one in service.items("required_documents")]
        terms = [
            (one.inner("taxonomy_term") or self._terms.get(one.string("taxonomy_term_id")))
            for one in service.items("attributes")
        ]
        names = [term.string("name") for term in terms if term is not None]
        texts = {
            "name": self._fitting("name", self._name, _NAME),
            "summary": self._fitting("description", service.string("description") or self._name),
            "who": self._fitting("eligibility_description", service.string("eligibility_description")),
            "how": self._fitting("application_process", service.string("application_process")),
            "availability_note": self._fitting("alert", service.string("alert")),
            "cost": self._fitting("fees_description", service.string("fees_description")),
            "when": self._fitting("schedules", "; ".join(filter(None, map(_times, service.items("schedules"))))),
            "languages": self._fitting("interpretation_services", service.string("interpretation_services")),
            "documents": self._fitting("required_documents", "; ".join(filter(None, documents))),
            "keywords": [one[:_NAME] for one in dict.fromkeys(names) if one],
        }
        state = TranslationState.SOURCE if self._language == SOURCE_LANGUAGE else TranslationState.UNREVIEWED
        return {"state": state} | {name: text for name, text in texts.items() if text}

    def _fitting(self, name: str, text: str | None, limit: int = _TEXT) -> str | None:
        """Return a text that an offer can hold; a longer one is cut at a word, and kept whole as a note."""
        if not text or len(text) <= limit:
            return text or None
        self._notes.append(f"{name}: {text}")
        return text[: limit - 1].rsplit(None, 1)[0] + "…"

    def _cost(self) -> dict[str, Any]:
        options = self._service.items("cost_options")
        amounts = [one.value.get("amount") for one in options]
        if amounts and all(amount == 0 and amount is not False for amount in amounts):
            return {"kind": "free", "source": "hsds"}
        if len(options) == 1 and isinstance(amounts[0], int | float) and 0 < amounts[0] < math.inf:
            currency = options[0].string("currency") or ""
            if currency.upper() == "DKK":
                return {"kind": "paid", "amount": amounts[0], "source": "hsds"}
        if options:
            self._notes.append("cost_options: " + json.dumps([dict(one.value) for one in options], ensure_ascii=False))
        return {}

    def _languages(self) -> Iterator[str]:
        if self._service.string("interpretation_services"):
            yield "interpreter"
        for one in self._service.items("languages"):
            code, name = (one.string("code") or "").lower(), one.string("name")
            if _LANGUAGE_CODE.fullmatch(code):
                yield _TWO_LETTERS.get(code, code)
            elif code or name:
                self._notes.append(f"languages: {name or code}")

    def _find_facts(self) -> None:
        service = self._service
        for phone in service.items("phones"):
            self._fact("phone", Attribute.CONTACT, phone.string("number"), phone.string("description"))
        self._fact("email", Attribute.CONTACT, service.string("email"))
        self._fact("web", Attribute.CONTACT, service.string("url"))
        for place in service.items("service_at_locations"):
            location = place.inner("location")
            if location is None:
                continue
            description = place.string("description") or location.string("description")
            addresses = [_address(one) for one in location.items("addresses")] or [location.string("name")]
            for address in addresses:
                self._fact("address", Attribute.WHERE, address, description)

    def _fact(self, kind: str, attribute: Attribute, value: str | None, note: str | None = None) -> None:
        if value:
            number = sum(fact.fact == kind for fact in self.facts) + 1
            self.facts.append(
                ContactFact.model_validate(
                    {"id": f"{self._slug}-{kind}-{number}", "topic": self._name[:_NAME], "fact": kind, "value": value,
                     "status": FactStatus.UNVERIFIED, "attribute": attribute, kind: value, "note": note}
                )
            )  # fmt: skip


def _address(address: Node) -> str | None:
    street = ", ".join(filter(None, (address.string("address_1"), address.string("address_2"))))
    town = " ".join(filter(None, (address.string("postal_code"), address.string("city"))))
    return ", ".join(filter(None, (street, town))) or None


def _times(schedule: Node) -> str | None:
    """Return a schedule in words: its description, or its days and hours as they stand."""
    hours = "-".join(filter(None, (schedule.string("opens_at"), schedule.string("closes_at"))))
    plain = " ".join(filter(None, (schedule.string("byday"), hours)))
    return schedule.string("description") or plain or schedule.string("notes")


def _slug(text: str) -> str:
    """Return an id made of a name; empty when the name has no Latin letter and no digit."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LATIN)).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    whole_words = slug[: _LONGEST_SLUG + 1].rpartition("-")[0] or slug
    return slug if len(slug) <= _LONGEST_SLUG else whole_words[:_LONGEST_SLUG]


def _unused(slug: str, taken: Mapping[str, object]) -> str:
    number, free = 1, slug
    while free in taken:
        number += 1
        free = f"{slug}-{number}"
    return free
