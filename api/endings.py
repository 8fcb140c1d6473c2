"""The end of a conversation: forgotten here, in Redis and in Rasa at once, or as soon as the one that is away is back."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from api.session_ids import SessionIds, conversation_of
from api.sessions import SessionStore

#: Seconds between two tries.
_AGAIN = 1.0
_MOST_WAITING = 10_000

log = logging.getLogger(__name__)


class Endings:
    """Ends conversations. `forget` lets Rasa forget one and tells whether it did; after `idle` seconds it has by itself."""

    def __init__(
        self, ids: SessionIds, sessions: SessionStore, forget: Callable[[str], Awaitable[bool]], idle: float
    ) -> None:
        self._ids, self._sessions, self._forget, self._idle = ids, sessions, forget, idle
        self._waiting: OrderedDict[str, float] = OrderedDict()
        self._task: asyncio.Task[None] | None = None

    async def end(self, session_id: str, speaker: str) -> None:
        """Forget a conversation of this speaker; what cannot be reached now is told later. Any other id is left alone."""
        if not self._ids.ours(session_id, speaker) or await self._ended(session_id):
            return
        self._waiting[session_id] = time.monotonic() + self._idle
        if len(self._waiting) > _MOST_WAITING:
            self._waiting.popitem(last=False)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._try_again())

    def close(self) -> None:
        """Try no more."""
        if self._task is not None:
            self._task.cancel()

    async def _ended(self, session_id: str) -> bool:
        here, there = await asyncio.gather(self._sessions.end(session_id), self._forget(conversation_of(session_id)))
        return here and there

    async def _try_again(self) -> None:
        while self._waiting:
            await asyncio.sleep(_AGAIN)
            while self._waiting:
                session_id, until = next(iter(self._waiting.items()))
                if time.monotonic() < until and not await self._ended(session_id):
                    break
                self._waiting.pop(session_id, None)
        log.info("all conversations that were ended are forgotten")
