"""Who changed what, when and why: the revisions of all records, the newest first, without their bodies."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from services_catalog.database import in_utc, reading
from services_catalog.editors.revisions import SEED_AUTHOR, revisions
from services_catalog.offer import Publication


@dataclass(frozen=True)
class Change:
    """One saved revision of one record."""

    kind: str
    id: str
    number: int
    state: Publication
    author: str
    reason: str
    at: dt.datetime


class Audit:
    """What was changed in one catalogue's database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def changes(
        self, *, kind: str = "", author: str = "", page: int = 1, per_page: int = 50
    ) -> tuple[list[Change], int]:
        """Return one page (from 1) of what people changed, the newest first, and how many changes there are in all. What
        stood there before anybody edited it is nobody's change."""
        wanted = [revisions.c.author != SEED_AUTHOR]
        wanted += [
            column == given for column, given in ((revisions.c.kind, kind), (revisions.c.author, author)) if given
        ]
        query = (
            sa.select(*(revisions.c[one.name] for one in fields(Change)))
            .where(*wanted)
            .order_by(revisions.c.at.desc(), revisions.c.kind, revisions.c.id, revisions.c.number.desc())
            .limit(per_page)
            .offset((page - 1) * per_page)
        )
        with reading(self._engine) as connection:
            total = connection.execute(sa.select(sa.func.count()).select_from(revisions).where(*wanted)).scalar_one()
            found = [
                Change(row.kind, row.id, row.number, Publication(row.state), row.author, row.reason, in_utc(row.at))
                for row in connection.execute(query)
            ]
        return found, int(total)
