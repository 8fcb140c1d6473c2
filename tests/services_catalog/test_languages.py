"""Languages are records and folders: what is wrong in them is named, what is missing is listed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from services_catalog.database import DatabaseRepository
from services_catalog.languages import LANGUAGES, LanguageInvalid, direction_of, read_languages, written_in
from services_catalog.seeding import seed_database

ROOT = Path(__file__).resolve().parents[2]
OWN = ROOT / "services_catalog" / "languages"
POLISH = ROOT / "tests" / "languages" / "pl"


def test_the_projects_languages() -> None:
    assert list(LANGUAGES) == ["da", "en", "uk", "ar"]
    assert [direction_of(tag) for tag in LANGUAGES] == ["ltr", "ltr", "ltr", "rtl"]
    assert [written_in(script) for script in ("latin", "cyrillic", "arabic")] == [("da", "en"), ("uk",), ("ar",)]


def test_no_tag_of_the_project_decides_anything_in_the_code() -> None:
    """A language's tag stands in the code only where a rule of that very language does."""
    allowed = {
        "services_catalog/languages.py": "the source language and that of the messages",
        "services_catalog/analysis.py": "the Ukrainian dictionary, for Ukrainian typed on Latin keys",
        "services_catalog/identify.py": "Persian and Urdu told from Arabic",
        "api/hsds_examples.py": "an example",
    }
    tag = re.compile(rf"""(?<!=)["']({"|".join(LANGUAGES)})["']""")
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("services_catalog", "actions", "api")
        for path in (ROOT / folder).rglob("*.py")
        if tag.search(path.read_text(encoding="utf-8"))
    }
    assert found <= set(allowed)


@pytest.fixture
def languages(tmp_path: Path) -> Path:
    """A folder of added languages with Polish in it."""
    shutil.copytree(POLISH, tmp_path / "pl")
    return tmp_path


def test_an_added_language_stands_behind_the_projects(languages: Path) -> None:
    found = read_languages(OWN, languages)
    assert list(found) == ["da", "en", "uk", "ar", "pl"]
    assert found["pl"].folder == languages / "pl"


def _rename(folder: Path) -> None:
    (folder / "pl").rename(folder / "xx")


def _write(place: str, text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(text, encoding="utf-8")

    return change


DANISH = "tag: da\nnative_name: Dansk\ndirection: ltr\n"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(_rename, r"xx/language\.yml: tag is 'pl', but the place says 'xx'", id="another-folder"),
        pytest.param(_write("da/language.yml", DANISH), "'da' is there already", id="twice"),
        pytest.param(
            _write("pl/language.yml", "tag: pl\n"), r"native_name: Field required; direction", id="incomplete"
        ),
        pytest.param(_write("pl/language.yml", "tag: [pl"), r"pl/language\.yml cannot be read", id="no-yaml"),
        pytest.param(_write("pl/language.yml", "pl"), r"pl/language\.yml cannot be read", id="no-mapping"),
        pytest.param(
            _write("pl/language.yml", "tag: pl\nnative_name: Polski\ndirection: ltr\nlemmas: {kind: magic}\n"),
            r"lemmas\.kind: Input should be 'lookup', 'snowball'",
            id="unknown-lemmas",
        ),
    ],
)
def test_a_wrong_record_is_named(languages: Path, change: Callable[[Path], None], told: str) -> None:
    change(languages)
    with pytest.raises(LanguageInvalid, match=told):
        read_languages(OWN, languages)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LanguageInvalid, match=r"VEJVISER_LANGUAGES_FOLDER is .*nowhere"):
        read_languages(OWN, tmp_path / "nowhere")


