"""How often one conversation, one address or one account may ask, so that nobody keeps the service from others.

Counted in Redis where there is one, so that all processes count together; in this process while it is away. What is counted
goes by a keyed hash and is gone two minutes later.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import math
import secrets
import time
from typing import Literal

from fastapi import FastAPI, Request
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import RateLimiter, SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from api.login import client_address
from api.problems import Problem
from api.redis_line import RedisLine, RedisUnavailable
from api.refusals import refusal
from api.settings import Settings
from services_catalog.accounts.throttle import network_of
from services_catalog.messages import N_

Kind = Literal["session", "address", "account"]

#: What is never counted by address: what is on every page, what watches the service, and its own parts. The chat counts
#: for itself: it first looks whether somebody is in danger.
_UNCOUNTED = ("/static/", "/look.css", "/health/", "/metrics", "/internal/", "/api/v1/chat")
#: Seconds between two looks for counts in memory that are over.
_SWEEP = 30.0

log = logging.getLogger(__name__)


class RateLimits:
    """Counts requests. Belongs to one event loop."""

    def __init__(self, settings: Settings, line: RedisLine | None) -> None:
        self._limits: dict[Kind, RateLimitItem | None] = {
            "session": _parsed(settings.rate_per_session),
            "address": _parsed(settings.rate_per_address),
            "account": _parsed(settings.rate_per_account),
        }
        self._key = (settings.internal_secret.get_secret_value() or secrets.token_hex(32)).encode()
        self._line = line
        memory = MemoryStorage()
        self._here = SlidingWindowCounterRateLimiter(memory)
        # the storage would look through all its counts at every request
        self._sweeping = memory.timer = asyncio.create_task(_sweep(memory))
        self._shared = _shared(line) if line else None

    async def wait(self, kind: Kind, subject: str) -> int:
        """Count a request of `subject`, and return the seconds after which it would be admitted: 0 when it is now."""
        limit = self._limits[kind]
        if limit is None:
            return 0
        counted = hmac.digest(self._key, f"{kind} {subject}".encode(errors="replace"), "sha256").hex()[:32]
        if self._line is not None and self._shared is not None:
            shared = self._shared
            try:
                return await self._line.ask(lambda: _wait(shared, limit, kind, counted))
            except RedisUnavailable as failure:
                log.warning("limits are counted in this process alone", extra={"reason": str(failure)})
        return await _wait(self._here, limit, kind, counted)

    async def require(self, kind: Kind, subject: str) -> None:
        """Count a request. Raises Problem 429 when there were too many."""
        if seconds := await self.wait(kind, subject):
            raise too_many(seconds)

    def close(self) -> None:
        self._sweeping.cancel()


def too_many(seconds: int) -> Problem:
    """Return what is said to somebody who asks too often."""
    return Problem(
        429,
        N_("Too many requests"),
        N_("Please wait {seconds} seconds, then try again."),
        headers={"Retry-After": str(seconds)},
        seconds=seconds,
    )


def address_of(request: Request) -> str:
    """Return what is counted as one address: an IPv4 address or a /64 of IPv6."""
    return network_of(client_address(request))


def install(app: FastAPI) -> None:
    """Count every request by its address; `app.state.limits` counts."""
    app.add_middleware(_ByAddress)


class _ByAddress:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(_UNCOUNTED):
            request = Request(scope, receive)
            limits: RateLimits = scope["app"].state.limits
            if seconds := await limits.wait("address", address_of(request)):
                answer = await refusal(request, too_many(seconds))
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _parsed(limit: str) -> RateLimitItem | None:
    return parse(limit) if limit else None


def _shared(line: RedisLine) -> RateLimiter:
    # the address is that of the pool; the library wants one that it can read
    pool = {"connection_pool": line.redis.connection_pool}
    storage = RedisStorage("async+redis://", implementation="redispy", key_prefix="vejviser:limit", **pool)  # type: ignore[arg-type]
    return SlidingWindowCounterRateLimiter(storage)


async def _wait(limiter: RateLimiter, limit: RateLimitItem, kind: Kind, counted: str) -> int:
    if await limiter.hit(limit, kind, counted):
        return 0
    stats = await limiter.get_window_stats(limit, kind, counted)
    # the count melts evenly: after the window ends, one more fits in when a share of it is over
    share = limit.get_expiry() / limit.amount
    return max(1, math.ceil(stats.reset_time - time.time() + share))


async def _sweep(memory: MemoryStorage) -> None:
    while True:
        await asyncio.sleep(_SWEEP)
        now = time.time()
        for key in [key for key, until in memory.expirations.items() if until <= now]:
            await memory.clear(key)
