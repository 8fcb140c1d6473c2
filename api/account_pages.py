"""Pages to sign in and out, and one's own account: its password and its tokens for scripts."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from api.authorization import Principal
from api.login import client_address, end_login, own_page, refuse_other_sites, signed_in, start_login
from api.page_authorization import page_language, page_role, private_page, problem_page
from api.problems import Problem
from services_catalog.accounts.accounts import Account, AccountStore
from services_catalog.accounts.passwords import FEWEST_CHARACTERS, MOST_CHARACTERS
from services_catalog.accounts.roles import Role
from services_catalog.accounts.tokens import MOST_DAYS, TokenStore
from services_catalog.errors import AccountError, AccountInvalid, AccountNotFound, LoginDelayed, LoginRefused
from services_catalog.localized import localizer
from services_catalog.messages import N_

router = APIRouter(include_in_schema=False)

_METHODS = ["GET", "HEAD"]
_MOST_ADDRESS = 500
_USUAL_DAYS = 90
#: From here on a wait is told in minutes.
_MANY_SECONDS = 120


async def posted(request: Request) -> FormData:
    """Return the fields of a form."""
    return await request.form()


Posted = Annotated[FormData, Depends(posted)]
Anyone = Annotated[Principal, Depends(page_role())]


@router.api_route("/{language:language}/login", methods=_METHODS)
def login_page(request: Request, language: str) -> Response:
    """Show the form to sign in; who is signed in goes on to the page that was wanted."""
    wanted = _wanted(request.query_params.get("next", ""))
    account = signed_in(request)
    if account is not None:
        return _on_to(wanted or _first_room(language, account))
    return _login_form(request, wanted)


@router.post("/{language:language}/login")
def login(request: Request, language: str, form: Posted) -> Response:
    """Sign in, or say in words what was wrong and how long to wait."""
    wanted, name = _wanted(written(form, "next")), written(form, "name")
    try:
        refuse_other_sites(request)
        account = _accounts(request).authenticate(name, written(form, "password"), client_address(request))
    except Problem as problem:
        return problem_page(request, None, problem)
    except (LoginRefused, LoginDelayed) as error:
        return _login_form(request, wanted, name=name, error=error)
    response = _on_to(wanted or _first_room(language, account))
    start_login(request, response, account)
    return response


@router.post("/{language:language}/logout")
def logout(request: Request, language: str, _principal: Anyone) -> Response:
    """Sign out and say so."""
    response = _on_to(f"/{language}/login?out=1")
    end_login(request, response)
    return response


@router.api_route("/{language:language}/account", methods=_METHODS)
def account_page(request: Request, principal: Anyone) -> Response:
    """Show who is signed in, the form for a new password, and the tokens."""
    return _account_page(request, principal)


@router.post("/{language:language}/account/password")
def change_password(request: Request, principal: Anyone, form: Posted) -> Response:
    """Change the password, which signs the account out everywhere else."""
    accounts, new = _accounts(request), written(form, "new")
    try:
        if new != written(form, "again"):
            raise AccountInvalid("again", N_("The two new passwords differ. Type the same one twice."))
        account = accounts.authenticate(principal.name, written(form, "current"), client_address(request))
        accounts.set_password(account.name, new)
    except AccountInvalid as error:
        return _account_page(request, principal, error=error, field="again" if error.field == "again" else "new")
    except (LoginRefused, LoginDelayed) as error:
        return _account_page(request, principal, error=error, field="current")
    response = _on_to(f"/{page_language(request)}/account?changed=1")
    start_login(request, response, account)
    return response


@router.post("/{language:language}/account/tokens")
def create_token(request: Request, principal: Anyone, form: Posted) -> Response:
    """Create a token and show it this once."""
    days, chosen = written(form, "days"), form.getlist("scopes")
    scopes = frozenset(role for role in Role if role.value in chosen)
    try:
        number = int(days) if days.isdecimal() and len(days) <= len(str(MOST_DAYS)) else 0
        token, secret = _tokens(request).create(principal.name, written(form, "name"), scopes, number)
    except AccountInvalid as error:
        field = "token-name" if error.field == "name" else error.field
        return _account_page(
            request, principal, error=error, field=field, token_name=written(form, "name"), days=days, scopes=chosen
        )
    return _account_page(request, principal, status=201, created=token, secret=secret)


@router.post("/{language:language}/account/tokens/revoke")
def revoke_token(request: Request, principal: Anyone, form: Posted) -> Response:
    """Revoke one of one's own tokens at once."""
    try:
        _tokens(request).revoke(written(form, "token"), principal.name)
    except AccountNotFound:
        gone = Problem(404, N_("This was not found"), N_("There is no such token of yours; it may be revoked already."))
        return problem_page(request, principal, gone)
    return _on_to(f"/{page_language(request)}/account?revoked=1")


