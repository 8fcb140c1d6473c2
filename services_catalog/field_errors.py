"""What pydantic found wrong with a field, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SAID = {
    "missing": "is required",
    "extra_forbidden": "must not be given here",
    "string_type": "must be a text",
    "string_too_short": "must not be empty",
    "int_parsing": "must be a whole number",
}
_SLUG = "must be an id: small letters a-z, digits and single hyphens"
_TAG = "must be a language tag such as da or ar"


def said(error: Mapping[str, Any]) -> str:
    """Return one of `ValidationError.errors()` as a sentence that tells what is allowed."""
    kind, context = error["type"], error.get("ctx") or {}
    if kind == "string_pattern_mismatch":
        return _SLUG if "a-z0-9]+)*" in context["pattern"] else _TAG
    if kind == "string_too_long":
        return f"is too long: at most {context['max_length']} characters are allowed"
    return _SAID.get(kind) or str(error["msg"]).removeprefix("Value error, ")
