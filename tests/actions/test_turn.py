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
