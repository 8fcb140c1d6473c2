"""Counts add up over processes and days, and small ones are not shown."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from services_catalog.database import migrate
from services_catalog.tallies import FEWEST_SHOWN, Tallies


@pytest.fixture
def url(tmp_path: Path) -> str:
    address = f"sqlite:///{tmp_path / 'catalogue.db'}"
    migrate(address)
    return address


def test_counts_add_up_over_days_and_processes(url: str) -> None:
    first, second = Tallies(url), Tallies(url)
    day = dt.date(2026, 11, 30)
    for number in range(FEWEST_SHOWN):
        (first if number % 2 else second).count("handover", "asked", "ar", day - dt.timedelta(days=number % 3))
    (found,) = first.since(day - dt.timedelta(days=10))
    assert (found.name, found.detail, found.language, found.times) == ("handover", "asked", "ar", FEWEST_SHOWN)
    assert list(first.since(day + dt.timedelta(days=1))) == []


def test_what_is_rare_is_named_without_its_number(url: str) -> None:
    tallies = Tallies(url)
    tallies.count("handover", "complaint", "uk")
    (found,) = tallies.since(dt.date.today())
    assert found.times is None
