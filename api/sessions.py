"""Conversations as the public door knows them: an unguessable id, the language so far, and nothing of what was said."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from api.session_ids import SessionIds, conversation_of

#: Idle conversations are looked for so many times within the idle time, when nobody writes.
_LOOKS = 60


@dataclass
class Session:
    """One conversation. `language` is the one last spoken, `asked_language` the one the resident asked for, which holds
    as long as she keeps writing in `written_language`. `crises` are the categories already
    answered in full; `answered` is true once anything was; `offered` are the replies to choose that were shown last; `missed`
    are the offers that the search alone showed last, which Rasa does not know of yet.

    `staff` holds for this message. `fresh` is a conversation that begins with it; `lost` one whose memory could not be read.
    """

    id: str
    language: str | None = None
    asked_language: str | None = None
    written_language: str | None = None
    answered: bool = False
    offered: frozenset[str] = frozenset()
    missed: tuple[str, ...] = ()
    crises: set[str] = field(default_factory=set)
    staff: bool = False
    fresh: bool = False
    lost: bool = False

    @property
    def conversation(self) -> str:
        """The name under which all but the client know it."""
        return conversation_of(self.id)


class SessionStore(Protocol):
    """Where conversations are kept for some time after their last message. Belongs to one event loop."""

    async def open(self, session_id: str | None, speaker: str = "") -> Session:
        """Return the conversation with that id when it is alive and the speaker's, else a new one with an id of ours.

        Never raises: a conversation of ours that cannot be read is `lost`.
        """

    async def save(self, session: Session) -> None:
        """Keep what changed. Without effect when it was ended meanwhile, or is lost. Never raises."""

    async def end(self, session_id: str) -> bool:
        """Forget a conversation for good. Returns false when it must be tried again; it is dead here even then."""

    def __len__(self) -> int:
        """Return how many conversations this process keeps."""


class MemorySessions:
    """Keeps at most `limit` conversations for `idle` seconds after their last message."""

    def __init__(self, ids: SessionIds, idle: float, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._ids, self._idle, self._limit, self._clock = ids, idle, limit, clock
        # the one that was used longest ago stands first
        self._kept: OrderedDict[str, tuple[float, Session]] = OrderedDict()
        self._next_look: asyncio.TimerHandle | None = None

    async def open(self, session_id: str | None, speaker: str = "") -> Session:
        self._expire()
        _, session = self._kept.get(session_id or "", (0.0, None))
        if session is not None and self._ids.ours(session.id, speaker):
            self._keep(session)
            return session
        return Session(self._ids.new(speaker), fresh=True)

    async def save(self, session: Session) -> None:
        if session.fresh or session.id in self._kept:
            session.fresh = False
            self._keep(session)

    async def end(self, session_id: str) -> bool:
        self._kept.pop(session_id, None)
        return True

    def __len__(self) -> int:
        self._expire()
        return len(self._kept)

    def _keep(self, session: Session) -> None:
        self._kept[session.id] = (self._clock(), session)
        self._kept.move_to_end(session.id)
        self._expire()
        if self._next_look is None:
            self._next_look = asyncio.get_running_loop().call_later(self._idle / _LOOKS, self._look)

    def _expire(self) -> None:
        oldest = self._clock() - self._idle
        while self._kept:
            seen, _ = next(iter(self._kept.values()))
            if seen >= oldest and len(self._kept) <= self._limit:
                return
            self._kept.popitem(last=False)

    def _look(self) -> None:
        """Let go of who fell silent, also when nobody else writes."""
        self._next_look = None
        self._expire()
        if self._kept:
            self._next_look = asyncio.get_running_loop().call_later(self._idle / _LOOKS, self._look)
