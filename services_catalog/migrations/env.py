"""Alembic's entry: run the migrations in the transaction of the caller, or on the database that the caller names."""

from __future__ import annotations

from alembic import context
from sqlalchemy.engine import Connection

from services_catalog.database import create_engine, metadata


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = create_engine(str(context.config.get_main_option("sqlalchemy.url")))
    with engine.connect() as own:
        run(own)
    engine.dispose()
