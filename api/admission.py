"""Not more at once than can be answered well. Who comes too late is told so at once; somebody in danger never is.

Messages of the chat wait their turn, a short while and not too many (who finds no place to wait: api/floodgate.py); whoever
is in danger was answered before. So do readers of pages and searches: a search is work for the processor, and many at once
would hold up everybody, the endangered first of all. All requests beside the chat share a bound on how many are under way.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager

from anyio import CapacityLimiter
from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.addresses import CHAT
from api.languages import preferred_language
from api.login import login_cookie
from api.problems import Problem
from api.refusals import refusal
from api.settings import Settings
from services_catalog.answers import whom_to_ask
from services_catalog.catalogue import Catalogue
from services_catalog.messages import N_

#: Seconds anybody waits at most, and after which somebody who was turned away may come back.
LONGEST_WAIT, COME_BACK_AFTER = 1.5, 5
#: Who would wait longer than this share of it is not let in, so that hardly anybody waits in vain.
_SURE_SHARE = 0.6
#: How much the newest turn counts for the pace.
_NEW_SHARE = 0.05
#: Readers at work at once, and worker threads for the searches of the chat, and for nobody but those in danger.
_READERS, _SEARCHES, _THREADS_FOR_DANGER = 8, 4, 4
#: Never turned away: what is small, what watches the service, its own parts, and the chat, which has its turns.
_UNBOUNDED = ("/static/", "/look.css", "/health/", "/metrics", "/internal/", CHAT)


class Busy(Exception):
    """There are too many already."""


class Turns:
    """A turn for so many at once; others wait for theirs, so many and not for long."""

    def __init__(self, at_work: int, waiting: int) -> None:
        self.at_work = self.waiting = 0
        self._free, self._most_waiting = asyncio.Semaphore(at_work), waiting
        self._pace, self._given_back = 0.0, 0.0

    @property
    def expected_wait(self) -> float:
        """Seconds that one more would wait, by how fast turns were given back of late while others waited."""
        return self.waiting * self._pace

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold a turn. Raises Busy when too many wait already, or none was free in time."""
        if self._free.locked() and self.waiting >= self._most_waiting:
            raise Busy
        self.waiting += 1
        try:
            async with asyncio.timeout(LONGEST_WAIT):
                await self._free.acquire()
        except TimeoutError:
            raise Busy from None
        finally:
            self.waiting -= 1
        self.at_work += 1
        try:
            yield
        finally:
            self.at_work -= 1
            self._free.release()
            now = time.monotonic()
            if self.waiting:
                self._pace += (min(now - self._given_back, LONGEST_WAIT) - self._pace) * _NEW_SHARE
            self._given_back = now


class Admission:
    """What is under way in a process: messages of the chat, readers, and all requests but the chat's. Belongs to one event
    loop."""

    def __init__(self, settings: Settings) -> None:
        self.chat = Turns(settings.turns_at_work, settings.turns_waiting)
        self._places, self._taken = settings.turns_at_work + settings.turns_waiting, 0
        self.readers = Turns(_READERS, settings.requests_in_flight)
        self.in_flight, self.most_in_flight = 0, settings.requests_in_flight
        self.searches = CapacityLimiter(_SEARCHES)
        self.danger = CapacityLimiter(_THREADS_FOR_DANGER)

    @property
    def crowded(self) -> bool:
        """Whether one more message of the chat would hardly get a turn in time."""
        return self._taken >= self._places or self.chat.expected_wait > LONGEST_WAIT * _SURE_SHARE

    @contextmanager
    def place(self) -> Iterator[None]:
        """Count a message that is under way."""
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1


def busy(language: str, catalogue: Catalogue) -> Problem:
    """Return what is said to somebody who comes when there are too many: what to do in danger, whom else to ask, and when to
    try again."""
    return Problem(
        503,
        N_("Too many requests"),
        N_(
            "Very many people are asking just now. Please try again in {seconds} seconds. "
            "If you or somebody else is in danger, call 112. {whom}"
        ),
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
        request = Request(scope, receive)
        admission: Admission = scope["app"].state.admission
        try:
            if admission.in_flight >= admission.most_in_flight:
                raise Busy
            admission.in_flight += 1
            try:
                await self._in_turn(request, admission, send)
            finally:
                admission.in_flight -= 1
        except Busy:
            catalogue: Catalogue = scope["app"].state.catalogue.current.catalogue
            answer = await refusal(request, busy(preferred_language(request), catalogue))
            await answer(scope, receive, send)

    async def _in_turn(self, request: Request, admission: Admission, send: Send) -> None:
        async with AsyncExitStack() as turn:
            if _reads(request):
                await turn.enter_async_context(admission.readers.turn())

            async def answering(message: Message) -> None:
                await turn.aclose()  # the work is done; how fast it is fetched is the reader's affair
                await send(message)

            await self._app(request.scope, request.receive, answering)


def _reads(request: Request) -> bool:
    """Tell whether a request is a resident's who reads. Who is signed in is looked up in the database first, and nobody should
    wait for somebody else's database."""
    signed_in = "authorization" in request.headers or login_cookie(request) in request.cookies
    return request.method in ("GET", "HEAD") and not signed_in