def vejviser(languages: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command of an installation with added languages; they are read when a process starts."""
    return subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", *arguments],
        cwd=ROOT,
        env=os.environ | {"VEJVISER_LANGUAGES_FOLDER": str(languages)} | settings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_growing_language_is_valid_and_what_it_lacks_is_listed(languages: Path) -> None:
    checked = vejviser(languages, "validate")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "pl grows: offers: nothing for 143" in checked.stdout
    listed: list[dict[str, Any]] = json.loads(vejviser(languages, "languages", "--json").stdout)
    polish = listed[-1]
    assert (polish["tag"], polish["name"], polish["offers"]) == ("pl", "Polski", 10)
    lacks = {one["part"]: one["message"] for one in polish["lacks"]}
    assert "no examples of insult" in lacks["nlu"]
    assert "no sentences of immediate_danger" in lacks["crisis/sentences"]
    assert all(not one["lacks"] for one in listed[:-1])


def _without(place: str, old: str, new: str = "") -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / "pl" / place).read_text(encoding="utf-8")
        assert old in text
        (folder / "pl" / place).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param(
            [
                _without("offers/learning.yml", "- id: geist", "- id: gist"),
                _without("offers/learning.yml", "    summary: Bezpłatne lekcje", "    summery: Bezpłatne lekcje"),
                _without("taxonomy/needs.yml", "labels: Plac zabaw", "broader: learn-danish"),
                _without("vocabulary/expressions.yml", "id: pl", "id: po"),
            ],
            [
                "pl/offers/learning.yml:30: id: 'gist' does not exist",
                "pl/offers/learning.yml:4: texts.pl.summery: must not be given here",
                "pl/taxonomy/needs.yml:9: broader: must not be given here: it is not kept by language",
                "pl/vocabulary/expressions.yml:1: id: must be 'pl', the language of this folder",
            ],
            id="records",
        ),
        pytest.param(
            [
                _without("crisis/answers.yml", "- category: sexual_violence", "- category: suicide"),
                _without("crisis/rules.yml", "- category: suicide", "- category: sexual_violence"),
                _without("messages.po", '"Kosztuje {amount}."', '"Kosztuje {kwota}."'),
            ],
            [
                "pl/crisis/answers.yml:0: language: no answer to sexual_violence: it is given in English",
                "pl/crisis/rules.yml:0: language: no rule for suicide",
                "pl/messages.po:0: language: 'It costs {amount}.' has a placeholder that is not filled: kwota",
            ],
            id="what-keeps-people-safe",
        ),
        pytest.param(
            [
                _without(
                    "crisis/answers.yml",
                    "    - Jeśli jesteś w niebezpieczeństwie albo chory z zimna, zadzwoń pod 112.\n",
                )
            ],
            ["pl/crisis/answers.yml: homeless_tonight has 1 steps, but the answer has 2"],
            id="a-step-too-few",
        ),
        pytest.param(
            [_without("language.yml", "growing: true", "growing: false")],
            ["texts: the language 'pl' is missing", "examples: 8 example questions, at least 12 are needed"],
            id="not-growing",
        ),
    ],
)
def test_what_must_be_there_is_a_problem(
    languages: Path, changes: Sequence[Callable[[Path], None]], told: Sequence[str]
) -> None:
    for change in changes:
        change(languages)
    checked = vejviser(languages, "validate")
    assert checked.returncode == 1
    for line in told:
        assert line in checked.stdout + checked.stderr


def test_a_language_comes_into_a_catalogue_that_was_filled_without_it(languages: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/catalogue.db"
    seed_database(url)
    repository = DatabaseRepository(url)
    assert "pl" not in repository.load().offers["geist"].texts
    database = {"VEJVISER_DATABASE_URL": url}
    written = vejviser(languages, "languages", "--write", str(tmp_path / "new"), **database)
    assert written.returncode == 0, written.stderr
    taken = vejviser(languages, "import", str(tmp_path / "new"), **database)
    assert taken.returncode == 0, taken.stdout + taken.stderr
    catalogue = repository.load()
    assert catalogue.offers["geist"].texts["pl"].name == "Geist (intensywny kurs dla 8. klasy)"
    assert catalogue.offers["geist"].texts["da"].name == "Geist"
    assert catalogue.needs["learn-danish"].labels["pl"] == "Nauka duńskiego"
    assert catalogue.expressions["pl"].negators == ("nie", "bez")
    again = vejviser(languages, "languages", "--write", str(tmp_path / "again"), **database)
    repository.close()
    assert again.stdout.startswith("0 records written")
