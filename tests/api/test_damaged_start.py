"""Starts with something damaged, too new or full: one clear sentence, status 1 where nothing can be done, and nothing lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from api.cli import app
from api.preparation import remove_damaged
from services_catalog.backup import BackupFailed, back_up
from services_catalog.connections import create_engine
from services_catalog.database import migrate
from services_catalog.errors import CatalogueUnavailable
from services_catalog.seeding import seed_database
from tests.conftest import ROOT, fill_disk, small_disk


def vejviser(*arguments: str, url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"VEJVISER_DATABASE_URL": url, "VEJVISER_DATA_FOLDER": str(folder)}
    command = [sys.executable, "-W", "ignore", "-c", "from api.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.parametrize("command", ["serve", "init"])
@pytest.mark.parametrize("damage", ["no-database", "torn-in-the-middle"])
def test_a_damaged_catalogue_is_named_and_left_as_it_is(tmp_path: Path, command: str, damage: str) -> None:
    file = tmp_path / "catalogue.db"
    if damage == "no-database":
        file.write_bytes(b"this was a database once\n" * 4000)
    else:
        url = f"sqlite:///{file}"
        migrate(url)
        connection = sqlite3.connect(file)
        rows = [(str(number), "x" * 900) for number in range(300)]
        connection.executemany("INSERT INTO records (kind, id, position, body) VALUES ('needs', ?, 1, ?)", rows)
        connection.commit()
        connection.close()  # which writes the log into the file
        content = bytearray(file.read_bytes())
        for page in range(4, len(content) // 4096 - 1):
            content[page * 4096 : page * 4096 + 4096] = bytes(4096)
        file.write_bytes(content)
    before = file.read_bytes()
    done = vejviser(command, url=f"sqlite:///{file}", folder=tmp_path)
    assert done.returncode == 1
    (sentence,) = done.stderr.strip().splitlines()
    assert sentence.startswith("vejviser: ")
    assert str(file) in sentence
    assert "not a database" in sentence or "damaged" in sentence or "malformed" in sentence
    assert file.read_bytes() == before


#: Every command that opens the database, with what it needs.
COMMANDS = [
    "init", "search hello", "export out.zip", "import in.csv", "counts", "learn", "trace brobold", "launch-check", "demand",
    "checks list", "checks add da hej brobold", "records list offers", "records show offers brobold", "users list",
    "users tokens anna", "users revoke 123456789012", "translations queue --language ar", "backup out.zip",
    "restore in.zip --force", "serve", "serve --prepare",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_of_a_later_version_is_refused_by_every_command(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/catalogue.db"
    migrate(url)
    if command.startswith("restore"):
        back_up(url, tmp_path / "in.zip")
    (tmp_path / "in.csv").write_text("id\n")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    before = (tmp_path / "catalogue.db").read_bytes()
    monkeypatch.setenv("VEJVISER_DATABASE_URL", url)
    monkeypatch.setenv("VEJVISER_DATA_FOLDER", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, command.split())
    assert done.exit_code == 1
    said = str(done.exception) if isinstance(done.exception, CatalogueUnavailable) else done.stderr
    assert "was written by a newer version of Vejviser: run that version" in said
    assert (tmp_path / "catalogue.db").read_bytes() == before
    assert not (tmp_path / "out.zip").exists()


def test_no_command_that_opens_the_database_is_forgotten() -> None:
    """Those that need no database are named here; each other one stands in COMMANDS, or shares its way in with one."""
    import typer

    without = {"validate", "evaluate", "chat", "transcripts", "municipalities", "languages"}
    group = typer.main.get_command(app)
    assert set(group.commands) == without | {one.split()[0] for one in COMMANDS}  # type: ignore[attr-defined]


@pytest.mark.parametrize("damage", ["empty", "half", "garbage", "one-byte"])
def test_a_damaged_model_is_removed_so_that_it_is_made_again(tmp_path: Path, damage: str) -> None:
    made = tmp_path / "made"
    made.mkdir()
    (made / "weights").write_bytes(os.urandom(200_000))
    model = Path(shutil.make_archive(str(tmp_path / "vejviser"), "gztar", made))
    assert not remove_damaged(model)
    assert model.exists()
    good = model.read_bytes()
    changed = bytearray(good)
    changed[len(good) // 2] ^= 0x55
    model.write_bytes(
        {"empty": b"", "half": good[: len(good) // 2], "garbage": b"x" * 9999}.get(damage, bytes(changed))
    )
    assert remove_damaged(model)
    assert not model.exists()
    assert not remove_damaged(model)


def test_a_backup_that_finds_no_room_leaves_the_one_before(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/catalogue.db"
    seed_database(url)
    with small_disk(kilobytes=3000) as disk:
        file = disk / "backup.zip"
        back_up(url, file)
        good = file.read_bytes()
        fill_disk(disk)
        with pytest.raises(BackupFailed, match="No space left on device"):
            back_up(url, file)
        assert file.read_bytes() == good
        assert sorted(one.name for one in disk.iterdir()) == ["backup.zip", "filler"]
