"""Dates and moments as they come in: written out (RFC 3339), never as a count of seconds that Pydantic would take too."""

from __future__ import annotations

import re

from pydantic import BeforeValidator

_NUMBER = re.compile(r"[\s+-]*[\d._]+\s*")


def _written(value: object) -> object:
    if isinstance(value, int | float) or (isinstance(value, str) and _NUMBER.fullmatch(value)):
        raise ValueError("write it out, like 2026-11-30 or 2026-11-30T10:00:00Z")
    return value


#: Goes into the annotation of a date or moment.
Written = BeforeValidator(_written)
