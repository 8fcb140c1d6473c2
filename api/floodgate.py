"""More messages than can be answered: each is told so at once, after a short look whether it speaks of danger.

A message that finds all places of the chat taken is not worked on. It is looked at as it came, without a session or a
language: what may be danger goes the ordinary way, where it is looked at again and answered at once; to all others is said
what to do in danger, whom to ask and when to come back. When looking itself makes the process late, the rules of danger look
alone, and at last nobody: what waits is then told so unread, in milliseconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import Any

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.addresses import CHAT
from api.admission import Admission, busy
from api.catalogue_service import Snapshot
from api.languages import preferred_language
from api.metrics import Look
from api.plain_words import plain_words, whole_characters
from api.problems import problem_response
from services_catalog.catalogue import Catalogue
from services_catalog.identify import script
from services_catalog.languages import written_in

#: Seconds by which the process may be late and still look at a message whole, and by the rules alone.
_IN_TIME, _LATE = 0.1, 0.5
#: Seconds between two looks at the clock.
_TICK = 0.05
#: Bytes of a body that is looked at: four for each character of the longest message, and its envelope.
_MOST_LOOKED_AT = 17 * 1024


class Lateness:
    """How late the process is: what is due now has waited so long. Belongs to one event loop; looks at the clock as long as
    somebody asks."""

    def __init__(self) -> None:
        self._due: float | None = None
        self._asked = False

    def seconds(self) -> float:
        """Return how long something that is due waits at least."""
        now = time.monotonic()
        self._asked = True
        if self._due is None:
            self._expect(now)
        return max(0.0, now - (self._due or now))

    def _expect(self, now: float) -> None:
        self._due = now + _TICK
        asyncio.get_running_loop().call_later(_TICK, self._come)

    def _come(self) -> None:
        self._due = None
        if self._asked:
            self._asked = False
            self._expect(time.monotonic())


def install(app: FastAPI) -> None:
    """Stand before the chat. What is installed before is spared for who is turned away."""
    app.add_middleware(_Floodgate)


class _Floodgate:
    def __init__(self, app: ASGIApp) -> None:
        self._app, self._lateness, self._sayings = app, Lateness(), _Sayings()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != CHAT or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        state = scope["app"].state
        admission: Admission = state.admission
        if not admission.crowded:
            with admission.place():
                await self._app(scope, receive, send)
            return
        arrived = await _arrived(receive)
        text = _text_of(arrived)
        snapshot: Snapshot = state.catalogue.current
        look = _look_for(self._lateness.seconds()) if len(text) <= state.settings.message_limit else "none"
        if look != "none" and snapshot.crisis.recognize(text, learned=look == "whole") is not None:
            await self._app(scope, _again(arrived, receive), send)
            return
        state.metrics.turned_away(look)
        request = Request(scope)
        answer = self._sayings.of(_language_of(text, request), request, snapshot.catalogue)
        await answer(scope, receive, send)


def _look_for(late: float) -> Look:
    """Return how closely a message is looked at by a process that is so late: the rules cost a third of the whole."""
    return "whole" if late < _IN_TIME else "rules" if late < _LATE else "none"


class _Sayings:
    """What is said to whom there is no place for, made once for each language and catalogue."""

    def __init__(self) -> None:
        self._of: dict[str, Response] = {}
        self._catalogue: Catalogue | None = None

    def of(self, language: str, request: Request, catalogue: Catalogue) -> Response:
        """Return the answer in a language. `request` is one to the chat's address."""
        if catalogue is not self._catalogue:
            self._catalogue, self._of = catalogue, {}
        if language not in self._of:
            self._of[language] = problem_response(request, busy(language, catalogue))
        return self._of[language]


async def _arrived(receive: Receive) -> list[Message]:
    """Return the parts of a body that is to be looked at; of a larger one not all."""
    parts: list[Message] = []
    with contextlib.suppress(HTTPException):  # larger than any body may be
        size = 0
        while size <= _MOST_LOOKED_AT:
            parts.append(await receive())
            size += len(parts[-1].get("body", b""))
            if not parts[-1].get("more_body", False):
                break
    return parts


def _again(arrived: list[Message], receive: Receive) -> Receive:
    """Return a `receive` that gives what arrived once more, then what comes after it."""
    waiting = iter(arrived)

    async def received() -> Message:
        return next(waiting, None) or await receive()

    return received


def _text_of(arrived: list[Message]) -> str:
    """Return the text of a message; nothing where there is none or it cannot be read."""
    try:
        said: Any = json.loads(b"".join(part.get("body", b"") for part in arrived))
    except (ValueError, RecursionError):
        return ""
    text = said.get("text") if isinstance(said, dict) else None
    return plain_words(whole_characters(text)) if isinstance(text, str) else ""


def _language_of(text: str, request: Request) -> str:
    """Return the language whose letters a message is written in, among several the one asked for. Latin letters tell
    nothing: any language may be written in them."""
    asked, letters = preferred_language(request), script(text)
    written = written_in(letters) if letters and letters != "latin" else ()
    return asked if asked in written or not written else written[0]
