"""Connections to PostgreSQL that wait for a silent server only so long.

A server that hangs (a stopped process, a cut line) sends no error, and no time-out of its own can fire: we count the
seconds in which nothing comes. After a silence the server is left alone for a moment, and then one caller at a time tries
it, with little patience, until it answers: many requests must not all wait, and fill the threads that others need.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from typing import Any, TypeVar

import psycopg
from sqlalchemy import URL

#: Seconds of silence after which a server is taken for hung.
PATIENCE = 10.0
#: How long it is then left alone, and how long the next caller waits for it.
_REST, _LITTLE_PATIENCE = 3.0, 1.0
#: Shorter than PATIENCE, so that waiting for another writer is told by the server and is no silence.
_LOCK_TIMEOUT_MS = 8000
#: Seconds to connect, 2 at least (libpq).
_CONNECT_SECONDS = 3

Result = TypeVar("Result")
#: What psycopg waits on: it yields what it waits for, and is sent what is ready, 0 when nothing is.
Waiting = Generator[Any, Any, Result]


class _Silences:
    """When each server, by its address, was last found silent."""

    def __init__(self) -> None:
        self._moments: dict[str, float] = {}
        self._lock = threading.Lock()

    def note(self, server: str) -> None:
        with self._lock:
            self._moments[server] = time.monotonic()

    def forget(self, server: str) -> None:
        if server in self._moments:
            with self._lock:
                self._moments.pop(server, None)

    def patience(self, server: str) -> float:
        """Return how long to wait for a server now. Raises psycopg.OperationalError while it is left alone or another
        caller tries it."""
        if server not in self._moments:
            return PATIENCE
        with self._lock:
            now = time.monotonic()
            if now - self._moments.get(server, 0.0) < _REST:
                raise psycopg.OperationalError("the database server does not answer")
            self._moments[server] = now
            return _LITTLE_PATIENCE


_SILENCES = _Silences()


class _Silent(Exception):
    """Nothing came for too long."""


class PatientConnection(psycopg.Connection[Any]):
    """A connection that is broken off when its server is silent for too long. `server` is what silences are noted under; a
    connection for long work has none, and waits."""

    server: str = ""

    def wait(self, gen: Waiting[Result], interval: float = 0.1, timeout: float | None = None) -> Result:
        if not self.server or timeout is not None:
            return super().wait(gen, interval, timeout)
        patience = _SILENCES.patience(self.server)
        try:
            result = super().wait(_impatient(gen, patience), interval)
        except _Silent:
            _SILENCES.note(self.server)
            self.pgconn.finish()
            raise psycopg.OperationalError(f"the database server said nothing for {patience:.0f} s") from None
        _SILENCES.forget(self.server)
        return result


def connector(url: URL, *, long_work: bool = False) -> Callable[..., PatientConnection]:
    """Return what opens a connection to the server of an address, with the arguments of psycopg.connect. One for long work
    (a migration, a backup) waits as long as it takes once it is connected."""
    server = f"{url.host}:{url.port}"
    options = {} if long_work else {"options": f"-c lock_timeout={_LOCK_TIMEOUT_MS}"}

    def connect(*arguments: Any, **named: Any) -> PatientConnection:
        _SILENCES.patience(server)
        named = {"connect_timeout": _CONNECT_SECONDS, **options, **named}
        try:
            connection = PatientConnection.connect(*arguments, **named)
        except psycopg.errors.ConnectionTimeout:
            _SILENCES.note(server)
            raise
        _SILENCES.forget(server)
        connection.server = "" if long_work else server
        return connection

    return connect


def _impatient(waiting: Waiting[Result], patience: float) -> Waiting[Result]:
    """Pass on what psycopg waits for; raise _Silent once nothing has been ready for `patience` seconds."""
    heard = time.monotonic()
    try:
        wanted = next(waiting)
        while True:
            ready = yield wanted
            if ready:
                heard = time.monotonic()
            elif time.monotonic() - heard > patience:
                raise _Silent
            wanted = waiting.send(ready)
    except StopIteration as ended:
        return ended.value  # type: ignore[no-any-return]
