"""The schema of the catalogue's database: which revision it has, and how it is brought to the newest one, once and whole."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from services_catalog.connections import create_engine, described, reading, writing
from services_catalog.errors import CatalogueUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"
#: Any number that nobody else takes: it names the lock in PostgreSQL that one migration at a time holds.
_MIGRATING = 0x76656A76


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest schema; of several processes one does and the others wait. Raises
    CatalogueUnavailable when it cannot be opened or was written by a newer version, and leaves it as it was."""
    engine = create_engine(url, long_work=True)
    try:
        with reading(engine) as connection:
            if require_known(connection) == newest_revision():
                return
        with writing(engine) as connection:
            lock_schema(connection)
            require_known(connection)
            upgrade(connection)
    finally:
        engine.dispose()


def lock_schema(connection: Connection) -> None:
    """Keep everybody else from changing the schema until this transaction ends; in SQLite who writes is alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MIGRATING)))


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring a database to a later revision inside the transaction of `connection`: all of it or nothing."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def require_known(connection: Connection) -> str | None:
    """Return the revision of a database, None for one without any schema. Raises CatalogueUnavailable for a revision of a
    newer version of Vejviser."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None and not is_known(revision):
        raise CatalogueUnavailable(
            f"{described(connection.engine)} was written by a newer version of Vejviser: run that version, or restore a "
            "backup made with this one."
        )
    return revision


def check_file(url: str) -> None:
    """Read a SQLite file through once. Raises CatalogueUnavailable when it is damaged; of PostgreSQL nothing is asked."""
    engine = create_engine(url)
    try:
        if engine.dialect.name == "sqlite":
            with reading(engine) as connection:
                found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one())
            if found != "ok":
                raise CatalogueUnavailable(
                    f"{described(engine)} is damaged: {found}. Restore a backup into a new file."
                )
    finally:
        engine.dispose()


def is_known(revision: str) -> bool:
    """Tell whether this version has a revision of the schema."""
    return revision in {one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()}


def newest_revision() -> str:
    """Return the revision that this version works with."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
