"""The tables of accounts: who there is, who is signed in, which tokens were given out, and whose logins failed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from services_catalog.database import metadata


class Utc(TypeDecorator[dt.datetime]):
    """A moment, stored without a time zone and always in UTC: SQLite knows no zones."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        return None if value is None else value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.replace(tzinfo=dt.UTC)


accounts = sa.Table(
    "accounts",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("password_hash", sa.String(255)),
    sa.Column("roles", sa.String(80), nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("issuer", sa.String(255)),
    sa.Column("subject", sa.String(255)),
    sa.Column("created", Utc, nullable=False),
    sa.UniqueConstraint("issuer", "subject", name="uq_accounts_subject"),
)

account_tokens = sa.Table(
    "account_tokens",
    metadata,
    sa.Column("id", sa.String(12), primary_key=True),
    sa.Column("account", sa.String(80), sa.ForeignKey("accounts.name"), nullable=False, index=True),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("scopes", sa.String(80), nullable=False),
    sa.Column("expires", Utc, nullable=False),
    sa.Column("last_used", sa.Date),
)

account_sessions = sa.Table(
    "account_sessions",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True),
    sa.Column("account", sa.String(80), sa.ForeignKey("accounts.name"), nullable=False, index=True),
    sa.Column("started", Utc, nullable=False),
    sa.Column("seen", Utc, nullable=False),
)

#: `subject` is a SHA-256 of an account name or an address: people type passwords into the field for the name.
login_failures = sa.Table(
    "login_failures",
    metadata,
    sa.Column("subject", sa.String(64), primary_key=True),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("last", Utc, nullable=False),
)
