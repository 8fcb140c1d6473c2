"""Backups of both kinds of database, made while editors work and restored row by row; damaged ones change nothing."""

from __future__ import annotations

import json
import os
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.catalogue_service import CatalogueService
from services_catalog.backup import LEFT_OUT, MANIFEST, SEAL_BYTES, BackupFailed, back_up, digest_before_seal
from services_catalog.catalogue import Catalogue
from services_catalog.connections import create_engine, writing
from services_catalog.crisis import CrisisRules
from services_catalog.database import DatabaseRepository, catalogue_state, migrate, records
from services_catalog.editors.checks import CheckList
from services_catalog.editors.editing import Editing
from services_catalog.editors.publishing import Publishing, Target
from services_catalog.editors.revisions import revisions
from services_catalog.errors import CatalogueUnavailable
from services_catalog.offer import Offer
from services_catalog.restoring import RestoreRefused, restore
from services_catalog.schema import MIGRATIONS, newest_revision, upgrade
from services_catalog.search import SearchEngine
from tests.databases import PostgresServer
from tests.services_catalog.tables import fill, rows_of

REVISIONS = sorted(one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions())
WHO = {"author": "anna", "reason": "a test"}

New = Callable[[], str]


def new_sqlite(tmp_path: Path) -> New:
    def new() -> str:
        return f"sqlite:///{tmp_path}/{len(list(tmp_path.iterdir()))}.db"

    return new


@pytest.fixture(params=["sqlite", "postgresql"])
def new_source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> New:
    """Gives addresses of databases without any schema."""
    if request.param == "sqlite":
        return new_sqlite(tmp_path_factory.mktemp("source"))
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database


@pytest.fixture(params=["into-sqlite", "into-postgresql"])
def new_target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> New:
    if request.param == "into-sqlite":
        return new_sqlite(tmp_path_factory.mktemp("target"))
    server: PostgresServer = request.getfixturevalue("postgres_server")
    return server.new_database


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    engine = create_engine(url)
    with writing(engine) as connection:
        yield connection
    engine.dispose()


def filled(url: str, revision: str = "head") -> dict[str, list[dict[str, Any]]]:
    """Make a database of a revision with rows in every table, and return them."""
    with connected(url) as connection:
        upgrade(connection, revision)
        fill(connection)
        return rows_of(connection)


def content(url: str) -> dict[str, list[dict[str, Any]]]:
    with connected(url) as connection:
        return rows_of(connection)


def test_every_row_comes_back_in_either_database(new_source: New, new_target: New, tmp_path: Path) -> None:
    source, target, file = new_source(), new_target(), tmp_path / "backup.zip"
    before = filled(source)
    manifest = back_up(source, file)
    assert (manifest.version, manifest.schema) == (7, newest_revision())
    assert os.stat(file).st_mode & 0o777 == 0o600
    assert [one.name for one in tmp_path.iterdir()] == ["backup.zip"]
    assert restore(target, file) == 8
    after = content(target)
    assert {name: after.pop(name) for name in LEFT_OUT} == {name: [] for name in LEFT_OUT}
    (state,) = after.pop("catalogue_state")
    assert state == before["catalogue_state"][0] | {"version": 8, "whole_version": 8}
    for name, rows in after.items():
        assert rows == before[name], name
        assert len(rows) == manifest.tables[name].rows == 3
    checks = CheckList(create_engine(target))  # numbers given out by the database go on after the highest
    assert checks.add("da", "hvor kan jeg spise", "brobold", author="anna").id == 4


def test_what_is_there_is_replaced_only_when_told(new_source: New, tmp_path: Path) -> None:
    url, file = new_source(), tmp_path / "backup.zip"
    filled(url)
    back_up(url, file)
    with connected(url) as connection:
        connection.execute(sa.text("DELETE FROM tallies"))
        connection.execute(sa.text("UPDATE catalogue_state SET version = 30"))
        edited = rows_of(connection)
    with pytest.raises(RestoreRefused, match="--force"):
        restore(url, file)
    assert content(url) == edited
    assert restore(url, file, force=True) == 31
    assert len(content(url)["tallies"]) == 3


def test_a_database_that_somebody_signed_in_to_is_not_empty(new_source: New, tmp_path: Path) -> None:
    source, file = new_source(), tmp_path / "backup.zip"
    filled(source)
    back_up(source, file)
    target = new_source()
    migrate(target)
    with connected(target) as connection:
        connection.execute(sa.text("INSERT INTO tallies VALUES ('2026-01-01', 'a', 'b', 'da', 1)"))
    with pytest.raises(RestoreRefused, match="not empty"):
        restore(target, file)


