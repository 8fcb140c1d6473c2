"""The headers that tie a message to its request, from the api through Rasa to the actions and into every log line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType

REQUEST_ID = "X-Request-ID"
#: Of each header that is carried on, what it may look like (a UUID or 32 hexadecimal digits; W3C Trace Context).
_FORMS = {
    REQUEST_ID: re.compile(r"[0-9a-f-]{32,36}"),
    "traceparent": re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}"),
}

#: Those of the message that is answered now; empty outside of one.
carried: ContextVar[Mapping[str, str]] = ContextVar("carried", default=MappingProxyType({}))


def take(headers: Mapping[str, str]) -> None:
    """Carry on what a request brought, as far as it is well-formed."""
    brought = {name: headers.get(name, "") for name in _FORMS}
    carried.set({name: value for name, value in brought.items() if _FORMS[name].fullmatch(value)})
