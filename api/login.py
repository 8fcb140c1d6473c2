"""Signing in and out with a cookie, for the JSON API and for pages with forms alike.

The cookie holds a random session id. The CSRF token of a session is a hash of that id: nothing to store, and nothing that
gives the id away. Every request with the cookie that changes something must carry it, as a header or as a field of a form.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from urllib.parse import urlsplit

from fastapi import Request, Response

from api.problems import Problem
from services_catalog.accounts.accounts import Account
from services_catalog.accounts.sessions import LONGEST, LoginSessions
from services_catalog.messages import N_

#: Over https the name begins with `__Host-`, so that no other host of the domain can set it (RFC 6265bis, 4.1.3.2).
COOKIE = "vejviser_login"
CSRF_HEADER, CSRF_FIELD = "X-CSRF-Token", "csrf_token"

#: A page of this service, never `//another.example` or anything a browser takes for that.
_OWN_PAGE = re.compile(r"/(?![/\\])[^\s\\]*")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def start_login(request: Request, response: Response, account: Account) -> str:
    """Sign an account in: set the cookie on `response`, end the session that was there before, and return the CSRF token."""
    logins: LoginSessions = request.app.state.logins
    _end_session(request)
    session_id = logins.start(account)
    response.set_cookie(
        login_cookie(request), session_id, max_age=int(LONGEST.total_seconds()),
        httponly=True, samesite="lax", secure=is_secure(request),
    )  # fmt: skip
    return csrf_token(session_id)


def end_login(request: Request, response: Response) -> None:
    """Sign out and take the cookie away."""
    _end_session(request)
    response.delete_cookie(login_cookie(request), httponly=True, samesite="lax", secure=is_secure(request))


def signed_in(request: Request) -> Account | None:
    """Return who is signed in with the cookie, None when nobody is. Asks the database."""
    session_id = request.cookies.get(login_cookie(request))
    logins: LoginSessions = request.app.state.logins
    return logins.find(session_id) if session_id else None


def csrf_token(session_id: str) -> str:
    """Return the token that goes with a session, 64 hexadecimal digits."""
    return hashlib.sha256(f"csrf:{session_id}".encode()).hexdigest()


def csrf_token_of(request: Request) -> str:
    """Return the token for the forms of a page that is drawn for this request."""
    return csrf_token(request.cookies.get(login_cookie(request), ""))


def check_csrf(request: Request, given: str) -> None:
    """Raise Problem 403 when a request with the cookie would change something without the right token."""
    if request.method in _SAFE_METHODS:
        return
    if not secrets.compare_digest(given.encode(), csrf_token_of(request).encode()):
        detail = N_("The form has become too old. Load the page again and send it once more.")
        raise Problem(403, N_("You may not do this"), detail)


async def csrf_given(request: Request) -> str:
    """Return the CSRF token a request carries, in its header or in a field of its form; empty without."""
    header = request.headers.get(CSRF_HEADER)
    if header is not None or not request.headers.get("content-type", "").startswith(_FORMS):
        return header or ""
    return str((await request.form()).get(CSRF_FIELD, ""))


_ELSEWHERE = N_("Please sign in on the pages of Vejviser itself.")


def refuse_other_sites(request: Request, detail: str = _ELSEWHERE) -> None:
    """Raise Problem 403 when a browser says that another site sent a form that needs no session, such as a login (Fetch
    Metadata; the Origin of older browsers)."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        ours = site in ("same-origin", "none")
    else:
        ours = origin is None or urlsplit(origin).netloc == request.headers.get("host")
    if not ours:
        raise Problem(403, N_("You may not do this"), detail)


def own_page(wanted: str, otherwise: str = "/") -> str:
    """Return the page to go to after signing in: the one that was wanted when it is one of ours, `otherwise` if not."""
    return wanted if _OWN_PAGE.fullmatch(wanted) else otherwise


def client_address(request: Request) -> str:
    """Return the address a request came from, as far as the server trusts what a proxy says."""
    return request.client.host if request.client else ""


def is_secure(request: Request) -> bool:
    """Tell whether residents reach the service over https, so that cookies must not leave it."""
    public_url: str = request.app.state.settings.public_url
    return request.url.scheme == "https" or public_url.startswith("https://")


def login_cookie(request: Request) -> str:
    """Return the name of the cookie of who is signed in."""
    return f"__Host-{COOKIE}" if is_secure(request) else COOKIE


def _end_session(request: Request) -> None:
    session_id = request.cookies.get(login_cookie(request))
    if session_id:
        request.app.state.logins.end(session_id)
