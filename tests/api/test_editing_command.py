"""The editors' work from the command line, in a process of its own, on a database of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from services_catalog.seeding import seed_database
from tests.conftest import LEARNED, ROOT

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def vejviser(tmp_path: Path) -> Run:
    """Runs the command line on a catalogue filled from the seed files."""
    seed_database(f"sqlite:///{tmp_path}/catalogue.db")
    (tmp_path / "learned").symlink_to(LEARNED)
    environment = os.environ | {
        "VEJVISER_DATABASE_URL": f"sqlite:///{tmp_path}/catalogue.db",
        "VEJVISER_DATA_FOLDER": str(tmp_path),
    }

    def run(*arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", "from api.cli import main; main()", *arguments]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
        assert done.returncode == status, done.stdout + done.stderr
        return done

    return run


def test_from_a_draft_to_a_publication_and_back(vejviser: Run, tmp_path: Path) -> None:
    record = yaml.safe_load(vejviser("records", "show", "offers", "brobold").stdout)
    file = tmp_path / "brobold.yml"
    file.write_text(yaml.safe_dump(record | {"owner": "Anna"}, allow_unicode=True), encoding="utf-8")
    why = ("--reason", "Anna looks after it", "--author", "anna")
    vejviser("records", "save", "offers", str(file), "--expected", "1", *why)
    assert (
        "you changed revision 1"
        in vejviser("records", "save", "offers", str(file), "--expected", "1", *why, status=1).stderr
    )
    assert "only what is in review" in vejviser("records", "publish", "offers", "brobold", *why, status=1).stderr
    vejviser("records", "submit", "offers", "brobold", *why)
    assert "version 2" in vejviser("records", "publish", "offers", "brobold", *why).stdout
    listed = json.loads(vejviser("records", "history", "offers", "brobold", "--json").stdout)
    assert [one["state"] for one in listed] == ["published", "in_review", "draft", "published"]
    changed = json.loads(vejviser("records", "diff", "offers", "brobold", "1", "4", "--json").stdout)
    assert changed == [{"field": "owner", "before": None, "after": "Anna"}]
    assert "version 3" in vejviser("records", "rollback", "offers", "brobold", "1", *why).stdout
    assert "owner" not in yaml.safe_load(vejviser("records", "show", "offers", "brobold").stdout)
    # what was edited here is not overwritten by the seed files at the next start
    assert "stays as it is" in vejviser("init").stdout


def test_a_check_is_kept_asked_and_forgotten(vejviser: Run) -> None:
    vejviser("checks", "add", "da", "min søn vil gerne på feriecamp", "feriecamps")
    vejviser("checks", "add", "da", "hvordan bager man rugbrød", "feriecamps")
    said = vejviser("checks", "list", status=1).stdout
    assert [line.split()[1] for line in said.splitlines()] == ["holds", "FAILS"]
    vejviser("checks", "remove", "2")
    vejviser("checks", "list")
    assert "no-such-offer" in vejviser("checks", "add", "da", "fodbold", "no-such-offer", status=1).stderr


def test_what_is_wrong_with_a_file_is_said_with_its_field(vejviser: Run, tmp_path: Path) -> None:
    file = tmp_path / "wrong.yml"
    file.write_text("id: brobold\nkind: wish\n", encoding="utf-8")
    said = vejviser("records", "save", "offers", str(file), "--expected", "1", "-r", "why", status=1).stderr
    assert "kind" in said
    assert "texts" in said
    file.write_text("a: &x 1\nb: *x\n", encoding="utf-8")
    assert "anchor" in vejviser("records", "save", "offers", str(file), "--expected", "1", "-r", "why", status=1).stderr
