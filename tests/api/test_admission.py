"""Too many at once: who cannot be answered is told so, who is in danger is answered first, afterwards all is as before."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from statistics import median
from types import SimpleNamespace

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api import admission
from api.admission import Admission, Busy, Turns
from api.settings import Settings
from services_catalog.catalogue import Catalogue
from services_catalog.seeding import seed_database
from tests.conftest import LEARNED, ROOT, free_port

AT_WORK, WAITING = 3, 4


def test_turns_are_held_waited_for_and_refused() -> None:
    async def test() -> None:
        turns, go_on = Turns(AT_WORK, WAITING), asyncio.Event()
        refused = 0

        async def message() -> None:
            nonlocal refused
            try:
                async with turns.turn():
                    await go_on.wait()
            except Busy:
                refused += 1

        messages = [asyncio.create_task(message()) for _ in range(AT_WORK + WAITING + 5)]
        await asyncio.sleep(0.05)
        assert (turns.at_work, turns.waiting, refused) == (AT_WORK, WAITING, 5)
        go_on.set()
        await asyncio.gather(*messages)
        assert (turns.at_work, turns.waiting, refused) == (0, 0, 5)

    asyncio.run(test())


def test_nobody_waits_long_and_a_failed_turn_is_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "LONGEST_WAIT", 0.1)

    async def test() -> None:
        turns = Turns(AT_WORK, WAITING)
        async with contextlib.AsyncExitStack() as held:
            for _ in range(AT_WORK):
                await held.enter_async_context(turns.turn())
            with pytest.raises(Busy):
                async with turns.turn():
                    pass
            given_up = asyncio.create_task(_hold(turns))
            await asyncio.sleep(0.01)
            given_up.cancel()
            with pytest.raises(asyncio.CancelledError):
                await given_up
        for _ in range(AT_WORK + 1):
            with pytest.raises(ZeroDivisionError):
                async with turns.turn():
                    raise ZeroDivisionError
        assert (turns.at_work, turns.waiting) == (0, 0)

    asyncio.run(test())


async def _hold(turns: Turns) -> None:
    async with turns.turn():
        pass


# Against the real service, Rasa replaced by one that takes its time.

_SLOW, _SECONDS = 0.3, 4.0
_REPLY = b'[{"custom": {"outcome": "answer", "language": "da", "text": "Det koster ikke noget."}}]'


class _SlowRasa(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(_SLOW)
        self._answer(_REPLY)

    def do_GET(self) -> None:
        self._answer(b"{}")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        return None


class _Server(ThreadingHTTPServer):
    request_queue_size = 100


@pytest.fixture(scope="module")
def slow_rasa() -> Iterator[int]:
    server = _Server(("127.0.0.1", 0), _SlowRasa)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def service(slow_rasa: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an api with few turns."""
    url = f"sqlite:///{tmp_path_factory.mktemp('busy')}/catalogue.db"
    seed_database(url)
    environment = os.environ | {
        "VEJVISER_DATABASE_URL": url,
        "VEJVISER_DATA_FOLDER": str(LEARNED.parent),
        "VEJVISER_BOT_PORT": str(slow_rasa),
        "VEJVISER_ACTIONS_PORT": str(slow_rasa),
        "VEJVISER_TURNS_AT_WORK": str(AT_WORK),
        "VEJVISER_TURNS_WAITING": str(WAITING),
    }
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app", "--port", str(port)]
    process = subprocess.Popen([*command, "--log-level", "error"], cwd=ROOT, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 240
        while time.monotonic() < deadline:
            assert process.poll() is None
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{address}/health/live", timeout=1, trust_env=False).status_code == 200:
                    break
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


@dataclass
class Seen:
    """What the residents of a load saw."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    refusals: list[httpx.Response] = field(default_factory=list)


async def _resident(client: httpx.AsyncClient, text: str, until: float, seen: Seen) -> None:
    """Say the same again and again, at once after each answer."""
    while time.monotonic() < until:
        began = time.perf_counter()
        response = await client.post("/api/v1/chat", json={"text": text})
        kind = "busy" if response.status_code == 503 else str(response.json()["outcome"])
        seen.seconds[kind].append(time.perf_counter() - began)
        if kind == "busy":
            seen.refusals.append(response)
            await asyncio.sleep(0.5)


@contextlib.asynccontextmanager
async def _browser(service: str) -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(base_url=service, timeout=20, trust_env=False, limits=limits) as client:
        yield client


def test_at_five_times_the_capacity_danger_comes_first_and_afterwards_all_is_normal(service: str) -> None:
    async def load() -> Seen:
        seen = Seen()
        async with _browser(service) as client:
            await client.post("/api/v1/chat", json={"text": "min mand slår mig"})  # what is made at first use
            until = time.monotonic() + _SECONDS
            # as many as fit in, five times over; and two who are in danger
            ordinary = [_resident(client, "hvad koster det?", until, seen) for _ in range(5 * (AT_WORK + WAITING))]
            await asyncio.gather(*ordinary, *(_resident(client, "min mand slår mig", until, seen) for _ in range(2)))
        return seen

    seen = asyncio.run(load())
    counts = {kind: len(times) for kind, times in seen.seconds.items()}
    assert counts.keys() == {"answer", "crisis", "busy"}, counts
    assert median(seen.seconds["crisis"]) < 1.0
    assert max(itertools.chain(*seen.seconds.values())) < 5.0
    # the turns were used nearly all the time
    assert counts["answer"] >= 0.5 * _SECONDS * AT_WORK / _SLOW, counts
    refusal = seen.refusals[-1]
    assert refusal.headers["content-type"] == "application/problem+json"
    assert int(refusal.headers["retry-after"]) >= 1
    assert refusal.headers["content-language"] == "da"
    assert "33 66 33 66" in refusal.json()["detail"]

    async def afterwards() -> None:
        async with _browser(service) as client:
            for _ in range(5):
                began = time.perf_counter()
                answer = await client.post("/api/v1/chat", json={"text": "hvad koster det?"})
                assert answer.json()["outcome"] == "answer"
                assert time.perf_counter() - began < _SLOW + 1.0

    asyncio.run(afterwards())


def test_other_requests_are_bounded_and_what_watches_is_not(catalogue: Catalogue) -> None:
    app = FastAPI()
    app.state.settings = Settings(requests_in_flight=2)
    app.state.admission = Admission(app.state.settings)
    app.state.catalogue = SimpleNamespace(current=SimpleNamespace(catalogue=catalogue))
    at_work, go_on = threading.Semaphore(0), threading.Event()

    @app.get("/api/v1/search")
    def search() -> str:
        at_work.release()
        go_on.wait(10)
        return "found"

    @app.get("/health/live")
    def live() -> str:
        return "alive"

    admission.install(app)
    with TestClient(app) as client:
        answers: list[httpx.Response] = []
        threads = [threading.Thread(target=lambda: answers.append(client.get("/api/v1/search"))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for _ in threads:
            assert at_work.acquire(timeout=10)
        refused = client.get("/api/v1/search", headers={"Accept-Language": "ar"})
        assert (refused.status_code, refused.headers["content-language"]) == (503, "ar")
        assert int(refused.headers["retry-after"]) >= 1
        assert client.get("/health/live").status_code == 200
        go_on.set()
        for thread in threads:
            thread.join()
        assert [answer.status_code for answer in answers] == [200, 200]
        assert client.get("/api/v1/search").status_code == 200
