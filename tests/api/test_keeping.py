"""Keeping processes alive, with small real ones: they die, hang, work hard, refuse to end, or are asked to end at once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from api.keeping import Component, answers, becomes_healthy, keep, start, stop, watch
from tests.conftest import free_port

#: Serves 200 to everybody. While a file of the name in argv 3 is there it works hard and answers nobody; argv 2 is what it
#: does with SIGTERM: "obey" or "ignore".
SERVER = """
import http.server, os, signal, sys, time
if sys.argv[2] == "ignore":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        while os.path.exists(sys.argv[3]):
            pass
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""
HUNG_AFTER = 1.2


def part(on_term: str = "obey", busy_file: str = "/nowhere") -> Component:
    port = free_port()
    command = [sys.executable, "-c", SERVER, str(port), on_term, busy_file]
    return Component("bot", command, os.environ, f"http://127.0.0.1:{port}/", delay=0.05)


@asynccontextmanager
async def kept(one: Component, said: list[str]) -> AsyncIterator[asyncio.Event]:
    """Start a part, keep it and watch it while the block runs."""
    stopping = asyncio.Event()
    await start(one)
    assert await becomes_healthy(one, stopping, 20)
    tasks = [
        asyncio.create_task(keep(one, stopping, said.append)),
        asyncio.create_task(watch(one, stopping, said.append, HUNG_AFTER)),
    ]
    await asyncio.sleep(HUNG_AFTER / 4)  # it is seen well
    try:
        yield stopping
    finally:
        stopping.set()
        await stop(one, stopping)
        for task in tasks:
            task.cancel()


async def until_another(one: Component, first: int) -> None:
    """Wait until a part runs healthily in another process than its first."""
    deadline = time.monotonic() + 20
    while one.process is None or one.process.pid == first or not await answers(one, 1):
        assert time.monotonic() < deadline, "it was not started again"
        await asyncio.sleep(0.05)


def pid(one: Component) -> int:
    assert one.process is not None
    return one.process.pid


def test_what_dies_is_started_again() -> None:
    async def scenario() -> None:
        one, said = part(), list[str]()
        async with kept(one, said):
            first = pid(one)
            os.kill(first, signal.SIGKILL)
            await until_another(one, first)
        assert said == ["bot stopped with status -9; it starts again in 0.1 s."]

    asyncio.run(scenario())


def test_what_hangs_is_ended_and_started_again() -> None:
    async def scenario() -> None:
        one, said = part(), list[str]()
        async with kept(one, said):
            first = pid(one)
            os.kill(first, signal.SIGSTOP)
            await until_another(one, first)
        assert said[0].startswith("bot has not answered for ")
        assert said[0].endswith(" s although it runs: it is ended and starts again.")
        assert len(said) == 2

    asyncio.run(scenario())


def test_what_hangs_for_a_moment_goes_on() -> None:
    async def scenario() -> None:
        one, said = part(), list[str]()
        async with kept(one, said):
            first = pid(one)
            os.kill(first, signal.SIGSTOP)
            await asyncio.sleep(HUNG_AFTER / 2)
            os.kill(first, signal.SIGCONT)
            await asyncio.sleep(HUNG_AFTER * 1.5)
            assert pid(one) == first
        assert said == []

    asyncio.run(scenario())


def test_what_is_hard_at_work_is_given_longer(tmp_path: Path) -> None:
    async def scenario() -> None:
        busy = tmp_path / "busy"
        one, said = part(busy_file=str(busy)), list[str]()
        async with kept(one, said):
            first = pid(one)
            busy.touch()
            await asyncio.sleep(HUNG_AFTER * 2.2)
            assert pid(one) == first
            assert said == []
            busy.unlink()
            assert await becomes_healthy(one, asyncio.Event(), 20)

    asyncio.run(scenario())


def test_work_without_end_is_ended(tmp_path: Path) -> None:
    async def scenario() -> None:
        busy = tmp_path / "busy"
        one, said = part(busy_file=str(busy)), list[str]()
        async with kept(one, said):
            first = pid(one)
            busy.touch()
            while not said:  # the time limit of the test bounds it
                await asyncio.sleep(0.05)
            busy.unlink()
            await until_another(one, first)

    asyncio.run(scenario())


def test_what_hangs_while_it_starts_is_given_longer_and_then_ended() -> None:
    async def scenario() -> None:
        one, said, stopping = part(), list[str](), asyncio.Event()
        one.command[2] = "import time; time.sleep(60)"
        await start(one)
        first = pid(one)
        task = asyncio.create_task(watch(one, stopping, said.append, 0.5))
        await asyncio.sleep(1.5)
        assert said == []
        assert one.process is not None
        await asyncio.wait_for(one.process.wait(), 20)
        assert (pid(one), one.process.returncode) == (first, -signal.SIGKILL)
        assert len(said) == 1
        stopping.set()
        await task

    asyncio.run(scenario())


def test_what_hangs_as_soon_as_it_was_well_is_ended() -> None:
    async def scenario() -> None:
        one, said, stopping = part(), list[str](), asyncio.Event()
        await start(one)
        tasks = [
            asyncio.create_task(keep(one, stopping, said.append)),
            asyncio.create_task(watch(one, stopping, said.append, HUNG_AFTER)),
        ]
        assert await becomes_healthy(one, stopping, 20)
        first = pid(one)
        os.kill(first, signal.SIGSTOP)
        await until_another(one, first)
        stopping.set()
        await stop(one, stopping)
        await asyncio.gather(*tasks)

    asyncio.run(scenario())


@pytest.mark.parametrize("hurried", [False, True], ids=["obedient", "stubborn-and-hurried"])
def test_a_stop_is_polite_unless_it_is_urgent(hurried: bool) -> None:
    async def scenario() -> None:
        one, hurry = part("ignore" if hurried else "obey"), asyncio.Event()
        await start(one)
        assert await becomes_healthy(one, asyncio.Event(), 20)
        began = time.monotonic()
        ending = asyncio.create_task(stop(one, hurry))
        await asyncio.sleep(0.3)
        if hurried:
            assert not ending.done()
            hurry.set()
        await ending
        assert time.monotonic() - began < 5
        assert one.process is not None
        assert one.process.returncode == -(signal.SIGKILL if hurried else signal.SIGTERM)
        with pytest.raises(ProcessLookupError):
            os.killpg(one.process.pid, 0)

    asyncio.run(scenario())


def test_what_a_part_had_started_goes_with_it() -> None:
    async def scenario() -> None:
        one, said = part(), list[str]()
        child = "import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        one.command[2] = child + SERVER
        async with kept(one, said):
            first = pid(one)
            os.kill(first, signal.SIGKILL)
            await until_another(one, first)
            alive = subprocess.run(["pgrep", "-g", str(first), "-r", "R,S,D,T"], capture_output=True, check=False)
            assert alive.stdout == b""

    asyncio.run(scenario())
