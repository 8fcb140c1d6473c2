"""Conversations are kept short, few and not for long; messages of one conversation wait for each other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from rasa.core.lock_store import LockError
from rasa.core.tracker_store import FailSafeTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered
from redis import asyncio as redis

from bot import patches
from bot.compacting import compacted
from bot.redis_stores import CompactRedisTrackerStore, PromptRedisLockStore
from bot.settings import BOT
from bot.stores import BoundedTrackerStore, PromptLockStore
from tests.redis_server import PROGRAM, WHY_SKIPPED, RedisServer, redis_server


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(BOT / "domain"))


@pytest.fixture
def server() -> Iterator[RedisServer]:
    if PROGRAM is None:
        pytest.skip(WHY_SKIPPED)
    with redis_server() as running:
        yield running


#: What a store raises when Redis is away.
AWAY = (redis.RedisError, asyncio.TimeoutError)


async def talk(store: TrackerStore, sender: str, turns: int = 1) -> None:
    for turn in range(turns):
        tracker = await store.get_or_create_tracker(sender)
        tracker.update(UserUttered(f"secret words {turn}", {"name": "seek_offer", "confidence": 1.0}))
        tracker.update(SlotSet("failed_turns", turn))
        tracker.update(BotUttered("answer", {"custom": {"offers": list(range(50))}}))
        tracker.update(ActionExecuted("action_find_offers"))
        tracker.update(ActionExecuted("action_listen"))
        await store.save(tracker)


async def test_slots_and_clock_survive_and_words_do_not(domain: Domain) -> None:
    store = BoundedTrackerStore(domain)
    await talk(store, "s1", turns=30)
    tracker = await store.retrieve("s1")
    assert tracker is not None
    assert tracker.get_slot("failed_turns") == 29
    assert tracker.latest_action_name == "action_listen"
    assert time.time() - tracker.get_last_event_for(UserUttered).timestamp < 5
    assert len(tracker.events) < 10
    assert "secret" not in str([event.as_dict() for event in compacted(tracker)])


async def test_a_slot_that_was_emptied_stays_empty(domain: Domain) -> None:
    store = BoundedTrackerStore(domain)
    await talk(store, "s1", turns=2)
    tracker = await store.retrieve("s1")
    assert tracker is not None
    tracker.update(SlotSet("failed_turns", None))
    await store.save(tracker)
    again = await store.retrieve("s1")
    assert again is not None
    assert again.get_slot("failed_turns") is None


async def test_number_and_age_are_bounded(domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    store = BoundedTrackerStore(domain, most_conversations=3, seconds_kept=100)
    for sender in "abcde":
        await talk(store, sender)
    assert list(await store.keys()) == ["c", "d", "e"]
    later = time.monotonic() + 101
    monkeypatch.setattr("bot.stores.time.monotonic", lambda: later)
    assert await store.retrieve("e") is None
    assert list(await store.keys()) == []


async def test_a_forgotten_conversation_is_gone(domain: Domain) -> None:
    store = BoundedTrackerStore(domain)
    await talk(store, "s1")
    await store.forget("s1")
    await store.forget("never seen")
    assert await store.retrieve("s1") is None


async def test_who_falls_silent_is_forgotten_though_nobody_else_writes(domain: Domain) -> None:
    store = BoundedTrackerStore(domain, seconds_kept=0.1)
    await talk(store, "s1")
    await asyncio.sleep(0.3)
    assert store._kept == {}


@pytest.mark.parametrize("kind", ["memory", "redis"])
async def test_a_message_at_work_does_not_bring_back_what_was_forgotten(
    domain: Domain, kind: str, request: pytest.FixtureRequest
) -> None:
    if kind == "memory":
        store: BoundedTrackerStore | CompactRedisTrackerStore = BoundedTrackerStore(domain)
    else:
        store = CompactRedisTrackerStore(domain, request.getfixturevalue("server").url)
    await talk(store, "s1")
    at_work = await store.get_or_create_tracker("s1")
    await store.forget("s1")
    await store.save(at_work)
    assert await store.retrieve("s1") is None
    await talk(store, "s2")
    assert await store.retrieve("s2") is not None


async def test_two_servers_share_a_conversation(domain: Domain, server: RedisServer) -> None:
    one, other = (CompactRedisTrackerStore(domain, server.url, seconds_kept="90") for _ in range(2))
    await talk(one, "s1", turns=3)
    tracker = await other.retrieve("s1")
    assert tracker is not None
    assert tracker.get_slot("failed_turns") == 2
    await other.forget("s1")
    assert await one.retrieve("s1") is None


async def test_redis_forgets_in_time_and_holds_no_words(domain: Domain, server: RedisServer) -> None:
    store = CompactRedisTrackerStore(domain, server.url, seconds_kept=90)
    await talk(store, "s1", turns=2)
    line = redis.from_url(server.url)
    assert await line.keys("*") == [b"vejviser:conversation:s1"]
    assert 80 < await line.ttl("vejviser:conversation:s1") <= 90
    assert b"secret" not in await line.get("vejviser:conversation:s1")


async def test_one_server_at_a_time_holds_a_conversation(server: RedisServer) -> None:
    stores = [PromptRedisLockStore(SimpleNamespace(url=server.url)) for _ in range(2)]
    inside: list[str] = []
    most = 0

    async def turn(store: PromptRedisLockStore, name: str) -> None:
        nonlocal most
        async with store.lock("s1"):
            inside.append(name)
            most = max(most, len(inside))
            await asyncio.sleep(0.02)
            inside.remove(name)

    await asyncio.gather(*(turn(stores[number % 2], str(number)) for number in range(10)))
    assert most == 1
    assert await redis.from_url(server.url).keys("*") == []


async def test_a_long_turn_keeps_its_lock_and_a_dead_servers_lock_ends(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.redis_stores._LEASE", 1)
    monkeypatch.setattr("bot.redis_stores._LONGEST_WAIT", 2.0)
    one, other = (PromptRedisLockStore(SimpleNamespace(url=server.url)) for _ in range(2))
    async with one.lock("s1"):
        await asyncio.sleep(1.5)
        with pytest.raises(LockError):
            async with other.lock("s1", lock_lifetime=0.1):
                pass
    await redis.from_url(server.url).set("vejviser:lock:s1", "a server that died", ex=1)
    await asyncio.wait_for(_pass(other, "s1"), timeout=2.0)


@pytest.mark.parametrize("how", ["kill", "hang"])
async def test_without_redis_a_message_fails_soon_and_works_again_after(
    domain: Domain, server: RedisServer, how: str
) -> None:
    patches.apply()
    kept = CompactRedisTrackerStore(domain, server.url)
    store, locks = FailSafeTrackerStore(kept), PromptRedisLockStore(SimpleNamespace(url=server.url))
    await talk(store, "s1")
    await _pass(locks, "s1")
    getattr(server, how)()
    for step in (_pass(locks, "s1"), store.retrieve("s1"), talk(store, "s1"), kept.forget("s2")):
        began = time.perf_counter()
        with pytest.raises(AWAY):
            await step
        assert time.perf_counter() - began < 1.5
    assert store._fallback_tracker_store is None
    server.go_on() if how == "hang" else server.start()
    await _pass(locks, "s1")
    await talk(store, "s1")
    assert await store.retrieve("s1") is not None


async def test_redis_that_hangs_does_not_hold_up_others(server: RedisServer) -> None:
    locks = PromptRedisLockStore(SimpleNamespace(url=server.url))
    await _pass(locks, "s1")
    server.hang()
    waiting = asyncio.create_task(_pass(locks, "s1"))
    longest, until = 0.0, time.perf_counter() + 0.5
    while time.perf_counter() < until:
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        longest = max(longest, time.perf_counter() - began)
    assert longest < 0.3
    with pytest.raises(AWAY):
        await waiting


async def test_a_second_message_starts_when_the_first_is_done() -> None:
    locks = PromptLockStore()
    order: list[str] = []

    async def turn(name: str) -> None:
        async with locks.lock("s1"):
            order.append(f"{name} in")
            await asyncio.sleep(0.05)
            order.append(f"{name} out")

    began = time.perf_counter()
    await asyncio.gather(turn("first"), turn("second"), turn("third"))
    assert order == ["first in", "first out", "second in", "second out", "third in", "third out"]
    assert time.perf_counter() - began < 1.5  # with Rasa's store two seconds
    assert locks._waiting == {}


async def test_other_conversations_do_not_wait() -> None:
    locks = PromptLockStore()
    async with locks.lock("s1"):
        await asyncio.wait_for(_pass(locks, "s2"), timeout=0.5)


async def test_waiting_ends() -> None:
    locks = PromptLockStore()
    async with locks.lock("s1"):
        with pytest.raises(LockError):
            async with locks.lock("s1", lock_lifetime=0.05):
                pass
    await _pass(locks, "s1")
    assert locks._waiting == {}


async def test_a_failed_turn_lets_the_next_in() -> None:
    locks = PromptLockStore()
    with pytest.raises(ValueError, match="boom"):
        async with locks.lock("s1"):
            raise ValueError("boom")
    await asyncio.wait_for(_pass(locks, "s1"), timeout=0.5)


async def _pass(locks: PromptLockStore, conversation: str) -> None:
    async with locks.lock(conversation):
        pass
