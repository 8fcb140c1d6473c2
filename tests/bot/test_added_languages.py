"""A language that an installation adds is read from its own folder, like the project's from theirs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bot.added_languages import VARIABLE, added_languages, language_of
from bot.components.finding import find
from bot.components.gazetteer import Gazetteer, load_gazetteers
from bot.train import fingerprint

POLISH = Path(__file__).resolve().parents[1] / "languages" / "pl"
NLU = Path(__file__).resolve().parents[2] / "data" / "nlu"


@pytest.fixture(scope="module")
def languages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an installation that adds Polish; the setting names it."""
    folder = tmp_path_factory.mktemp("languages")
    shutil.copytree(POLISH, folder / "pl")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder))
        load_gazetteers.cache_clear()
        yield folder
    load_gazetteers.cache_clear()


@pytest.fixture(scope="module")
def polish(languages: Path) -> Mapping[str, Gazetteer]:
    return load_gazetteers()


def test_without_the_setting_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert added_languages() == {}


def test_its_words_are_found(polish: Mapping[str, Gazetteer]) -> None:
    found = {(one.entity, one.value) for one in find("syn ma osiem lat, mieszkamy na Nørrebro", "pl", polish)}
    assert found == {("age", 8), ("district", "noerrebro")}


@pytest.mark.parametrize("language", ["da", "en", "uk", "ar"])
def test_a_language_is_named_in_its_own_words_in_every_other(polish: Mapping[str, Gazetteer], language: str) -> None:
    assert [one.value for one in find("pisz po polsku", language, polish)] == ["pl"]
    assert [one.value for one in find("skriv på dansk", language, polish)] == ["da"]


def test_the_language_of_a_file_of_examples() -> None:
    assert language_of(NLU / "da" / "asking.yml") == "da"
    assert language_of(POLISH / "nlu" / "asking.yml") == "pl"


def test_its_examples_are_part_of_what_a_model_depends_on(languages: Path) -> None:
    before = fingerprint(NLU)
    (languages / "pl" / "nlu" / "more.yml").write_text('version: "3.1"\nnlu: []\n', encoding="utf-8")
    assert fingerprint(NLU) != before
