"""Databases of earlier versions, with data in them, are brought to today's schema; those of later ones are refused."""

from __future__ import annotations

import datetime as dt
import json
import os
import traceback
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from services_catalog.catalogue import Catalogue
from services_catalog.database import MIGRATIONS, DatabaseRepository, body_of, create_engine, metadata, migrate
from services_catalog.editors.editing import Editing
from services_catalog.errors import CatalogueUnavailable
from services_catalog.schema import newest_revision
from services_catalog.seed import FOLDERS
from services_catalog.tallies import Tallies
from tests.services_catalog.tables import fill, rows_of


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without any schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/catalogue.db"
    return str(request.getfixturevalue("postgres_server").new_database())


def config(url: str) -> Config:
    found = Config()
    found.set_main_option("script_location", str(MIGRATIONS))
    found.set_main_option("sqlalchemy.url", url)
    return found


def test_the_catalogue_of_the_first_editors_version_is_kept(address: str, catalogue: Catalogue) -> None:
    command.upgrade(config(address), "0002")
    engine = create_engine(address)
    rows = [
        {"kind": kind, "id": identity, "position": position, "body": body_of(record)}
        for kind in FOLDERS
        for position, (identity, record) in enumerate(getattr(catalogue, kind).items())
    ]
    with engine.begin() as connection:
        insert = "INSERT INTO records (kind, id, position, body) VALUES (:kind, :id, :position, :body)"
        connection.execute(sa.text(insert), rows)
        connection.execute(sa.text("UPDATE catalogue_state SET version = 7, seed_digest = 'abc'"))
        count = "INSERT INTO tallies (day, name, detail, language, times) VALUES (:day, 'handover', 'asked', 'da', 9)"
        connection.execute(sa.text(count), {"day": dt.date.today()})
    engine.dispose()
    migrate(address)
    repository = DatabaseRepository(address)
    loaded = repository.load()
    assert loaded.version == 7
    assert loaded.offers == catalogue.offers
    assert loaded.needs == catalogue.needs
    newest = Editing(repository.engine).newest("offers", "brobold")
    assert (newest.number, newest.state.value, newest.record) == (1, "published", catalogue.offers["brobold"])
    assert [one.times for one in Tallies(address).since(dt.date.today())] == [9]
    repository.close()


REVISIONS = sorted(one.revision for one in ScriptDirectory.from_config(config("")).walk_revisions())


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_rows_of_every_earlier_revision_are_kept(address: str, revision: str) -> None:
    command.upgrade(config(address), revision)
    engine = create_engine(address)
    with engine.begin() as connection:
        fill(connection)
        before = rows_of(connection)
    migrate(address)
    with engine.connect() as connection:
        after = rows_of(connection)
    engine.dispose()
    for name, rows in before.items():
        assert [{column: row[column] for column in rows[0]} for row in after[name]] == rows, name


def test_workers_that_start_together_migrate_once(address: str) -> None:
    heard, told = os.pipe()
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            os.close(told)
            os.read(heard, 1)  # until all are there
            try:
                migrate(address)
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        children.append(child)
    os.close(heard)
    os.close(told)
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * len(children)
    engine = create_engine(address)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).all() == [(newest_revision(),)]
        assert connection.execute(sa.text("SELECT id, version FROM catalogue_state")).all() == [(1, 0)]
    engine.dispose()


def test_a_migration_that_fails_leaves_the_database_as_it_was(address: str) -> None:
    command.upgrade(config(address), "0003")
    engine = create_engine(address)
    with engine.begin() as connection:  # the last migration finds its table there already, after others have run
        connection.execute(sa.text("CREATE TABLE feedback (mine INTEGER)"))
        before = {name: sa.inspect(connection).get_columns(name) for name in sa.inspect(connection).get_table_names()}
    with pytest.raises(CatalogueUnavailable, match="already exists"):
        migrate(address)
    with engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        assert {name: [one["name"] for one in sa.inspect(connection).get_columns(name)] for name in names} == {
            name: [one["name"] for one in columns] for name, columns in before.items()
        }
        assert connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar_one() == "0003"
    engine.dispose()


def test_every_migration_goes_forward_and_back_on_data(address: str, catalogue: Catalogue) -> None:
    migrate(address)
    repository = DatabaseRepository(address)
    repository.replace(catalogue)
    repository.close()
    for revision in reversed(
        [one.revision for one in ScriptDirectory.from_config(config(address)).walk_revisions()][1:]
    ):
        command.downgrade(config(address), revision)
        migrate(address)
    repository = DatabaseRepository(address)
    assert json.loads(body_of(repository.load().offers["brobold"])) == json.loads(body_of(catalogue.offers["brobold"]))
    repository.close()


def test_the_migrations_make_what_the_code_expects(address: str) -> None:
    migrate(address)
    engine = create_engine(address)
    there = sa.inspect(engine)
    for table in metadata.tables.values():
        columns = {column["name"] for column in there.get_columns(table.name)}
        assert columns == set(table.columns.keys()), table.name
    engine.dispose()


def test_a_database_of_a_later_version_is_refused_with_what_to_do(address: str) -> None:
    migrate(address)
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(CatalogueUnavailable, match="newer version"):
        migrate(address)
