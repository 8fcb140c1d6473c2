"""Databases for the tests: a SQLite file, or a PostgreSQL of Debian's package, started for the run and ended with it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

#: PostgreSQL refuses to run as root; Debian's package makes this user.
_USER = "postgres"


@dataclass(frozen=True)
class PostgresServer:
    """A running server. `process` is its first process, which a test may kill and `start` again."""

    programs: Path
    folder: Path
    port: int

    @property
    def address(self) -> str:
        return f"postgresql://{_USER}@127.0.0.1:{self.port}"

    def new_database(self) -> str:
        """Return the address of a new empty database."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(f"{self.address}/postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        return f"{self.address}/{name}"

    def start(self) -> None:
        """Start the server and wait until it answers."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=200"
        command = [self.programs / "pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "-o", options]
        subprocess.run([*command, "start"], check=True, capture_output=True, timeout=60, **_as_user())

    def kill(self) -> None:
        """End the server as a power cut would, and wait until it is gone."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(first, 9)
        while _alive(first):
            time.sleep(0.02)

    def stop(self) -> None:
        """End the server; its folder stays."""
        command = [self.programs / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop"]
        subprocess.run(command, check=False, capture_output=True, timeout=60, **_as_user())


def postgres_programs() -> Path | None:
    """Return the folder of Debian's PostgreSQL programs, the newest version first; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return found[0].parent if found else None


@contextlib.contextmanager
def postgres(folder: Path, port: int) -> Iterator[PostgresServer]:
    """Run a PostgreSQL server in `folder` while the block runs. Needs `postgres_programs`."""
    programs = postgres_programs()
    assert programs is not None
    if os.geteuid() == 0:
        shutil.chown(folder, _USER)
    command = [programs / "initdb", "-D", folder / "data", "-U", _USER, "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(command, check=True, capture_output=True, timeout=120, **_as_user())
    server = PostgresServer(programs, folder, port)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _as_user() -> dict[str, Any]:
    return (
        {"user": _USER, "cwd": "/", "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}} if os.geteuid() == 0 else {}
    )


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # a process that nobody has waited for is still listed
    return "Z" not in Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