@pytest.mark.parametrize("revision", REVISIONS[:-1])
def test_a_backup_of_an_earlier_version_is_brought_up_to_date(new_source: New, revision: str, tmp_path: Path) -> None:
    source, file = new_source(), tmp_path / "backup.zip"
    before = filled(source, revision)
    assert back_up(source, file).schema == revision
    used = new_source()
    filled(used)
    for target in (new_source(), used):
        restore(target, file, force=True)
        after = content(target)
        for name in before.keys() - LEFT_OUT - {"catalogue_state"}:
            assert [{column: row[column] for column in before[name][0]} for row in after[name]] == before[name], name
        migrate(target)  # which finds nothing to do
    assert content(used)["catalogue_state"][0]["version"] == 8


def resealed(file: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest of a backup and seal it again, as another version would have made it."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts[MANIFEST])
    change(manifest)
    with zipfile.ZipFile(file, "w") as archive:
        archive.comment = b"0" * SEAL_BYTES
        for name, part in (parts | {MANIFEST: json.dumps(manifest).encode()}).items():
            archive.writestr(name, part)
    with file.open("r+b") as raw:
        seal = digest_before_seal(raw)
        raw.seek(-SEAL_BYTES, os.SEEK_END)
        raw.write(seal)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(lambda told: told.update(schema="9999"), "newer version", id="newer-schema"),
        pytest.param(lambda told: told.update(format=2), "newer version", id="newer-format"),
        pytest.param(lambda told: told["tables"]["checks"].update(sha256="0" * 64), "table checks", id="other-digest"),
        pytest.param(lambda told: told["tables"].update(more={"rows": 1, "sha256": ""}), "damaged", id="missing-part"),
    ],
)
def test_what_this_version_cannot_restore_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], why: str
) -> None:
    new, file = new_sqlite(tmp_path), tmp_path / "backup.zip"
    source = new()
    before = filled(source)
    back_up(source, file)
    resealed(file, lambda _told: None)
    restore(new(), file)
    resealed(file, change)
    with pytest.raises(RestoreRefused, match=why):
        restore(source, file, force=True)
    assert content(source) == before


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, bytes, dict[str, list[dict[str, Any]]], Path]:
    """A database, the bytes of its backup, its rows, and a folder."""
    folder = tmp_path_factory.mktemp("damaged")
    url = f"sqlite:///{folder}/catalogue.db"
    rows = filled(url)
    back_up(url, folder / "backup.zip")
    return url, (folder / "backup.zip").read_bytes(), rows, folder


@given(data=st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_backup_changes_nothing(
    sound: tuple[str, bytes, dict[str, list[dict[str, Any]]], Path], data: st.DataObject
) -> None:
    url, good, rows, folder = sound
    kind = data.draw(st.sampled_from(["flipped", "cut", "longer", "anything"]))
    if kind == "flipped":
        places = data.draw(st.sets(st.integers(0, len(good) - 1), min_size=1, max_size=3))
        bad = bytes(byte ^ (data.draw(st.integers(1, 255)) if at in places else 0) for at, byte in enumerate(good))
    elif kind == "cut":
        bad = good[: data.draw(st.integers(0, len(good) - 1))]
    elif kind == "longer":
        bad = good + data.draw(st.binary(min_size=1, max_size=100))
    else:
        bad = data.draw(st.binary(max_size=300))
    file = folder / "bad.zip"
    file.write_bytes(bad)
    with pytest.raises(RestoreRefused, match="damaged"):
        restore(url, file, force=True)
    assert content(url) == rows


def test_what_cannot_be_written_or_read_is_said_in_a_sentence(tmp_path: Path) -> None:
    url = new_sqlite(tmp_path)()
    filled(url)
    with pytest.raises(BackupFailed, match=r"cannot be written: No such file or directory\. There is no backup"):
        back_up(url, tmp_path / "nowhere" / "backup.zip")
    with pytest.raises(RestoreRefused, match="cannot be read: No such file or directory"):
        restore(url, tmp_path / "backup.zip")
    with pytest.raises(CatalogueUnavailable, match="nothing to back up"):
        back_up(f"sqlite:///{tmp_path}/empty.db", tmp_path / "backup.zip")
    assert not (tmp_path / "backup.zip").exists()


def test_a_database_of_a_later_version_is_neither_backed_up_nor_replaced(new_source: New, tmp_path: Path) -> None:
    url, file = new_source(), tmp_path / "backup.zip"
    filled(url)
    back_up(url, file)
    with connected(url) as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CatalogueUnavailable, match="newer version"):
        back_up(url, tmp_path / "another.zip")
    with pytest.raises(CatalogueUnavailable, match="newer version"):
        restore(url, file, force=True)


