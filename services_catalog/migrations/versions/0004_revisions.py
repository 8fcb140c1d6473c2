"""Revisions, checks, unanswered questions; which version brought each published record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revisions",
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_table(
        "checks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("question", sa.String(400), nullable=False),
        sa.Column("offer_id", sa.String(80), nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("language", "question", "offer_id"),
    )
    op.create_table(
        "demand",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("outcome", sa.String(16), primary_key=True),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("need", sa.String(80), nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("first_day", sa.Date, nullable=False),
        sa.Column("last_day", sa.Date, nullable=False),
        sa.Column("question", sa.String(400)),
        sa.Column("settled_by", sa.String(80)),
    )
    with op.batch_alter_table("records") as records:
        records.alter_column("body", existing_type=sa.Text(), nullable=True)
        records.add_column(sa.Column("version", sa.Integer, nullable=False, server_default="0"))
        records.add_column(sa.Column("revision", sa.Integer, nullable=False, server_default="1"))
        records.add_column(sa.Column("published_at", sa.DateTime(timezone=True)))
    op.create_index("records_by_version", "records", ["version"])
    with op.batch_alter_table("catalogue_state") as state:
        state.add_column(sa.Column("whole_version", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    with op.batch_alter_table("catalogue_state") as state:
        state.drop_column("whole_version")
    op.drop_index("records_by_version", "records")
    with op.batch_alter_table("records") as records:
        for column in ("published_at", "revision", "version"):
            records.drop_column(column)
    for table in ("demand", "checks", "revisions"):
        op.drop_table(table)
