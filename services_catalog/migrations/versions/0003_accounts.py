"""Accounts, their sessions and tokens, and failed logins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("password_hash", sa.String(255)),
        sa.Column("roles", sa.String(80), nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("issuer", sa.String(255)),
        sa.Column("subject", sa.String(255)),
        sa.Column("created", sa.DateTime, nullable=False),
        sa.UniqueConstraint("issuer", "subject", name="uq_accounts_subject"),
    )
    op.create_table(
        "account_tokens",
        sa.Column("id", sa.String(12), primary_key=True),
        sa.Column("account", sa.String(80), sa.ForeignKey("accounts.name"), nullable=False, index=True),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("scopes", sa.String(80), nullable=False),
        sa.Column("expires", sa.DateTime, nullable=False),
        sa.Column("last_used", sa.Date),
    )
    op.create_table(
        "account_sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("account", sa.String(80), sa.ForeignKey("accounts.name"), nullable=False, index=True),
        sa.Column("started", sa.DateTime, nullable=False),
        sa.Column("seen", sa.DateTime, nullable=False),
    )
    op.create_table(
        "login_failures",
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("last", sa.DateTime, nullable=False),
    )


def downgrade() -> None:
    for table in ("login_failures", "account_sessions", "account_tokens", "accounts"):
        op.drop_table(table)
