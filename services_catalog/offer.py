"""One offer: what the municipality or a partner does for people, as checked fields and texts in every language.

The words follow the field (Human Services Data Specification, Open Referral UK): eligibility, provider, assured date.
A fact is either stated by a source, and then names it, or it is absent, and then it is unknown: never a guess.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1200)]
ShortText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Record(BaseModel):
    """Base of every record in the catalogue: unknown fields are mistakes, values never change in place."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Kind(StrEnum):
    """What sort of thing an offer is."""

    RESIDENT_OFFER = "resident_offer"
    STAFF_OFFER = "staff_offer"
    PARTNER_NGO = "partner_ngo"
    PLACE = "place"
    STATUTORY_RIGHT = "statutory_right"


class Availability(StrEnum):
    """Whether the offer can be had. Only `active` and `pilot` are ever recommended."""

    ACTIVE = "active"
    PILOT = "pilot"
    TIME_LIMITED = "time_limited"
    PLANNED = "planned"
    UNFUNDED = "unfunded"
    HISTORICAL = "historical"

    @property
    def recommendable(self) -> bool:
        return self in (Availability.ACTIVE, Availability.PILOT)


class Audience(StrEnum):
    """Who may be shown the offer. Staff offers are never shown to residents."""

    RESIDENT = "resident"
    STAFF = "staff"
    BOTH = "both"