def written(form: FormData, field: str) -> str:
    """Return what stands in a field of a form, without the characters that no database keeps; empty when it is missing or
    a file."""
    value = form.get(field, "")
    return value.replace("\0", "") if isinstance(value, str) else ""


def _accounts(request: Request) -> AccountStore:
    return request.app.state.accounts  # type: ignore[no-any-return]


def _tokens(request: Request) -> TokenStore:
    return request.app.state.tokens  # type: ignore[no-any-return]


def _wanted(address: str) -> str:
    """Return a page of ours to go to after signing in; empty for anything else."""
    return own_page(address, "") if len(address) <= _MOST_ADDRESS else ""


def _first_room(language: str, account: Account) -> str:
    """Return the page that somebody who asked for none works on."""
    for role, room in ((Role.EDITOR, "editor"), (Role.STAFF, "desk")):
        if role in account.may:
            return f"/{language}/{room}"
    return f"/{language}/account"


def _on_to(address: str) -> RedirectResponse:
    return RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})


def _login_form(request: Request, wanted: str, *, name: str = "", error: AccountError | None = None) -> Response:
    status = {LoginRefused: 401, LoginDelayed: 429}.get(type(error), 200)
    response = private_page(
        request,
        None,
        "account/login.html",
        path=f"/login?{urlencode({'next': wanted})}" if wanted else "/login",
        status=status,
        next_page=wanted,
        name=name,
        error=_told(error, page_language(request)),
        signed_out="out" in request.query_params,
        single_sign_on=request.app.state.oidc is not None,
    )
    if isinstance(error, LoginDelayed):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def _account_page(
    request: Request,
    principal: Principal,
    *,
    status: int = 200,
    error: AccountError | None = None,
    field: str = "",
    **context: Any,
) -> Response:
    """Return the page of an account; an `error` stands beside its `field`, with what was typed in `context`."""
    account = _accounts(request).get(principal.name)
    statuses = {LoginRefused: 422, AccountInvalid: 422, LoginDelayed: 429}
    drawn_with = {
        "account": account,
        "tokens": _tokens(request).all(principal.name),
        "errors": {field: _told(error, page_language(request))} if error else {},
        "notice": next((one for one in ("changed", "revoked") if one in request.query_params), ""),
        "created": None,
        "secret": "",
        "token_name": "",
        "days": _USUAL_DAYS,
        "scopes": [],
        "most_days": MOST_DAYS,
        "fewest_characters": FEWEST_CHARACTERS,
        "most_characters": MOST_CHARACTERS,
        **context,
    }
    status = statuses.get(type(error), status) if error else status
    return private_page(request, principal, "account/account.html", path="/account", status=status, **drawn_with)


def _told(error: AccountError | None, language: str) -> str:
    """Return an error in words; a long wait in minutes."""
    if error is None:
        return ""
    speak = localizer(language)
    if isinstance(error, LoginDelayed) and error.seconds > _MANY_SECONDS:
        minutes = -(-error.seconds // 60)
        return speak.text(N_("Too many logins failed. Please try again in {minutes} minutes."), minutes=minutes)
    return speak.text(error.message, **error.values)
