"""Headers every answer carries, and the limit on what a request may bring."""

from __future__ import annotations

import re

from fastapi import FastAPI, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.login import is_secure, login_cookie
from api.problems import Problem, problem_response
from api.settings import Settings
from services_catalog.exchange.archives import Limits
from services_catalog.exchange.xliff_document import MOST_BYTES
from services_catalog.languages import LANGUAGES
from services_catalog.messages import N_

#: Largest request body in bytes: a chat message of the longest allowed length in any script, and its envelope.
MOST_BODY = 64 * 1024
#: Largest head of a request in bytes: all its headers.
MOST_HEAD = 32 * 1024
#: Addresses that take a file instead; they look at the role of the sender before they read it.
_MOST_FILE = {"/api/v1/editor/translations": MOST_BYTES}
#: Forms of the editors' room: a whole offer, or a file; they too look at the sender first.
_MOST_FORM = (
    (re.compile(r"/[a-z]+/editor/offers/[a-z0-9-]+(/preview|/try)?"), 1024 * 1024),
    (re.compile(r"/[a-z]+/editor/(translations|exchange)"), Limits().file_bytes),
)

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


#: Pages that are the same for everybody who is not signed in. Whatever else is answered is kept by no cache.
_OPEN = re.compile(
    rf"/|/(?:{'|'.join(LANGUAGES)})(?:/(?:areas|districts|offers)(?:/[a-z0-9-]+)?|/accessibility|/favourites)?"
    r"|/(?:hsds|static)(?:/.*)?|/[a-z-]+\.(?:xml|txt|ico)"
)


def install(app: FastAPI) -> None:
    """Put the guards around the application."""
    app.add_middleware(_Guard, app.state.settings)


class _Guard:
    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._strict = f"max-age={settings.hsts_seconds}" if settings.hsts_seconds else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                # browsers take it over https only (RFC 6797, 7.2)
                if self._strict and is_secure(request):
                    headers.setdefault("Strict-Transport-Security", self._strict)
                if not _OPEN.fullmatch(scope["path"]) or login_cookie(request) in request.cookies:
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        too_large = _too_large(scope)
        if too_large is not None:
            await problem_response(request, too_large)(scope, receive, send_with_headers)
            return
        await self._app(scope, _bounded(receive, _most(scope["path"])), send_with_headers)


def _too_large(scope: Scope) -> Problem | None:
    """Return what is wrong with the size of a request as far as its head tells, None when nothing is."""
    closing = {"Connection": "close"}
    if sum(len(name) + len(value) for name, value in scope["headers"]) > MOST_HEAD:
        detail = N_("The headers may have {limit} bytes in all.")
        return Problem(431, N_("The request is too large"), detail, headers=closing, limit=MOST_HEAD)
    length, most = Headers(scope=scope).get("content-length", "0"), _most(scope["path"])
    if length.isdecimal() and length.isascii() and int(length) <= most:
        return None
    detail = N_("This address takes at most {limit} bytes.")
    return Problem(413, N_("The request is too large"), detail, headers=closing, limit=most)


def _most(path: str) -> int:
    """Return how large the body of a request may be."""
    forms = (most for pattern, most in _MOST_FORM if pattern.fullmatch(path))
    return _MOST_FILE.get(path) or next(forms, MOST_BODY)


def _bounded(receive: Receive, most: int) -> Receive:
    """Return a `receive` that refuses a body that grows beyond the limit, whatever its header said."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > most:
            raise HTTPException(413, headers={"Connection": "close"})
        return message

    return bounded
