"""Every state a record was ever saved in: who saved it, when, why, and where it stood in the editors' work.

Revisions are only ever added. The newest one of a record is what editors work on; what residents see is the row in
`records`, which a publication copies from a revision.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from services_catalog.database import body_of, in_utc, metadata, reading, records
from services_catalog.errors import RecordNotFound, RevisionConflict
from services_catalog.offer import Offer, Publication, Record
from services_catalog.seed import FOLDERS

revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

#: Who filled the catalogue before anybody edited it.
SEED_AUTHOR = "seed"
#: So many records are read with one statement.
_AT_ONCE = 500


@dataclass(frozen=True)
class Revision:
    """One saved state of one record. `number` counts from 1, which is what the record was before anybody edited it; only
    then is `kept` false, for that state lies in the published row alone."""

    kind: str
    id: str
    number: int
    state: Publication
    author: str
    reason: str
    at: dt.datetime
    record: Record
    kept: bool = True


@dataclass(frozen=True)
class Entry:
    """Who saves, and why: goes into every revision."""

    author: str
    reason: str


class Head(NamedTuple):
    """The newest revision of a record, without the record."""

    number: int
    state: Publication
    author: str
    at: dt.datetime


def newest(connection: Connection, kind: str, record_id: str) -> Revision | None:
    """Return what editors work on: the newest revision, or the published record nobody has edited yet."""
    query = sa.select(revisions).where(revisions.c.kind == kind, revisions.c.id == record_id)
    row = connection.execute(query.order_by(revisions.c.number.desc()).limit(1)).one_or_none()
    return _revision(row) if row is not None else _unedited(connection, kind, record_id)


def history(engine: Engine, kind: str, record_id: str) -> list[Revision]:
    """Return every revision of a record, the newest first. Raises RecordNotFound."""
    query = sa.select(revisions).where(revisions.c.kind == kind, revisions.c.id == record_id)
    with reading(engine) as connection:
        found = [_revision(row) for row in connection.execute(query.order_by(revisions.c.number.desc()))]
        unedited = None if found else _unedited(connection, kind, record_id)
    if not found and unedited is None:
        raise RecordNotFound(kind, record_id)
    return found or [unedited]  # type: ignore[list-item]


def one_revision(engine: Engine, kind: str, record_id: str, number: int) -> Revision:
    """Return one revision of a record. Raises RecordNotFound."""
    for revision in history(engine, kind, record_id):
        if revision.number == number:
            return revision
    raise RecordNotFound(kind, record_id, number)


def working_copies(engine: Engine, kind: str) -> Iterator[Revision]:
    """Yield what editors work on of every record of a kind, in the order of the ids."""
    last = _last(kind)
    edited = sa.select(revisions).join(last, _is_last(last, kind))
    untouched = sa.select(records).where(
        records.c.kind == kind, records.c.body.is_not(None), records.c.id.not_in(sa.select(last.c.id))
    )
    with reading(engine) as connection:
        found = [_revision(row) for row in connection.execute(edited)]
        found += [_published(row) for row in connection.execute(untouched)]
    yield from sorted(found, key=lambda revision: revision.id)


def heads(engine: Engine, kind: str) -> dict[str, Head]:
    """Return the newest revision of every record of a kind that was ever edited, by id, without the records themselves."""
    last = _last(kind)
    columns = (revisions.c[name] for name in ("id", "number", "state", "author", "at"))
    with reading(engine) as connection:
        rows = connection.execute(sa.select(*columns).join(last, _is_last(last, kind))).all()
    return {row.id: Head(row.number, Publication(row.state), row.author, in_utc(row.at)) for row in rows}


def newest_of(engine: Engine, kind: str, ids: Sequence[str]) -> Iterator[Revision]:
    """Yield the newest revision of each of some records that were edited."""
    last = _last(kind)
    for begin in range(0, len(ids), _AT_ONCE):
        some = revisions.c.id.in_(ids[begin : begin + _AT_ONCE])
        with reading(engine) as connection:
            found = connection.execute(sa.select(revisions).join(last, _is_last(last, kind)).where(some)).all()
        yield from map(_revision, found)


def add(
    connection: Connection, kind: str, record: Record, state: Publication, entry: Entry, *, expected: int
) -> Revision:
    """Save a record behind revision `expected` (0 for a new record), inside a transaction begun by `writing`. Raises
    RevisionConflict when another revision came first."""
    identity = record_id_of(record)
    before = newest(connection, kind, identity)
    if (before.number if before else 0) != expected:
        raise RevisionConflict(kind, identity, expected, before)
    if isinstance(record, Offer):
        record = record.model_copy(update={"publication": state})
    at = dt.datetime.now(dt.UTC)
    added = Revision(kind, identity, expected + 1, state, entry.author, entry.reason, at, record)
    try:
        # what was there before the first edit is kept too, so that it can be restored
        _insert(connection, [added] if before is None or before.kept else [before, added])
    except sa.exc.IntegrityError:  # two writers read the same newest revision, which PostgreSQL allows
        raise RevisionConflict(kind, identity, expected, None) from None
    return added


def unedited(connection: Connection, kinds: Collection[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return, by kind and id, the first revision of each published record that nobody has edited, as a row to insert."""
    edited = sa.select(revisions.c.id).where(revisions.c.kind == records.c.kind, revisions.c.id == records.c.id)
    query = sa.select(records).where(records.c.kind.in_(kinds), records.c.body.is_not(None), ~sa.exists(edited))
    return {(row.kind, row.id): _row(_published(row)) for row in connection.execute(query)}


def record_id_of(record: Record) -> str:
    """Return the id that every kind of record has."""
    return str(record.id)  # type: ignore[attr-defined]


def _last(kind: str) -> sa.Subquery:
    """Return the number of the newest revision of each record of a kind."""
    number = sa.func.max(revisions.c.number).label("number")
    return sa.select(revisions.c.id, number).where(revisions.c.kind == kind).group_by(revisions.c.id).subquery()


def _is_last(last: sa.Subquery, kind: str) -> sa.ColumnElement[bool]:
    return (revisions.c.id == last.c.id) & (revisions.c.number == last.c.number) & (revisions.c.kind == kind)


def _insert(connection: Connection, added: Sequence[Revision]) -> None:
    connection.execute(sa.insert(revisions), [_row(one) for one in added])


def _row(one: Revision) -> dict[str, Any]:
    return {"kind": one.kind, "id": one.id, "number": one.number, "state": one.state.value, "author": one.author,
            "reason": one.reason, "at": one.at, "body": body_of(one.record)}  # fmt: skip


def _unedited(connection: Connection, kind: str, record_id: str) -> Revision | None:
    query = sa.select(records).where(records.c.kind == kind, records.c.id == record_id, records.c.body.is_not(None))
    row = connection.execute(query).one_or_none()
    return _published(row) if row is not None else None


def _revision(row: sa.Row[tuple[object, ...]]) -> Revision:
    record = FOLDERS[row.kind][1].model_validate_json(row.body)
    at = in_utc(row.at)
    return Revision(row.kind, row.id, row.number, Publication(row.state), row.author, row.reason, at, record)


def _published(row: sa.Row[tuple[object, ...]]) -> Revision:
    record = FOLDERS[row.kind][1].model_validate_json(row.body)
    state = record.publication if isinstance(record, Offer) else Publication.PUBLISHED
    at = in_utc(row.published_at) if row.published_at is not None else dt.datetime.fromtimestamp(0, dt.UTC)
    return Revision(row.kind, row.id, 1, state, SEED_AUTHOR, "filled from files", at, record, kept=False)
