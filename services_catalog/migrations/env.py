"""Alembic's entry: run the migrations on the database that the caller names."""

from __future__ import annotations

from alembic import context

from services_catalog.database import create_engine, metadata

engine = create_engine(str(context.config.get_main_option("sqlalchemy.url")))
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
