"""How a text becomes comparable, what is learned from it, and what is kept on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from services_catalog.analysis import analyzer
from services_catalog.catalogue import Catalogue
from services_catalog.crisis import CrisisRules
from services_catalog.crossvalidation import falls, without_examples
from services_catalog.evaluation import costliest_confusion, explanation, judge_rows
from services_catalog.learned import remembered
from services_catalog.search import SearchEngine
from services_catalog.transliterate import looks_like_latin_ukrainian, typed_on_latin_keys


@pytest.mark.parametrize(
    ("word", "parts"),
    [
        ("sprogskole", ("sprog", "skole")),
        ("fritidsjob", ("fritid", "job")),
        ("lektiehjælp", ("lektie", "hjalp")),
        ("uddannelse", ()),
        ("kommune", ()),
    ],
)
def test_danish_compounds_are_split(word: str, parts: tuple[str, ...]) -> None:
    assert analyzer("da").parts(word) == parts


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("z ierf. hj,jne", "я шукаю роботу"),
        ("lt ;bnb d rjgtyufutys", "де жити в копенгагені"),
        ("hello where can I learn danish", None),
        ("min mand og jeg vil gerne lære dansk", None),
        ("wen a2dar at3allam danmarki", None),
    ],
)
def test_ukrainian_typed_on_latin_keys_is_brought_back(typed: str, meant: str | None) -> None:
    assert typed_on_latin_keys(typed) == meant


def test_latin_ukrainian_is_told_from_danish_and_english() -> None:
    assert looks_like_latin_ukrainian("biblioteka dlia ditei pobachyty knyhu")
    assert not looks_like_latin_ukrainian("where is the nearest library please")
    assert not looks_like_latin_ukrainian("hvor ligger det nærmeste bibliotek")


def test_a_hit_says_which_words_made_it_fit(engine: SearchEngine) -> None:
    hit = engine.search("min søn vil gerne spille fodbold").hits[0]
    assert "fodbold" in hit.words
    assert not {"min", "vil"} & set(hit.words)


def test_an_explanation_names_every_signal_of_every_hit(engine: SearchEngine) -> None:
    result = engine.search("gratis danskkursus om aftenen")
    explained = explanation(result, engine)
    assert [one["id"] for one in explained] == [hit.offer.id for hit in result.hits]
    assert {"base", "learned", "need", "name", "eligibility and availability"} <= set(explained[0]["points"])
    assert explained[0]["points"]["learned"] > explained[-1]["points"]["learned"]


def test_the_confusion_that_costs_most_is_named(engine: SearchEngine, crisis_rules: CrisisRules) -> None:
    row = {"lang": "da", "type": "need", "text": "låne bøger på biblioteket", "gold": ["geist"]}
    assert costliest_confusion(judge_rows([row, row], engine, crisis_rules)) == (
        "geist",
        "koebenhavnske-biblioteker",
        2,
    )


def test_an_offer_without_arabic_is_found_in_arabic_by_its_need(catalogue: Catalogue, engine: SearchEngine) -> None:
    from dataclasses import replace

    offer = catalogue.offer("koebenhavnske-biblioteker")
    bare = offer.model_copy(update={"texts": {tag: one for tag, one in offer.texts.items() if tag != "ar"}})
    reduced = SearchEngine(
        replace(catalogue, offers={**catalogue.offers, offer.id: bare}), identifier=engine.identifier
    )
    assert offer.id in [hit.offer.id for hit in reduced.search("وين اقدر استعير كتب لأولادي").hits[:3]]


def test_a_fold_is_asked_of_an_index_that_lacks_it(catalogue: Catalogue) -> None:
    folds = [without_examples(catalogue, fold, 3) for fold in range(3)]
    for offer in catalogue.published[:20]:
        for tag, texts in offer.texts.items():
            left = [set(fold.offers[offer.id].texts[tag].examples) for fold in folds]
            assert set.union(*left) == set(texts.examples)
            assert set.intersection(*left) == set()


def test_a_fall_of_more_than_a_point_is_reported() -> None:
    baseline = {"success@3": {"da": 0.90, "ar": 0.80}}
    assert falls({"success@3": {"da": 0.895, "ar": 0.80}}, baseline) == []
    assert falls({"success@3": {"da": 0.88, "ar": 0.80}}, baseline) == ["success@3 in da fell from 0.900 to 0.880"]


def test_what_was_learned_is_kept_until_its_ingredients_change(tmp_path: Path) -> None:
    made: list[int] = []

    def learn() -> list[int]:
        made.append(1)
        return list(made)

    assert remembered(tmp_path, "thing", list, ["a"], learn) == [1]
    assert remembered(tmp_path, "thing", list, ["a"], learn) == [1]
    assert remembered(tmp_path, "thing", list, ["b"], learn) == [1, 1]
    for path in tmp_path.glob("*.pickle"):
        path.write_bytes(b"torn")
    assert remembered(tmp_path, "thing", list, ["a"], learn) == [1, 1, 1]
    for ingredient in "cdefgh":
        remembered(tmp_path, "thing", list, [ingredient], learn)
    assert len(list(tmp_path.glob("*.pickle"))) == 3
