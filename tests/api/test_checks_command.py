"""`vejviser launch-check`, `trace` and `translations` on a real database."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from services_catalog.database import DatabaseRepository
from services_catalog.editors.editing import Editing
from services_catalog.errors import CatalogueError, CatalogueUnavailable, OfferNotFound, RecordInvalid
from services_catalog.offer import Offer
from services_catalog.seeding import seed_database
from tests.services_catalog.test_xliff import tool, translated


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    address = f"sqlite:///{tmp_path_factory.mktemp('checks')}/catalogue.db"
    seed_database(address)
    return address


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("VEJVISER_DATABASE_URL", url)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def said(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*arguments: object) -> BaseException:
    result = run(*arguments)
    assert result.exit_code != 0
    assert result.exception is not None
    return result.exception


def test_the_launch_check_begins_with_112_and_counts_texts() -> None:
    lines = said("launch-check").splitlines()
    assert lines[1].startswith("Numbers given to people in danger")
    assert lines[2].lstrip().startswith("1. 112")
    text = "\n".join(lines)
    assert "العربية: 153 offers" in text
    assert "muhabet/ar" not in text
    assert "fresh confirmation" in text


def test_the_launch_check_for_scripts_has_every_text() -> None:
    items = json.loads(said("launch-check", "--json"))
    assert [one["order"] for one in items] == list(range(1, len(items) + 1))
    assert set(items[0]) == {"order", "group", "id", "what", "why", "source", "seen_date"}
    assert sum(one["group"] == "text" for one in items) == 459


def test_an_empty_catalogue_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VEJVISER_DATABASE_URL", f"sqlite:///{tmp_path}/new.db")
    for command in (("launch-check",), ("trace", "muhabet"), ("translations", "queue", "--language", "ar")):
        error = refused(*command)
        assert isinstance(error, CatalogueUnavailable)
        assert "vejviser init" in str(error)


def test_an_offer_is_traced() -> None:
    text = said("trace", "muhabet")
    assert "001_92da3fdfa6725589.txt, 6. Sundheds- og omsorgsområdet" in text
    assert "“Alt er gratis.”\n       for cost" in text
    assert json.loads(said("trace", "muhabet", "--json"))["offer_id"] == "muhabet"
    assert isinstance(refused("trace", "no-such"), OfferNotFound)


def test_documents_and_policies_are_traced() -> None:
    assert "Offers that rest on 004_139553ee05667919.txt: 1." in said("trace", "--document", "004_139553ee05667919.txt")
    assert "stofindtagelsesrum" in said("trace", "--policy", "vesterbroplanen")
    ending = json.loads(said("trace", "--ending", "2026", "--json"))
    assert ending[0]["policy_id"] == "integrations-og-medborgerskabspolitik-2023-26"
    assert "muhabet" in ending[0]["offers"]
    assert "No policy" in said("trace", "--ending", "1999")


@pytest.mark.parametrize("arguments", [(), ("muhabet", "--ending", "2026"), ("--document", "x"), ("--policy", "x")])
def test_a_trace_of_nothing_or_of_two_things_is_refused(arguments: tuple[str, ...]) -> None:
    assert isinstance(refused("trace", *arguments), CatalogueError)


def test_the_queue_is_told_in_lines_and_for_scripts() -> None:
    assert "153 offers; 0 Danish words to translate" in said("translations", "queue", "--language", "ar")
    entries = json.loads(said("translations", "queue", "--language", "ar", "--json"))
    assert len(entries) == 153
    assert json.loads(said("translations", "queue", "--language", "ar", "--state", "missing", "--json")) == []
    assert isinstance(refused("translations", "queue", "--language", "da"), CatalogueError)


def test_texts_go_out_and_come_back_as_drafts(tmp_path: Path, url: str) -> None:
    file = tmp_path / "out.xlf"
    assert "1 offers written" in said("translations", "export", file, "--language", "ar", "--offer", "muhabet")
    file.write_bytes(tool(file.read_bytes(), translated("name", "محبت الجديد")))
    editing = Editing(DatabaseRepository(url).engine)
    before = editing.newest("offers", "muhabet")
    assert "1 offers would be saved" in said("translations", "import", file, "--dry-run")
    assert editing.newest("offers", "muhabet") == before
    done = json.loads(said("translations", "import", file, "--author", "Amal", "--json"))
    assert (done["saved"], done["offers"][0]["fields"]) == (1, ["name"])
    after = editing.newest("offers", "muhabet")
    assert (after.number, after.author) == (before.number + 1, "Amal")
    assert isinstance(after.record, Offer)
    assert after.record.texts["ar"].name == "محبت الجديد"
    assert "0 offers saved" in said("translations", "import", file)


def test_a_wrong_file_saves_nothing_and_names_file_and_unit(tmp_path: Path) -> None:
    file = tmp_path / "out.xlf"
    said("translations", "export", file, "--language", "uk", "--offer", "geist")
    file.write_bytes(file.read_bytes().replace(b'original="geist"', b'original="gejst"'))
    error = refused("translations", "import", file)
    assert isinstance(error, RecordInvalid)
    assert "gejst:" in str(error)
    assert "name: there is no offer" in str(error)


def test_files_that_are_not_there_are_named(tmp_path: Path) -> None:
    assert "cannot be read" in str(refused("translations", "import", tmp_path / "none.xlf"))
    missing = tmp_path / "no" / "folder.xlf"
    assert "cannot be written" in str(refused("translations", "export", missing, "--language", "ar"))
