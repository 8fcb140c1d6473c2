"""One process that is kept alive: started, seen to be healthy, started again when it dies or hangs, and ended."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent

_FIRST_DELAY, _LONGEST_DELAY = 0.5, 10.0
_STEADY_SECONDS = 30.0
_STOP_SECONDS = 8.0
#: A part that was healthy and then answers nothing for so long is hung. One that still starts is given so many times as
#: long, and one that computes all the time, and may just be busy, as many times again.
HUNG_SECONDS, _PATIENT_TIMES = 30.0, 4
#: How often a part is looked at that was healthy or that still starts, and how long a look may take, as shares of
#: HUNG_SECONDS.
_LOOK_EVERY, _LOOK_EVERY_STARTING, _LOOK_LIMIT = 1 / 15, 1 / 60, 1 / 3
#: A process that used this share of a processor is busy.
_BUSY_SHARE = 0.05


@dataclass
class Component:
    """One process: how it is started, and how one sees that it is healthy."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    health_url: str
    process: asyncio.subprocess.Process | None = None
    delay: float = field(default=_FIRST_DELAY)


async def start(part: Component) -> None:
    """Start the process of a part, in a group of its own."""
    part.process = await asyncio.create_subprocess_exec(
        *part.command, env=dict(part.environment), cwd=ROOT, stdin=asyncio.subprocess.DEVNULL, start_new_session=True
    )


async def keep(part: Component, stopping: asyncio.Event, say: Callable[[str], None]) -> None:
    """Start a part again whenever it dies, a little later each time it dies soon."""
    while not stopping.is_set():
        began = time.monotonic()
        assert part.process is not None  # noqa: S101 - started before it is kept
        status = await part.process.wait()
        _signal_group(part.process, signal.SIGKILL)  # what it had started goes with it
        if stopping.is_set():
            return
        if time.monotonic() - began > _STEADY_SECONDS:
            part.delay = _FIRST_DELAY
        say(f"{part.name} stopped with status {status}; it starts again in {part.delay:.1f} s.")
        if await _set_within(stopping, part.delay):
            return
        part.delay = min(part.delay * 2, _LONGEST_DELAY)
        await start(part)


async def watch(
    part: Component, stopping: asyncio.Event, say: Callable[[str], None], hung_after: float = HUNG_SECONDS
) -> None:
    """End a part that has not answered for `hung_after` seconds although its process lives; `keep` starts it again. A slow
    answer is an answer. A process that was not healthy yet is given four times as long, and so is one hard at work."""
    watched: asyncio.subprocess.Process | None = None
    was_well, last, used = False, 0.0, 0.0
    while not await _set_within(stopping, hung_after * (_LOOK_EVERY if was_well else _LOOK_EVERY_STARTING)):
        process = part.process
        if process is None or process.returncode is not None:
            continue
        if process is not watched:
            watched, was_well, last, used = process, False, time.monotonic(), 0.0
        if await answers(part, hung_after * _LOOK_LIMIT):
            was_well, last, used = True, time.monotonic(), _processor_seconds(process.pid)
            continue
        silent = time.monotonic() - last
        busy = _processor_seconds(process.pid) - used > silent * _BUSY_SHARE
        if silent > hung_after * (1 if was_well else _PATIENT_TIMES) * (_PATIENT_TIMES if busy else 1):
            say(f"{part.name} has not answered for {silent:.0f} s although it runs: it is ended and starts again.")
            _signal_group(process, signal.SIGKILL)
            await process.wait()


async def becomes_healthy(part: Component, stopping: asyncio.Event, seconds: float) -> bool:
    """Tell whether a part becomes healthy within some seconds; False as soon as everything stops."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and not stopping.is_set():
        if await answers(part, 2.0):
            return True
        await _set_within(stopping, 0.2)
    return False


async def answers(part: Component, seconds: float) -> bool:
    """Tell whether a part says within some seconds that it is healthy."""
    with contextlib.suppress(httpx.HTTPError):
        # loopback needs no certificates; to read those of the world takes 20 ms of a processor, on every look
        async with httpx.AsyncClient(timeout=seconds, trust_env=False, verify=False) as client:  # noqa: S501
            return (await client.get(part.health_url)).status_code == httpx.codes.OK
    return False


async def stop(part: Component, hurry: asyncio.Event) -> None:
    """End a part and everything it started: first politely, then, after some seconds or in a hurry, surely."""
    process = part.process
    if process is None or process.returncode is not None:
        return
    _signal_group(process, signal.SIGTERM)
    ended, hurried = asyncio.ensure_future(process.wait()), asyncio.ensure_future(hurry.wait())
    await asyncio.wait((ended, hurried), timeout=_STOP_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    hurried.cancel()
    _signal_group(process, signal.SIGKILL)
    await ended


def _signal_group(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, some seconds at most, and tell whether it is set."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


def _processor_seconds(pid: int) -> float:
    """Return how long a process has computed so far; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    user, system = fields[11:13]  # proc(5): utime and stime, the fields 14 and 15
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
