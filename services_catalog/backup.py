"""A backup of the whole database in one file that any database can be restored from: SQLite or PostgreSQL, now or later.

It is a zip: `manifest.json`, and for each table a `<table>.jsonl` with one object a row. The manifest holds the digest of
each part; the comment at the end of the zip holds the digest of all bytes before it, so that no damage goes unseen.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services_catalog.connections import create_engine, reading
from services_catalog.errors import CatalogueError, CatalogueUnavailable
from services_catalog.schema import require_known

FORMAT = 1
MANIFEST = "manifest.json"
#: What says who is signed in and whose logins failed is worth nothing later, and is not kept.
LEFT_OUT = frozenset({"account_sessions", "login_failures"})
#: Alembic's; the manifest says the revision.
_NOT_OURS = "alembic_version"
SEAL_BYTES = 64
#: So many rows are in memory at once.
ROWS_AT_ONCE = 500


class BackupFailed(CatalogueError):
    """No backup was made, and no file of that name was touched; the text says why."""


@dataclass(frozen=True)
class Part:
    """One table in the archive: how many rows, and the SHA-256 of its file."""

    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive holds. `schema` is the revision of the database it was made of, `version` that of the catalogue."""

    format: int
    schema: str
    version: int
    made_at: str
    tables: dict[str, Part]
    left_out: list[str]

    @property
    def rows(self) -> int:
        """How many rows there are in all."""
        return sum(part.rows for part in self.tables.values())


def back_up(url: str, file: Path) -> Manifest:
    """Write everything in the database at `url` as of one moment to `file`, which only its owner may read, and return what
    went in. Others go on reading and writing. Raises BackupFailed, CatalogueUnavailable."""
    engine = create_engine(url)
    try:
        with _beside(file) as archive_file, reading(engine) as connection:
            with zipfile.ZipFile(archive_file, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.comment = b"0" * SEAL_BYTES
                manifest = _write(connection, archive)
            _seal(archive_file)
    except OSError as error:
        raise BackupFailed(f"{file} cannot be written: {error.strerror}. There is no backup.") from error
    finally:
        engine.dispose()
    return manifest


def tables_in(connection: Connection) -> list[sa.Table]:
    """Return the tables of a database as they are there, those that others refer to first."""
    there = sa.MetaData()
    there.reflect(connection)
    return [table for table in there.sorted_tables if table.name != _NOT_OURS]


def digest_before_seal(file: IO[bytes]) -> bytes:
    """Return the SHA-256, in hexadecimal, of a file up to its seal."""
    left = file.seek(0, os.SEEK_END) - SEAL_BYTES
    file.seek(0)
    digest = hashlib.sha256()
    while left > 0 and (block := file.read(min(left, 1 << 20))):
        digest.update(block)
        left -= len(block)
    return digest.hexdigest().encode()


def _write(connection: Connection, archive: zipfile.ZipFile) -> Manifest:
    schema = require_known(connection)
    if schema is None:
        raise CatalogueUnavailable("There is nothing to back up: the database is empty.")
    tables = [table for table in tables_in(connection) if table.name not in LEFT_OUT]
    parts = {table.name: _write_table(connection, table, archive) for table in tables}
    version = int(connection.exec_driver_sql("SELECT version FROM catalogue_state").scalar_one())
    made_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    manifest = Manifest(FORMAT, schema, version, made_at, parts, sorted(LEFT_OUT))
    archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
    return manifest


def _write_table(connection: Connection, table: sa.Table, archive: zipfile.ZipFile) -> Part:
    rows, digest = 0, hashlib.sha256()
    query = sa.select(table).order_by(*table.primary_key.columns)
    found = connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE})
    with archive.open(f"{table.name}.jsonl", "w", force_zip64=True) as part:
        for row in found.mappings():
            line = (
                json.dumps({name: _written(value) for name, value in row.items()}, ensure_ascii=False).encode() + b"\n"
            )
            part.write(line)
            digest.update(line)
            rows += 1
    return Part(rows, digest.hexdigest())


def _written(value: Any) -> Any:
    """Return a value of a column as JSON has it; moments are UTC, which is how all of them are kept."""
    if isinstance(value, dt.datetime):
        return (value.astimezone(dt.UTC) if value.tzinfo else value.replace(tzinfo=dt.UTC)).isoformat()
    return value.isoformat() if isinstance(value, dt.date) else value


def _seal(file: IO[bytes]) -> None:
    seal = digest_before_seal(file)
    file.seek(-SEAL_BYTES, os.SEEK_END)
    file.write(seal)


@contextmanager
def _beside(file: Path) -> Iterator[IO[bytes]]:
    """Give a new file that takes the place of `file` when the block ends well, and goes otherwise."""
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as part:
        try:
            yield part
            part.flush()
            os.fsync(part.fileno())
            os.replace(part.name, file)
        except BaseException:
            os.unlink(part.name)
            raise
