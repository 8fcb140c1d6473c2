"""Conversations and locks in Redis, for several servers that share them.

Every question to Redis is bounded in time: when Redis is away or hangs, a message fails within a second, and the api
answers it from the catalogue.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, LockError
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import deserialise_events
from rasa.shared.core.trackers import DialogueStateTracker
from redis import asyncio as redis

from bot.compacting import compacted
from bot.stores import DEFAULT_SECONDS_KEPT, SECONDS_FORGOTTEN, PromptLockStore, replayed

_CONVERSATION, _LOCK = "vejviser:conversation:", "vejviser:lock:"
_CONNECT, _ANSWER, _WHOLE = 0.5, 0.8, 1.0  # seconds
_LOOK_AGAIN = 0.02  # seconds; a turn takes some ten milliseconds
#: Seconds after which the lock of a server that died is free, or one that reached Redis too late. Its holder renews it.
_LEASE = 2
#: Seconds a message waits for another server. The api does not wait longer for an answer.
_LONGEST_WAIT = 4.0

#: An empty value stands for a conversation that was forgotten.
_SAVE = """
if redis.call('EXISTS', KEYS[1]) == 1 and redis.call('STRLEN', KEYS[1]) == 0 then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
"""
_RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('EXPIRE', KEYS[1], ARGV[2]) else return 0 end"
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) else return 0 end"

T = TypeVar("T")


class CompactRedisTrackerStore(TrackerStore):
    """Conversations in Redis, which forgets each `seconds_kept` after its last turn."""

    def __init__(
        self,
        domain: Domain,
        host: str,
        event_broker: Any = None,
        seconds_kept: float = DEFAULT_SECONDS_KEPT,
        **_ignored: Any,
    ) -> None:
        """`host` is a URL, redis:// or rediss://."""
        self._redis = _line(host)
        self._save = self._redis.register_script(_SAVE)
        self._seconds = max(1, int(float(seconds_kept)))
        super().__init__(domain, event_broker)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Write the conversation with its time to live, unless it was just forgotten. Raises redis.RedisError or
        asyncio.TimeoutError when Redis cannot be reached."""
        events = json.dumps([event.as_dict() for event in compacted(tracker)])
        await _soon(self._save(keys=[_CONVERSATION + tracker.sender_id], args=[events, self._seconds]))

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation or None. Raises as `save` does."""
        stored = await _soon(self._redis.get(_CONVERSATION + sender_id))
        return replayed(self, sender_id, deserialise_events(json.loads(stored))) if stored else None

    async def forget(self, sender_id: str) -> None:
        """Let go of one conversation, also while a message of it is at work; none of that id is no error.

        Raises as `save` does."""
        await _soon(self._redis.set(_CONVERSATION + sender_id, b"", ex=SECONDS_FORGOTTEN))

    async def keys(self) -> Iterable[str]:
        """Return the ids of the conversations that are kept, or were forgotten within the last minute."""
        found = [key async for key in self._redis.scan_iter(match=_CONVERSATION + "*")]
        return [key.decode().removeprefix(_CONVERSATION) for key in found]


class PromptRedisLockStore(PromptLockStore):
    """One message of a conversation at a time: in the order of arrival within a server, and one server at a time."""

    def __init__(self, endpoint_config: Any) -> None:
        self._redis = _line(endpoint_config.url)
        self._renew, self._release = (self._redis.register_script(script) for script in (_RENEW, _RELEASE))
        super().__init__()

    @asynccontextmanager
    async def lock(
        self, conversation_id: str, lock_lifetime: float = LOCK_LIFETIME, wait_time_in_seconds: float = 1
    ) -> AsyncIterator[TicketLock]:
        """Hold the conversation. Raises LockError when it was not free in time, redis.RedisError or
        asyncio.TimeoutError when Redis cannot be reached."""
        async with super().lock(conversation_id, lock_lifetime, wait_time_in_seconds) as ticket:
            key, owner = _LOCK + conversation_id, secrets.token_hex(16)
            await self._acquire(key, owner, min(lock_lifetime, _LONGEST_WAIT))
            renewing = asyncio.create_task(self._keep(key, owner))
            try:
                yield ticket
            finally:
                renewing.cancel()
                # without Redis the lease ends by itself
                with contextlib.suppress(redis.RedisError, asyncio.TimeoutError):
                    await _soon(self._release(keys=[key], args=[owner]))

    async def _acquire(self, key: str, owner: str, longest_wait: float) -> None:
        deadline = asyncio.get_running_loop().time() + longest_wait
        while not await _soon(self._redis.set(key, owner, nx=True, ex=_LEASE)):
            if asyncio.get_running_loop().time() > deadline:
                raise LockError("The conversation is still busy with an earlier message at another server.")
            await asyncio.sleep(_LOOK_AGAIN)

    async def _keep(self, key: str, owner: str) -> None:
        while True:
            await asyncio.sleep(_LEASE / 3)
            with contextlib.suppress(redis.RedisError, asyncio.TimeoutError):
                await _soon(self._renew(keys=[key], args=[owner, _LEASE]))


def _line(url: str) -> redis.Redis:
    return redis.from_url(url, socket_connect_timeout=_CONNECT, socket_timeout=_ANSWER)


async def _soon(answer: Awaitable[T]) -> T:
    return await asyncio.wait_for(answer, _WHOLE)
