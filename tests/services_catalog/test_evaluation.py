"""The harness counts what it says, and the project's own questions are sound."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.crisis import CrisisRules
from services_catalog.evaluation import judge_rows, latency, read_rows, table
from services_catalog.normalize import words
from services_catalog.search import SearchEngine

QUESTIONS = sorted((Path(__file__).resolve().parents[2] / "data" / "eval").glob("*.jsonl"))
TYPES = {"need", "name", "noisy", "mixed", "staff", "trap", "oos", "crisis"}


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_our_own_questions_name_offers_that_exist(path: Path, catalogue: Catalogue) -> None:
    rows = list(read_rows([path]))
    assert len(rows) >= 100
    assert {row["type"] for row in rows} == TYPES
    for row in rows:
        assert row["lang"] == path.stem
        assert {*row["gold"], *row["must_not"]} <= set(catalogue.offers), row["id"]
        assert row["type"] == "trap" or all(catalogue.offer(one).availability.recommendable for one in row["gold"])


def test_no_question_of_the_evaluation_is_trained_on(catalogue: Catalogue) -> None:
    trained = {
        " ".join(words(example))
        for offer in catalogue.offers.values()
        for texts in offer.texts.values()
        for example in texts.examples
    } | {
        " ".join(words(question))
        for one in catalogue.questions.values()
        for questions in one.questions.values()
        for question in questions
    }
    asked = {" ".join(words(row["text"])) for row in read_rows(QUESTIONS) if len(words(row["text"])) > 3}
    assert asked & trained == set()


def test_figures_are_means_per_language(engine: SearchEngine, crisis_rules: CrisisRules) -> None:
    rows = [
        {"lang": "da", "type": "need", "text": "låne bøger på biblioteket", "gold": ["koebenhavnske-biblioteker"]},
        {"lang": "da", "type": "need", "text": "låne bøger på biblioteket", "gold": ["geist"]},
        {"lang": "en", "type": "oos", "text": "where do I pay my parking fine", "gold": []},
    ]
    judged = judge_rows(rows, engine, crisis_rules)
    figures = table(judged)
    assert figures["success@3"]["da"] == 0.5
    assert figures["refused"] == {"en": 1.0, "worst": 1.0, "gap": 0.0}
    assert latency(judged)["p95"] >= latency(judged)["p50"] > 0


@pytest.mark.parametrize("line", ["not json", json.dumps(["a list"]), json.dumps({"lang": "da"})])
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(f'{{"lang": "da", "type": "oos", "text": "x"}}\n{line}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"questions\.jsonl:2: "):
        list(read_rows([path]))
