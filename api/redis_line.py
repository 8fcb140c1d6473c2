"""The line to Redis: bounded in time, and not asked again for a moment after it failed, so that nobody waits twice."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

#: Seconds to connect, for one answer, and for everything that a question may take.
_CONNECT, _ANSWER, _WHOLE = 0.5, 1.0, 1.2
#: Seconds without questions after a failure; then one looks whether Redis is back.
_REST = 1.0

T = TypeVar("T")


class RedisUnavailable(Exception):
    """Redis could not be reached, did not answer in time, or refused."""


class RedisLine:
    """One pool of connections. Belongs to one event loop."""

    def __init__(self, url: str) -> None:
        # a connection that a restart broke is made anew once
        again = Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,))
        self.redis: Redis = Redis.from_url(
            url, socket_connect_timeout=_CONNECT, socket_timeout=_ANSWER, retry=again, decode_responses=False
        )
        self._rest_until = 0.0

    async def ask(self, question: Callable[[], Awaitable[T]]) -> T:
        """Return what Redis answers. Raises RedisUnavailable, at once while it rests after a failure."""
        now = time.monotonic()
        if now < self._rest_until:
            raise RedisUnavailable("resting")
        if self._rest_until:
            self._rest_until = now + _WHOLE  # the others go on without until this one knows
        try:
            async with asyncio.timeout(_WHOLE):
                answer = await question()
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            self._rest_until = time.monotonic() + _REST
            raise RedisUnavailable(type(error).__name__) from error
        self._rest_until = 0.0
        return answer

    async def close(self) -> None:
        await self.redis.aclose()
