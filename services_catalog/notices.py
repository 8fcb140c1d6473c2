"""How a worker learns that something was published: PostgreSQL tells it, SQLite is asked again and again."""

from __future__ import annotations

import contextlib
import time

import psycopg
from sqlalchemy.engine import Engine

from services_catalog.database import CHANNEL
from services_catalog.errors import CatalogueUnavailable
from services_catalog.postgres_line import PatientConnection, connector


class Publications:
    """Waits for publications in one database. For one thread alone."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connection: PatientConnection | None = None

    def wait(self, seconds: float) -> None:
        """Return as soon as the database tells of a publication, at the latest after some seconds; what was published
        before the first call is not told. Raises CatalogueUnavailable when PostgreSQL is gone."""
        if self._engine.dialect.name != "postgresql":
            time.sleep(seconds)  # SQLite tells nobody; asking it for the version costs next to nothing
            return
        try:
            for _ in self._listening().notifies(timeout=seconds, stop_after=1):
                return
        except psycopg.Error as error:
            self.close()
            raise CatalogueUnavailable(f"PostgreSQL no longer tells of publications: {error}") from error

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                self._connection.close()
            self._connection = None

    def _listening(self) -> PatientConnection:
        if self._connection is None:
            url = self._engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
            self._connection = connector(self._engine.url)(url, autocommit=True)
            self._connection.execute(f"LISTEN {CHANNEL}")
        return self._connection
