"""Nobody keeps the service from others: limits by conversation, address and account, in memory and in a Redis of many."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from pydantic import SecretStr, ValidationError
from redis import Redis

from api import proxies
from api.login import client_address
from api.main import create_app
from api.rate_limits import RateLimits
from api.redis_line import RedisLine
from api.settings import Settings
from services_catalog.accounts.throttle import network_of
from services_catalog.seeding import seed_database
from tests.conftest import LEARNED, STAFF_TOKEN, free_port
from tests.redis_server import PROGRAM, WHY_SKIPPED, RedisServer, redis_server

PROXY = "192.0.2.1"
SESSION, ADDRESS, ACCOUNT = 4, 12, 6
SEARCH = "/api/v1/search?q=dansk"
STAFF = {"Authorization": f"Bearer {STAFF_TOKEN}"}
_ADDRESSES = (f"203.0.113.{number}" for number in itertools.count(1))


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    if PROGRAM is None:
        pytest.skip(WHY_SKIPPED)
    with redis_server() as running:
        yield running


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('limits')}/catalogue.db"
    seed_database(url)
    return url


@pytest.fixture(scope="module", params=["memory", "redis"])
def limited(request: pytest.FixtureRequest, seeded: str) -> Iterator[TestClient]:
    """The application without Rasa, behind a proxy that tells whose request it hands on."""
    settings = Settings(
        database_url=seeded,
        redis_url=SecretStr(request.getfixturevalue("server").url if request.param == "redis" else ""),
        bot_port=free_port(),
        staff_tokens=SecretStr(STAFF_TOKEN),
        internal_secret=SecretStr("inside"),
        data_folder=LEARNED.parent,
        relearn_after=3600,
        trusted_proxies=PROXY,
        rate_per_session=f"{SESSION}/hour",
        rate_per_address=f"{ADDRESS}/hour",
        rate_per_account=f"{ACCOUNT}/hour",
    )
    with TestClient(create_app(settings), raise_server_exceptions=False, client=(PROXY, 1)) as running:
        yield running


@pytest.fixture
def address() -> dict[str, str]:
    """The header of somebody who was never seen."""
    return {"X-Forwarded-For": next(_ADDRESSES)}


def admitted(ask: Callable[[], httpx.Response], most: int) -> httpx.Response:
    """Ask as often as the limit admits, and return the refusal. At the full hour one more may pass."""
    for number in range(most + 2):
        response = ask()
        if response.status_code == 429:
            assert number >= most
            return response
        assert response.status_code == 200, response.text
    raise AssertionError(f"never refused in {most + 2} requests")


def say(client: TestClient, text: str, headers: dict[str, str], session: str | None = None) -> httpx.Response:
    body = {"text": text} | ({"session": session} if session else {})
    return client.post("/api/v1/chat", json=body, headers=headers)


def test_an_address_that_asks_too_often_is_told_when_to_come_back(limited: TestClient, address: dict[str, str]) -> None:
    refused = admitted(lambda: limited.get(SEARCH, headers=address | {"Accept-Language": "uk"}), ADDRESS)
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["content-language"] == "uk"
    assert 1 <= int(refused.headers["retry-after"]) <= 3600 + 3600 / ADDRESS + 1
    assert refused.headers["x-frame-options"] == "DENY"
    assert refused.headers["retry-after"] in refused.json()["detail"]
    for path in ("/da/search?q=dansk", "/hsds/services", "/api/v1/offers", "/da", "/da/login", "/api/v1/openapi.json"):
        assert limited.get(path, headers=address).status_code == 429, path
    for path in ("/api/v1/login", "/api/v1/feedback", "/da/login"):
        assert limited.post(path, headers=address).status_code == 429, path
    for path in ("/health/live", "/health/ready", "/static/js/chat.js", "/look.css"):
        assert limited.get(path, headers=address).status_code == 200, path
    assert limited.get(SEARCH, headers={"X-Forwarded-For": next(_ADDRESSES)}).status_code == 200


def test_a_page_is_refused_by_a_page(limited: TestClient, address: dict[str, str]) -> None:
    refused = admitted(lambda: limited.get("/ar", headers=address), ADDRESS)
    assert refused.headers["content-type"].startswith("text/html")
    assert int(refused.headers["retry-after"]) >= 1
    assert 'dir="rtl"' in refused.text
    assert refused.headers["retry-after"] in refused.text


def test_one_customer_of_ipv6_is_one_address(limited: TestClient) -> None:
    host = itertools.count(1)
    admitted(lambda: limited.get(SEARCH, headers={"X-Forwarded-For": f"2001:db8:1:1::{next(host):x}"}), ADDRESS)
    assert limited.get(SEARCH, headers={"X-Forwarded-For": "2001:db8:1:2::1"}).status_code == 200


def test_a_conversation_has_its_limit_and_danger_has_none(limited: TestClient, address: dict[str, str]) -> None:
    session = say(limited, "Шукаю курси данської мови", address).json()["session"]
    refused = admitted(lambda: say(limited, "Шукаю курси данської мови", address, session), SESSION)
    assert refused.headers["content-language"] == "uk"
    assert int(refused.headers["retry-after"]) >= 1
    danger = say(limited, "мене б'є чоловік", address, session)
    assert (danger.status_code, danger.json()["outcome"]) == (200, "crisis")
    assert danger.json()["session"] == session
    assert limited.delete(f"/api/v1/chat/{session}", headers=address).status_code == 204


def test_an_address_over_its_limit_is_answered_in_danger_alone(limited: TestClient, address: dict[str, str]) -> None:
    admitted(lambda: say(limited, "hvor kan jeg lære dansk", address), ADDRESS)
    assert limited.get(SEARCH, headers=address).status_code == 429
    assert say(limited, "jeg vil tage mit eget liv", address).json()["outcome"] == "crisis"
    assert say(limited, "?", address).status_code == 429


def test_an_account_has_one_limit_wherever_it_asks_from(limited: TestClient) -> None:
    def ask() -> httpx.Response:
        return limited.get(f"{SEARCH}&role=staff", headers=STAFF | {"X-Forwarded-For": next(_ADDRESSES)})

    admitted(ask, ACCOUNT)
    elsewhere = STAFF | {"X-Forwarded-For": next(_ADDRESSES)}
    assert say(limited, "hvor kan jeg lære dansk", elsewhere).status_code == 429
    assert say(limited, "min mand slår mig", elsewhere).json()["outcome"] == "crisis"


# Of the counting itself.


def settings_of(**more: str) -> Settings:
    return Settings(internal_secret=SecretStr("inside"), **more)  # type: ignore[arg-type]


def test_who_waits_as_long_as_told_is_admitted(server: RedisServer) -> None:
    async def test(limits: RateLimits) -> None:
        for _ in range(3):
            while not (seconds := await limits.wait("session", "one")):
                pass
            await asyncio.sleep(seconds)
            assert await limits.wait("session", "one") == 0
        limits.close()

    async def both() -> None:
        line = RedisLine(server.url)
        settings = settings_of(rate_per_session="3/second")
        await asyncio.gather(test(RateLimits(settings, None)), test(RateLimits(settings, line)))
        await line.close()

    asyncio.run(both())


def test_redis_learns_no_address_and_forgets_soon(server: RedisServer) -> None:
    async def test() -> None:
        line = RedisLine(server.url)
        limits = RateLimits(settings_of(rate_per_address="5/minute"), line)
        await limits.wait("address", "198.51.100.7")
        limits.close()
        await line.close()

    with Redis.from_url(server.url) as redis:
        redis.flushall()
        asyncio.run(test())
        keys = redis.keys("*")
        assert keys
        assert all(key.startswith(b"vejviser:limit:") and b"198.51" not in key for key in keys)
        assert all(0 < redis.ttl(key) <= 120 for key in keys)


@pytest.mark.parametrize("how", ["kill", "hang"])
def test_without_redis_this_process_counts_alone(how: str) -> None:
    if PROGRAM is None:
        pytest.skip(WHY_SKIPPED)

    async def test(server: RedisServer) -> None:
        line = RedisLine(server.url)
        limits = RateLimits(settings_of(rate_per_session="3/hour"), line)
        assert await limits.wait("session", "one") == 0
        getattr(server, how)()
        began = time.perf_counter()
        waits = [await limits.wait("session", "one") for _ in range(6)]
        assert time.perf_counter() - began < 3
        assert waits[:3] == [0, 0, 0]
        assert waits[-1] > 0
        server.go_on() if how == "hang" else server.start()
        await asyncio.sleep(1.1)
        assert await limits.wait("session", "two") == 0
        with Redis.from_url(server.url) as redis:
            assert redis.keys("*")
        limits.close()
        await line.close()

    with redis_server() as server:
        asyncio.run(test(server))


def test_counts_in_memory_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.rate_limits._SWEEP", 0.05)

    async def test() -> None:
        limits = RateLimits(settings_of(rate_per_session="5/second"), None)
        for number in range(100):
            await limits.wait("session", str(number))
        memory = limits._here.storage
        assert len(memory.storage) == 100
        await asyncio.sleep(2.3)
        assert (len(memory.storage), len(memory.expirations), len(memory.locks)) == (0, 0, 0)
        limits.close()

    asyncio.run(test())


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:0:1:2::9", "2001:db8:0:1::/64"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("testclient", "testclient"),
        ("", ""),
    ],
)
def test_what_counts_as_one_address(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize(
    ("trusted", "peer", "seen"),
    [
        ("", "127.0.0.1", "127.0.0.1"),
        ("10.0.0.0/8,192.0.2.1", "127.0.0.1", "127.0.0.1"),
        ("10.0.0.0/8,192.0.2.1", "192.0.2.1", "198.51.100.7"),
        ("10.0.0.0/8,192.0.2.1", "10.1.2.3", "198.51.100.7"),
    ],
)
def test_only_named_proxies_are_believed(trusted: str, peer: str, seen: str, tmp_path: Path) -> None:
    app = FastAPI()
    app.state.settings = settings_of(trusted_proxies=trusted)

    @app.get("/")
    def whoami(request: Request) -> list[str]:
        return [client_address(request), request.url.scheme]

    proxies.install(app)
    headers = {"X-Forwarded-For": "203.0.113.5, 198.51.100.7", "X-Forwarded-Proto": "https"}
    told = TestClient(app, client=(peer, 1)).get("/", headers=headers).json()
    assert told == [seen, "https" if seen == "198.51.100.7" else "http"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("rate_per_session", "many"), ("rate_per_address", "5/fortnight"), ("trusted_proxies", "*"), ("redis_url", "h:1")],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(ValidationError, match=name):
        settings_of(**{name: value})
