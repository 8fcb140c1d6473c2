"""Programs as the worked example runs them: started on a machine, killed as a power cut would, and ended for good."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

_STOP_SECONDS = 30.0


class NotStarted(Exception):
    """A program did not come up; the text ends with what it said last."""


class Program:
    """One program that may be killed and started again. Everything it writes goes to `log`."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        answers: Callable[[], bool],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        seconds: float = 30.0,
    ) -> None:
        """`answers` tells whether it is up; that takes `seconds` at most. `user` runs it, where root may change that."""
        self.name, self._command, self._answers, self.log = name, [str(one) for one in command], answers, log
        self._environment, self._user, self._seconds = environment, user, seconds
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start it, without waiting until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                user=self._user if os.geteuid() == 0 else None,
                cwd="/" if self._user else None,
                start_new_session=True,
            )

    def wait(self) -> None:
        """Wait until it answers. Raises NotStarted."""
        deadline = time.monotonic() + self._seconds
        while not self._answers():
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                raise NotStarted(f"{self.name} did not start:\n{self.log.read_text(errors='replace')[-3000:]}")
            time.sleep(0.1)

    def start(self) -> None:
        """Start it and wait until it answers. Raises NotStarted."""
        self.begin()
        self.wait()

    @property
    def pid(self) -> int:
        """The id of its first process. Raises NotStarted before it was started."""
        if self._process is None:
            raise NotStarted(f"{self.name} was not started")
        return self._process.pid

    def kill(self) -> None:
        """End it and all its processes at once, and wait until they are gone."""
        if self._process is not None:
            ended = descendants(self._process.pid)
            end_at_once(self._process.pid, *ended)
            self._process.wait()
            _wait_until_gone(ended)

    def stop(self) -> None:
        """Ask it to end, and end at once whatever is left of it after half a minute."""
        if self._process is None or self._process.poll() is not None:
            return
        left = descendants(self._process.pid)
        self._process.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_STOP_SECONDS)
        end_at_once(self._process.pid, *left)
        self._process.wait()
        _wait_until_gone(left)


def descendants(pid: int) -> list[int]:
    """Return the ids of all processes that a process has started, and they in turn."""
    found = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += [int(child), *descendants(int(child))]
    return found


def command_line(pid: int) -> str:
    """Return the command line of a process; empty when it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def end_at_once(*pids: int) -> None:
    """Send SIGKILL to processes; those that are gone are no error."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _wait_until_gone(pids: Sequence[int]) -> None:
    while any(command_line(pid) or _open_files(pid) for pid in pids):
        time.sleep(0.02)


def _open_files(pid: int) -> int:
    """Return how many files a process has open: what was ended loses its command line before it lets go of its ports."""
    with contextlib.suppress(OSError):
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return 0
