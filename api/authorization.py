"""Who may do what: tokens compared in constant time."""

from __future__ import annotations

import secrets

from fastapi import Request

from api.problems import Problem
from services_catalog.messages import N_


def staff_allowed(request: Request) -> None:
    """Let a request with a staff token pass. Raises Problem 401 without a token and 403 with a wrong one."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        detail = N_("Staff search needs a staff token: send it as “Authorization: Bearer …”.")
        raise Problem(401, N_("Please sign in"), detail, headers={"WWW-Authenticate": "Bearer"})
    known = [one for one in request.app.state.settings.staff_tokens.get_secret_value().split(",") if one]
    if not any(secrets.compare_digest(token.encode(), one.encode()) for one in known):
        raise Problem(403, N_("You may not do this"), N_("The token is not a staff token of this service."))


def internal_allowed(request: Request) -> None:
    """Let only our own action server pass. Raises Problem 403."""
    given = request.headers.get("x-vejviser-secret", "")
    secret = request.app.state.settings.internal_secret.get_secret_value()
    if not secret or not secrets.compare_digest(given.encode(), secret.encode()):
        raise Problem(403, N_("You may not do this"), N_("This address is for the service itself."))
