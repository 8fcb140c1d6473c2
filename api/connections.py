"""Connections of the public door: not too many, and who opens one and sends the head of a request drop by drop is cut off.

uvicorn limits how long a connection may rest between two requests, not how long a head may take, nor its size; and it would
refuse what is too much without a word of what to do.
"""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import JSONResponse
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from api.security import MOST_HEAD

#: Seconds for the head of a request, from the opening of the connection or from its first byte.
HEAD_SECONDS = 10.0
#: Connections at once, those at rest included; a request on one more is refused unread.
MOST_CONNECTIONS = 2000
#: Said before anything of a request is looked at, so in all languages.
_FULL = JSONResponse(
    {
        "type": "about:blank",
        "title": "Too many requests",
        "status": 503,
        "detail": "I fare: ring 112. In danger: call 112. У небезпеці: телефонуйте 112. في خطر: اتصل بالرقم 112.",
    },
    503,
    {"Retry-After": "5", "Connection": "close", "Cache-Control": "no-store"},
    "application/problem+json",
)


class GuardedConnection(HttpToolsProtocol):
    """uvicorn's connection with a limit in time and size on the head of a request, and on how many there are; named in
    `api/supervisor.py`."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._late: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._whole_app = self.app

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_head()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing() or not self._between_requests():
            return
        # bytes that belong to no request yet, or to the body of one that was answered before it was whole
        self._await_head()
        self._head_bytes += len(data)
        if self._head_bytes > 2 * MOST_HEAD:
            self._refuse(431)

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        self.app = _FULL if len(self.connections) > MOST_CONNECTIONS else self._whole_app
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _await_head(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(HEAD_SECONDS, self._refuse, 408)

    def _stop_waiting(self) -> None:
        self._head_bytes = 0
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _refuse(self, status: int) -> None:
        if self.transport.is_closing():
            return
        if self.cycle is None:  # else it may be the rest of a request that has its answer
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()
