"""Which addresses a page of another site may read in a browser (the CORS protocol of the Fetch standard).

Only what everybody may read: no cookie and no token is let through, so nothing is lent to the other site.
"""

from __future__ import annotations

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

#: These addresses and everything below them.
READABLE = ("/hsds", "/api/v1/search", "/api/v1/offers", "/api/v1/openapi.json")


def install(app: FastAPI) -> None:
    """Open READABLE for reading from other sites."""
    app.add_middleware(_Readable)


class _Readable:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._open = CORSMiddleware(
            app,
            allow_origins=["*"],
            allow_methods=["GET"],
            allow_headers=["Accept-Language", "If-None-Match", "If-Modified-Since"],
            expose_headers=["Content-Language", "ETag", "Last-Modified"],
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        readable = any(path == one or path.startswith(f"{one}/") for one in READABLE)
        await (self._open if readable else self._app)(scope, receive, send)
