"""What a person has said about who needs help: age, school grade, years in Denmark, district, situations.

Only what was said. Nothing is inferred from a name, a language or a guess; what was not said stays unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from services_catalog.offer import LanguageTag, Slug

Years = Annotated[int, Field(ge=0, le=120)]


class Span(BaseModel):
    """A range of whole years (or grades), both ends included. A single number is a span of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minimum: Years
    maximum: Years


class Profile(BaseModel):
    """The facts said so far. Several ages mean several people (a family), any of whom may be the one meant."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    age: tuple[Span, ...] = ()
    school_grade: tuple[Span, ...] = ()
    years_in_denmark: tuple[Span, ...] = ()
    districts: frozenset[Slug] = frozenset()
    situations: frozenset[Slug] = frozenset()
    not_situations: frozenset[Slug] = frozenset()
    #: Districts that were said not to be meant, and languages that the person would like to be spoken there.
    not_districts: frozenset[Slug] = frozenset()
    spoken: frozenset[LanguageTag] = frozenset()

    @property
    def empty(self) -> bool:
        return self == Profile()

    def updated(self, newer: Profile, excludes: Mapping[Slug, Iterable[Slug]]) -> Profile:
        """Return this profile with what was said later: a newer number or district replaces the older one, a newer
        situation is added and drives out those it excludes."""
        situations = set(self.situations) - newer.not_situations
        for situation in newer.situations:
            situations -= set(excludes.get(situation, ()))
        return Profile(
            age=newer.age or self.age,
            school_grade=newer.school_grade or self.school_grade,
            years_in_denmark=newer.years_in_denmark or self.years_in_denmark,
            districts=newer.districts or self.districts,
            situations=frozenset(situations | newer.situations),
            not_situations=(self.not_situations - newer.situations) | newer.not_situations,
            not_districts=(self.not_districts - newer.districts) | newer.not_districts,
            spoken=newer.spoken or self.spoken,
        )
