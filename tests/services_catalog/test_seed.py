"""Reading the YAML files: every problem is found, all at once, with its file and line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from services_catalog.errors import CatalogueUnavailable, RecordInvalid
from services_catalog.exchange.exporting import write_catalogue
from services_catalog.seed import FOLDERS, SEED_FOLDER, read_catalogue
from services_catalog.validation import validate_folder

OFFER = "offers/kontingentstoette.yml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for place, _ in FOLDERS.values():
        source, target = SEED_FOLDER / place, tmp_path / place
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_file():
            shutil.copy(source, target)
        else:  # one kind may lie inside the folder of another
            shutil.copytree(source, target, dirs_exist_ok=True)
    return tmp_path


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def line_with(path: Path, text: str) -> int:
    return next(n for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1) if text in line)


def test_the_projects_own_files_have_no_problem() -> None:
    assert validate_folder() == []


def test_a_wrong_value_is_named_with_file_line_and_field(folder: Path) -> None:
    replace(folder / OFFER, "kind: resident_offer", "kind: coupon")
    (problem,) = validate_folder(folder)
    assert (problem.path, problem.line, problem.field) == (OFFER, line_with(folder / OFFER, "kind:"), "kind")


def test_a_dead_reference_is_named_with_its_line(folder: Path) -> None:
    replace(folder / OFFER, "provider: kff", "provider: nobody")
    (problem,) = validate_folder(folder)
    assert (problem.line, problem.field) == (line_with(folder / OFFER, "provider:"), "provider")
    assert "'nobody' does not exist" in problem.message


def test_all_problems_of_all_files_come_at_once(folder: Path) -> None:
    replace(folder / OFFER, "provider: kff", "provider: nobody")
    replace(folder / "offers/geist.yml", "availability: active", "availability: planned")
    found = validate_folder(folder)
    assert {problem.path for problem in found} >= {OFFER, "offers/geist.yml"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id: &here geist\nkind: *here\n", "anchors"),
        ("id: [unclosed\n", "not YAML"),
        ("id: !!python/object/apply:os.system [ls]\n", "not YAML"),
    ],
)
def test_yaml_tricks_are_refused(folder: Path, text: str, message: str) -> None:
    (folder / "offers/trick.yml").write_text(text, encoding="utf-8")
    assert any(message in problem.message for problem in validate_folder(folder))


def test_a_file_in_latin_1_is_named(folder: Path) -> None:
    (folder / "offers/latin.yml").write_bytes("id: børn\n".encode("latin-1"))
    assert any("UTF-8" in problem.message for problem in validate_folder(folder))


def test_two_offers_with_one_id_are_refused(folder: Path) -> None:
    shutil.copy(folder / OFFER, folder / "offers/copy.yml")
    assert any("used twice" in problem.message for problem in validate_folder(folder))


def test_a_loop_of_parents_is_refused(folder: Path) -> None:
    for child, parent in (("geist", "brobold"), ("brobold", "geist")):
        path = folder / f"offers/{child}.yml"
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("parent:")]
        path.write_text("\n".join([*lines, f"parent: {parent}"]), encoding="utf-8")
    assert any("chain of parents" in problem.message for problem in validate_folder(folder))


def test_a_language_that_does_not_exist_and_one_that_is_missing_are_refused(folder: Path) -> None:
    replace(folder / OFFER, "\n  uk:\n", "\n  xx:\n")
    messages = [problem.message for problem in validate_folder(folder)]
    assert any("'uk' is missing" in message for message in messages)
    assert any("does not exist here" in message for message in messages)


def test_a_missing_folder_is_said_clearly(tmp_path: Path) -> None:
    with pytest.raises(CatalogueUnavailable, match="does not exist"):
        read_catalogue(tmp_path)


def test_reading_a_broken_folder_raises_with_all_problems(folder: Path) -> None:
    replace(folder / OFFER, "kind: resident_offer", "kind: coupon")
    with pytest.raises(RecordInvalid, match=r"kontingentstoette\.yml:\d+: kind"):
        read_catalogue(folder)


def test_what_is_written_is_read_back_the_same(tmp_path: Path) -> None:
    catalogue = read_catalogue()
    write_catalogue(catalogue, tmp_path)
    again = read_catalogue(tmp_path)
    for name in FOLDERS:
        assert dict(getattr(again, name)) == dict(getattr(catalogue, name)), name
