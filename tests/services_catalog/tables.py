"""Rows for tests that must not care what the tables mean: made up by the columns' types, and read back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

MOMENT = dt.datetime(2026, 3, 1, 12, 30, 15)


def fill(connection: Connection, rows: int = 3) -> None:
    """Put so many made-up rows into every table of a database without any, whatever its revision."""
    there = sa.MetaData()
    there.reflect(connection)
    for table in there.sorted_tables:
        if table.name not in ("alembic_version", "catalogue_state"):  # these have their one row already
            made = [{one.name: _made_up(one, number) for one in table.columns} for number in range(1, rows + 1)]
            connection.execute(sa.insert(table), made)
    connection.execute(sa.text("UPDATE catalogue_state SET version = 7, seed_digest = 'abc'"))


def rows_of(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Return every row of every table, whatever the revision, the same from each kind of database."""
    there = sa.MetaData()
    there.reflect(connection)
    return {
        table.name: [
            {name: _plain(value) for name, value in row.items()}
            for row in connection.execute(sa.select(table).order_by(*table.primary_key)).mappings()
        ]
        for table in there.sorted_tables
        if table.name != "alembic_version"
    }


def _made_up(column: sa.Column[Any], number: int) -> object:
    """Return a value for a column; rows of all tables that belong to an account belong to the same ones."""
    if column.name == "account" or (column.table.name, column.name) == ("accounts", "name"):
        return f"anna{number}"
    if column.nullable and number == 2:
        return None
    if isinstance(column.type, sa.Boolean):
        return number == 1
    if isinstance(column.type, sa.DateTime):
        return MOMENT.replace(tzinfo=dt.UTC) if column.type.timezone else MOMENT
    if isinstance(column.type, sa.Date):
        return MOMENT.date()
    if isinstance(column.type, sa.Integer):
        return number
    length = getattr(column.type, "length", None) or 100
    return f"{number} {column.name} æøå “اسم”\n\\ \x1f 🙂"[:length]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime) and value.tzinfo:
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    return value
