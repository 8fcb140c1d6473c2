"""`vejviser export` and `vejviser import`, as they are typed."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from api.cli import app
from services_catalog.catalogue import Catalogue
from services_catalog.database import DatabaseRepository, migrate
from services_catalog.seed import FOLDERS
from tests.services_catalog.catalogues import small


@pytest.fixture
def repository(catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DatabaseRepository:
    url = f"sqlite:///{tmp_path}/catalogue.db"
    monkeypatch.setenv("VEJVISER_DATABASE_URL", url)
    migrate(url)
    repository = DatabaseRepository(url)
    repository.replace(small(catalogue, "geist", "kontingentstoette"))
    return repository


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def edited(path: Path, sheet: str, cell: str, value: str) -> None:
    book = load_workbook(path)
    book[sheet][cell] = value
    book.save(path)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("folder", []),
        ("files.zip", []),
        ("book.xlsx", []),
        ("book", ["--format", "xlsx", "--language", "ar"]),
        ("tables.zip", ["--format", "csv"]),
        ("tables.zip", ["--format", "csv", "--separator", "comma"]),
        ("services.json", []),
    ],
)
def test_what_is_exported_is_imported_unchanged(
    name: str, options: list[str], repository: DatabaseRepository, tmp_path: Path
) -> None:
    before = repository.load()
    assert run("export", tmp_path / name, *options).exit_code == 0
    again = run("import", tmp_path / name)
    assert again.exit_code == 0, again.output
    assert "0 new records, 0 changed" in again.output
    assert repository.version() == before.version


def test_an_import_into_an_empty_database_makes_the_same_catalogue(
    repository: DatabaseRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("export", tmp_path / "folder")
    monkeypatch.setenv("VEJVISER_DATABASE_URL", f"sqlite:///{tmp_path}/new/catalogue.db")
    assert run("import", tmp_path / "folder").exit_code == 0
    new = DatabaseRepository(f"sqlite:///{tmp_path}/new/catalogue.db").load()
    for kind in FOLDERS:
        assert getattr(new, kind) == getattr(repository.load(), kind)


def test_a_dry_run_lists_every_problem_and_saves_nothing(repository: DatabaseRepository, tmp_path: Path) -> None:
    before = repository.load()
    run("export", tmp_path / "book.xlsx")
    edited(tmp_path / "book.xlsx", "offers", "B2", "coupon")
    edited(tmp_path / "book.xlsx", "da", "D3", "<b>Fed</b>")
    for options in (["--dry-run"], []):
        said = run("import", tmp_path / "book.xlsx", *options)
        assert said.exit_code == 1
        assert "offers:2: B2 kind: 'coupon' is not allowed here" in said.output
        assert "da:3: D3 summary: holds HTML (<b)" in said.output
        assert "2 problems; nothing was saved." in said.output
        assert repository.load() == before


def test_a_good_change_is_saved_only_without_dry_run(repository: DatabaseRepository, tmp_path: Path) -> None:
    run("export", tmp_path / "book.xlsx")
    edited(tmp_path / "book.xlsx", "offers", "X2", "Somebody")
    trial = run("import", tmp_path / "book.xlsx", "--dry-run")
    assert (trial.exit_code, repository.load().offers["geist"].owner) == (0, None)
    assert "1 changed" in trial.output
    done = run("import", tmp_path / "book.xlsx")
    assert "saved." in done.output
    assert repository.load().offers["geist"].owner == "Somebody"
    assert "reading sheets: 11" in done.stderr


def test_scripts_get_json(repository: DatabaseRepository, tmp_path: Path) -> None:
    run("export", tmp_path / "book.xlsx")
    edited(tmp_path / "book.xlsx", "offers", "X2", "Somebody")
    report = json.loads(run("import", tmp_path / "book.xlsx", "--json").stdout)
    assert report["saved"]
    assert report["changed"] == [{"kind": "offers", "id": "geist"}]
    edited(tmp_path / "book.xlsx", "offers", "B2", "coupon")
    failed = run("import", tmp_path / "book.xlsx", "--json")
    assert failed.exit_code == 1
    (problem,) = json.loads(failed.stdout)["problems"]
    assert (problem["path"], problem["line"], problem["field"]) == ("offers", 2, "B2 kind")
    (tmp_path / "torn.zip").write_bytes(b"PK\x03\x04")
    torn = run("import", tmp_path / "torn.zip", "--json")
    assert "is not a whole zip file" in json.loads(torn.stdout)["problems"][0]["message"]


def test_a_file_above_the_setting_is_refused(
    repository: DatabaseRepository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("export", tmp_path / "book.xlsx")
    monkeypatch.setenv("VEJVISER_IMPORT_LIMIT", "1000")
    refused = run("import", tmp_path / "book.xlsx")
    assert refused.exit_code == 1
    assert "can be imported" in refused.output


def test_an_export_that_fails_leaves_the_old_file(repository: DatabaseRepository, tmp_path: Path) -> None:
    catalogue = repository.load()
    long = catalogue.offers["geist"].model_copy(update={"editor_notes": ("x" * 40_000,)})
    repository.replace(small(catalogue, "kontingentstoette"))
    assert run("export", tmp_path / "book.xlsx").exit_code == 0
    before = (tmp_path / "book.xlsx").read_bytes()
    repository.replace(catalogue.with_offers({"geist": long}))
    assert run("export", tmp_path / "book.xlsx").exit_code != 0
    assert (tmp_path / "book.xlsx").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_public_tables_are_written_and_not_taken_back(repository: DatabaseRepository, tmp_path: Path) -> None:
    assert run("export", tmp_path / "public.zip", "--format", "hsds-tabular").exit_code == 0
    assert "datapackage.json" in zipfile.ZipFile(tmp_path / "public.zip").namelist()
    assert "says less than the catalogue" in run("import", tmp_path / "public.zip").output


def test_a_language_we_do_not_have_is_refused(repository: DatabaseRepository, tmp_path: Path) -> None:
    assert run("export", tmp_path / "book.xlsx", "--language", "xx").exit_code == 2
