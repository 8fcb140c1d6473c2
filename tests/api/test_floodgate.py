"""More messages than can be answered: each is told so and what to do in danger; danger is still seen and answered."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.admission import LONGEST_WAIT, Turns
from api.floodgate import Lateness
from services_catalog.crisis import CrisisRules

BY_RULE = "min mand slår mig"
#: No rule matches these, the learned detector does.
_SAID_BETWEEN_THE_LINES = (
    "he has the key and I count my steps",
    "han tager min telefon hver aften og jeg skal forklare hvem jeg har talt med",
    "he checks my phone every night and decides who I may see",
)


def app_of(client: TestClient) -> FastAPI:
    assert isinstance(client.app, FastAPI)
    return client.app


@contextmanager
def crowd(client: TestClient) -> Iterator[None]:
    """Take every place of the chat while the block runs."""
    admission = app_of(client).state.admission
    with ExitStack() as places:
        while not admission.crowded:
            places.enter_context(admission.place())
        yield


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Let the process be late by some seconds."""
    return lambda seconds: monkeypatch.setattr(Lateness, "seconds", lambda _self: seconds)


def say(client: TestClient, text: str, query: str = "", **headers: str) -> httpx.Response:
    return client.post(f"/api/v1/chat{query}", json={"text": text}, headers=headers)


def counted(client: TestClient, name: str, **labels: str) -> float:
    return app_of(client).state.metrics.registry.get_sample_value(name, labels) or 0.0


def test_who_finds_no_place_is_told_what_to_do_in_danger_whom_to_ask_and_when_to_come_back(client: TestClient) -> None:
    chat = {"method": "POST", "route": "/api/v1/chat", "status": "503"}
    before = counted(client, "vejviser_messages_turned_away_total", look="whole")
    requests_before = counted(client, "vejviser_requests_total", **chat)
    with crowd(client):
        refused = say(client, "hvad koster svømning for børn?")
    assert refused.status_code == 503
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["cache-control"] == "no-store"
    assert int(refused.headers["retry-after"]) >= 1
    assert "112" in refused.json()["detail"]
    assert "33 66 33 66" in refused.json()["detail"]
    assert counted(client, "vejviser_messages_turned_away_total", look="whole") == before + 1
    assert counted(client, "vejviser_requests_total", **chat) == requests_before + 1
    assert say(client, "hvad koster svømning for børn?").status_code == 200


@pytest.mark.parametrize(
    ("text", "query", "accepted", "language"),
    [
        ("where can I learn to swim?", "?language=en", "da", "en"),
        ("where can I learn to swim?", "", "en-GB,en;q=0.9", "en"),
        ("أين يمكن أن أتعلم السباحة؟", "?language=da", "da", "ar"),
        ("де навчитися плавати?", "", "", "uk"),
        ("hvor kan man lære at svømme?", "", "fr", "da"),
        ("fein ta3lim al siba7a", "?language=ar", "da", "ar"),
    ],
)
def test_it_is_told_in_the_language_written_or_asked_for(
    client: TestClient, text: str, query: str, accepted: str, language: str
) -> None:
    with crowd(client):
        refused = say(client, text, query, **{"Accept-Language": accepted})
    assert (refused.status_code, refused.headers["content-language"]) == (503, language)


@pytest.mark.parametrize("text", [BY_RULE, "jeg vil dø", "زوجي يضربني", "чоловік б'є мене", "my husband hits me"])
def test_danger_is_answered_however_many_there_are(client: TestClient, text: str) -> None:
    before = counted(client, "vejviser_degraded_answers_total", reason="crowded")
    with crowd(client):
        answer = say(client, text).json()
    assert answer["outcome"] == "crisis"
    assert answer["crisis"]["steps"]
    assert answer["offers"] == []
    assert counted(client, "vejviser_degraded_answers_total", reason="crowded") == before + 1
    assert say(client, text).json()["crisis"] == answer["crisis"]


def test_the_later_the_process_is_the_less_closely_it_looks(
    client: TestClient, late: Callable[[float], None], crisis_rules: CrisisRules
) -> None:
    learned = next(
        text
        for text in _SAID_BETWEEN_THE_LINES
        if crisis_rules.recognize(text) and not crisis_rules.recognize(text, learned=False)
    )
    with crowd(client):
        for seconds, look, answered in ((0.0, "", 2), (0.2, "rules", 1), (1.0, "none", 0)):
            late(seconds)
            before = counted(client, "vejviser_messages_turned_away_total", look=look) if look else 0
            answers = [say(client, text) for text in (BY_RULE, learned)]
            assert sum(one.status_code == 200 for one in answers) == answered, seconds
            assert all("112" in one.json()["detail"] for one in answers if one.status_code == 503)
            if look:
                after = counted(client, "vejviser_messages_turned_away_total", look=look)
                assert after - before == 2 - answered


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1]",
        b'{"text": 7}',
        b'{"text": "' + b"x" * 30_000 + b'"}',
        b'{"remove": ["age"]}',
        b"\xff",
        b"[" * 9_000,
    ],
)
def test_what_cannot_be_read_is_told_so_too(client: TestClient, body: bytes) -> None:
    with crowd(client):
        refused = client.post("/api/v1/chat", content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code == 503
    assert "112" in refused.json()["detail"]


def test_a_message_in_pieces_is_looked_at_whole(client: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        yield b'{"text": "min mand '
        yield "slår mig".encode() + b'"}'

    with crowd(client):
        answer = client.post("/api/v1/chat", content=pieces(), headers={"Content-Type": "application/json"})
    assert answer.json()["outcome"] == "crisis"


def test_lateness_is_seen_while_it_lasts_and_is_over_with_it() -> None:
    async def test() -> list[float]:
        lateness = Lateness()
        seen = [lateness.seconds()]
        asyncio.get_running_loop().call_soon(time.sleep, 0.3)
        asyncio.get_running_loop().call_soon(lambda: seen.append(lateness.seconds()))
        await asyncio.sleep(0.01)
        async with asyncio.timeout(10):
            while lateness.seconds() > 0.1:
                await asyncio.sleep(0.02)
        return seen

    before, meanwhile = asyncio.run(test())
    assert before < 0.1
    assert meanwhile > 0.2


def test_who_would_wait_too_long_is_known_from_how_fast_turns_come_back() -> None:
    async def test() -> tuple[float, float]:
        turns = Turns(at_work=1, waiting=100)

        async def message() -> None:
            async with turns.turn():
                await asyncio.sleep(0.01)

        waiting = [asyncio.create_task(message()) for _ in range(60)]
        await asyncio.sleep(0.3)
        while_they_wait = turns.expected_wait / turns.waiting
        await asyncio.gather(*waiting)
        return while_they_wait, turns.expected_wait

    for_each, afterwards = asyncio.run(test())
    assert 0.002 < for_each < LONGEST_WAIT
    assert afterwards == 0
