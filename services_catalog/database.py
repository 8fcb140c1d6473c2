"""The catalogue in a relational database: SQLite by default, PostgreSQL by its address.

A record is one row with its body as JSON: the models are the schema, and a record is read and written whole. The columns
beside the body are those that are searched or constrained.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection, Engine

from services_catalog.catalogue import Catalogue
from services_catalog.errors import CatalogueUnavailable
from services_catalog.offer import Record
from services_catalog.seed import FOLDERS

metadata = sa.MetaData()

records = sa.Table(
    "records",
    metadata,
    sa.Column("kind", sa.String(20), primary_key=True),
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

#: One row: the version that grows with each publication.
catalogue_state = sa.Table(
    "catalogue_state",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("seed_digest", sa.String(64)),
)

MIGRATIONS = Path(__file__).parent / "migrations"


def create_engine(url: str) -> Engine:
    """Return an engine for a SQLAlchemy address; SQLite gets a busy time-out and a write-ahead log, so that readers and
    a writer do not stop each other."""
    engine = sa.create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":

        @sa.event.listens_for(engine, "connect")
        def _tune(connection: object, _record: object) -> None:
            cursor = connection.cursor()  # type: ignore[attr-defined]
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute("PRAGMA busy_timeout=5000")
            cursor.execute("PRAGMA foreign_keys=ON")
            cursor.close()

    return engine


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest schema. Raises CatalogueUnavailable when it cannot be opened or was
    written by a newer version."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    try:
        command.upgrade(config, "head")
    except (sa.exc.SQLAlchemyError, OSError) as error:
        raise CatalogueUnavailable(f"The catalogue database {_shown(url)} cannot be opened: {error}") from error
    except Exception as error:
        if "Can't locate revision" in str(error):
            raise CatalogueUnavailable(
                f"The catalogue database {_shown(url)} was written by a newer version of Vejviser: run that version, "
                "or restore a backup made with this one."
            ) from error
        raise


class DatabaseRepository:
    """A CatalogueRepository over SQLAlchemy. Safe to share between threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine = create_engine(url)

    def version(self) -> int:
        with self._reading() as connection:
            return _version(connection)

    def load(self) -> Catalogue:
        with self._reading() as connection:
            version = _version(connection)
            rows = connection.execute(
                sa.select(records.c.kind, records.c.id, records.c.body).order_by(records.c.kind, records.c.position)
            ).all()
        found: dict[str, dict[str, Record]] = {name: {} for name in FOLDERS}
        for kind, identity, body in rows:
            _, record_type = FOLDERS[kind]
            found[kind][identity] = record_type.model_validate_json(body)
        return Catalogue(**found, version=version)  # type: ignore[arg-type]

    def seed_digest(self) -> str | None:
        """Return the hash of the seed files the catalogue was last filled from; None when it was changed since."""
        with self._reading() as connection:
            digest = connection.execute(sa.select(catalogue_state.c.seed_digest)).scalar_one()
        return None if digest is None else str(digest)

    def replace(self, catalogue: Catalogue, seed_digest: str | None = None) -> int:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(records))
            connection.execute(
                sa.insert(records),
                [
                    {"kind": name, "id": identity, "position": position, "body": _body(record)}
                    for name in FOLDERS
                    for position, (identity, record) in enumerate(getattr(catalogue, name).items())
                ],
            )
            version = _version(connection) + 1
            connection.execute(sa.update(catalogue_state).values(version=version, seed_digest=seed_digest))
        return version

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        try:
            with self._engine.connect() as connection, connection.begin():
                yield connection
        except sa.exc.SQLAlchemyError as error:
            raise CatalogueUnavailable(f"The catalogue database {_shown(self._url)} cannot be read: {error}") from error


def _version(connection: Connection) -> int:
    return int(connection.execute(sa.select(catalogue_state.c.version)).scalar_one())


def _body(record: Record) -> str:
    return json.dumps(record.model_dump(mode="json", exclude_defaults=True), ensure_ascii=False, sort_keys=True)


def _shown(url: str) -> str:
    return sa.engine.make_url(url).render_as_string(hide_password=True)
