"""Databases for the tests: a SQLite file, or a PostgreSQL of Debian's package, started for the run and ended with it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

#: PostgreSQL refuses to run as root; Debian's package makes this user.
_USER = "postgres"


class PostgresServer:
    """A server that a test may kill and start again."""

    def __init__(self, programs: Path, folder: Path, port: int) -> None:
        self._programs, self._folder, self._port = programs, folder, port
        self._process: subprocess.Popen[bytes] | None = None
        self.address = f"postgresql://{_USER}@127.0.0.1:{port}"

    def new_database(self) -> str:
        """Return the address of a new empty database."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(f"{self.address}/postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')  # type: ignore[arg-type]
        return f"{self.address}/{name}"

    def start(self) -> None:
        """Start the server as a child of ours, and wait until it answers."""
        options = ["-p", str(self._port), "-k", str(self._folder), "-c", "listen_addresses=127.0.0.1"]
        command = [self._programs / "postgres", "-D", self._folder / "data", *options, "-c", "max_connections=200"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **_as_user())
        deadline = time.monotonic() + 180  # after a power cut it reads its log first, on a slow disk for long
        while True:
            try:
                psycopg.connect(f"{self.address}/postgres").close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise AssertionError((self._folder / "log").read_text()[-3000:]) from None
                time.sleep(0.05)

    def kill(self) -> None:
        """End the server and all its processes as a power cut would, and wait until they are gone."""
        assert self._process is not None
        first = self._process.pid
        children = [int(one) for one in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
        for process in (first, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._process.wait()
        while any(_alive(process) for process in children):
            time.sleep(0.02)

    @contextlib.contextmanager
    def hanging(self) -> Iterator[None]:
        """Let the server and all its processes hang while the block runs: they live, and answer nobody."""
        assert self._process is not None
        first = self._process.pid
        stopped = [first]
        os.kill(first, signal.SIGSTOP)  # first, so that it starts no other
        stopped += [int(one) for one in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
        try:
            for process in stopped[1:]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGSTOP)
            yield
        finally:
            for process in stopped:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    def stop(self) -> None:
        """End the server; its folder stays."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(timeout=60)


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
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"  # a process that nobody has waited for is still listed
