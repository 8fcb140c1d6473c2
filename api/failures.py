"""Requests that do not end as they should: too slow to arrive, too slow to be answered, or stopped by a mistake of ours.

Each gets a problem detail with every header an answer has; the log gets the kind and the frames of a mistake.
"""

from __future__ import annotations

import asyncio
import logging
import re

from fastapi import FastAPI, Request
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import Problem, problem_response, unexpected
from api.settings import Settings
from services_catalog.log_lines import described
from services_catalog.messages import N_

#: What the editors' room does may take longer: 10,000 offers imported 50 s, published with every check as long again.
_PATIENT = re.compile(r"/(?:api/v1|[a-z]{2,3})/editor/.*")
_TIMES_AS_LONG = 10

log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Put the limit of the settings on every request."""
    app.add_middleware(_Failures, app.state.settings)


class _Failures:
    """Sends a problem in the place of an answer that does not come.

    An answer that is under way may take as long as it goes on: each part of it has the time of the whole. One that stops is
    cut off, which the other side notices.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seconds = self._settings.request_seconds * (_TIMES_AS_LONG if _PATIENT.fullmatch(scope["path"]) else 1)
        whole, waiting, started = False, False, False
        timer = asyncio.timeout(seconds)

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)
            timer.reschedule(asyncio.get_running_loop().time() + seconds)

        async def arriving() -> Message:
            nonlocal whole, waiting
            waiting = not whole
            message = await receive()
            whole, waiting = whole or not message.get("more_body", False), False
            return message

        try:
            async with timer:
                await self._app(scope, arriving, noting)
            return
        except ClientDisconnect:
            return
        except Exception as error:
            late = timer.expired()
            if not late:
                log.error("a request failed", extra={"error": described(error)})
        if not started:
            request = Request(scope)
            answer = problem_response(request, _late(seconds, waiting=waiting)) if late else unexpected(request)
            await answer(scope, receive, send)


def _late(seconds: float, *, waiting: bool) -> Problem:
    """Return what is said of a request whose time is over, `waiting` for the rest of it or for the answer."""
    if waiting:
        detail = N_("The request did not arrive whole within {seconds} seconds. Please send it again.")
        return Problem(
            408, N_("The request came too slowly"), detail, headers={"Connection": "close"}, seconds=round(seconds)
        )
    detail = N_("It was stopped after {seconds} seconds. Look whether it was done before you send it again.")
    return Problem(503, N_("The service is not ready"), detail, headers={"Retry-After": "30"}, seconds=round(seconds))
