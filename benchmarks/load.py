"""Many residents at once: how many turns a second, how long they wait, what memory does over time, and what becomes of a load
that is far too large.

    .venv/bin/python benchmarks/load.py                      # one node, then two: capacity and overload (five minutes)
    .venv/bin/python benchmarks/load.py --soak 30 --nodes 1  # half an hour at 60 % of the capacity

A node is one `vejviser serve` (api, Rasa, action server); two share a Redis and a database. Residents are those of `talks.py`.
The load comes from this process on the same machine, so it takes some of what it measures. Rate limits are off: all come from
one address.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import secrets
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import aiohttp
from running import ROOT, children_of, free_port, process, quiet, resident_megabytes, wait_for
from talks import Talk, messages_in_danger, talks

_STEPS = (1, 2, 4, 8, 16, 32)
_STEP_SECONDS = 20.0
_OVERLOAD_FACTOR, _OVERLOAD_SECONDS = 5, 30.0
_RECOVERY_WITHIN, _RECOVERY_SECONDS = 30.0, 20.0
_SOAK_SHARE, _WARM_UP_SHARE = 0.6, 0.2
#: A browser of ours waits no longer.
_PATIENCE = 15.0
#: One message in so many is of somebody in danger while the load is too large.
_DANGER_ONE_IN = 20
#: Seconds between two looks at how late this process is itself.
_LOOK_AT_LAG = 0.02


@dataclass
class Seen:
    """What came back of a load: seconds of each answered turn, how many were degraded, refused as busy or failed."""

    seconds: list[float] = field(default_factory=list)
    crises: list[float] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)
    said: Counter[str] = field(default_factory=Counter)
    took: float = 0.0

    def summary(self) -> dict[str, object]:
        """Return turns a second, p50, p95, p99 in milliseconds and what was said, counted."""
        return {"turns/s": round(len(self.seconds) / self.took, 1)} | _percentiles(self.seconds) | dict(self.said)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, nargs="+", default=[1, 2], help="how many nodes, one measurement each")
    parser.add_argument("--soak", type=float, default=0, metavar="MINUTES", help="keep on at 60 %% of the capacity")
    parser.add_argument("--step", type=float, default=_STEP_SECONDS, metavar="SECONDS", help="length of each step")
    parser.add_argument(
        "--capacity", type=float, metavar="TURNS", help="take this as the capacity instead of measuring it in steps"
    )
    parser.add_argument("--json", type=Path, help="write what was found to this file")
    options = parser.parse_args()
    found = {}
    for count in options.nodes:
        with nodes(count) as (bases, parents):
            found[f"{count} node(s)"] = asyncio.run(
                _measure(bases, parents, options.step, options.soak * 60, options.capacity)
            )
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))


async def _measure(
    bases: list[str], parents: list[int], step: float, soak: float, capacity: float | None
) -> dict[str, object]:
    residents = iter(talks(seed=7))
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=_PATIENCE)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as client:
        await _closed(client, bases, residents, 2, step)  # what is loaded at first use
        steps = {}
        for clients in () if capacity else _STEPS:
            steps[clients] = (await _closed(client, bases, residents, clients, step)).summary()
            _say(f"{len(bases)} node(s), {clients:>2} residents without a pause: {steps[clients]}")
        capacity = capacity or max(float(str(one["turns/s"])) for one in steps.values())
        found: dict[str, object] = {"steps": steps, "capacity, turns/s": capacity}
        found["overload"] = await _overload(client, bases, residents, capacity * _OVERLOAD_FACTOR)
        if soak:
            found["soak"] = await _soak(client, bases, parents, residents, capacity * _SOAK_SHARE, soak)
        return found


async def _closed(
    client: aiohttp.ClientSession, bases: list[str], residents: Iterator[Talk], clients: int, seconds: float
) -> Seen:
    """Let so many residents talk for some time, each sending her next message when she has the answer to the last."""
    seen, began = Seen(), time.perf_counter()

    async def resident() -> None:
        while time.perf_counter() - began < seconds:
            session = None
            for number, text in enumerate(next(residents).messages):
                session = await _turn(client, bases[number % len(bases)], text, session, seen)

    await asyncio.gather(*(resident() for _ in range(clients)))
    seen.took = time.perf_counter() - began
    return seen


async def _overload(
    client: aiohttp.ClientSession, bases: list[str], residents: Iterator[Talk], rate: float
) -> dict[str, object]:
    """Send far more than can be answered, one in twenty from somebody in danger; then see how soon all is as before."""
    danger = itertools.cycle(messages_in_danger())
    ordinary, endangered = Seen(), Seen()
    lags: list[float] = []
    watching = asyncio.create_task(_watch_own_lag(lags))
    began, worked = time.perf_counter(), time.process_time()
    waiting: set[asyncio.Task[object]] = set()
    for number in range(int(rate * _OVERLOAD_SECONDS)):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        in_danger = number % _DANGER_ONE_IN == 0
        text = next(danger)[1] if in_danger else next(residents).messages[0]
        seen = endangered if in_danger else ordinary
        task = asyncio.ensure_future(_turn(client, bases[number % len(bases)], text, None, seen))
        waiting.add(task)
        task.add_done_callback(waiting.discard)
    sent = time.perf_counter() - began
    own_share = (time.process_time() - worked) / sent
    await asyncio.gather(*waiting)
    ordinary.took = endangered.took = ended_after = time.perf_counter() - began
    watching.cancel()
    ended = time.perf_counter()
    while time.perf_counter() - ended < _RECOVERY_WITHIN:
        again = await _closed(client, bases, residents, 1, 1.0)
        if set(again.said) == {"answered"}:
            break
    recovered = time.perf_counter() - ended
    after = await _closed(client, bases, residents, 1, _RECOVERY_SECONDS)
    found: dict[str, object] = {
        "sent/s": round(rate * _OVERLOAD_SECONDS / sent, 1),
        "ordinary": ordinary.summary(),
        "answered a second while it lasted": round((len(ordinary.seconds) + len(endangered.seconds)) / ended_after, 1),
        "turned away, ms": _percentiles(ordinary.refusals + endangered.refusals),
        "in danger": endangered.summary(),
        "in danger, crisis answers": len(endangered.crises),
        "in danger, crisis answers, ms": _percentiles(endangered.crises),
        "load's own lag, ms": _percentiles(lags),
        "load's own share of a core": round(own_share, 2),
        "normal again after, s": round(recovered, 1),
        "one resident afterwards": after.summary(),
    }
    _say(f"{len(bases)} node(s), overload: {found}")
    return found


async def _soak(
    client: aiohttp.ClientSession,
    bases: list[str],
    parents: list[int],
    residents: Iterator[Talk],
    rate: float,
    seconds: float,
) -> dict[str, object]:
    """Keep a steady load and look at the memory of every process every few seconds."""
    seen, began = Seen(), time.perf_counter()
    memory: list[tuple[float, int]] = []
    sessions: dict[int, str | None] = {}
    queues = [list(next(residents).messages) for _ in range(64)]
    waiting: set[asyncio.Task[None]] = set()

    async def say(place: int, text: str, base: str, first: bool) -> None:
        sessions[place] = await _turn(client, base, text, None if first else sessions.get(place), seen)

    firsts = [True] * len(queues)
    looked = 0.0
    for number in itertools.count():
        now = time.perf_counter() - began
        if now > seconds:
            break
        if now - looked > max(2.0, seconds / 200):
            looked = now
            memory.append((now, sum(_tree_megabytes(parent) for parent in parents)))
        place = number % len(queues)
        if not queues[place]:
            queues[place], firsts[place] = list(next(residents).messages), True
        task = asyncio.ensure_future(say(place, queues[place].pop(0), bases[number % len(bases)], firsts[place]))
        firsts[place] = False
        waiting.add(task)
        task.add_done_callback(waiting.discard)
        await asyncio.sleep(max(0.0, began + (number + 1) / rate - time.perf_counter()))
    await asyncio.gather(*waiting)
    seen.took = time.perf_counter() - began
    warm = [megabytes for at, megabytes in memory if at > seconds * _WARM_UP_SHARE]
    tenth = max(1, len(warm) // 10)
    first, last = median(warm[:tenth]), median(warm[-tenth:])
    found: dict[str, object] = {
        "minutes": round(seconds / 60, 1),
        "turns": len(seen.seconds),
        "all": seen.summary(),
        "memory after warm-up, MB": first,
        "memory at the end, MB": last,
        "growth, %": round((last / first - 1) * 100, 2),
        "memory, MB": [(round(at), megabytes) for at, megabytes in memory],
    }
    _say(f"{len(bases)} node(s), soak: { {name: value for name, value in found.items() if name != 'memory, MB'} }")
    return found


async def _turn(client: aiohttp.ClientSession, base: str, text: str, session: str | None, seen: Seen) -> str | None:
    """Send one message, note what became of it, and return the conversation to go on with."""
    body = {"text": text} | ({"session": session} if session else {})
    began = time.perf_counter()
    try:
        async with client.post(f"{base}/api/v1/chat", json=body) as response:
            answer = await response.json(content_type=None) if response.status == 200 else await response.read()
    except (aiohttp.ClientError, TimeoutError) as failure:
        seen.said[type(failure).__name__] += 1
        return session
    seconds = time.perf_counter() - began
    if response.status != 200:
        told = "" if "Retry-After" in response.headers else ", not said when to come back"
        seen.said[f"status {response.status}{told}"] += 1
        seen.refusals.append(seconds)
        return session
    seen.seconds.append(seconds)
    seen.said["degraded" if answer["degraded"] else "answered"] += 1
    if answer["outcome"] == "crisis":
        seen.crises.append(seconds)
    return str(answer["session"])


async def _watch_own_lag(lags: list[float]) -> None:
    """Note again and again how much later than it wanted this process goes on: so much is none of the service's."""
    while True:
        wanted = time.perf_counter() + _LOOK_AT_LAG
        await asyncio.sleep(_LOOK_AT_LAG)
        lags.append(time.perf_counter() - wanted)


