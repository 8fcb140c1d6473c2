"""Who speaks in the chat, and whether she may now."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from fastapi import Request

from api.admission import Admission, Busy, busy
from api.authorization import Principal, staff_of
from api.login import login_cookie
from api.rate_limits import RateLimits, address_of, too_many
from api.sessions import Session
from services_catalog.errors import CatalogueUnavailable

#: Seconds in which the accounts must tell who speaks.
_LONGEST_LOOK = 3.0


def speaker_of(request: Request) -> str:
    """Return what the speaker is signed in with; nothing for a resident. A conversation belongs to its speaker."""
    return request.headers.get("authorization") or request.cookies.get(login_cookie(request), "")


async def staff_speaking(request: Request) -> Principal | None:
    """Return who speaks when a message comes with a token, which must open what is for staff. Raises Problem 401 or 403, and
    CatalogueUnavailable when the accounts cannot be asked in the time that an answer may take."""
    if not request.headers.get("authorization"):
        return None
    try:
        async with asyncio.timeout(_LONGEST_LOOK):
            return await to_thread.run_sync(staff_of, request, abandon_on_cancel=True)
    except TimeoutError:
        raise CatalogueUnavailable(f"The accounts could not be asked within {_LONGEST_LOOK:.0f} s.") from None


async def too_often(request: Request, session: Session, principal: Principal | None) -> int:
    """Count a message, and return how many seconds the speaker has to wait; 0 when she has not."""
    limits: RateLimits = request.app.state.limits
    wait = await limits.wait("address", address_of(request))
    if not session.fresh:
        wait = max(wait, await limits.wait("session", session.conversation))
    if principal is not None:
        wait = max(wait, await limits.wait("account", principal.name))
    return wait


@asynccontextmanager
async def admitted(request: Request, language: str, wait: int) -> AsyncIterator[None]:
    """Hold a turn. Raises Problem 429 when the speaker has to wait, and 503 when too many others speak."""
    if wait:
        raise too_many(wait).spoken(language)
    admission: Admission = request.app.state.admission
    try:
        async with admission.chat.turn():
            yield
    except Busy:
        raise busy(language, request.app.state.catalogue.current.catalogue) from None
