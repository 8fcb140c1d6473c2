"""Conversations are kept short, few and not for long; messages of one conversation wait for each other."""

from __future__ import annotations

import asyncio
import time

import pytest
from rasa.core.lock_store import LockError
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered

from bot.compacting import compacted
from bot.settings import BOT
from bot.stores import BoundedTrackerStore, PromptLockStore


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(BOT / "domain"))


async def talk(store: BoundedTrackerStore, sender: str, turns: int = 1) -> None:
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
    assert time.perf_counter() - began < 0.5
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
