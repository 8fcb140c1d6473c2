"""What people say of an answer or an offer: it helped, it did not, it is wrong. A list for editors.

A row holds the day and what was answered; never a session, an address or the question. Who gave a feedback may add words to
it once, by its id, which nobody can guess.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services_catalog.database import metadata, reading, writing
from services_catalog.errors import RecordNotFound, TooMuchFeedback

#: Longest text in characters; longer ones are cut.
LONGEST_TEXT = 500
#: More than so many in a day are nobody's honest opinion.
MOST_A_DAY = 2000
#: Random bytes in an id.
_ID_BYTES = 16

feedback = sa.Table(
    "feedback",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("day", sa.Date, nullable=False, index=True),
    sa.Column("offer_id", sa.String(80)),
    sa.Column("language", sa.String(35), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("outcome", sa.String(20)),
    sa.Column("text", sa.String(LONGEST_TEXT)),
    sa.Column("settled_by", sa.String(80)),
)


class Kind(StrEnum):
    """What somebody says."""

    HELPED = "helped"
    DID_NOT_HELP = "did_not_help"
    WRONG = "wrong"


@dataclass(frozen=True)
class Feedback:
    """One feedback. `offer_id` is None where it is about an answer as a whole, `outcome` where it is about an offer's page;
    `settled_by` names the editor who is done with it."""

    id: str
    day: dt.date
    offer_id: str | None
    language: str
    kind: Kind
    outcome: str | None
    text: str | None
    settled_by: str | None


class FeedbackList:
    """The feedback in the catalogue's database. Safe to share between threads. Everything raises CatalogueUnavailable."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(
        self, kind: Kind, language: str, *, offer_id: str | None = None, outcome: str | None = None, text: str = ""
    ) -> Feedback:
        """Keep a feedback and return it. The text must be free of personal data. Raises TooMuchFeedback."""
        today, new_id = dt.date.today(), secrets.token_hex(_ID_BYTES)
        given = Feedback(new_id, today, offer_id, language, kind, outcome, _kept(text), None)
        with writing(self._engine) as connection:
            of_today = sa.select(sa.func.count()).select_from(feedback).where(feedback.c.day == today)
            if connection.execute(of_today).scalar_one() >= MOST_A_DAY:
                raise TooMuchFeedback(MOST_A_DAY)
            connection.execute(sa.insert(feedback).values(**vars(given) | {"kind": kind.value}))
        return given

    def add_text(self, feedback_id: str, text: str) -> None:
        """Add words to what was said to be wrong, once, while no editor is done with it. The text must be free of personal
        data. Raises RecordNotFound."""
        row = (feedback.c.id == feedback_id) & (feedback.c.kind == Kind.WRONG.value)
        row &= feedback.c.text.is_(None) & feedback.c.settled_by.is_(None)
        self._change(feedback_id, sa.update(feedback).where(row).values(text=_kept(text)))

    def find(self, feedback_id: str) -> Feedback:
        """Return one feedback. Raises RecordNotFound."""
        with reading(self._engine) as connection:
            row = connection.execute(sa.select(feedback).where(feedback.c.id == feedback_id)).one_or_none()
        if row is None:
            raise RecordNotFound("feedback", feedback_id)
        return _feedback(row)

    def listed(
        self,
        since: dt.date,
        *,
        settled: bool | None = False,
        kind: Kind | None = None,
        offer_id: str | None = None,
        language: str | None = None,
        first: int = 0,
        most: int = 100,
    ) -> tuple[int, list[Feedback]]:
        """Return how many there are since a day, and `most` of them after the first `first`, the newest first. Filters that
        are None let everything through; by default only what no editor is done with is listed."""
        wanted = [feedback.c.day >= since]
        if settled is not None:
            wanted.append(feedback.c.settled_by.is_not(None) if settled else feedback.c.settled_by.is_(None))
        given = ((feedback.c.kind, kind), (feedback.c.offer_id, offer_id), (feedback.c.language, language))
        wanted += [column == str(value) for column, value in given if value is not None]
        newest = sa.select(feedback).where(*wanted).order_by(feedback.c.day.desc(), feedback.c.id)
        with reading(self._engine) as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(feedback).where(*wanted)).scalar_one()
            rows: Sequence[sa.Row[tuple[object, ...]]] = connection.execute(newest.offset(first).limit(most)).all()
        return int(total), [_feedback(row) for row in rows]

    def counts(self, since: dt.date) -> dict[Kind, int]:
        """Return how often each was said since a day, settled or not."""
        query = sa.select(feedback.c.kind, sa.func.count()).where(feedback.c.day >= since).group_by(feedback.c.kind)
        with reading(self._engine) as connection:
            counted = {kind: int(times) for kind, times in connection.execute(query)}
        return {kind: counted.get(kind.value, 0) for kind in Kind}

    def settle(self, feedback_id: str, by: str) -> None:
        """Take a feedback off the list of what is to be looked at. Raises RecordNotFound."""
        row = feedback.c.id == feedback_id
        self._change(feedback_id, sa.update(feedback).where(row).values(settled_by=by[:80]))

    def remove(self, feedback_id: str) -> None:
        """Delete a feedback, for example one with somebody's name in it. Raises RecordNotFound."""
        self._change(feedback_id, sa.delete(feedback).where(feedback.c.id == feedback_id))

    def _change(self, feedback_id: str, statement: sa.Update | sa.Delete) -> None:
        with writing(self._engine) as connection:
            if not connection.execute(statement).rowcount:
                raise RecordNotFound("feedback", feedback_id)


def _kept(text: str) -> str | None:
    return text.strip()[:LONGEST_TEXT] or None


def _feedback(row: sa.Row[tuple[object, ...]]) -> Feedback:
    return Feedback(
        row.id, row.day, row.offer_id, row.language, Kind(row.kind), row.outcome, row.text, row.settled_by
    )  # fmt: skip
