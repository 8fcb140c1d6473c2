"""Who may call the action server: Rasa, which knows the shared secret. Whether it lives everybody on this machine may ask."""

from __future__ import annotations

import hmac
from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.response import json

SECRET_HEADER = "X-Vejviser-Secret"  # noqa: S105 - the name of a header
_OPEN = "/health"


def install(app: Sanic[Any, Any], secret: str) -> None:
    """Turn away calls without the secret (403)."""

    async def _known(request: Request) -> HTTPResponse | None:
        given = request.headers.get(SECRET_HEADER, "")
        if request.path == _OPEN or hmac.compare_digest(given.encode(errors="replace"), secret.encode()):
            return None
        return json({"error": f"The header {SECRET_HEADER} is missing or wrong.", "action_name": ""}, status=403)

    app.register_middleware(_known, "request")
