"""The records around the offers: needs, situations, districts, organisations, policies and contact facts."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from services_catalog.offer import LanguageTag, Record, ShortText, Slug, Text

Phrase = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Question = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]


class Need(Record):
    """Something a person needs, in the words of ordinary people. A need without `broader` is a life area."""

    id: Slug
    broader: Slug | None = None
    labels: dict[LanguageTag, ShortText]
    synonyms: dict[LanguageTag, tuple[Phrase, ...]] = {}


class NeedQuestions(Record):
    """How people ask for one need (`id` is the need's), in their own words. The search learns from them."""

    id: Slug
    questions: dict[LanguageTag, tuple[Question, ...]]


class Concept(Record):
    """Words of several languages that mean the same thing: base forms, dialect forms, short expressions."""

    id: Slug
    words: dict[LanguageTag, tuple[Phrase, ...]]


class Situation(Record):
    """A circumstance of life that decides who can use an offer.

    `implies` lists situations that hold as well, `excludes` those that then cannot hold. `phrases` are the ways people
    say it; they are matched as whole words after normalising.
    """

    id: Slug
    labels: dict[LanguageTag, ShortText]
    implies: tuple[Slug, ...] = ()
    excludes: tuple[Slug, ...] = ()
    phrases: dict[LanguageTag, tuple[Phrase, ...]] = {}


class District(Record):
    """A part of the municipality, with the ways people write its name. `part_of` is the larger district around it."""

    id: Slug
    part_of: Slug | None = None
    labels: dict[LanguageTag, ShortText]
    phrases: dict[LanguageTag, tuple[Phrase, ...]] = {}


class Organisation(Record):
    """Who provides an offer. `name` is the official Danish one, `labels` explain it in each language."""

    id: Slug
    name: ShortText
    labels: dict[LanguageTag, ShortText] = {}
    part_of: Slug | None = None


class Municipality(Record):
    """The municipality that a catalogue belongs to; `id` is that of its organisation.

    `contact_centre` is the contact fact that every hand-over rests on. `languages` are those it answers in, the first one
    where none is known; empty means all that the service speaks. `called` are its names as people write them: who names it
    asks about it, wherever else she names.
    """

    id: Slug
    contact_centre: Slug
    languages: tuple[LanguageTag, ...] = ()
    called: dict[LanguageTag, tuple[Phrase, ...]] = {}


class Policy(Record):
    """A plan or policy that offers come from: background for editors, never an answer to a resident."""

    id: Slug
    name: ShortText
    status: str
    provider: ShortText
    parent: Slug | None = None
    summary: Text
    sources: tuple[dict[str, str], ...]
    notes: tuple[str, ...] = ()


class FactStatus(StrEnum):
    """How far a contact fact can be trusted. Only `seen` and `old` are shown, `old` with its year."""

    SEEN = "seen"
    OLD = "old"
    SUPERSEDED = "superseded"
    CONFLICT = "conflict"
    UNVERIFIED = "unverified"
    NOT_FOUND = "not_found"

    @property
    def shown(self) -> bool:
        return self in (FactStatus.SEEN, FactStatus.OLD)


class Attribute(StrEnum):
    """The one fact of an offer that a question, an answer or a contact fact is about (the contract's closed list)."""

    COST = "cost"
    WHO = "who"
    HOW = "how"
    WHERE = "where"
    WHEN = "when"
    LANGUAGES = "languages"
    CONTACT = "contact"
    DOCUMENTS = "documents"
    SOURCE = "source"


class ContactFact(Record):
    """A fact seen on a public page: where, when, and what a resident may be told of it.

    `phone`, `email`, `web` and `address` are there when the fact is one. `texts` say it in each language and are required
    for facts that are shown. An `old` fact is shown with its `year`, or as undated when the page had none.
    """

    id: Slug
    topic: ShortText
    fact: ShortText
    value: str | None = None
    status: FactStatus
    attribute: Attribute | None = None
    phone: str | None = None
    email: str | None = None
    web: str | None = None
    address: str | None = None
    year: Annotated[int, Field(ge=1990, le=2100)] | None = None
    source_address: str | None = None
    seen_text: str | None = None
    seen_date: str | None = None
    note: str | None = None
    texts: dict[LanguageTag, Text] = {}

    @model_validator(mode="after")
    def _shown_has_a_source(self) -> ContactFact:
        if self.status.shown and not self.source_address:
            raise ValueError("a shown fact names the page it was seen on: give `source_address`")
        return self