@pytest.fixture(scope="module")
def small(catalogue: Catalogue) -> SearchEngine:
    """A few offers that need no others, without needs: published in a tenth of a second."""
    alone = [one for one in catalogue.published if not one.parent and not one.alternatives][:4]
    offers = {one.id: one.model_copy(update={"needs": ()}) for one in alone}
    return SearchEngine(replace(catalogue, offers=offers, needs={}, questions={}, concepts={}, version=1))


def publish_once(url: str, engine: SearchEngine, offer_id: str) -> SearchEngine:
    """Let an editor change an offer and a publisher publish it; return the new engine."""
    repository = DatabaseRepository(url)
    editing = Editing(repository.engine)
    engines = [engine.updated(repository.load())]
    publishing = Publishing(repository, lambda: engines[-1], engines.append)
    newest = editing.newest("offers", offer_id)
    assert isinstance(newest.record, Offer)
    changed = newest.record.model_copy(update={"owner": f"Anna {newest.number}"})
    saved = editing.save("offers", changed, expected=newest.number, **WHO)
    handed_in = editing.submit("offers", offer_id, expected=saved.number, **WHO)
    publishing.publish([Target("offers", offer_id, handed_in.number)], **WHO)
    repository.close()
    return engines[-1]


def test_a_backup_made_while_editors_work_is_of_one_moment(
    new_source: New, small: SearchEngine, tmp_path: Path
) -> None:
    url, done = new_source(), threading.Event()
    migrate(url)
    repository = DatabaseRepository(url)
    repository.replace(small.catalogue)

    def work() -> None:
        engine = small
        while not done.is_set():
            for offer_id in small.catalogue.offers:
                engine = publish_once(url, engine, offer_id)

    editor = threading.Thread(target=work, daemon=True)
    editor.start()
    seen = set()
    for number in range(6):
        file = tmp_path / f"{number}.zip"
        manifest = back_up(url, file)
        seen.add(manifest.version)
        restored = f"sqlite:///{tmp_path}/{number}.db"
        restore(restored, file)
        with connected(restored) as connection:
            published = {
                row.id: row for row in connection.execute(sa.select(records).where(records.c.kind == "offers"))
            }
            history = connection.execute(sa.select(revisions).where(revisions.c.state == "published")).all()
        assert max(row.version for row in published.values()) == manifest.version
        for row in history:
            assert row.number <= published[row.id].revision
        for offer_id, row in published.items():
            newest = [one.body for one in history if (one.id, one.number) == (offer_id, row.revision)]
            assert newest in ([row.body], [])  # nobody had edited it yet
    done.set()
    editor.join(timeout=60)
    repository.close()
    assert len(seen) > 1, "nobody published meanwhile: the test shows nothing"


def test_a_running_service_takes_in_what_was_restored(new_source: New, small: SearchEngine, tmp_path: Path) -> None:
    url, file = new_source(), tmp_path / "backup.zip"
    migrate(url)
    repository = DatabaseRepository(url)
    repository.replace(small.catalogue)
    service = CatalogueService(repository, CrisisRules.load(), 0.05)
    service.start()
    offer_id = next(iter(small.catalogue.offers))
    back_up(url, file)
    publish_once(url, small, offer_id)
    wait_for(service, 2)
    assert service.current.catalogue.offers[offer_id] != small.catalogue.offers[offer_id]
    assert restore(url, file, force=True) == 3
    wait_for(service, 3)
    assert service.current.catalogue.offers[offer_id] == small.catalogue.offers[offer_id]
    service.stop()
    with repository.engine.connect() as connection:
        assert connection.execute(sa.select(catalogue_state.c.whole_version)).scalar_one() == 3
    repository.close()


def wait_for(service: CatalogueService, version: int) -> None:
    for _ in range(400):
        if service.current.catalogue.version == version:
            return
        threading.Event().wait(0.05)
    raise AssertionError(f"version {version} was not taken in")
