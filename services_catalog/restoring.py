"""A backup back into a database: all of it in one step, or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services_catalog.backup import (
    FORMAT,
    MANIFEST,
    ROWS_AT_ONCE,
    SEAL_BYTES,
    Manifest,
    Part,
    digest_before_seal,
    tables_in,
)
from services_catalog.connections import create_engine, described, writing
from services_catalog.database import catalogue_state, new_version
from services_catalog.errors import CatalogueError
from services_catalog.schema import is_known, lock_schema, require_known, upgrade


class RestoreRefused(CatalogueError):
    """Nothing was restored, and the database is as it was; the text says why and what to do."""


def restore(url: str, file: Path, *, force: bool = False) -> int:
    """Put what an archive holds in the place of everything in the database at `url`, bring it to the newest schema, and
    return the new version of the catalogue: a running service takes it in like a publication. Everybody is signed out.

    Raises RestoreRefused when the archive is damaged or of a newer version, and when the database holds anything and
    `force` is not given; CatalogueUnavailable.
    """
    engine = create_engine(url, long_work=True)
    try:
        with _opened(file) as archive:
            manifest = _checked(archive, file)
            with writing(engine) as connection:
                before = _version_before(connection, force=force)
                _empty(connection, manifest.schema)
                _fill(connection, archive, manifest)
                upgrade(connection)
                return _shown(connection, max(before, manifest.version) + 1)
    finally:
        engine.dispose()


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    damaged = f"{file} is damaged, or no backup: nothing was restored. Take another backup."
    try:
        with file.open("rb") as raw:
            seal = digest_before_seal(raw)
            if raw.read() != seal or len(seal) != SEAL_BYTES:
                raise RestoreRefused(damaged)
            with zipfile.ZipFile(raw) as archive:
                yield archive
    except OSError as error:
        raise RestoreRefused(f"{file} cannot be read: {error.strerror}.") from error
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError) as error:
        raise RestoreRefused(damaged) from error


def _checked(archive: zipfile.ZipFile, file: Path) -> Manifest:
    """Return the manifest of an archive whose every part is as it says. Raises RestoreRefused."""
    told = json.loads(archive.read(MANIFEST))
    if told["format"] > FORMAT or not is_known(told["schema"]):
        raise RestoreRefused(f"{file} was made by a newer version of Vejviser: restore it with that version.")
    manifest = Manifest(**told | {"tables": {name: Part(**part) for name, part in told["tables"].items()}})
    for name, part in manifest.tables.items():
        digest = hashlib.sha256()
        with archive.open(f"{name}.jsonl") as lines:
            while block := lines.read(1 << 20):
                digest.update(block)
        if digest.hexdigest() != part.sha256:
            raise RestoreRefused(f"{file} is damaged: the table {name} is not what it was. Take another backup.")
    return manifest


def _version_before(connection: Connection, *, force: bool) -> int:
    """Return the version of the catalogue that is there, 0 in a new database, and keep every other writer waiting. Raises
    RestoreRefused when anything is there and may not be replaced."""
    lock_schema(connection)
    if require_known(connection) is None:
        return 0
    tables = tables_in(connection)
    if connection.dialect.name == "postgresql":
        # readers go on, and see what was there before until this transaction is through
        names = ", ".join(connection.dialect.identifier_preparer.format_table(table) for table in tables)
        connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")
    version = int(connection.exec_driver_sql("SELECT version FROM catalogue_state").scalar_one())
    filled = [
        table.name
        for table in tables
        if table.name != catalogue_state.name and connection.execute(sa.select(table).limit(1)).first() is not None
    ]
    if (version or filled) and not force:
        raise RestoreRefused(
            f"{described(connection.engine)} is not empty: nothing was restored. `--force` replaces everything in it."
        )
    return version


def _empty(connection: Connection, schema: str) -> None:
    """Leave a database without rows, at the revision of an archive."""
    tables = tables_in(connection)
    if require_known(connection) == schema:
        for table in reversed(tables):
            connection.execute(sa.delete(table))
        return
    there = sa.MetaData()
    there.reflect(connection)
    there.drop_all(connection)
    upgrade(connection, schema)
    connection.exec_driver_sql("DELETE FROM catalogue_state")  # the first migration puts a row there


def _fill(connection: Connection, archive: zipfile.ZipFile, manifest: Manifest) -> None:
    for table in tables_in(connection):
        if table.name not in manifest.tables:
            continue
        with archive.open(f"{table.name}.jsonl") as lines:
            rows = ({name: _read(table.c[name], value) for name, value in json.loads(line).items()} for line in lines)
            while some := list(islice(rows, ROWS_AT_ONCE)):
                connection.execute(sa.insert(table), some)
        if connection.dialect.name == "postgresql":
            _set_sequences(connection, table)


def _read(column: sa.Column[Any], value: Any) -> Any:
    """Return a value of an archive as a column takes it; moments stand there in UTC."""
    if value is None:
        return None
    if isinstance(column.type, sa.DateTime):
        moment = dt.datetime.fromisoformat(value)
        return moment if column.type.timezone else moment.replace(tzinfo=None)
    return dt.date.fromisoformat(value) if isinstance(column.type, sa.Date) else value


def _set_sequences(connection: Connection, table: sa.Table) -> None:
    """Let the numbers that PostgreSQL gives out go on after the highest one there is."""
    for column in table.primary_key.columns:
        if isinstance(column.type, sa.Integer):
            sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
            highest = sa.select(sa.func.coalesce(sa.func.max(column) + 1, 1)).scalar_subquery()
            connection.execute(sa.select(sa.func.setval(sequence, highest, False)))


def _shown(connection: Connection, version: int) -> int:
    """Make everything that was restored one new version, and tell the workers."""
    digest = connection.execute(sa.select(catalogue_state.c.seed_digest)).scalar_one()
    new_version(connection, version, digest)
    connection.execute(sa.update(catalogue_state).values(whole_version=version))
    return version
