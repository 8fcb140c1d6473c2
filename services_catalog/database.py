"""The catalogue in a relational database: SQLite by default, PostgreSQL by its address.

A record is one row with its body as JSON: the models are the schema, and a record is read and written whole. The columns
beside the body are those that are searched or constrained.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services_catalog.catalogue import Catalogue
from services_catalog.connections import NotSaved as NotSaved
from services_catalog.connections import create_engine as create_engine
from services_catalog.connections import reading as reading
from services_catalog.connections import writing as writing
from services_catalog.offer import Offer, Record
from services_catalog.offer_records import Offers
from services_catalog.schema import MIGRATIONS as MIGRATIONS
from services_catalog.schema import migrate as migrate
from services_catalog.seed import FOLDERS
from services_catalog.shelf import Shelves

metadata = sa.MetaData()

records = sa.Table(
    "records",
    metadata,
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    #: None once the record was taken away: the row stays, so that a reader learns of it.
    sa.Column("body", sa.Text),
    #: The version of the catalogue that brought the row as it is, the revision it was published from, and when.
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("revision", sa.Integer, nullable=False, server_default="1"),
    sa.Column("published_at", sa.DateTime(timezone=True)),
)

#: One row: the version that grows with each publication.
catalogue_state = sa.Table(
    "catalogue_state",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    #: The version at which every row was replaced at once: nothing older can be brought up to date row by row.
    sa.Column("whole_version", sa.Integer, nullable=False, server_default="0"),
    sa.Column("seed_digest", sa.String(64)),
)

#: The channel on which PostgreSQL tells every worker of a publication.
CHANNEL = "vejviser_catalogue"
#: The order of the records of a kind.
_ORDER = (records.c.position, records.c.id)
#: So many bodies are read with one statement.
_AT_ONCE = 500


class DatabaseRepository:
    """A CatalogueRepository over SQLAlchemy. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(url)

    def version(self) -> int:
        with reading(self.engine) as connection:
            return _version(connection)

    def load(self, since: Catalogue | None = None, shelves: Shelves | None = None) -> Catalogue:
        """Return the whole catalogue as of one moment; of one that was loaded before, only what changed is read. The offers of
        a large one stay on disk where there are `shelves` for them."""
        with reading(self.engine) as connection:
            state = connection.execute(sa.select(catalogue_state)).one()
            if since is not None and since.version >= state.whole_version:
                return _brought_up(connection, since, state.version)
            found = _records(connection, records.c.kind != "offers")
            others = {kind: {one: record for one, record in group.items() if record} for kind, group in found.items()}
            offers, modified = _offers(connection, shelves)
        return Catalogue(**others | {"offers": offers}, version=state.version, modified=modified)  # type: ignore[arg-type]

    def seed_digest(self) -> str | None:
        """Return the hash of the seed files the catalogue was last filled from; None when it was changed since."""
        with reading(self.engine) as connection:
            digest = connection.execute(sa.select(catalogue_state.c.seed_digest)).scalar_one()
        return None if digest is None else str(digest)

    def replace(self, catalogue: Catalogue, seed_digest: str | None = None) -> int:
        now = dt.datetime.now(dt.UTC)
        with writing(self.engine) as connection:
            version = locked_version(connection) + 1
            connection.execute(sa.delete(records))
            connection.execute(
                sa.insert(records),
                [
                    {"kind": name, "id": identity, "position": position, "body": body_of(record),
                     "version": version, "revision": 1, "published_at": now}
                    for name in FOLDERS
                    for position, (identity, record) in enumerate(getattr(catalogue, name).items())
                ],
            )  # fmt: skip
            new_version(connection, version, seed_digest)
            connection.execute(sa.update(catalogue_state).values(whole_version=version))
        return version

    def close(self) -> None:
        self.engine.dispose()


def _brought_up(connection: Connection, since: Catalogue, version: int) -> Catalogue:
    """Return a catalogue with every record that was published since."""
    found = _records(connection, records.c.version > since.version)
    moments = sa.select(records.c.id, records.c.published_at).where(
        records.c.version > since.version, records.c.kind == "offers", records.c.body.is_not(None)
    )
    changed: dict[str, Any] = {
        kind: {one: record for one, record in (getattr(since, kind) | group).items() if record is not None}
        for kind, group in found.items()
        if group and kind != "offers"
    }
    modified = {row.id: in_utc(row.published_at) for row in connection.execute(moments) if row.published_at is not None}
    after = replace(since, **changed, version=version, modified={**since.modified, **modified})
    return after.with_offers(found["offers"]) if found["offers"] else after  # type: ignore[arg-type]


def _records(connection: Connection, which: sa.ColumnElement[bool]) -> dict[str, dict[str, Record | None]]:
    """Return some records by kind and id, in their order; None for one that was taken away."""
    found: dict[str, dict[str, Record | None]] = {kind: {} for kind in FOLDERS}
    for row in connection.execute(sa.select(records).where(which).order_by(records.c.kind, records.c.position)):
        model = FOLDERS[row.kind][1]
        found[row.kind][row.id] = None if row.body is None else model.model_validate_json(row.body)
    return found


def _offers(connection: Connection, shelves: Shelves | None) -> tuple[Offers, dict[str, dt.datetime]]:
    """Return all offers, and when each was published."""
    there = (records.c.kind == "offers") & records.c.body.is_not(None)
    query = sa.select(records.c.id, records.c.published_at, records.c.version).where(there).order_by(*_ORDER)
    rows = connection.execute(query).all()
    modified = {row.id: in_utc(row.published_at) for row in rows if row.published_at is not None}

    def bodies(ids: Sequence[str]) -> Iterator[tuple[str, str]]:
        for begin in range(0, len(ids), _AT_ONCE):
            some = there & records.c.id.in_(ids[begin : begin + _AT_ONCE])
            found = connection.execute(sa.select(records.c.id, records.c.body).where(some).order_by(*_ORDER))
            yield from ((row.id, row.body) for row in found)

    def read(ids: Sequence[str]) -> dict[str, Offer]:
        return {one: Offer.model_validate_json(body) for one, body in bodies(ids)}

    if shelves is None or len(rows) < shelves.large_from:
        return Offers(read([row.id for row in rows])), modified
    # an offer of which nobody knows when it was published differs from every other
    stamps = {row.id: f"{row.version} {row.published_at or secrets.token_hex(8)}" for row in rows}
    shelf, differing = shelves.opened(stamps, bodies)
    fresh = read([one for one in differing if one in stamps])
    return Offers(shelf, shelf.outlines).with_changes({one: fresh.get(one) for one in differing}), modified


def _version(connection: Connection) -> int:
    return int(connection.execute(sa.select(catalogue_state.c.version)).scalar_one())


def locked_version(connection: Connection) -> int:
    """Return the version of the catalogue and keep every other writer waiting until this transaction ends."""
    return int(connection.execute(sa.select(catalogue_state.c.version).with_for_update()).scalar_one())


def new_version(connection: Connection, version: int, seed_digest: str | None = None) -> None:
    """Make `version` the newest state, and tell the workers once the transaction is through. `seed_digest` says which seed
    files the catalogue is equal to; None when it was edited."""
    connection.execute(sa.update(catalogue_state).values(version=version, seed_digest=seed_digest))
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_notify(CHANNEL, str(version))))


def in_utc(moment: dt.datetime) -> dt.datetime:
    """Return a moment from the database with its time zone, which SQLite does not keep."""
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


def body_of(record: Record) -> str:
    return json.dumps(record.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False, sort_keys=True)
