"""What `api.presenting` returns, field by field, for the OpenAPI description of the public answers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services_catalog.crisis import CrisisCategory
from services_catalog.languages import Direction
from services_catalog.offer import Access, Availability, Cost, Criterion, Kind, TranslationState
from services_catalog.records import Attribute, FactStatus


class EligibilityView(BaseModel):
    """Whom the offer is for, held against what the person said. Unknown is never taken as met."""

    meets: list[str]
    fails: list[str]
    unknown: list[str]


class HitView(BaseModel):
    """An offer that a search found. `language` is that of its texts: Danish where there is no translation."""

    id: str
    name: str
    danish_name: Annotated[str, Field(description="The official name, to be said at the counter.")]
    summary: str
    language: str
    available: bool
    availability: Availability
    availability_note: str | None
    score: float
    why: list[str]
    eligibility: EligibilityView
    unknown: Annotated[list[str], Field(description="What is not known, in words.")]
    limits: list[str]
    translation: TranslationState
    assured_on: dt.date | None
    overdue_since: dt.date | None
    phone: str | None
    address: Annotated[str | None, Field(description="Where to go, when a source names a street.")] = None
    url: Annotated[str, Field(description="Its page here.")]
    how: Annotated[str | None, Field(description="How to refer somebody to it; for staff.")] = None


class CrisisStepView(BaseModel):
    """One thing to do, and the number to call."""

    text: str
    phone: str | None


class CrisisView(BaseModel):
    """What to do when somebody is in danger."""

    category: CrisisCategory
    title: str
    steps: list[CrisisStepView]


class SearchView(BaseModel):
    """What a question found. `certain` is false where the best hits may miss the point."""

    query: str
    language: str
    direction: Direction
    outcome: Literal["offers", "nothing_found", "crisis"]
    certain: bool
    crisis: CrisisView | None
    hits: list[HitView]


class ProviderView(BaseModel):
    """Who runs an offer; `label` explains the name in the language asked for."""

    id: str
    name: str
    label: str


class ContactView(BaseModel):
    """A contact fact and the page it was seen on (`seen_on`); an `old` one with the year of that page."""

    text: str
    attribute: Attribute | None
    phone: str | None
    email: str | None
    web: str | None
    address: str | None
    status: FactStatus
    year: int | None
    seen_on: str | None


class PassageView(BaseModel):
    """A passage of a source document, word for word."""

    file: str
    section: str | None = None
    quote: str


class OfferView(BaseModel):
    """Everything a resident may know of one offer. What no source states is left out or `unknown`."""

    id: str
    kind: Kind
    language: str
    name: str
    danish_name: str
    provider: ProviderView
    availability: Availability
    available: bool
    translation: TranslationState
    assured_on: dt.date | None
    review_by: dt.date | None
    texts: Annotated[dict[str, str], Field(description="`name`, `summary`, and what else there is to read.")]
    eligibility: list[Criterion]
    access: Access
    cost: Cost
    service_languages: list[str]
    limits: list[str]
    needs: list[str]
    parent: str | None
    alternatives: list[str]
    contacts: list[ContactView]
    sources: list[PassageView]
    url: str
