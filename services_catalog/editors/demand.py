"""Questions that found nothing, found nothing surely, or were turned down: what the catalogue lacks, for its editors.

What is kept of a question is its language, the need it named, and a keyed hash of its telling words, with a count. Its
words are kept only when the same question, by those words, has been asked in enough conversations that it can point at
nobody any more; until then nothing of the text is written anywhere.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services_catalog.analysis import analyzer
from services_catalog.database import metadata, reading, writing
from services_catalog.errors import RecordNotFound
from services_catalog.tallies import FEWEST_SHOWN

demand = sa.Table(
    "demand",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("outcome", sa.String(16), primary_key=True),
    sa.Column("language", sa.String(35), nullable=False),
    sa.Column("need", sa.String(80), nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("first_day", sa.Date, nullable=False),
    sa.Column("last_day", sa.Date, nullable=False),
    sa.Column("question", sa.String(400)),
    sa.Column("settled_by", sa.String(80)),
)

#: A question longer than this tells a story, which may point at a person however often it is asked.
_LONGEST = 200
_KEY_BYTES = 32
#: The need of a question that named none of the taxonomy.
NO_NEED = ""


class Lack(StrEnum):
    """In what way a question was not answered."""

    NOTHING_FOUND = "nothing_found"
    UNSURE = "unsure"
    CORRECTED = "corrected"


@dataclass(frozen=True)
class Question:
    """One question asked often enough to be shown. `id` is its key."""

    id: str
    outcome: Lack
    text: str
    times: int
    last_day: dt.date


@dataclass(frozen=True)
class Group:
    """What one need lacked in one language; `need` is empty where the questions named none. `times` counts all questions,
    `questions` holds those that were asked often enough to be shown."""

    language: str
    need: str
    times: int
    questions: tuple[Question, ...]


class Demand:
    """Counts unanswered questions in the catalogue's database. Safe to share between threads and processes that have the
    same `secret`."""

    def __init__(self, engine: Engine, secret: bytes) -> None:
        self._engine, self._secret = engine, secret

    def key(self, question: str, language: str) -> str:
        """Return what a question is counted under: the same for the same telling words in any order and form."""
        telling = " ".join(sorted(set(analyzer(language)(question).content))) or question.casefold().strip()
        return hmac.new(self._secret, f"{language}\0{telling}".encode(), hashlib.sha256).hexdigest()

    def count(self, question: str, language: str, needs: Sequence[str], outcome: Lack) -> None:
        """Add one to a question, once for each conversation. The text must be free of personal data already; it is written
        from the time on that it has been asked FEWEST_SHOWN times."""
        key, today = self.key(question, language), dt.date.today()
        row = (demand.c.key == key) & (demand.c.outcome == outcome.value)
        with writing(self._engine) as connection:
            asked = connection.execute(sa.select(demand.c.times).where(row).with_for_update()).scalar_one_or_none()
            if asked is None:
                new = {"key": key, "outcome": outcome.value, "language": language, "need": (*needs, NO_NEED)[0],
                       "times": 1, "first_day": today, "last_day": today}  # fmt: skip
                connection.execute(sa.insert(demand).values(**new))
                return
            told = question if asked + 1 >= FEWEST_SHOWN and len(question) <= _LONGEST else None
            connection.execute(
                sa.update(demand)
                .where(row)
                .values(times=asked + 1, last_day=today, question=sa.func.coalesce(demand.c.question, told))
            )

    def open(self, since: dt.date) -> list[Group]:
        """Return what was asked since a day and is not settled, per language and need, the most asked first; groups asked
        less than FEWEST_SHOWN times are left out."""
        query = sa.select(demand).where(demand.c.last_day >= since, demand.c.settled_by.is_(None))
        groups: dict[tuple[str, str], list[sa.Row[tuple[object, ...]]]] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(query.order_by(demand.c.times.desc(), demand.c.key)):
                groups.setdefault((row.language, row.need), []).append(row)
        found = [
            Group(
                language,
                need,
                sum(row.times for row in rows),
                tuple(
                    Question(row.key, Lack(row.outcome), row.question, row.times, row.last_day)
                    for row in rows
                    if row.question is not None and row.times >= FEWEST_SHOWN
                ),
            )
            for (language, need), rows in groups.items()
        ]
        shown = [group for group in found if group.times >= FEWEST_SHOWN]
        return sorted(shown, key=lambda group: (-group.times, group.language, group.need))

    def question(self, key: str) -> tuple[str, str]:
        """Return (language, text) of a question that may be shown. Raises RecordNotFound."""
        query = sa.select(demand.c.language, demand.c.question).where(
            demand.c.key == key, demand.c.question.is_not(None)
        )
        with reading(self._engine) as connection:
            row = connection.execute(query.limit(1)).one_or_none()
        if row is None:
            raise RecordNotFound("demand", key)
        return str(row.language), str(row.question)

    def settle(self, key: str, by: str) -> None:
        """Take a question off the list: an editor did something about it, or decided that nothing is to be done. Raises
        RecordNotFound."""
        with writing(self._engine) as connection:
            done = connection.execute(sa.update(demand).where(demand.c.key == key).values(settled_by=by[:80]))
            if not done.rowcount:
                raise RecordNotFound("demand", key)


def secret_in(folder: Path) -> bytes:
    """Return the key of the hashes, kept in a file of `folder` that only its owner reads; made at first use."""
    path = folder / "demand.key"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        with tempfile.NamedTemporaryFile(dir=folder) as new:  # whole before it has its name, on a full disk too
            new.write(secrets.token_bytes(_KEY_BYTES))
            new.flush()
            with contextlib.suppress(FileExistsError):
                os.link(new.name, path)
    return path.read_bytes()
