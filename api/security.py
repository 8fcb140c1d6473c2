"""Headers every answer carries, and the limit on what a request may bring."""

from __future__ import annotations

import re

from fastapi import FastAPI
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services_catalog.exchange.archives import Limits
from services_catalog.exchange.xliff_document import MOST_BYTES

#: Largest request body in bytes: a chat message of the longest allowed length in any script, and its envelope.
MOST_BODY = 64 * 1024
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


def install(app: FastAPI) -> None:
    """Put the guards around the application."""
    app.add_middleware(_Guard)


class _Guard:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if scope["path"].startswith(("/api/", "/internal/")):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        length = Headers(scope=scope).get("content-length", "0")
        most = _most(scope["path"])
        if not length.isdigit() or int(length) > most:
            await _refuse(send_with_headers)
            return
        await self._app(scope, _bounded(receive, most), send_with_headers)


def _most(path: str) -> int:
    """Return how large the body of a request may be."""
    forms = (most for pattern, most in _MOST_FORM if pattern.fullmatch(path))
    return _MOST_FILE.get(path) or next(forms, MOST_BODY)


def _bounded(receive: Receive, most: int) -> Receive:
    """Return a `receive` that cuts a body off that grows beyond the limit, whatever its header said."""
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] == "http.request":
            seen += len(message.get("body", b""))
            if seen > most:
                return {"type": "http.disconnect"}
        return message

    return bounded


async def _refuse(send: Send) -> None:
    body = b'{"type":"about:blank","title":"The request is too large","status":413}'
    await send(
        {
            "type": "http.response.start",
            "status": 413,
            "headers": [
                (b"content-type", b"application/problem+json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
