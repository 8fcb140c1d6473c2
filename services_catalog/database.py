"""The catalogue in a relational database: SQLite by default, PostgreSQL by its address.

A record is one row with its body as JSON: the models are the schema, and a record is read and written whole. The columns
beside the body are those that are searched or constrained.
"""

from __future__ import annotations

import datetime as dt
import json

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services_catalog.catalogue import Catalogue
from services_catalog.connections import NotSaved as NotSaved
from services_catalog.connections import create_engine as create_engine
from services_catalog.connections import reading as reading
from services_catalog.connections import writing as writing
from services_catalog.offer import Record
from services_catalog.schema import MIGRATIONS as MIGRATIONS
from services_catalog.schema import migrate as migrate
from services_catalog.seed import FOLDERS

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


class DatabaseRepository:
    """A CatalogueRepository over SQLAlchemy. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        self.engine = create_engine(url)

    def version(self) -> int:
        with reading(self.engine) as connection:
            return _version(connection)

    def load(self, since: Catalogue | None = None) -> Catalogue:
        """Return the whole catalogue as of one moment; of one that was loaded before, only what changed is read."""
        query = sa.select(records).order_by(records.c.kind, records.c.position)
        with reading(self.engine) as connection:
            state = connection.execute(sa.select(catalogue_state)).one()
            if since is not None and since.version >= state.whole_version:
                query = query.where(records.c.version > since.version)
            else:
                since = None
            rows = connection.execute(query).all()
        found: dict[str, dict[str, Record]] = {name: dict(getattr(since, name)) if since else {} for name in FOLDERS}
        modified = dict(since.modified) if since else {}
        for row in rows:
            if row.body is None:
                found[row.kind].pop(row.id, None)
                continue
            found[row.kind][row.id] = FOLDERS[row.kind][1].model_validate_json(row.body)
            if row.kind == "offers" and row.published_at is not None:
                modified[row.id] = in_utc(row.published_at)
        return Catalogue(**found, version=state.version, modified=modified)  # type: ignore[arg-type]

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
