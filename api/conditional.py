"""Answers that a client may keep and ask for again: entity tags, dates and 304 (RFC 9110, sections 8.8 and 13)."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

_TAG = re.compile(r'(?:W/)?("[^"]*")')


def conditional_json(
    request: Request, body: Any, *, language: str, modified: dt.datetime | None = None, private: bool = False
) -> Response:
    """Return `body` as JSON with its validators, or 304 when the client has just that.

    `language` is what Content-Language says: a tag, or several with commas. `modified` is a moment after which nothing
    in the body changed. `private` keeps the answer out of shared caches.
    """
    answer = JSONResponse(body)
    answer.headers.update({"Content-Language": language, "Vary": "Accept-Language, Authorization"})
    return conditional(request, answer, modified=modified, private=private)


def conditional(
    request: Request, answer: Response, *, modified: dt.datetime | None = None, private: bool = False
) -> Response:
    """Return an answer with validators of its body and its Content-Language, or 304 when the client has just that."""
    language = answer.headers.get("content-language", "")
    # weak: a compressed answer carries the same tag
    tag = f'W/"{hashlib.sha256(language.encode() + bytes(answer.body)).hexdigest()[:32]}"'
    answer.headers.update({"ETag": tag, "Cache-Control": "private, no-cache" if private else "no-cache"})
    if modified is not None:
        answer.headers["Last-Modified"] = format_datetime(modified.astimezone(dt.UTC), usegmt=True)
    if not unchanged(request.headers, tag, modified):
        return answer
    kept = {name: value for name, value in answer.headers.items() if not name.startswith("content-")}
    return Response(status_code=304, headers=kept)


def unchanged(headers: Headers, tag: str, modified: dt.datetime | None) -> bool:
    """Tell whether a client that sends these headers has the newest already. Its tags decide; its date only counts
    without them, in whole seconds."""
    tags = headers.get("if-none-match")
    if tags is not None:
        return tags.strip() == "*" or tag.removeprefix("W/") in _TAG.findall(tags)
    try:
        since = parsedate_to_datetime(headers.get("if-modified-since", ""))
    except ValueError:
        return False
    if since.tzinfo is None:  # "-0000" and the older forms of RFC 9110, 5.6.7 are in UTC
        since = since.replace(tzinfo=dt.UTC)
    return modified is not None and modified.replace(microsecond=0) <= since
