"""Where conversations are kept: in memory, bounded in number and age, or in Redis; nothing is written to disk.

Both keep compacted conversations (`compacting.py`). The lock stores let a second message of the same conversation start
the moment the first is answered, where Rasa's wait a full second between two looks.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockError, RedisLockStore
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event, deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker

from bot.compacting import compacted

DEFAULT_MOST_CONVERSATIONS = 20_000
DEFAULT_SECONDS_KEPT = 3600.0
_REDIS_PREFIX = "vejviser:conversation:"
_REDIS_LOOKS_AGAIN_AFTER = 0.02  # seconds; a turn takes some ten milliseconds


class BoundedTrackerStore(TrackerStore):
    """Conversations in memory: at most `most_conversations`, each for `seconds_kept` after its last turn."""

    def __init__(
        self,
        domain: Domain,
        event_broker: Any = None,
        most_conversations: int = DEFAULT_MOST_CONVERSATIONS,
        seconds_kept: float = DEFAULT_SECONDS_KEPT,
        **_ignored: Any,
    ) -> None:
        self._most = int(most_conversations)
        self._seconds = float(seconds_kept)
        # The one that was used longest ago stands first, so that both limits are kept by looking at the front.
        self._kept: OrderedDict[str, tuple[float, list[Event]]] = OrderedDict()
        super().__init__(domain, event_broker)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the conversation, and let go of those that are too old or too many."""
        self._kept[tracker.sender_id] = (time.monotonic(), compacted(tracker))
        self._kept.move_to_end(tracker.sender_id)
        self._let_go()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation or None when there is none (any more)."""
        self._let_go()
        kept = self._kept.get(sender_id)
        return None if kept is None else _replayed(self, sender_id, kept[1])

    async def forget(self, sender_id: str) -> None:
        """Let go of one conversation; none of that id is no error."""
        self._kept.pop(sender_id, None)

    async def keys(self) -> Iterable[str]:
        """Return the ids of the conversations that are kept."""
        return list(self._kept)

    def _let_go(self) -> None:
        oldest = time.monotonic() - self._seconds
        while self._kept:
            used, _ = next(iter(self._kept.values()))
            if used >= oldest and len(self._kept) <= self._most:
                return
            self._kept.popitem(last=False)


class CompactRedisTrackerStore(TrackerStore):
    """Conversations in Redis, which forgets each `seconds_kept` after its last turn; reads and writes never block."""

    def __init__(
        self,
        domain: Domain,
        host: str,
        event_broker: Any = None,
        seconds_kept: float = DEFAULT_SECONDS_KEPT,
        **_ignored: Any,
    ) -> None:
        """`host` is a URL, redis:// or rediss://."""
        from redis import asyncio as redis

        self._redis = redis.from_url(host)
        self._seconds = int(seconds_kept)
        super().__init__(domain, event_broker)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the conversation with its time to live. Raises redis.RedisError when Redis cannot be reached."""
        events = [event.as_dict() for event in compacted(tracker)]
        await self._redis.set(_REDIS_PREFIX + tracker.sender_id, json.dumps(events), ex=self._seconds)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation or None. Raises redis.RedisError when Redis cannot be reached."""
        stored = await self._redis.get(_REDIS_PREFIX + sender_id)
        return None if stored is None else _replayed(self, sender_id, deserialise_events(json.loads(stored)))

    async def forget(self, sender_id: str) -> None:
        """Let go of one conversation; none of that id is no error."""
        await self._redis.delete(_REDIS_PREFIX + sender_id)

    async def keys(self) -> Iterable[str]:
        """Return the ids of the conversations that are kept."""
        found = [key async for key in self._redis.scan_iter(match=_REDIS_PREFIX + "*")]
        return [key.decode().removeprefix(_REDIS_PREFIX) for key in found]


def _replayed(store: TrackerStore, sender_id: str, events: Iterable[Event]) -> DialogueStateTracker:
    tracker = store.init_tracker(sender_id)
    for event in events:
        tracker.update(event)
    return tracker


class PromptLockStore(InMemoryLockStore):
    """One message of a conversation at a time, in the order of arrival, without polling."""

    def __init__(self, endpoint_config: Any = None) -> None:
        self._waiting: dict[str, tuple[asyncio.Lock, int]] = {}
        super().__init__()

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = 1
    ) -> AsyncIterator[TicketLock]:
        """Hold the conversation. Raises LockError when it was not free within `lock_lifetime` seconds.

        `wait_time_in_seconds` is Rasa's pause between two looks; nothing is looked at here.
        """
        lock, users = self._waiting.get(conversation_id, (asyncio.Lock(), 0))
        self._waiting[conversation_id] = (lock, users + 1)
        try:
            try:
                await asyncio.wait_for(lock.acquire(), timeout=lock_lifetime)
            except asyncio.TimeoutError as error:
                raise LockError("The conversation is still busy with an earlier message.") from error
            try:
                yield self.create_lock(conversation_id)
            finally:
                lock.release()
        finally:
            lock, users = self._waiting.pop(conversation_id)
            if users > 1:
                self._waiting[conversation_id] = (lock, users - 1)


class PromptRedisLockStore(RedisLockStore):
    """Rasa's Redis lock, looking again after 20 ms instead of a second; for several servers with one Redis."""

    def __init__(self, endpoint_config: Any) -> None:
        super().__init__()
        import redis

        self.red = redis.StrictRedis.from_url(endpoint_config.url)

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = 1
    ) -> AsyncIterator[TicketLock]:
        """Hold the conversation, as Rasa's own store does."""
        async with super().lock(conversation_id, lock_lifetime, _REDIS_LOOKS_AGAIN_AFTER) as held:
            yield held
