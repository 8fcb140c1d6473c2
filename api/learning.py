"""Learn the search and the danger detector in a process of its own: what that needs in memory goes with it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from api.settings import Settings

_ROOT = Path(__file__).resolve().parent.parent
_MOST_SECONDS = 600
#: Residents come first: what is learned while they talk takes the time they leave.
_NICE = 10


class LearningFailed(Exception):
    """Nothing was learned; the text is one sentence that says why and where to look."""


@contextmanager
def learning(settings: Settings, nice: int = 0) -> Iterator[Callable[[], float]]:
    """Learn while the block runs, and wait for the end of it; what is yielded tells the seconds since the beginning.

    What was learned lies in `settings.learned_folder` afterwards. Raises LearningFailed.
    """
    began = time.monotonic()
    log = settings.data_folder / "learning.log"
    process = subprocess.Popen(
        [sys.executable, "-m", "api.cli", "learn"],
        cwd=_ROOT,
        env=os.environ | settings.as_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=(lambda: os.nice(nice)) if nice else None,
    )
    try:
        yield lambda: time.monotonic() - began
        said, _ = process.communicate(timeout=_MOST_SECONDS)
    except subprocess.TimeoutExpired as late:
        keep_log(log, late.output or b"")
        raise LearningFailed(f"learning took longer than {_MOST_SECONDS} s; see {log}.") from None
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    keep_log(log, said)
    if process.returncode:
        raise LearningFailed(f"learning failed with status {process.returncode}; see {log}.")


def keep_log(log: Path, said: bytes) -> None:
    """Write what a process said to its log, unless the disk is full: it did its work without that."""
    with contextlib.suppress(OSError):
        log.write_bytes(said)


def learn_aside(settings: Settings) -> None:
    """Learn while the service runs, in what time the processors have left; of several workers one learns and the others
    find it done. Raises LearningFailed."""
    settings.learned_folder.mkdir(parents=True, exist_ok=True)
    with (settings.learned_folder / "learning.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with learning(settings, _NICE):
            pass
