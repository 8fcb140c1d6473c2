"""What an action reads of a turn."""

from __future__ import annotations

from typing import Any

import pytest
from rasa_sdk import Tracker

from actions.turn import Turn


@pytest.mark.parametrize(
    ("metadata", "shown", "about"),
    [
        ({}, ["jobcenter-koebenhavn"], "jobcenter-koebenhavn"),
        ({"shown": []}, ["jobcenter-koebenhavn"], "jobcenter-koebenhavn"),
        ({"shown": ["brobold", "fakti"]}, ["brobold", "fakti"], None),
    ],
)
def test_what_the_api_showed_without_us_goes_before_what_we_remember(
    metadata: dict[str, Any], shown: list[str], about: str | None
) -> None:
    slots = {"shown": ["jobcenter-koebenhavn"], "about": "jobcenter-koebenhavn"}
    turn = Turn(Tracker("anybody", slots, {"text": "hvad koster det", "metadata": metadata}, [], False, None, {}, None))
    assert (turn.shown, turn.about) == (shown, about)


def ranked(**sure: float) -> list[dict[str, Any]]:
    return [{"name": name, "confidence": chance} for name, chance in sure.items()]


@pytest.mark.parametrize(
    ("clause", "attribute", "certainty"),
    [
        (ranked(ask_cost=0.9, ask_who=0.1), "cost", 0.5),
        (ranked(ask_cost=0.4, ask_who=0.1), "who", 0.2),
        (ranked(thank=0.9, ask_cost=0.1), "who", 0.1),
        ([], "who", 0.2),
    ],
    ids=["clear", "unclear", "clear but no question", "one clause"],
)
def test_a_clear_last_clause_tells_as_much_as_the_whole(
    clause: list[dict[str, Any]], attribute: str, certainty: float
) -> None:
    message = {
        "text": "she is here now. is it free?",
        "intent_ranking": ranked(seek_offer=0.7, ask_who=0.2, ask_cost=0.1),
        "last_clause_ranking": clause,
    }
    turn = Turn(Tracker("anybody", {}, message, [], False, None, {}, None))
    assert turn.question() == (attribute, pytest.approx(certainty))
