"""Signing in, one's own tokens, and the accounts of others: `/api/v1/login`, `/me`, `/tokens`, `/users`."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr, StrictBool

from api.authorization import Principal, Via, require
from api.login import client_address, csrf_token_of, end_login, refuse_other_sites, start_login
from api.openapi import problems
from api.problems import Problem
from services_catalog.accounts.accounts import Account, AccountStore, Role, implied
from services_catalog.accounts.passwords import MOST_CHARACTERS
from services_catalog.accounts.tokens import MOST_DAYS, Token, TokenStore
from services_catalog.messages import N_

router = APIRouter(prefix="/api/v1", tags=["accounts"])

Name = Annotated[str, Field(max_length=80)]
Password = Annotated[SecretStr, Field(max_length=MOST_CHARACTERS, description="At least 12 characters when new.")]
Roles = Annotated[frozenset[Role], Field(min_length=1, json_schema_extra={"uniqueItems": False})]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Credentials(_Body):
    """A name and its password."""

    name: Name
    password: Password


class NewPassword(_Body):
    password: Password


class ChangedPassword(_Body):
    """The password until now, and the new one."""

    current: Password
    new: Password


class NewUser(Credentials):
    roles: Roles


class UserChange(_Body):
    """What is left out stays as it is."""

    roles: Roles | None = None
    disabled: StrictBool | None = None


class NewToken(_Body):
    name: Name
    scopes: Roles
    days: Annotated[int, Field(strict=True, ge=1, le=MOST_DAYS, description="How long it lasts.")]


class Me(BaseModel):
    """Who is signed in, and all that this opens; `csrf_token` goes with every change made with the cookie."""

    name: str
    roles: list[Role]
    via: Via
    csrf_token: str | None = None


class User(BaseModel):
    """An account; `roles` as they were given, without those they include."""

    name: str
    roles: list[Role]
    disabled: bool
    single_sign_on: bool
    created: dt.datetime

    @classmethod
    def of(cls, account: Account) -> Self:
        return cls(**vars(account) | {"roles": sorted(account.roles)})


class TokenView(BaseModel):
    """A token without its secret; `last_used` is the day."""

    id: str
    name: str
    scopes: list[Role]
    expires: dt.datetime
    last_used: dt.date | None

    @classmethod
    def of(cls, token: Token) -> Self:
        shown = {name: getattr(token, name) for name in cls.model_fields}
        return cls(**shown | {"scopes": sorted(token.scopes)})


class CreatedToken(BaseModel):
    """A new token. `token` is shown this once and kept nowhere."""

    id: str
    expires: dt.datetime
    token: str


def _accounts(request: Request) -> AccountStore:
    return request.app.state.accounts  # type: ignore[no-any-return]


def _tokens(request: Request) -> TokenStore:
    return request.app.state.tokens  # type: ignore[no-any-return]


def _in_person(principal: Annotated[Principal, Depends(require())]) -> Principal:
    """Let only those pass who signed in themselves: a token that got lost must not be able to make others."""
    if principal.via is not Via.LOGIN:
        raise Problem(403, N_("You may not do this"), N_("This takes signing in yourself; a token is not enough."))
    return principal


Accounts = Annotated[AccountStore, Depends(_accounts)]
Tokens = Annotated[TokenStore, Depends(_tokens)]
Anyone = Annotated[Principal, Depends(require())]
InPerson = Annotated[Principal, Depends(_in_person)]
Admin = Annotated[Principal, Depends(require(Role.ADMIN))]


@router.post("/login", summary="Sign in", responses=problems(401, 403, 429))
def login(request: Request, response: Response, accounts: Accounts, given: Credentials) -> Me:
    """Sign in with a name and a password: sets the cookie and returns the CSRF token. 401 when they are wrong, 429 with
    `Retry-After` after too many failures."""
    refuse_other_sites(request)
    account = accounts.authenticate(given.name, given.password.get_secret_value(), client_address(request))
    return _signed_in(request, response, account)


@router.post("/logout", status_code=204, summary="Sign out")
def logout(request: Request, response: Response, _principal: InPerson) -> None:
    """Sign out."""
    end_login(request, response)


@router.get("/me", summary="Who is signed in")
def me(request: Request, principal: Anyone) -> Me:
    """Return who is signed in and what they may do."""
    token = csrf_token_of(request) if principal.via is Via.LOGIN else None
    return Me(name=principal.name, roles=sorted(principal.roles), via=principal.via, csrf_token=token)


@router.post("/me/password", summary="Change one's own password", responses=problems(429))
def change_password(
    request: Request, response: Response, principal: InPerson, accounts: Accounts, given: ChangedPassword
) -> Me:
    """Change one's own password. Ends all sessions of the account and starts a new one here."""
    account = accounts.authenticate(principal.name, given.current.get_secret_value(), client_address(request))
    accounts.set_password(account.name, given.new.get_secret_value())
    return _signed_in(request, response, account)


@router.get("/tokens", summary="One's own tokens")
def tokens(principal: InPerson, store: Tokens) -> list[TokenView]:
    """List one's own tokens, expired ones too, without their secrets."""
    return [TokenView.of(token) for token in store.all(principal.name)]


@router.post("/tokens", status_code=201, summary="Create a token")
def create_token(principal: InPerson, store: Tokens, given: NewToken) -> CreatedToken:
    """Create a token for scripts, for some of one's own roles and at most 366 days."""
    token, secret = store.create(principal.name, given.name, given.scopes, given.days)
    return CreatedToken(id=token.id, expires=token.expires, token=secret)


@router.delete("/tokens/{token_id}", status_code=204, summary="Revoke a token", responses=problems(404))
def revoke_token(token_id: str, principal: InPerson, store: Tokens) -> None:
    """Revoke one of one's own tokens at once."""
    store.revoke(token_id, principal.name)


@router.get("/users", summary="All accounts")
def users(_admin: Admin, accounts: Accounts) -> list[User]:
    """List all accounts by name."""
    return [User.of(account) for account in accounts.all()]


@router.post("/users", status_code=201, summary="Create an account", responses=problems(409))
def create_user(_admin: Admin, accounts: Accounts, given: NewUser) -> User:
    """Create an account with a first password, which its owner then changes."""
    return User.of(accounts.add(given.name, given.roles, given.password.get_secret_value()))


@router.patch("/users/{name}", summary="Change an account", responses=problems(404))
def change_user(name: str, admin: Admin, accounts: Accounts, change: UserChange) -> User:
    """Change the roles of an account, or disable it, which ends its sessions and rests its tokens at once. One's own
    account is left alone, so that there is always an administrator."""
    if accounts.get(name).name == admin.name:
        detail = N_("You cannot change your own roles or disable yourself. Ask another administrator.")
        raise Problem(403, N_("You may not do this"), detail)
    if change.roles is not None:
        accounts.set_roles(name, change.roles)
    if change.disabled is not None:
        accounts.set_disabled(name, change.disabled)
    return User.of(accounts.get(name))


@router.post("/users/{name}/password", status_code=204, summary="Reset a password", responses=problems(404))
def reset_password(name: str, _admin: Admin, accounts: Accounts, given: NewPassword) -> None:
    """Set a new password for an account that forgot it. Ends its sessions and its waiting after failed logins."""
    accounts.set_password(name, given.password.get_secret_value())


def _signed_in(request: Request, response: Response, account: Account) -> Me:
    token = start_login(request, response, account)
    return Me(name=account.name, roles=sorted(implied(account.roles)), via=Via.LOGIN, csrf_token=token)
