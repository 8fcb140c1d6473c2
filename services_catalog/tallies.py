"""Counts for editors: how often something happened, by day and language, and nothing else. No text, no person, no session."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine

from services_catalog.database import create_engine, metadata

tallies = sa.Table(
    "tallies",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("detail", sa.String(80), primary_key=True),
    sa.Column("language", sa.String(35), primary_key=True),
    sa.Column("times", sa.Integer, nullable=False),
)

#: Fewer than these in the whole period are not shown: a rare event may point at a person.
FEWEST_SHOWN = 5


@dataclass(frozen=True)
class Tally:
    """`times` an event of one name and detail happened in one language; None where it was too seldom to be shown."""

    name: str
    detail: str
    language: str
    times: int | None


class Tallies:
    """Counts events in the catalogue's database. Safe to share between threads and processes."""

    def __init__(self, url: str) -> None:
        self._engine: Engine = create_engine(url)

    def count(self, name: str, detail: str, language: str, day: dt.date | None = None) -> None:
        """Add one. Raises sqlalchemy.exc.SQLAlchemyError when the database cannot be written."""
        self.count_all({(name, detail, language): 1}, day)

    def count_all(self, events: Mapping[tuple[str, str, str], int], day: dt.date | None = None) -> None:
        """Add how often each event (name, detail, language) happened, all or none. Raises sqlalchemy.exc.SQLAlchemyError
        when the database cannot be written."""
        on = day or dt.date.today()
        # in one order everywhere, so that two processes do not wait for each other
        rows = [
            {"day": on, "name": name, "detail": detail, "language": language, "times": times}
            for (name, detail, language), times in sorted(events.items())
        ]
        with self._engine.begin() as connection:
            for row in rows:
                connection.execute(_more(connection, row))

    def since(self, first: dt.date, fewest: int = FEWEST_SHOWN) -> Iterator[Tally]:
        """Yield the sums from a day on, the most frequent first; those below `fewest` without their number."""
        total = sa.func.sum(tallies.c.times)
        query = (
            sa.select(tallies.c.name, tallies.c.detail, tallies.c.language, total)
            .where(tallies.c.day >= first)
            .group_by(tallies.c.name, tallies.c.detail, tallies.c.language)
            .order_by(total.desc(), tallies.c.name, tallies.c.detail, tallies.c.language)
        )
        with self._engine.connect() as connection:
            for name, detail, language, times in connection.execute(query):
                yield Tally(name, detail, language, int(times) if times >= fewest else None)

    def close(self) -> None:
        self._engine.dispose()


def _more(connection: Connection, row: dict[str, object]) -> sa.Insert:
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    written = insert(tallies).values(row)
    return written.on_conflict_do_update(
        index_elements=[name for name in row if name != "times"],
        set_={"times": tallies.c.times + written.excluded.times},
    )
