"""The gazetteer files: complete, alike, and honest errors."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from bot.components.gazetteer import GAZETTEERS, Gazetteer, GazetteerError, load_gazetteers

ENTITIES = ("age", "school_grade", "ordinal", "language_name", "district", "situation", "concept")


@pytest.mark.parametrize("tag", ["da", "en", "uk", "ar"])
@pytest.mark.parametrize("entity", ENTITIES)
def test_every_language_has_every_entity(gazetteers: Mapping[str, Gazetteer], tag: str, entity: str) -> None:
    assert gazetteers[tag].rules[entity]


@pytest.mark.parametrize("key", ["situations", "concepts"])
def test_all_languages_know_the_same_things(key: str) -> None:
    known = {}
    for path in GAZETTEERS.glob("*.yml"):
        known[path.stem] = set(yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)[key])
    reference = known["da"]
    assert all(names == reference for names in known.values()), {
        tag: names ^ reference for tag, names in known.items() if names != reference
    }


def test_a_wrong_pattern_is_named_with_its_file(tmp_path: Path) -> None:
    text = (
        (GAZETTEERS / "da.yml")
        .read_text(encoding="utf-8")
        .replace("tag: da", "tag: xx")
        .replace("age:\n", "age:\n  - {match: '(oops'}\n", 1)
    )
    (tmp_path / "xx.yml").write_text(text, encoding="utf-8")
    with pytest.raises(GazetteerError, match=r"xx\.yml: the pattern '\(oops'"):
        load_gazetteers(tmp_path)


def test_an_unknown_word_list_is_named(tmp_path: Path) -> None:
    text = (
        (GAZETTEERS / "en.yml").read_text(encoding="utf-8").replace("age:\n", "age:\n  - {match: '{nobody} {n}'}\n", 1)
    )
    (tmp_path / "en.yml").write_text(text, encoding="utf-8")
    with pytest.raises(GazetteerError, match="nobody"):
        load_gazetteers(tmp_path)


def test_a_further_language_is_data_only(tmp_path: Path) -> None:
    minimal = {
        "tag": "de", "script": "latin", "spacy": "de", "lemmas": {"kind": "none"}, "hints": ["ich"],
        "districts": {"valby": ["valby"]}, "age": [{"role": "self", "match": "ich bin {n}"}],
    }  # fmt: skip
    (tmp_path / "de.yml").write_text(yaml.safe_dump(minimal), encoding="utf-8")
    from bot.components.finding import find

    found = find("Ich bin 34 und wohne in Valby", "de", load_gazetteers(tmp_path))
    assert [(one.entity, one.value) for one in found] == [("age", 34), ("district", "valby")]
