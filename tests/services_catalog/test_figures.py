"""Figures for the editors' charts: sums that are right, and numbers too small to be shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.database import create_engine
from services_catalog.editors.figures import NEED, QUESTION, Figures, Freshness, Result, completeness, freshness
from services_catalog.offer import TranslationState
from services_catalog.tallies import FEWEST_SHOWN, Tallies

TODAY = dt.date(2026, 11, 30)


@pytest.fixture
def tallies(empty_database: str) -> Iterator[Tallies]:
    store = Tallies(empty_database)
    yield store
    store.close()


def count(tallies: Tallies, times: int, name: str, detail: str, language: str, day: dt.date = TODAY) -> None:
    for _ in range(times):
        tallies.count(name, detail, language, day)


def test_questions_are_counted_by_day_and_language_and_small_talk_is_none(
    tallies: Tallies, empty_database: str
) -> None:
    yesterday = TODAY - dt.timedelta(days=1)
    count(tallies, 4, QUESTION, "offers", "ar", yesterday)
    count(tallies, 3, QUESTION, "nothing_found", "ar", yesterday)
    count(tallies, FEWEST_SHOWN - 1, QUESTION, "offers", "uk")
    count(tallies, 9, QUESTION, "greeting", "da")
    count(tallies, 9, QUESTION, "offers", "da", TODAY - dt.timedelta(days=5))
    figures = Figures(create_engine(empty_database))
    daily = figures.daily(yesterday, TODAY)
    assert list(daily.days) == [yesterday, TODAY]
    assert daily.languages["ar"] == [7, 0]
    assert daily.languages["uk"] == [0, None]
    assert daily.languages["da"] == [0, 0]
    found = figures.results(yesterday)
    assert found["ar"] == {Result.FOUND: None, Result.ASKED_BACK: 0, Result.DANGER: 0, Result.NOT_FOUND: None}


def test_needs_stand_beside_the_offers_there_are(tallies: Tallies, empty_database: str, catalogue: Catalogue) -> None:
    count(tallies, 6, NEED, "learn-danish", "ar")
    count(tallies, 2, NEED, "learn-danish", "uk")
    count(tallies, 2, NEED, "afford-leisure", "da")
    lonely = {
        key: one.model_copy(update={"needs": ()}) for key, one in catalogue.offers.items() if "interpreter" in one.needs
    }
    found = {one.need: one for one in Figures(create_engine(empty_database)).needs(TODAY, catalogue)}
    assert next(iter(found)) == "learn-danish"
    assert found["learn-danish"].asked == 8
    offers = [one for one in catalogue.published if "learn-danish" in one.needs and one.availability.recommendable]
    assert found["learn-danish"].offers == len(offers) > 0
    assert found["afford-leisure"].asked is None
    emptied = replace(catalogue, offers={**catalogue.offers, **lonely})
    without = {one.need for one in Figures(create_engine(empty_database)).needs(TODAY, emptied) if not one.offers}
    assert not without.isdisjoint(catalogue.needs)
    assert without.isdisjoint({area.id for area in catalogue.life_areas})


def test_freshness_and_completeness_count_every_published_offer_once(catalogue: Catalogue) -> None:
    first, second, third = catalogue.published[:3]
    changed = {
        first.id: first.model_copy(update={"review_by": TODAY - dt.timedelta(days=1)}),
        second.id: second.model_copy(update={"review_by": None}),
        third.id: third.model_copy(
            update={"review_by": TODAY + dt.timedelta(days=400), "texts": {"da": third.texts["da"]}}
        ),
    }
    now = replace(catalogue, offers={**catalogue.offers, **changed})
    counts = freshness(now, TODAY)
    assert sum(counts.values()) == len(now.published)
    assert counts[Freshness.OVERDUE] == counts[Freshness.NO_DAY] == 1
    assert counts[Freshness.LATER] >= 1
    states = completeness(now)
    assert set(states) == {"en", "uk", "ar"}
    for tag in states:
        assert states[tag][TranslationState.MISSING] == 1
        assert sum(states[tag].values()) == len(now.published)
