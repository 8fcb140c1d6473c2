"""What a turn came to is counted beside the answer: each need once, and only for the turn that named it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from api.question_counts import QuestionCounts
from services_catalog.database import migrate
from services_catalog.tallies import Tallies


def test_a_turn_is_counted_with_its_needs_once(empty_database: str) -> None:
    tallies = Tallies(empty_database)
    counts = QuestionCounts(tallies)
    counts.named("one", ["learn-danish", "learn-danish", "find-a-club"])
    counts.named("two", ["afford-leisure"])
    counts.answered("one", "offers", "ar")
    counts.answered("one", "thanks", "ar")
    counts.close()
    told = {(one.name, one.detail, one.language): one.times for one in tallies.since(dt.date.today(), fewest=0)}
    tallies.close()
    assert told == {
        ("question", "offers", "ar"): 1,
        ("question", "thanks", "ar"): 1,
        ("need", "learn-danish", "ar"): 1,
        ("need", "find-a-club", "ar"): 1,
    }


def test_a_database_that_cannot_be_written_stops_neither_the_turn_nor_the_next_count(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/catalogue.db"
    tallies = Tallies(url)
    broken = QuestionCounts(tallies)
    broken.count("offers", "da", ["learn-danish"])  # there is no table yet
    broken.close()
    migrate(url)
    counts = QuestionCounts(tallies)
    counts.count("offers", "da")
    counts.close()
    assert [one.detail for one in tallies.since(dt.date.today())] == ["offers"]
    tallies.close()
