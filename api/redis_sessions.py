"""Conversations in Redis, which forgets each some time after its last message; shared by all processes of an installation."""

from __future__ import annotations

import json
import logging
from collections import OrderedDict

from api.redis_line import RedisLine, RedisUnavailable
from api.session_ids import SessionIds, conversation_of
from api.sessions import Session

_PREFIX = "vejviser:session:"
#: So many conversations that were ended while Redis was away are known as dead until it is told.
_MOST_DEAD = 10_000

log = logging.getLogger(__name__)


class RedisSessions:
    """Reads a conversation when a message comes and writes it back when the answer goes. The last one to write wins."""

    def __init__(self, line: RedisLine, ids: SessionIds, idle: float) -> None:
        self._line, self._redis, self._ids, self._idle = line, line.redis, ids, max(1, round(idle))
        self._dead: OrderedDict[str, None] = OrderedDict()

    async def open(self, session_id: str | None, speaker: str = "") -> Session:
        if session_id and self._ids.ours(session_id, speaker):
            key = _key(session_id)
            if key not in self._dead:
                try:
                    kept = await self._line.ask(lambda: self._redis.getex(key, ex=self._idle))
                except RedisUnavailable as failure:
                    log.warning("a conversation could not be read", extra={"reason": str(failure)})
                    return Session(session_id, lost=True)
                if kept:
                    return _read(session_id, kept)
        return Session(self._ids.new(speaker), fresh=True)

    async def save(self, session: Session) -> None:
        if session.lost:
            return
        # one that goes on is written only while it is there: it may have been ended since
        key, written, goes_on = _key(session.id), _written(session), not session.fresh
        try:
            await self._line.ask(lambda: self._redis.set(key, written, ex=self._idle, xx=goes_on))
        except RedisUnavailable as failure:
            log.warning("a conversation could not be kept", extra={"reason": str(failure)})

    async def end(self, session_id: str) -> bool:
        key = _key(session_id)
        try:
            await self._line.ask(lambda: self._redis.delete(key))
        except RedisUnavailable:
            self._dead[key] = None
            if len(self._dead) > _MOST_DEAD:
                self._dead.popitem(last=False)
            return False
        self._dead.pop(key, None)
        return True

    def __len__(self) -> int:
        return 0


def _key(session_id: str) -> str:
    return _PREFIX + conversation_of(session_id)


def _written(session: Session) -> str:
    return json.dumps(
        {
            "language": session.language,
            "asked_language": session.asked_language,
            "written_language": session.written_language,
            "answered": session.answered,
            "offered": sorted(session.offered),
            "missed": session.missed,
            "crises": sorted(session.crises),
        }
    )


def _read(session_id: str, kept: bytes | str) -> Session:
    told = json.loads(kept)
    return Session(
        session_id,
        language=told["language"],
        asked_language=told["asked_language"],
        written_language=told["written_language"],
        answered=told["answered"],
        offered=frozenset(told["offered"]),
        missed=tuple(told.get("missed", ())),  # a node of the version before does not write it
        crises=set(told["crises"]),
    )
