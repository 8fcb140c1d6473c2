"""Where conversations are kept: in memory, bounded in number and age; nothing is written to disk.

They are kept compacted (`compacting.py`). The lock store lets a second message of the same conversation start the
moment the first is answered, where Rasa's waits a full second between two looks. Several servers share
`redis_stores.py`.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from rasa.core.lock import TicketLock
from rasa.core.lock_store import LOCK_LIFETIME, InMemoryLockStore, LockError
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker

from bot.compacting import compacted

DEFAULT_MOST_CONVERSATIONS = 20_000
DEFAULT_SECONDS_KEPT = 1800.0
#: For so many seconds a conversation that was forgotten is not saved again: a message of it may still be at work.
SECONDS_FORGOTTEN = 60


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
        self._forgotten: OrderedDict[str, float] = OrderedDict()
        self._next_look: asyncio.TimerHandle | None = None
        super().__init__(domain, event_broker)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep the conversation unless it was just forgotten, and let go of those that are too old or too many."""
        if self._forgotten.get(tracker.sender_id, -SECONDS_FORGOTTEN) > time.monotonic() - SECONDS_FORGOTTEN:
            return
        self._kept[tracker.sender_id] = (time.monotonic(), compacted(tracker))
        self._kept.move_to_end(tracker.sender_id)
        self._let_go()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Return the conversation or None when there is none (any more)."""
        self._let_go()
        kept = self._kept.get(sender_id)
        return None if kept is None else replayed(self, sender_id, kept[1])

    async def forget(self, sender_id: str) -> None:
        """Let go of one conversation, also while a message of it is at work; none of that id is no error."""
        self._kept.pop(sender_id, None)
        self._forgotten[sender_id] = time.monotonic()
        self._forgotten.move_to_end(sender_id)
        while next(iter(self._forgotten.values())) < time.monotonic() - SECONDS_FORGOTTEN:
            self._forgotten.popitem(last=False)

    async def keys(self) -> Iterable[str]:
        """Return the ids of the conversations that are kept."""
        return list(self._kept)

    def _let_go(self) -> None:
        oldest = time.monotonic() - self._seconds
        while self._kept:
            used, _ = next(iter(self._kept.values()))
            if used >= oldest and len(self._kept) <= self._most:
                break
            self._kept.popitem(last=False)
        else:
            return
        if self._next_look is None:
            # the oldest must go in time, also when nobody writes any more
            later = max(used - oldest, self._seconds / 60)
            self._next_look = asyncio.get_running_loop().call_later(later, self._look)

    def _look(self) -> None:
        self._next_look = None
        self._let_go()


def replayed(store: TrackerStore, sender_id: str, events: Iterable[Event]) -> DialogueStateTracker:
    """Return the conversation that these events make."""
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
