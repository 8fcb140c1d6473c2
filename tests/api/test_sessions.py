"""Conversations live as long as they may and no longer, belong to one speaker, and go on in any process that shares a Redis."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterator

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from redis import Redis

from api.endings import Endings
from api.main import create_app
from api.redis_line import RedisLine
from api.redis_sessions import RedisSessions
from api.session_ids import SessionIds, conversation_of
from api.sessions import MemorySessions, Session, SessionStore
from api.settings import Settings
from tests.conftest import LEARNED, STAFF_TOKEN, free_port
from tests.redis_server import PROGRAM, WHY_SKIPPED, RedisServer, redis_server

SECRET = "a secret of the tests"
STAFF = {"Authorization": f"Bearer {STAFF_TOKEN}"}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def server() -> Iterator[RedisServer]:
    if PROGRAM is None:
        pytest.skip(WHY_SKIPPED)
    with redis_server() as running:
        yield running


def memory(idle: float = 1800, limit: int = 10, clock: Callable[[], float] = time.monotonic) -> MemorySessions:
    return MemorySessions(SessionIds(SECRET), idle, limit, clock)


@contextlib.asynccontextmanager
async def shared(server: RedisServer, idle: float = 1800):  # type: ignore[no-untyped-def]
    """What one process does with conversations in Redis."""
    line = RedisLine(server.url)
    try:
        yield RedisSessions(line, SessionIds(SECRET), idle)
    finally:
        await line.close()


async def begun(store: SessionStore, speaker: str = "", language: str = "uk") -> Session:
    session = await store.open(None, speaker)
    session.language = language
    await store.save(session)
    return session


@pytest.fixture(params=["memory", "redis"])
def run(request: pytest.FixtureRequest) -> Callable[[Callable[[SessionStore], Awaitable[None]]], None]:
    """Return what runs a test with a store, once in memory and once in Redis."""
    redis = request.getfixturevalue("server") if request.param == "redis" else None

    async def with_store(test: Callable[[SessionStore], Awaitable[None]]) -> None:
        if redis is None:
            await test(memory())
        else:
            async with shared(redis) as store:
                await test(store)

    return lambda test: asyncio.run(with_store(test))


Run = Callable[[Callable[[SessionStore], Awaitable[None]]], None]


def test_a_conversation_goes_on_with_what_it_knew(run: Run) -> None:
    async def test(store: SessionStore) -> None:
        first = await begun(store)
        first.crises.add("suicide")
        first.offered, first.answered, first.asked_language = frozenset({"0. klasse"}), True, "ar"
        await store.save(first)
        again = await store.open(first.id)
        assert (again.id, again.language, again.asked_language) == (first.id, "uk", "ar")
        assert (again.crises, again.offered, again.answered) == ({"suicide"}, {"0. klasse"}, True)
        assert not again.lost

    run(test)


def test_ids_cannot_be_guessed_or_chosen(run: Run) -> None:
    async def test(store: SessionStore) -> None:
        mine = await begun(store)
        random, _, signature = mine.id.partition(".")
        forged = ["mine", "", ".", "💛", "\ud800", f"{random}.", random, f"{random}.{signature[::-1]}", f"x{mine.id}"]
        forged.append(SessionIds("another secret").new())
        ids = {(await store.open(one)).id for one in forged}
        assert len(ids) == len(forged)
        assert mine.id not in ids
        assert all(len(one) >= 43 + 1 + 22 for one in ids)

    run(test)


@pytest.mark.parametrize(("owner", "other"), [("", "Bearer a"), ("Bearer a", ""), ("Bearer a", "Bearer b")])
def test_a_conversation_belongs_to_its_speaker(run: Run, owner: str, other: str) -> None:
    async def test(store: SessionStore) -> None:
        session = await begun(store, owner)
        assert (await store.open(session.id, owner)).id == session.id
        taken = await store.open(session.id, other)
        assert (taken.id != session.id, taken.language) == (True, None)

    run(test)


def test_what_was_ended_stays_ended_though_a_message_was_at_work(run: Run) -> None:
    async def test(store: SessionStore) -> None:
        session = await begun(store)
        at_work = await store.open(session.id)
        assert await store.end(session.id)
        await store.save(at_work)
        assert (await store.open(session.id)).id != session.id

    run(test)


def test_a_session_ends_after_its_idle_time() -> None:
    async def test() -> None:
        clock = Clock()
        store = memory(clock=clock)
        first = await begun(store)
        clock.now = 1799
        assert (await store.open(first.id)).id == first.id
        clock.now = 1799 + 1801
        assert (await store.open(first.id)).id != first.id
        assert len(store) == 0

    asyncio.run(test())


def test_who_falls_silent_is_forgotten_though_nobody_else_writes() -> None:
    async def test() -> None:
        store = memory(idle=0.1)
        await begun(store)
        await asyncio.sleep(0.4)
        assert store._kept == {}

    asyncio.run(test())


def test_the_oldest_session_goes_when_there_are_too_many() -> None:
    async def test() -> None:
        store = memory(limit=2)
        first, second = await begun(store), await begun(store)
        await store.open(first.id)
        await begun(store)
        assert (await store.open(first.id)).id == first.id
        assert (await store.open(second.id)).id != second.id

    asyncio.run(test())


def test_redis_holds_no_id_and_forgets_in_time(server: RedisServer) -> None:
    async def test() -> None:
        async with shared(server, idle=90) as store:
            session = await begun(store)
            with Redis.from_url(server.url) as redis:
                (key,) = redis.keys("*")
                assert key == f"vejviser:session:{conversation_of(session.id)}".encode()
                redis.expire(key, 5)
                await store.open(session.id)
                assert 80 < redis.ttl(key) <= 90
                redis.delete(key)  # as when its time is over
            assert (await store.open(session.id)).id != session.id

    asyncio.run(test())


def test_two_processes_share_conversations_and_their_ends(server: RedisServer) -> None:
    async def test() -> None:
        async with shared(server) as one, shared(server) as other:
            session = await begun(one)
            assert (await other.open(session.id)).language == "uk"
            await other.end(session.id)
            assert (await one.open(session.id)).id != session.id

    asyncio.run(test())


@pytest.mark.parametrize("how", ["kill", "hang"])
def test_without_redis_a_known_id_goes_on_without_its_memory(server: RedisServer, how: str) -> None:
    async def test() -> None:
        async with shared(server) as store:
            session = await begun(store)
            getattr(server, how)()
            began = time.perf_counter()
            for _ in range(5):
                lost = await store.open(session.id)
                assert (lost.id, lost.lost, lost.language) == (session.id, True, None)
                await store.save(lost)
                await store.save(await store.open("forged"))
            assert time.perf_counter() - began < 3
            server.go_on() if how == "hang" else server.start()
            deadline = time.monotonic() + 10
            while (again := await store.open(session.id)).lost and time.monotonic() < deadline:
                await asyncio.sleep(0.1)
            assert again.language == ("uk" if how == "hang" else None)  # this Redis keeps nothing over a restart
            assert (await store.open((await begun(store)).id)).language == "uk"

    asyncio.run(test())


def test_what_is_ended_while_redis_and_rasa_are_away_is_dead_at_once_and_gone_when_they_are_back(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.endings._AGAIN", 0.1)
    asked: list[str] = []

    async def rasa(conversation: str) -> bool:
        asked.append(conversation)
        return len(asked) > 2

    async def test() -> None:
        async with shared(server) as store:
            session, ids = await begun(store), SessionIds(SECRET)
            endings = Endings(ids, store, rasa, idle=60)
            await endings.end(session.id, "Bearer not hers")
            assert (await store.open(session.id)).id == session.id
            server.hang()
            await endings.end(session.id, "")
            assert (await store.open(session.id)).id != session.id
            server.go_on()
            with Redis.from_url(server.url) as redis:
                deadline = time.monotonic() + 10
                while (redis.keys("*") or len(asked) < 3) and time.monotonic() < deadline:
                    await asyncio.sleep(0.05)
                assert redis.keys("*") == []
            assert set(asked) == {conversation_of(session.id)}
            endings.close()

    asyncio.run(test())


# The whole application, without Rasa.


@contextlib.contextmanager
def process(database_url: str, redis_url: str = "") -> Iterator[TestClient]:
    settings = Settings(
        database_url=database_url,
        redis_url=SecretStr(redis_url),
        bot_port=free_port(),
        staff_tokens=SecretStr(STAFF_TOKEN),
        internal_secret=SecretStr(SECRET),
        data_folder=LEARNED.parent,
        relearn_after=3600,
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as running:
        yield running


def say(client: TestClient, text: str, session: str | None = None, **headers: str) -> dict[str, object]:
    body = {"text": text} | ({"session": session} if session else {})
    response = client.post("/api/v1/chat", json=body, headers=headers)
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_a_workers_conversation_is_closed_to_all_others(client: TestClient) -> None:
    hers = str(say(client, "Hvem rådgiver mig om æresrelateret konflikt?", **STAFF)["session"])
    assert say(client, "hvad koster det?", hers, **STAFF)["session"] == hers
    resident = say(client, "hvad koster det?", hers)
    assert resident["session"] != hers
    assert client.delete(f"/api/v1/chat/{hers}").status_code == 204
    assert say(client, "hvad koster det?", hers, **STAFF)["session"] == hers
    assert client.delete(f"/api/v1/chat/{hers}", headers=STAFF).status_code == 204
    assert say(client, "hvad koster det?", hers, **STAFF)["session"] != hers


def test_who_signs_in_begins_a_new_conversation(client: TestClient) -> None:
    before = str(say(client, "Шукаю курси данської мови")["session"])
    assert say(client, "ok", before, **STAFF)["session"] != before
    assert say(client, "ok", before, Cookie="vejviser_login=somebody")["session"] != before
    assert say(client, "ok", before)["session"] == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_conversation_goes_on_in_another_process_and_survives_redis(server: RedisServer, database_url: str) -> None:
    with process(database_url, server.url) as one, process(database_url, server.url) as other:
        first = say(one, "min mand slår mig")
        session = str(first["session"])
        second = say(other, "min mand slår mig stadig", session)
        assert second["session"] == session
        assert len(str(second["messages"])) < len(str(first["messages"]))
        server.hang()
        for text, outcome in (("hvor kan jeg lære dansk", "offers"), ("min mand slår mig", "crisis"), ("?", "clarify")):
            began = time.perf_counter()
            answer = say(other, text, session)
            assert time.perf_counter() - began < 5
            assert (answer["session"], answer["outcome"]) == (session, outcome)
            assert answer["degraded"] is (outcome != "crisis")
        server.go_on()
        deadline = time.monotonic() + 10
        while say(other, "?", session)["degraded"] and time.monotonic() < deadline:
            time.sleep(0.1)
        again = say(other, "min mand slår mig stadig", session)
        assert len(str(again["messages"])) < len(str(first["messages"]))
        assert one.delete(f"/api/v1/chat/{session}").status_code == 204
        assert say(other, "?", session)["session"] != session
