"""Tokens with which scripts sign in: random, for some roles of their owner, until a day.

A token reads `vv_<id>_<secret>`. The id stands in lists, so that a token seen in a wrong place can be found and revoked;
of the secret, 256 random bits, only a SHA-256 is kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from services_catalog.accounts.accounts import AccountStore, Role, account_of, implied
from services_catalog.accounts.tables import account_tokens, accounts
from services_catalog.database import reading, writing
from services_catalog.errors import AccountInvalid, AccountNotFound
from services_catalog.messages import N_

PREFIX = "vv_"
MOST_DAYS = 366
_MOST_NAME = 80
_ID_BYTES, _SECRET_BYTES = 6, 32
_FORM = re.compile(r"vv_(?P<id>[0-9a-f]{12})_(?P<secret>[0-9a-f]{64})")


@dataclass(frozen=True)
class Token:
    """What may be known of a token. `may` is what it opens now: its scopes and all they include, as far as its owner
    still has them."""

    id: str
    name: str
    account: str
    scopes: frozenset[Role]
    expires: dt.datetime
    last_used: dt.date | None
    may: frozenset[Role]


class TokenStore:
    """The tokens of all accounts. Safe to share between threads and processes."""

    def __init__(self, store: AccountStore) -> None:
        self._store, self._engine = store, store.engine

    def create(self, account: str, name: str, scopes: frozenset[Role], days: int) -> tuple[Token, str]:
        """Return a new token and its secret form, which is shown this once. Raises AccountNotFound, and AccountInvalid
        when it would open more than its owner may, or last longer than 366 days."""
        owner = self._store.get(account)
        name = name.strip()
        if not 1 <= len(name) <= _MOST_NAME:
            raise AccountInvalid("name", N_("A token needs a name of 1 to {most} characters."), most=_MOST_NAME)
        if not 1 <= days <= MOST_DAYS:
            raise AccountInvalid("days", N_("A token lasts 1 to {most} days."), most=MOST_DAYS)
        if not scopes or not scopes <= owner.may:
            message = N_("The scopes of a token are some of the roles of its owner: {roles}.")
            raise AccountInvalid("scopes", message, roles=", ".join(sorted(owner.may)) or "–")
        identity, secret = secrets.token_hex(_ID_BYTES), secrets.token_hex(_SECRET_BYTES)
        expires = self._store.clock() + dt.timedelta(days=days)
        with writing(self._engine) as connection:
            connection.execute(
                sa.insert(account_tokens).values(
                    id=identity,
                    account=owner.name,
                    name=name,
                    digest=_digest(secret),
                    scopes=",".join(sorted(scopes)),
                    expires=expires,
                )
            )
        may = implied(scopes) & owner.may
        return Token(identity, name, owner.name, scopes, expires, None, may), f"{PREFIX}{identity}_{secret}"

    def all(self, account: str) -> list[Token]:
        """Return the tokens of an account, those that expire first first. Raises AccountNotFound."""
        return [token for token, _ in self._select(account_tokens.c.account == self._store.get(account).name)]

    def find(self, presented: str) -> Token | None:
        """Return the token that was presented, None when it is wrong, expired, or its owner is disabled. Notes the day."""
        form = _FORM.fullmatch(presented)
        if form is None:
            return None
        for token, digest in self._select(account_tokens.c.id == form["id"]):
            right = secrets.compare_digest(digest, _digest(form["secret"]))
            if right and token.may and self._store.clock() < token.expires:
                self._note_use(token)
                return token
        return None

    def revoke(self, token_id: str, account: str | None = None) -> None:
        """Delete a token, of a certain account if one is named. Raises AccountNotFound."""
        wanted = account_tokens.c.id == token_id
        if account is not None:
            wanted &= account_tokens.c.account == account
        with writing(self._engine) as connection:
            if not connection.execute(sa.delete(account_tokens).where(wanted)).rowcount:
                raise AccountNotFound(N_("There is no token “{token}”."), token=token_id)

    def _select(self, condition: sa.ColumnElement[bool]) -> Iterator[tuple[Token, str]]:
        query = (
            sa.select(account_tokens.c.id, account_tokens.c.name.label("token_name"), account_tokens.c.digest,
                      account_tokens.c.scopes, account_tokens.c.expires, account_tokens.c.last_used, accounts)
            .join(accounts)
            .where(condition)
            .order_by(account_tokens.c.expires)
        )  # fmt: skip
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        for row in rows:
            owner = account_of(row)
            scopes = frozenset(map(Role, row.scopes.split(",")))
            may = implied(scopes) & owner.may
            yield Token(row.id, row.token_name, owner.name, scopes, row.expires, row.last_used, may), row.digest

    def _note_use(self, token: Token) -> None:
        today = self._store.clock().date()
        if token.last_used != today:
            with writing(self._engine) as connection:
                connection.execute(
                    sa.update(account_tokens).where(account_tokens.c.id == token.id).values(last_used=today)
                )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