class Publication(StrEnum):
    """Where the record stands in the editors' work."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class TranslationState(StrEnum):
    """How far a text can be trusted in its language."""

    SOURCE = "source"
    REVIEWED = "reviewed"
    UNREVIEWED = "unreviewed"
    OUTDATED = "outdated"
    MISSING = "missing"


class Limit(StrEnum):
    """What an answer about an offer must not leave out. Each has one sentence in every language."""

    STAFF_ONLY = "staff_only"
    EMPLOYERS_ONLY = "employers_only"
    BY_AUTHORITY_ONLY = "by_authority_only"
    REFERRAL_ONLY = "referral_only"
    OUTREACH_ONLY = "outreach_only"
    THROUGH_INSTITUTION = "through_institution"
    SELECTED_PLACES_ONLY = "selected_places_only"
    PLACES_NOT_NAMED = "places_not_named"
    PROVIDERS_NOT_NAMED = "providers_not_named"
    LANGUAGES_NOT_NAMED = "languages_not_named"
    CONTENT_NOT_DESCRIBED = "content_not_described"
    CRITERIA_NOT_STATED = "criteria_not_stated"
    NOT_GUARANTEED = "not_guaranteed"
    ONLY_WITH_PARENT_OFFER = "only_with_parent_offer"
    ONLY_IN_HOLIDAYS = "only_in_holidays"
    NOT_A_HOTLINE = "not_a_hotline"
    NOT_AN_INTERPRETER_SERVICE = "not_an_interpreter_service"
    NOT_FOR_INDIVIDUALS = "not_for_individuals"
    NOT_A_COMPLAINTS_BODY = "not_a_complaints_body"
    MAY_CHANGE = "may_change"


class Source(Record):
    """Where a fact comes from: a passage of a source document, or a contact fact seen on a public page.

    `id` is local to the offer. A passage is quoted to the letter (`quote`) from `file` under `section`; a seen fact is
    named by `fact`, an id in `contacts/`.
    """

    id: Slug
    file: str | None = None
    section: str | None = None
    quote: str | None = None
    fact: Slug | None = None

    @model_validator(mode="after")
    def _passage_or_fact(self) -> Source:
        passage = self.file is not None and self.quote is not None
        if passage == (self.fact is not None):
            raise ValueError("a source is either a passage (file and quote) or a seen fact (fact), not both or neither")
        return self


class RangeCriterion(Record):
    """Who can use the offer, as a range of whole years or school grades; either end may be open."""

    criterion: Literal["age", "school_grade", "years_in_denmark"]
    minimum: Annotated[int, Field(ge=0, le=120)] | None = None
    maximum: Annotated[int, Field(ge=0, le=120)] | None = None
    strict: bool = True
    source: Slug

    @model_validator(mode="after")
    def _has_an_end(self) -> RangeCriterion:
        if self.minimum is None and self.maximum is None:
            raise ValueError("a range needs a minimum, a maximum or both")
        if self.minimum is not None and self.maximum is not None and self.minimum > self.maximum:
            raise ValueError(f"the minimum {self.minimum} is above the maximum {self.maximum}")
        return self


class ChoiceCriterion(Record):
    """Who can use the offer, by district or life situation: one of `any`, or none of `none`.

    `strict` is false where the source says "primarily" or "especially": not meeting it ranks lower, never out.
    """

    criterion: Literal["district", "situation"]
    any: tuple[Slug, ...] = ()
    none: tuple[Slug, ...] = ()
    strict: bool = True
    source: Slug

    @model_validator(mode="after")
    def _one_side(self) -> ChoiceCriterion:
        if bool(self.any) == bool(self.none):
            raise ValueError("give either `any` or `none`")
        return self


Criterion = Annotated[RangeCriterion | ChoiceCriterion, Field(discriminator="criterion")]


class Access(Record):
    """How one gets in. `through_staff`: a school, daycare, health visitor or case worker opens the door."""

    route: Literal["self", "referral", "by_authority", "through_staff", "unknown"] = "unknown"
    source: Slug | None = None

    @model_validator(mode="after")
    def _stated_has_source(self) -> Access:
        if (self.route == "unknown") == (self.source is not None):
            raise ValueError("a known route names its source; an unknown one has none")
        return self


class Cost(Record):
    """What it costs the person. `amount` is in Danish kroner and only for `paid`."""

    kind: Literal["free", "paid", "unknown"] = "unknown"
    amount: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    source: Slug | None = None

    @model_validator(mode="after")
    def _stated_has_source(self) -> Cost:
        if (self.kind == "unknown") == (self.source is not None):
            raise ValueError("a known cost names its source; an unknown one has none")
        return self


class ServiceLanguage(Record):
    """A language the offer can be had in, or an interpreter at conversations."""

    tag: LanguageTag | Literal["interpreter"]
    source: Slug


class Texts(Record):
    """What a person reads about the offer in one language, and what helps a search to find it.

    `cost`, `where`, `when`, `languages`, `documents` and `contact` are there only when a source says more than the
    fields do. `examples` are questions this offer answers; `keywords` are single words and short phrases.
    """

    state: TranslationState
    name: ShortText
    summary: Text
    who: Text | None = None
    how: Text | None = None
    good_to_know: Text | None = None
    availability_note: Text | None = None
    cost: Text | None = None
    where: Text | None = None
    when: Text | None = None
    languages: Text | None = None
    documents: Text | None = None
    contact: Text | None = None
    keywords: tuple[ShortText, ...] = ()
    examples: tuple[Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=400)], ...] = ()


class Offer(Record):
    """One offer of the catalogue. Field order here is the order in every YAML file."""

    id: Slug
    kind: Kind
    availability: Availability
    audience: Audience
    publication: Publication = Publication.PUBLISHED
    provider: Slug
    partners: tuple[Slug, ...] = ()
    parent: Slug | None = None
    policies: tuple[Slug, ...] = ()
    alternatives: tuple[Slug, ...] = ()
    official_name: ShortText
    aliases: tuple[ShortText, ...] = ()
    needs: tuple[Slug, ...] = ()
    eligibility: tuple[Criterion, ...] = ()
    access: Access = Access()
    cost: Cost = Cost()
    service_languages: tuple[ServiceLanguage, ...] = ()
    limits: tuple[Limit, ...] = ()
    described_in: Annotated[int, Field(ge=1990, le=2100)] | None = None
    ended_on: dt.date | None = None
    assured_on: dt.date | None = None
    review_by: dt.date | None = None
    owner: str | None = None
    sources: tuple[Source, ...]
    editor_notes: tuple[str, ...] = ()
    texts: dict[LanguageTag, Texts]

    def overdue(self, today: dt.date | None = None) -> bool:
        """Return whether somebody should have vouched for the offer again by now."""
        return self.review_by is not None and self.review_by < (today or dt.date.today())
