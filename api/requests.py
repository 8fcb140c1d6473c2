"""Every request from its first byte to its last: an id that goes through all processes, its figures, its span, and one line
in the log that says what was asked for and how it went, and nothing of what was said.

The line has no outcome such as `crisis`: beside a moment, a language and a proxy's log of addresses it would tell of one
household what nobody must know. It says answered, degraded, refused or failed.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from contextlib import AbstractContextManager

from fastapi import FastAPI, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.addresses import CHAT
from api.metrics import Metrics
from api.timing import Steps
from api.tracing import TRACEPARENT, Tracing, tracing_to
from services_catalog.log_lines import request_id

HEADER = "X-Request-ID"
#: What is taken over from a proxy or a client: a UUID, or 32 hexadecimal digits as nginx makes them. Nothing else fits in.
_WELL_FORMED = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What the supervisor and those who watch ask every second; a line each time would bury the others.
_ASKED_ALL_THE_TIME = ("/health/", "/metrics")
#: The client went away before there was an answer (nginx's status for it; never sent).
_GONE = 499

log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Watch over every request; what is installed after it is not seen."""
    app.state.metrics = Metrics(app)
    app.state.tracing = tracing_to(app.state.settings.otlp_endpoint)
    app.add_middleware(_Watch, app.state.metrics, app.state.tracing)


def note_answer(request: Request, language: str, *, degraded: bool = False) -> None:
    """Let the line of the request say in which language it was answered, and whether something was missing."""
    request.state.noted = {"language": language, "outcome": "degraded" if degraded else "answered"}


def carried(request: Request) -> dict[str, str]:
    """Return the headers that let another of our processes continue a request."""
    headers = {HEADER: request_id.get(), TRACEPARENT: request.app.state.tracing.traceparent()}
    return {name: value for name, value in headers.items() if value}


class _Watch:
    def __init__(self, app: ASGIApp, metrics: Metrics, tracing: Tracing) -> None:
        self._app, self._metrics, self._tracing = app, metrics, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        headers = Headers(scope=scope)
        given = headers.get(HEADER, "")
        told = given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex
        request_id.set(told)
        state = scope.setdefault("state", {})
        state["steps"] = Steps(self._metrics.step, self._step_span)
        status = _GONE

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = told
            await send(message)

        # only our own processes may hang their spans under others: whoever else could begin traces for us
        parent = headers.get(TRACEPARENT, "") if scope["path"].startswith("/internal/") else ""
        with self._tracing.span(scope["method"], parent) as span:
            try:
                await self._app(scope, receive, noting)
            except Exception:
                status = 500
                raise
            finally:
                route, noted = _route_of(scope), state.get("noted", {})
                seconds = time.perf_counter() - began
                self._metrics.request(scope["method"], route, status, seconds)
                line = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1e3, 1)}
                span.update_name(f"{scope['method']} {route}")
                span.set_attributes(
                    {"http.request.method": scope["method"], "http.route": route, "http.response.status_code": status}
                )
                if status >= 400 or not scope["path"].startswith(_ASKED_ALL_THE_TIME):
                    log.info("request", extra=line | {"outcome": _outcome(status)} | noted)

    def _step_span(self, name: str) -> AbstractContextManager[object]:
        return self._tracing.span(name)


def _route_of(scope: Scope) -> str:
    """Return the template of the address; an address that is none of ours has no name of its own."""
    if scope["path"].startswith("/static/"):
        return "/static"
    if scope["path"] == CHAT:
        return CHAT  # also of a message that was turned away before a route was looked for
    return str(getattr(scope.get("route"), "path", "unknown"))


def _outcome(status: int) -> str:
    if status >= 500 and status != 503:
        return "failed"
    return "answered" if status < 400 else "refused"
