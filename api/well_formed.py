"""What no database keeps as a text: NUL (PostgreSQL refuses it) and half a character (a lone surrogate, no Unicode text)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fastapi import Request

from api.problems import Problem
from services_catalog.messages import N_

_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")


async def well_formed(request: Request) -> None:
    """Raise Problem 422 when the path, the query or a JSON body of a request holds such a character anywhere."""
    wrong = list(_unwritable(request.path_params, "path"))
    for name, value in request.query_params.multi_items():
        wrong += _unwritable({name: value}, "query")
    if getattr(request.scope["route"], "body_field", None) is not None:
        wrong += _unwritable(await _json_of(request), "body")
    if wrong:
        detail = N_("A text holds a character that cannot be kept. See `errors` for where, and leave it out.")
        errors = [{"field": field, "message": "holds NUL or half a character"} for field in wrong]
        raise Problem(422, N_("Something in the request is wrong"), detail, errors=errors)


async def _json_of(request: Request) -> Any:
    """Return the body as the operation reads it; None when it is no JSON, which the operation refuses."""
    try:
        return await request.json()
    except ValueError:
        return None


def _unwritable(value: Any, place: str) -> Iterator[str]:
    """Yield where in a value such characters are, in names too, however deep it goes."""
    waiting: list[tuple[Any, str]] = [(value, place)]
    while waiting:
        one, where = waiting.pop()
        if isinstance(one, str):
            if _UNWRITABLE.search(one):
                yield where
        elif isinstance(one, list):
            waiting += [(inner, f"{where}.{index}") for index, inner in enumerate(one)]
        elif isinstance(one, dict):
            waiting += [(name, where) for name in one]
            waiting += [(inner, f"{where}.{name}") for name, inner in one.items()]
