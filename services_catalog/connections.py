"""Connections to the catalogue's database: SQLite or PostgreSQL, to read one moment or to write all or nothing."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from services_catalog.errors import CatalogueUnavailable
from services_catalog.postgres_line import connector

#: Milliseconds a writer of SQLite waits for another one.
_BUSY_MS, _BUSY_LONG_MS = 10_000, 600_000
#: Seconds to wait for one of the connections that others use.
_POOL_SECONDS = 5


class NotSaved(CatalogueUnavailable):
    """Something could not be written. `no_room` tells that the disk is full; then surely nothing was saved. When the line
    broke at the very end, nobody can know."""

    def __init__(self, text: str, *, no_room: bool) -> None:
        self.no_room = no_room
        super().__init__(text)


def create_engine(url: str, *, long_work: bool = False) -> Engine:
    """Return an engine for a SQLAlchemy address. SQLite gets a busy time-out and a write-ahead log, so that readers and a
    writer do not stop each other; PostgreSQL must not be silent for long. For long work (a migration, a restoration) both
    are waited for."""
    address = sa.make_url(url)
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
    # an error of the database must not carry what somebody wrote, nor hashes, into a log
    more = {} if address.get_backend_name() == "sqlite" else {"pool_timeout": _POOL_SECONDS}
    engine = sa.create_engine(address, pool_pre_ping=True, hide_parameters=True, **more)
    if engine.dialect.name == "sqlite":
        _tune_sqlite(engine, _BUSY_LONG_MS if long_work else _BUSY_MS)
    else:
        connect = connector(address, long_work=long_work)

        @sa.event.listens_for(engine, "do_connect")
        def _connect(_dialect: Any, _record: Any, arguments: Any, named: dict[str, Any]) -> Any:
            return connect(*arguments, **named)

    return engine


def _tune_sqlite(engine: Engine, busy_ms: int) -> None:
    @sa.event.listens_for(engine, "connect")
    def _tune(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, a read too (see `_begin`)
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={busy_ms}")
        _write_ahead(cursor, busy_ms / 1000)
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _write_ahead(cursor: sqlite3.Cursor, seconds: float) -> None:
    """Turn the write-ahead log on. The busy time-out does not hold for that: two that open a new file at once collide."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Let a block read one moment of the database, however many statements it takes. Raises CatalogueUnavailable."""
    try:
        with engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            with connection.begin():
                yield connection
    except sa.exc.SQLAlchemyError as error:
        if not _is_trouble(error):
            raise
        raise CatalogueUnavailable(f"{described(engine)} cannot be used: {cause(error)}") from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Let a block read and then write, all or nothing, without another writer in between where it locks what it reads
    (`locked_version`). Raises NotSaved."""
    try:
        with engine.connect() as connection, connection.execution_options(writes=True).begin():
            yield connection
    except sa.exc.SQLAlchemyError as error:
        if not _is_trouble(error):
            raise
        raise NotSaved(f"{described(engine)} cannot be written: {cause(error)}", no_room=_no_room(error)) from error


def described(engine: Engine) -> str:
    """Return what a database is called in a message, without its password."""
    return f"The catalogue database {engine.url.render_as_string(hide_password=True)}"


def cause(error: BaseException) -> str:
    """Return in one line what went wrong with a database, without the statement."""
    orig = getattr(error, "orig", None) or error
    return (str(orig).strip().splitlines() or [type(orig).__name__])[0]


def _is_trouble(error: sa.exc.SQLAlchemyError) -> bool:
    """Tell trouble with the database (gone, full, damaged, locked, without its tables) from a mistake or a broken rule."""
    if isinstance(error, sa.exc.IntegrityError | sa.exc.DataError):
        return False
    return isinstance(error, sa.exc.DatabaseError | sa.exc.InterfaceError | sa.exc.TimeoutError)


def _no_room(error: sa.exc.SQLAlchemyError) -> bool:
    orig = getattr(error, "orig", None)
    return isinstance(orig, psycopg.errors.DiskFull) or getattr(orig, "sqlite_errorname", "") in (
        "SQLITE_FULL",
        "SQLITE_IOERR_WRITE",
        "SQLITE_IOERR_SHMSIZE",
    )
