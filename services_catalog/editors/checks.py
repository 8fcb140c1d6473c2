"""Checks: a question that must find an offer, kept by editors and asked at each publication."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services_catalog.database import in_utc, metadata, reading, writing
from services_catalog.errors import RecordNotFound
from services_catalog.searching import Search

checks = sa.Table(
    "checks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("language", sa.String(35), nullable=False),
    sa.Column("question", sa.String(400), nullable=False),
    sa.Column("offer_id", sa.String(80), nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.UniqueConstraint("language", "question", "offer_id"),
)

#: A check holds when its offer is among so many first hits: what a phone shows without scrolling (design, success@3).
WITHIN = 3


@dataclass(frozen=True)
class Check:
    """A question in a language that must find an offer among the first three hits."""

    id: int
    language: str
    question: str
    offer_id: str
    author: str
    at: dt.datetime

    def __str__(self) -> str:
        return f"the question “{self.question}” ({self.language}) no longer finds {self.offer_id}"

    def holds(self, engine: Search) -> bool:
        """Return whether the question finds its offer. Staff offers count: a check may be about one."""
        hits = engine.search(self.question, language=self.language, staff=True, limit=WITHIN).hits
        return any(hit.offer.id == self.offer_id for hit in hits)


class CheckList:
    """The checks in the catalogue's database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def all(self) -> list[Check]:
        """Return every check in the order they were made."""
        with reading(self._engine) as connection:
            rows = connection.execute(sa.select(checks).order_by(checks.c.id)).all()
        return [Check(row.id, row.language, row.question, row.offer_id, row.author, in_utc(row.at)) for row in rows]

    def add(self, language: str, question: str, offer_id: str, author: str) -> Check:
        """Keep a check and return it; the same one twice is one."""
        key = {"language": language, "question": question, "offer_id": offer_id}
        at = dt.datetime.now(dt.UTC)
        with writing(self._engine) as connection:
            same = [checks.c[name] == value for name, value in key.items()]
            row = connection.execute(sa.select(checks).where(*same)).one_or_none()
            if row is not None:
                return Check(row.id, language, question, offer_id, row.author, in_utc(row.at))
            new = sa.insert(checks).values(**key, author=author, at=at).returning(checks.c.id)
            check_id = int(connection.execute(new).scalar_one())
        return Check(check_id, language, question, offer_id, author, at)

    def remove(self, check_id: int) -> None:
        """Forget a check. Raises RecordNotFound."""
        with writing(self._engine) as connection:
            if not connection.execute(sa.delete(checks).where(checks.c.id == check_id)).rowcount:
                raise RecordNotFound("checks", str(check_id))


def broken_by(checks: Iterable[Check], before: Search, after: Search) -> list[Check]:
    """Return the checks that `after` breaks: those that fail there and did not fail before. One whose offer was not
    there before is held against `after` alone."""
    return [
        check
        for check in checks
        if not check.holds(after) and (check.offer_id not in before.catalogue.offers or check.holds(before))
    ]
