"""The figures behind the editors' charts: what was asked and found, what is needed and offered, how fresh and how
translated the catalogue is. Numbers so small that they might point at a person are left out, as in `tallies`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services_catalog.catalogue import Catalogue
from services_catalog.database import reading
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.offer import TranslationState
from services_catalog.outlines import Outline
from services_catalog.tallies import FEWEST_SHOWN, tallies

#: Under these names turns are counted: the outcome of each, and each need it named.
QUESTION, NEED = "question", "need"
#: An offer must be looked at again soon when it is due within so many days.
SOON = dt.timedelta(days=90)


class Result(StrEnum):
    """What a question came to."""

    FOUND = "found"
    ASKED_BACK = "asked_back"
    DANGER = "danger"
    NOT_FOUND = "not_found"


#: The outcomes of the chat and of the search that are questions; a greeting is none.
RESULTS = {
    "offers": Result.FOUND,
    "answer": Result.FOUND,
    "weak": Result.FOUND,
    "clarify": Result.ASKED_BACK,
    "crisis": Result.DANGER,
    "nothing_found": Result.NOT_FOUND,
    "handover": Result.NOT_FOUND,
}


class Freshness(StrEnum):
    """When an offer must be looked at again."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"
    NO_DAY = "no_day"


@dataclass(frozen=True)
class NeedFigure:
    """How often a need was asked (None: too seldom to be shown), and how many offers that people can have answer it."""

    need: str
    asked: int | None
    offers: int


@dataclass(frozen=True)
class Daily:
    """How many questions there were on each of `days`, by language; None where they were too few to be shown."""

    days: Sequence[dt.date]
    languages: Mapping[str, Sequence[int | None]]


class Figures:
    """What was counted in the catalogue's database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def daily(self, first: dt.date, last: dt.date) -> Daily:
        """Return the questions of each day from `first` to `last`, by language."""
        days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
        counted: Counter[tuple[str, dt.date]] = Counter()
        columns = (tallies.c.language, tallies.c.day, tallies.c.detail)
        for language, day, detail, times in self._sums(QUESTION, first, *columns):
            if detail in RESULTS:
                counted[language, day] += times
        return Daily(days, {tag: [_shown(counted[tag, day]) for day in days] for tag in LANGUAGES})

    def results(self, first: dt.date) -> dict[str, dict[Result, int | None]]:
        """Return what the questions since a day came to, by language."""
        counted: Counter[tuple[str, Result]] = Counter()
        for language, detail, times in self._sums(QUESTION, first, tallies.c.language, tallies.c.detail):
            if detail in RESULTS:
                counted[language, RESULTS[detail]] += times
        return {tag: {result: _shown(counted[tag, result]) for result in Result} for tag in LANGUAGES}

    def needs(self, first: dt.date, catalogue: Catalogue) -> list[NeedFigure]:
        """Return every need that was asked since a day or has no offer, the most asked first, then those with the fewest
        offers."""
        asked = dict(self._sums(NEED, first, tallies.c.detail))
        offers = Counter(
            need for offer in _published(catalogue) if offer.availability.recommendable for need in offer.needs
        )
        areas = {need.id for need in catalogue.life_areas}
        found = [
            NeedFigure(need, _shown(asked.get(need, 0)), offers[need])
            for need in catalogue.needs
            if asked.get(need) or (need not in areas and not offers[need])
        ]
        return sorted(found, key=lambda one: (-(one.asked or 0), one.offers, one.need))

    def _sums(self, name: str, first: dt.date, *columns: sa.Column[Any]) -> list[Any]:
        query = (
            sa.select(*columns, sa.func.sum(tallies.c.times))
            .where(tallies.c.name == name, tallies.c.day >= first)
            .group_by(*columns)
        )
        with reading(self._engine) as connection:
            return list(connection.execute(query))


def freshness(catalogue: Catalogue, today: dt.date) -> dict[Freshness, int]:
    """Return how many published offers must be looked at again when."""
    counted: Counter[Freshness] = Counter()
    for offer in _published(catalogue):
        if offer.review_by is None:
            counted[Freshness.NO_DAY] += 1
        elif offer.review_by < today:
            counted[Freshness.OVERDUE] += 1
        else:
            counted[Freshness.SOON if offer.review_by <= today + SOON else Freshness.LATER] += 1
    return {one: counted[one] for one in Freshness}


def completeness(catalogue: Catalogue) -> dict[str, dict[TranslationState, int]]:
    """Return for each language but Danish how many published offers have texts of which state."""
    counted: Counter[tuple[str, str]] = Counter()
    for offer in _published(catalogue):
        states = dict(offer.states)
        counted.update((tag, states.get(tag, TranslationState.MISSING)) for tag in LANGUAGES)
    shown = [state for state in TranslationState if state is not TranslationState.SOURCE]
    return {tag: {state: counted[tag, state] for state in shown} for tag in LANGUAGES if tag != SOURCE_LANGUAGE}


def _published(catalogue: Catalogue) -> Iterator[Outline]:
    return (catalogue.outlines[one] for one in catalogue.outlines.published)


def _shown(times: int) -> int | None:
    """Return a number that points at nobody: None when it is too small to be shown."""
    return times if times >= FEWEST_SHOWN or not times else None
