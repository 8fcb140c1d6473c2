"""Accounts of those who keep the catalogue: names, roles, passwords, and subjects of an OpenID Connect provider.

An account is never deleted, only disabled: revisions name it as their author. Its name is its key and never changes.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from sqlalchemy.engine import Row

from services_catalog.accounts.passwords import Passwords, check_password
from services_catalog.accounts.roles import Role as Role
from services_catalog.accounts.roles import implied as implied
from services_catalog.accounts.tables import account_sessions, accounts
from services_catalog.accounts.throttle import LoginThrottle
from services_catalog.database import create_engine, reading, writing
from services_catalog.errors import AccountExists, AccountInvalid, AccountNotFound, LoginRefused
from services_catalog.messages import N_

_NAME = re.compile(r"[a-z0-9æøå._@+-]{2,80}")


def folded_name(name: str) -> str:
    """Return a name as it is kept: without surrounding spaces, in lower case."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def well_formed(name: str) -> bool:
    """Tell whether a folded name may be one of an account. Letters of one script only, so that no two names look alike."""
    return _NAME.fullmatch(name) is not None


def now() -> dt.datetime:
    """Return the present moment in UTC."""
    return dt.datetime.now(dt.UTC)


@dataclass(frozen=True)
class Account:
    """One account. `roles` are those it was given; `single_sign_on` tells that it signs in by OpenID Connect."""

    name: str
    roles: frozenset[Role]
    disabled: bool
    single_sign_on: bool
    created: dt.datetime

    @property
    def may(self) -> frozenset[Role]:
        """The given roles and all that they include; nothing while the account is disabled."""
        return frozenset() if self.disabled else implied(self.roles)


class AccountStore:
    """The accounts in the catalogue's database. Safe to share between threads and processes."""

    def __init__(
        self, url: str, *, hasher: PasswordHasher | None = None, clock: Callable[[], dt.datetime] = now
    ) -> None:
        self.engine = create_engine(url)
        self.engine.hide_parameters = True  # an error of the database must not quote hashes into a log
        self.clock = clock
        self._passwords = Passwords(hasher)
        self._throttle = LoginThrottle(self.engine, clock)

    def add(self, name: str, roles: frozenset[Role], password: str) -> Account:
        """Create an account with a password. Raises AccountInvalid, AccountExists."""
        name = _checked_name(name)
        check_password(name, password)
        return self._insert(name, roles, password_hash=self._passwords.hash(password))

    def all(self) -> list[Account]:
        """Return every account by name."""
        with reading(self.engine) as connection:
            return [account_of(row) for row in connection.execute(sa.select(accounts).order_by(accounts.c.name))]

    def get(self, name: str) -> Account:
        """Return one account. Raises AccountNotFound."""
        row = self._row(accounts.c.name == folded_name(name))
        if row is None:
            raise _not_found(name)
        return account_of(row)

    def authenticate(self, name: str, password: str, address: str) -> Account:
        """Return the account with this name and password. `address` is where the attempt comes from.

        Raises LoginRefused, always with the same text and after the same time; LoginDelayed after too many failures.
        """
        name = folded_name(name)
        self._throttle.admit(name, address)
        row = self._row(accounts.c.name == name)
        matches = self._passwords.matches(row.password_hash if row else None, password)
        if row is None or row.disabled or not matches:
            raise LoginRefused(N_("The name or the password is wrong."))
        self._throttle.forgive(name, address)
        if self._passwords.outdated(row.password_hash):
            self._update(name, password_hash=self._passwords.hash(password))
        return account_of(row)

    def single_sign_on(self, issuer: str, subject: str, name: str, roles: frozenset[Role]) -> Account:
        """Return the account of a subject that an OpenID Connect provider vouches for; made as `name` at the first time.

        The provider rules its roles. Raises LoginRefused for a disabled account and for a subject without roles, whose
        account loses them, and AccountExists when another account has the name.
        """
        row = self._row((accounts.c.issuer == issuer) & (accounts.c.subject == subject))
        if row is not None and account_of(row).roles != roles:
            self._update(row.name, roles=_written(roles))
        if row is not None and row.disabled:
            raise LoginRefused(N_("This account is disabled. Ask an administrator."))
        if not roles:
            raise LoginRefused(N_("Your account has no role in Vejviser. Ask whoever gives out the roles."))
        if row is None:
            return self._insert(_checked_name(name), roles, issuer=issuer, subject=subject)
        return self.get(row.name)

    def link(self, name: str, issuer: str, subject: str) -> None:
        """Let an account sign in as a subject of a provider too. Raises AccountNotFound, AccountExists."""
        self.get(name)
        try:
            self._update(name, issuer=issuer, subject=subject)
        except sa.exc.IntegrityError:
            raise AccountExists(N_("Another account is linked with that subject already.")) from None

    def set_roles(self, name: str, roles: frozenset[Role]) -> None:
        """Give an account these roles and no others, at once. Raises AccountNotFound."""
        self._update(name, roles=_written(roles))

    def set_password(self, name: str, password: str) -> None:
        """Set a new password, end all sessions of the account and forget its failed logins. Raises AccountNotFound,
        AccountInvalid."""
        account = self.get(name)
        check_password(account.name, password)
        self._update(account.name, ending=True, password_hash=self._passwords.hash(password))
        self._throttle.forget(account.name)

    def set_disabled(self, name: str, disabled: bool) -> None:
        """Disable an account, which ends its sessions and rests its tokens at once, or enable it again. Raises
        AccountNotFound."""
        self._update(name, ending=disabled, disabled=disabled)

    def close(self) -> None:
        self.engine.dispose()

    def _row(self, condition: sa.ColumnElement[bool]) -> Row[Any] | None:
        with reading(self.engine) as connection:
            return connection.execute(sa.select(accounts).where(condition)).one_or_none()

    def _insert(self, name: str, roles: frozenset[Role], **columns: str) -> Account:
        row = {"name": name, "roles": _written(roles), "disabled": False, "created": self.clock(), **columns}
        try:
            with writing(self.engine) as connection:
                connection.execute(sa.insert(accounts).values(row))
        except sa.exc.IntegrityError:
            raise AccountExists(N_("There is an account “{name}” already."), name=name) from None
        return self.get(name)

    def _update(self, name: str, *, ending: bool = False, **columns: object) -> None:
        """Change an account; `ending` ends its sessions in the same step."""
        with writing(self.engine) as connection:
            name = folded_name(name)
            changed = connection.execute(sa.update(accounts).where(accounts.c.name == name).values(columns))
            if not changed.rowcount:
                raise _not_found(name)
            if ending:
                connection.execute(sa.delete(account_sessions).where(account_sessions.c.account == name))


def account_of(row: Row[Any]) -> Account:
    """Return the account of a row of `accounts`."""
    roles = frozenset(Role(role) for role in row.roles.split(",") if role)
    return Account(row.name, roles, row.disabled, row.subject is not None, row.created)


def _written(roles: frozenset[Role]) -> str:
    return ",".join(sorted(roles))


def _checked_name(name: str) -> str:
    name = folded_name(name)
    if not well_formed(name):
        message = N_("A name has 2 to 80 of these: a–z, æ, ø, å, digits and . _ - + @")
        raise AccountInvalid("name", message)
    return name


def _not_found(name: str) -> AccountNotFound:
    return AccountNotFound(N_("There is no account “{name}”."), name=name)
