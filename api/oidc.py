"""Signing in at an OpenID Connect provider: `/auth/oidc/login` sends there, `/auth/oidc/callback` is where one comes back."""

from __future__ import annotations

import logging
import secrets
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from api.login import is_secure, own_page, start_login
from api.oidc_provider import Provider, ProviderSilent, SignInInvalid, state_of
from api.openapi import problems
from api.problems import Problem
from services_catalog.messages import N_

log = logging.getLogger(__name__)
router = APIRouter(prefix="/auth/oidc", tags=["accounts"])

_COOKIE, _PATH = "vejviser_oidc", "/auth/oidc"
_SECONDS, _SECRET_BYTES = 600, 32


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.oidc
    if provider is None:
        detail = N_("Signing in with OpenID Connect is not set up here. Sign in with a name and a password.")
        raise Problem(404, N_("This was not found"), detail)
    return provider


OurProvider = Annotated[Provider, Depends(_provider)]


@router.get(
    "/login",
    status_code=303,
    summary="Sign in at the OpenID Connect provider",
    response_class=RedirectResponse,
    responses=problems(404),
)
async def oidc_login(
    request: Request,
    provider: OurProvider,
    next_page: Annotated[str, Query(alias="next", max_length=500, description="The page to come back to.")] = "/",
) -> Response:
    """Send the browser to the provider to sign in there."""
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    try:
        address = await provider.address(secret, _redirect_uri(request))
    except ProviderSilent as error:
        raise _silent(error) from None
    response = RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})
    kept = f"{secret}.{quote(own_page(next_page), safe='')}"
    response.set_cookie(
        _cookie(request), kept, max_age=_SECONDS, path=_PATH, httponly=True, samesite="lax", secure=is_secure(request)
    )
    return response


@router.get(
    "/callback",
    status_code=303,
    summary="Come back from the provider",
    response_class=RedirectResponse,
    responses=problems(400, 401, 404, 409),
)
async def oidc_callback(
    request: Request,
    provider: OurProvider,
    code: Annotated[str, Query(max_length=4000)] = "",
    state: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Sign in whom the provider vouches for, and go to the page that was wanted."""
    secret, _, next_page = request.cookies.get(_cookie(request), "").partition(".")
    if not secret or not secrets.compare_digest(state.encode(), state_of(secret).encode()):
        detail = N_("This sign-in was not begun in this browser, or took too long. Please begin again.")
        raise Problem(400, N_("The request could not be understood"), detail)
    if not code:
        raise Problem(401, N_("Please sign in"), N_("The sign-in was cancelled, or refused where you signed in."))
    try:
        claims = await provider.claims(secret, code, _redirect_uri(request))
    except ProviderSilent as error:
        raise _silent(error) from None
    except SignInInvalid as error:
        log.warning("a sign-in with OpenID Connect was refused: %s", error)
        detail = N_("What the sign-in service sent could not be verified. Please begin again.")
        raise Problem(401, N_("Please sign in"), detail) from None
    return await run_in_threadpool(_signed_in, request, provider, claims, own_page(unquote(next_page)))


def _signed_in(request: Request, provider: Provider, claims: dict[str, Any], next_page: str) -> Response:
    account = request.app.state.accounts.single_sign_on(
        provider.issuer, claims["sub"], provider.name(claims), provider.roles(claims)
    )
    response = RedirectResponse(next_page, 303, headers={"Cache-Control": "no-store"})
    start_login(request, response, account)
    response.delete_cookie(_cookie(request), path=_PATH, httponly=True, samesite="lax", secure=is_secure(request))
    return response


def _cookie(request: Request) -> str:
    """Return the name of the cookie; over https one that is only taken from there (RFC 6265bis, 4.1.3.1)."""
    return f"__Secure-{_COOKIE}" if is_secure(request) else _COOKIE


def _redirect_uri(request: Request) -> str:
    base = request.app.state.settings.public_url or str(request.base_url)
    return f"{base.rstrip('/')}{_PATH}/callback"


def _silent(error: ProviderSilent) -> Problem:
    log.warning("the OpenID Connect provider does not answer: %s", error)
    detail = N_("The sign-in service does not answer just now. Please try again in a moment.")
    return Problem(503, N_("The service is not ready"), detail, headers={"Retry-After": "10"})
