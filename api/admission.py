"""Not more at once than can be answered well. Who comes too late is told so at once; somebody in danger never is.

Messages of the chat wait their turn, a short while and not too many; whoever is in danger was answered before. All other
requests share a bound on how many are under way.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import CapacityLimiter
from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api.languages import preferred_language
from api.problems import Problem
from api.refusals import refusal
from api.settings import Settings
from services_catalog.answers import whom_to_ask
from services_catalog.catalogue import Catalogue
from services_catalog.messages import N_

#: Seconds a message waits at most, and after which somebody who was turned away may come back.
LONGEST_WAIT, COME_BACK_AFTER = 1.5, 5
_THREADS_FOR_DANGER = 4
#: Never turned away: what is small, what watches the service, its own parts, and the chat, which has its turns.
_UNBOUNDED = ("/static/", "/look.css", "/health/", "/metrics", "/internal/", "/api/v1/chat")


class Busy(Exception):
    """There are too many already."""


class Admission:
    """Counts what is under way in a process: messages at work (`at_work`) and waiting (`waiting`), other requests
    (`in_flight`). Belongs to one event loop."""

    def __init__(self, settings: Settings) -> None:
        self.at_work = self.waiting = self.in_flight = 0
        self._turns = asyncio.Semaphore(settings.turns_at_work)
        self._most_waiting = settings.turns_waiting
        self.most_in_flight = settings.requests_in_flight
        #: Worker threads for nobody but those in danger.
        self.danger = CapacityLimiter(_THREADS_FOR_DANGER)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold one of the turns. Raises Busy when too many wait already, or none was free in time."""
        if self._turns.locked() and self.waiting >= self._most_waiting:
            raise Busy
        self.waiting += 1
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self._turns.acquire()
        except TimeoutError:
            raise Busy from None
        finally:
            self.waiting -= 1
        self.at_work += 1
        try:
            yield
        finally:
            self.at_work -= 1
            self._turns.release()


def busy(language: str, catalogue: Catalogue) -> Problem:
    """Return what is said to somebody who comes when there are too many: whom else to ask, and when to try again."""
    return Problem(
        503,
        N_("Very many people are asking just now"),
        N_("Please try again in {seconds} seconds. {whom}"),
        headers={"Retry-After": str(COME_BACK_AFTER)},
        seconds=COME_BACK_AFTER,
        whom=whom_to_ask(language, catalogue),
    ).spoken(language)


def install(app: FastAPI) -> None:
    """Bound what is under way beside the chat; `app.state.admission` counts."""
    app.add_middleware(_Bounded)


class _Bounded:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_UNBOUNDED):
            await self._app(scope, receive, send)
            return
        admission: Admission = scope["app"].state.admission
        if admission.in_flight >= admission.most_in_flight:
            request = Request(scope, receive)
            catalogue: Catalogue = scope["app"].state.catalogue.current.catalogue
            answer = await refusal(request, busy(preferred_language(request), catalogue))
            await answer(scope, receive, send)
            return
        admission.in_flight += 1
        try:
            await self._app(scope, receive, send)
        finally:
            admission.in_flight -= 1
