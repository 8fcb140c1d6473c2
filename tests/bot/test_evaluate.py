"""The measure of the conversation model: right figures, and a status that says when they are too low."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot import evaluate


def test_scores_are_those_of_the_field() -> None:
    pairs = [("greet", "greet"), ("greet", "thank"), ("thank", "thank"), ("thank", "thank")]
    found = evaluate.scores(pairs)
    assert (found["greet"].precision, found["greet"].recall, found["greet"].f1) == (1.0, 0.5, 0.667)
    assert (found["thank"].precision, found["thank"].recall, found["thank"].f1) == (0.667, 1.0, 0.8)
    assert evaluate.macro_f1(found) == pytest.approx(0.7335)
    assert evaluate.confusions(pairs) == [("greet", "thank", 1)]


def test_entities_are_held_against_annotations_also_of_age_nought(tmp_path: Path) -> None:
    (tmp_path / "en.txt").write_text(
        'my baby is [8 months]{"entity": "age", "value": "0", "role": "child"}\n'
        'my son is [8]{"entity": "age", "value": "8", "role": "child"}\n'
        'I like [Danish]{"entity": "language_name", "value": "so"}\n'
        "bus 5C leaves at 10.30\n",
        encoding="utf-8",
    )
    found = evaluate.entities_by_language(tmp_path)["en"]
    assert (found["age"].times, found["age"].f1) == (2, 1.0)
    assert found["language_name"].recall == 0.0


def test_a_figure_below_its_floor_fails_and_the_report_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "en.txt").write_text('we live in [Paris]{"entity": "district", "value": "paris"}\n', encoding="utf-8")
    report = tmp_path / "reports" / "nlu.json"
    arguments = ["--only", "entities", "--entities", str(tmp_path), "--report", str(report)]
    assert evaluate.main(arguments) == 1
    assert json.loads(report.read_text(encoding="utf-8"))["entities"]["en"]["all"]["recall"] == 0.0
    monkeypatch.setattr(evaluate, "LEAST_ENTITY_F1", 0.0)
    assert evaluate.main(arguments) == 0
