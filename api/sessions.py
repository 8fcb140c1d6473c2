"""Conversations as the public door knows them: an unguessable id, the language so far, and nothing of what was said."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

#: Random bytes in a session id.
_ID_BYTES = 32


@dataclass
class Session:
    """One conversation. `language` is the one last spoken, `asked_language` the one the resident asked for, which holds
    as long as she keeps writing in `written_language`. `crises` are the categories already
    answered in full; `answered` is true once anything was; `offered` are the replies to choose that were shown last."""

    id: str
    language: str | None = None
    asked_language: str | None = None
    written_language: str | None = None
    staff: bool = False
    answered: bool = False
    offered: frozenset[str] = frozenset()
    crises: set[str] = field(default_factory=set)
    seen: float = 0.0


class SessionStore:
    """Keeps at most `limit` sessions in memory for `idle` seconds after their last message. Thread-safe."""

    def __init__(self, idle: float, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._idle, self._limit, self._clock = idle, limit, clock
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._lock = threading.Lock()

    def get_or_create(self, session_id: str | None) -> Session:
        """Return the session with that id when it is alive, else a new one with an id of our own choosing."""
        now = self._clock()
        with self._lock:
            self._expire(now)
            session = self._sessions.get(session_id) if session_id else None
            if session is None:
                session = Session(secrets.token_urlsafe(_ID_BYTES))
                self._sessions[session.id] = session
                if len(self._sessions) > self._limit:
                    self._sessions.popitem(last=False)
            session.seen = now
            self._sessions.move_to_end(session.id)
            return session

    def known(self, session_id: str) -> bool:
        """Tell whether a conversation with that id is alive."""
        with self._lock:
            return session_id in self._sessions

    def end(self, session_id: str) -> None:
        """Forget a conversation at once; unknown ids are forgotten already."""
        with self._lock:
            self._sessions.pop(session_id, None)

    def __len__(self) -> int:
        with self._lock:
            self._expire(self._clock())
            return len(self._sessions)

    def _expire(self, now: float) -> None:
        while self._sessions:
            oldest = next(iter(self._sessions.values()))
            if now - oldest.seen <= self._idle:
                return
            self._sessions.popitem(last=False)