@contextmanager
def nodes(count: int) -> Iterator[tuple[list[str], list[int]]]:
    """Run so many nodes while the block runs; yields their addresses and the process ids of their supervisors."""
    with ExitStack() as running, tempfile.TemporaryDirectory() as folder:
        shared = quiet() | {
            "VEJVISER_INTERNAL_SECRET": secrets.token_hex(16),
            "VEJVISER_DATABASE_URL": f"sqlite:///{folder}/catalogue.db",
            "VEJVISER_RATE_PER_SESSION": "",
            "VEJVISER_RATE_PER_ADDRESS": "",
        }
        if count > 1:
            if shutil.which("redis-server") is None:
                raise SystemExit("several nodes need Redis: install Debian's redis-server.")
            port = free_port()
            command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
            running.enter_context(process(command, Path(folder), quiet()))
            shared["VEJVISER_REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
        bases, parents = [], []
        for _ in range(count):
            ports = {f"VEJVISER_{name}": str(free_port()) for name in ("PORT", "BOT_PORT", "ACTIONS_PORT")}
            command = [str(ROOT / ".venv" / "bin" / "vejviser"), "serve"]
            parents.append(running.enter_context(process(command, ROOT, shared | ports)))
            bases.append(f"http://127.0.0.1:{ports['VEJVISER_PORT']}")
            wait_for(f"{bases[-1]}/health/ready", lambda answer: answer.json().get("conversation") is True)
        yield bases, parents


def _tree_megabytes(parent: int) -> int:
    return resident_megabytes(parent) + sum(_tree_megabytes(child) for child in children_of(parent))


def _percentiles(seconds: list[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {}
    cuts = quantiles(seconds, n=100)
    return {name: round(cuts[at] * 1e3, 1) for name, at in (("p50", 49), ("p95", 94), ("p99", 98))}


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
