"""`vejviser users`: accounts and tokens from the command line, also for the first administrator there is.

Passwords are asked for, or read from the standard input when it is no terminal; never from an argument, which other people
on the machine can see.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.preparation import make_folder_of
from api.settings import Settings
from services_catalog.accounts.roles import Role
from services_catalog.errors import AccountInvalid

if TYPE_CHECKING:
    from services_catalog.accounts.accounts import Account, AccountStore
    from services_catalog.accounts.tokens import Token, TokenStore

users = typer.Typer(no_args_is_help=True, help="Look after accounts: who may read, edit, publish and administer.")

Name = Annotated[str, typer.Argument(help="The name of the account.")]
Roles = Annotated[list[Role], typer.Option("--role", help="A role; may be given several times.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


@users.command()
def add(name: Name, role: Roles, as_json: AsJson = False) -> None:
    """Create an account. Its password is asked for, or read from the standard input."""
    with _store() as store:
        _show([store.add(name, frozenset(role), _password())], as_json)


@users.command("list")
def list_(as_json: AsJson = False) -> None:
    """List all accounts."""
    with _store() as store:
        _show(store.all(), as_json)


@users.command()
def roles(name: Name, role: Roles, as_json: AsJson = False) -> None:
    """Give an account these roles and no others, at once."""
    with _store() as store:
        store.set_roles(name, frozenset(role))
        _show([store.get(name)], as_json)


@users.command()
def password(name: Name) -> None:
    """Set a new password. Ends the sessions of the account, and its waiting after failed logins."""
    with _store() as store:
        store.get(name)
        store.set_password(name, _password())
    typer.echo("The password is set.", err=True)


@users.command()
def disable(
    name: Name,
    undo: Annotated[bool, typer.Option("--undo", help="Enable it again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Disable an account: its sessions end at once, its tokens open nothing."""
    with _store() as store:
        store.set_disabled(name, not undo)
        _show([store.get(name)], as_json)


@users.command()
def link(name: Name, subject: Annotated[str, typer.Argument(help="The `sub` of this person at the provider.")]) -> None:
    """Let an account sign in at the OpenID Connect provider of the settings too; its roles come from there from then on."""
    issuer = Settings().oidc_issuer
    if not issuer:
        raise AccountInvalid("VEJVISER_OIDC_ISSUER", "No provider is set: see VEJVISER_OIDC_ISSUER.")
    with _store() as store:
        store.link(name, issuer, subject)
    typer.echo("The account is linked.", err=True)


@users.command()
def token(
    name: Name,
    called: Annotated[str, typer.Option("--name", help="What the token is for.")],
    scope: Annotated[list[Role], typer.Option("--scope", help="A role of the account; may be given several times.")],
    days: Annotated[int, typer.Option(min=1, help="How long it lasts: 366 at most.")],
    as_json: AsJson = False,
) -> None:
    """Create a token for scripts and print it, this once."""
    with _tokens() as store:
        made, secret = store.create(name, called, frozenset(scope), days)
    if as_json:
        _print_json(_token_view(made) | {"token": secret})
    else:
        typer.echo(secret)
        typer.echo(f"Token {made.id} lasts until {made.expires:%Y-%m-%d}. It is shown this once.", err=True)


@users.command()
def tokens(name: Name, as_json: AsJson = False) -> None:
    """List the tokens of an account."""
    with _tokens() as store:
        found = store.all(name)
    if as_json:
        _print_json([_token_view(one) for one in found])
        return
    for one in found:
        used = f"used {one.last_used}" if one.last_used else "never used"
        typer.echo(f"{one.id}  {one.name:<24} {_joined(one.scopes):<24} until {one.expires:%Y-%m-%d}, {used}")


@users.command()
def revoke(token_id: Annotated[str, typer.Argument(help="The twelve digits after `vv_`.")]) -> None:
    """Revoke a token at once, whoever's it is."""
    with _tokens() as store:
        store.revoke(token_id)
    typer.echo("The token is revoked.", err=True)


@contextmanager
def _store() -> Iterator[AccountStore]:
    from services_catalog.accounts.accounts import AccountStore
    from services_catalog.database import migrate

    url = Settings().database_url
    make_folder_of(url)
    migrate(url)
    store = AccountStore(url)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _tokens() -> Iterator[TokenStore]:
    from services_catalog.accounts.tokens import TokenStore

    with _store() as store:
        yield TokenStore(store)


def _password() -> str:
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _show(accounts: Iterable[Account], as_json: bool) -> None:
    if as_json:
        from api.accounts import User

        _print_json([User.of(account).model_dump(mode="json") for account in accounts])
        return
    for one in accounts:
        notes = [*(["disabled"] if one.disabled else []), *(["single sign-on"] if one.single_sign_on else [])]
        typer.echo(f"{one.name:<32} {_joined(one.roles):<32} {', '.join(notes)}".rstrip())


def _token_view(token: Token) -> dict[str, Any]:
    from api.accounts import TokenView

    return TokenView.of(token).model_dump(mode="json")


def _joined(roles: Iterable[Role]) -> str:
    return ", ".join(sorted(roles))


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))
