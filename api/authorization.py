"""Who may do what: API tokens, the staff tokens of the settings and the login cookie, each compared in constant time."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from anyio import from_thread
from fastapi import Request, Security
from fastapi.security import APIKeyCookie, HTTPBearer
from starlette.concurrency import run_in_threadpool

from api.login import COOKIE, CSRF_HEADER, check_csrf, csrf_given, signed_in
from api.problems import Problem
from services_catalog.accounts.accounts import Role
from services_catalog.accounts.tokens import TokenStore
from services_catalog.messages import N_


class Via(StrEnum):
    """How somebody showed who they are."""

    LOGIN = "login"
    TOKEN = "token"  # noqa: S105 - a way in, no secret
    STAFF_TOKEN = "staff_token"  # noqa: S105


@dataclass(frozen=True)
class Principal:
    """Who asks. `roles` holds everything they may do, included roles too; `name` is that of the account."""

    name: str
    roles: frozenset[Role]
    via: Via


#: So that the OpenAPI description says of each operation how to sign in, and which role it takes.
_BEARER = HTTPBearer(
    scheme_name="token", auto_error=False, description="An API token, or for staff one of the staff tokens."
)
_COOKIE = APIKeyCookie(
    name=COOKIE,
    scheme_name="login",
    auto_error=False,
    description=f"Signed in at /api/v1/login. What changes something also needs the header {CSRF_HEADER}.",
)


def require(role: Role | None = None) -> Callable[..., Awaitable[Principal]]:
    """Return a dependency that lets those with a role pass, or everybody who is signed in, and tells who it is.

    It raises Problem 401 when nobody is signed in, and 403 on a wrong token, a missing CSRF token or a missing role.
    """
    scopes = [role.value] if role else []

    async def allowed(
        request: Request,
        _bearer: Any = Security(_BEARER, scopes=scopes),  # noqa: B008 - differs by role
        _cookie: Any = Security(_COOKIE, scopes=scopes),  # noqa: B008
    ) -> Principal:
        principal = await run_in_threadpool(principal_of, request)
        if principal.via is Via.LOGIN:
            check_csrf(request, await csrf_given(request))
        await request.app.state.limits.require("account", principal.name)
        return _with_role(principal, role)

    return allowed


def principal_of(request: Request) -> Principal:
    """Return who sends a request; a token counts before the cookie. Raises Problem 401 when nobody is signed in and 403
    when the token is wrong. Does not look at CSRF tokens: `require` does."""
    header = request.headers.get("authorization")
    if header:
        return _bearer_of(request, header)
    account = signed_in(request)
    if account is None:
        raise _nobody()
    return Principal(account.name, account.may, Via.LOGIN)


def staff_of(request: Request) -> Principal:
    """Return who sends a request that may read what is for staff. Raises Problem 401 without and 403 with a wrong token."""
    principal = principal_of(request)
    if principal.via is Via.LOGIN:
        check_csrf(request, request.headers.get(CSRF_HEADER, ""))
    return _with_role(principal, Role.STAFF)


def staff_allowed(request: Request) -> None:
    """Let a request pass as `staff_of` does, and count it. Raises Problem 429 too, when the account asked too often. Runs in
    a worker thread."""
    from_thread.run(request.app.state.limits.require, "account", staff_of(request).name)


async def internal_allowed(request: Request) -> None:
    """Let only our own action server pass. Raises Problem 403."""
    given = request.headers.get("x-vejviser-secret", "")
    secret = request.app.state.settings.internal_secret.get_secret_value()
    if not secret or not secrets.compare_digest(given.encode(), secret.encode()):
        raise Problem(403, N_("You may not do this"), N_("This address is for the service itself."))


def _bearer_of(request: Request, header: str) -> Principal:
    scheme, _, presented = header.partition(" ")
    if scheme.lower() != "bearer" or not presented:
        raise _nobody()
    known = [one for one in request.app.state.settings.staff_tokens.get_secret_value().split(",") if one]
    if any([secrets.compare_digest(presented.encode(), one.encode()) for one in known]):  # noqa: C419 - each compared
        return Principal("staff token", frozenset({Role.STAFF}), Via.STAFF_TOKEN)
    tokens: TokenStore = request.app.state.tokens
    token = tokens.find(presented)
    if token is None:
        raise Problem(403, N_("You may not do this"), N_("The token is wrong, has expired or was revoked."))
    return Principal(token.account, token.may, Via.TOKEN)


def _with_role(principal: Principal, role: Role | None) -> Principal:
    if role is not None and role not in principal.roles:
        raise Problem(403, N_("You may not do this"), N_("This takes the role “{role}”."), role=role.value)
    return principal


def _nobody() -> Problem:
    detail = N_("Sign in first, or send a token: “Authorization: Bearer …”.")
    return Problem(401, N_("Please sign in"), detail, headers={"WWW-Authenticate": "Bearer"})
