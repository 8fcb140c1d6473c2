"""Which language a caller wants when the words of a message do not decide it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from starlette.requests import Request

from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE


def _spoken(tag: str) -> str:
    if tag not in LANGUAGES:
        raise ValueError(f"“{tag}” is not spoken here; use one of: {', '.join(LANGUAGES)}")
    return tag


#: A language of the service, as a parameter of a request.
Spoken = Annotated[str, AfterValidator(_spoken), WithJsonSchema({"type": "string", "enum": list(LANGUAGES)})]


def preferred_language(request: Request) -> str:
    """Return the language named by `?language=`, the path (`/ar/…`) or `Accept-Language`, in this order; Danish
    otherwise."""
    asked = request.query_params.get("language") or request.url.path.strip("/").split("/", 1)[0]
    if asked in LANGUAGES:
        return asked
    return accepted_language(request.headers.get("accept-language", "")) or SOURCE_LANGUAGE


def accepted_language(header: str) -> str | None:
    """Return the best language of an `Accept-Language` header (RFC 9110, 12.5.4) that the service speaks, or None."""
    weighted: list[tuple[float, int, str]] = []
    for position, part in enumerate(header.split(",")[:20]):
        tag, _, parameters = part.strip().partition(";")
        primary = tag.strip().split("-", 1)[0].lower()
        try:
            quality = float(parameters.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        if primary in LANGUAGES and quality > 0:
            weighted.append((-quality, position, primary))
    return min(weighted)[2] if weighted else None
