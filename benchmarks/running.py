"""Processes that a benchmark starts, waits for, looks at and ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
READY_WITHIN = 300.0


@contextmanager
def process(command: list[str | Path], folder: Path, environment: dict[str, str]) -> Iterator[int]:
    """Run a program in a session of its own while the block runs; yields its process id."""
    with tempfile.TemporaryFile() as output:
        running = subprocess.Popen(
            list(map(str, command)), cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True
        )
        try:
            yield running.pid
        finally:
            running.send_signal(signal.SIGTERM)
            try:
                running.wait(30)
            except subprocess.TimeoutExpired:
                running.kill()


def wait_for(address: str, ready: Callable[[httpx.Response], bool]) -> None:
    began = time.monotonic()
    while time.monotonic() - began < READY_WITHIN:
        try:
            if ready(httpx.get(address, timeout=2, trust_env=False)):
                return
        except (httpx.HTTPError, ValueError):
            pass
        time.sleep(0.2)
    raise SystemExit(f"{address} was not ready within {READY_WITHIN:.0f} s")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def children_of(parent: int) -> list[int]:
    listed = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(child) for child in listed]


def command_of(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode().strip("\0").split("\0")


def resident_megabytes(pid: int) -> int:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found.group(1)) // 1024 if found else 0


#: A benchmark asks from one address, more than anybody may.
NO_LIMITS = dict.fromkeys((f"VEJVISER_RATE_PER_{kind}" for kind in ("SESSION", "ADDRESS", "ACCOUNT")), "")


def quiet() -> dict[str, str]:
    return os.environ | NO_LIMITS | {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
