"""One line in the log for each action, with the id of the request it belongs to, and nothing of what was said."""

from __future__ import annotations

import asyncio
import functools
import logging
import re
import time
from contextvars import ContextVar
from typing import Any

from sanic import Request, Sanic
from sanic.response import BaseHTTPResponse

from services_catalog.log_lines import request_id

REQUEST_ID, TRACEPARENT = "X-Request-ID", "traceparent"
_WELL_FORMED = re.compile(r"[0-9a-f-]{32,55}")

log = logging.getLogger(__name__)
_traceparent: ContextVar[str] = ContextVar("traceparent", default="")


def carried() -> dict[str, str]:
    """Return the headers that let the api continue the request that is answered now."""
    headers = {REQUEST_ID: request_id.get(), TRACEPARENT: _traceparent.get()}
    return {name: value for name, value in headers.items() if value}


def install(app: Sanic[Any, Any], actions: frozenset[str]) -> None:
    """Take the id from each call, and write the line when it is answered. `actions` are the names that may stand there."""

    async def _begin(request: Request) -> None:
        request_id.set(_well_formed(request.headers.get(REQUEST_ID, "")))
        _traceparent.set(_well_formed(request.headers.get(TRACEPARENT, "")))
        request.ctx.began = time.perf_counter()

    async def _end(request: Request, response: BaseHTTPResponse) -> None:
        if request.path != "/webhook":
            return
        called = (request.json or {}).get("next_action") if response.status < 400 else None
        line = {
            "action": called if called in actions else "unknown",
            "status": response.status,
            "ms": round((time.perf_counter() - request.ctx.began) * 1e3, 1),
        }
        # written when the answer is on its way: nobody waits for a line in the log
        asyncio.get_running_loop().call_soon(functools.partial(log.info, "action", extra=line))

    app.register_middleware(_begin, "request")
    app.register_middleware(_end, "response")


def _well_formed(value: str) -> str:
    return value if _WELL_FORMED.fullmatch(value) else ""
