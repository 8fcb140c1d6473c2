"""Whole conversations with the trained model, the running action server and the real catalogue, in four languages.

A script is a list of turns: what is said, and what must come back. See scripts/*.yml. A script with a `gap` shows what a
good counsellor would do and the service does not yet; the gap names why. A gap that has closed fails the test, so that its
mark is taken away.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from services_catalog.identify import script as script_of
from services_catalog.languages import LANGUAGES
from tests.conftest import Stack

pytestmark = pytest.mark.stack

SCRIPTS = Path(__file__).with_name("scripts")
_WRITTEN_IN = {tag: language.script for tag, language in LANGUAGES.items()}
#: An answer about contacts may be mostly a website and a street.
_OWN_SHARE = 0.25
_EXPECTATIONS = {"say", "outcome", "any_offer", "none_of", "about", "attribute", "language", "contains"}


def conversations() -> list[Any]:
    found = []
    for path in sorted(SCRIPTS.glob("*.yml")):
        for one in yaml.safe_load(path.read_text(encoding="utf-8")):
            marks = [pytest.mark.xfail(reason=one["gap"], strict=True)] if "gap" in one else []
            found.append(pytest.param(one["turns"], id=f"{path.stem}-{one['name'].replace(' ', '-')}", marks=marks))
    return found


@pytest.mark.parametrize("turns", conversations())
def test_conversation(stack: Stack, turns: list[dict[str, Any]]) -> None:
    session: str | None = None
    for number, turn in enumerate(turns, 1):
        assert set(turn) <= _EXPECTATIONS, f"turn {number} has an unknown expectation"
        answer: dict[str, Any] = stack.chat(turn["say"], session)
        session = answer["session"]
        where = f"turn {number} {turn['say']!r} got {short(answer)}"
        assert not answer["degraded"], where
        text = " ".join(message["text"] for message in answer["messages"])
        assert text.strip(), where
        offers = [offer["id"] for offer in answer["offers"]]
        recommended = [one["id"] for one in answer["offers"] if one["available"] and not one["eligibility"]["fails"]]
        if "outcome" in turn:
            assert answer["outcome"] == turn["outcome"], where
        if "any_offer" in turn:
            assert set(turn["any_offer"]) & {*offers, answer["about"]}, where
        if "none_of" in turn:
            assert not set(turn["none_of"]) & set(recommended), where
        for field in ("about", "attribute", "language"):
            if field in turn:
                assert answer[field] == turn[field], where
        if "contains" in turn:
            assert turn["contains"] in text, where
        assert spoken_in(text, answer["language"]), where


def spoken_in(text: str, language: str) -> bool:
    """Tell whether a text is in the script of its language: names, addresses and websites are Latin in every language."""
    letters = [script_of(character) for character in text if character.isalpha()]
    own = sum(script == _WRITTEN_IN[language] for script in letters)
    # the short answer in all four languages has each on a line of its own
    return own >= len(letters) * _OWN_SHARE or text.count("\n") >= len(_WRITTEN_IN) - 1


def short(answer: dict[str, Any]) -> dict[str, Any]:
    kept = {key: answer[key] for key in ("outcome", "about", "attribute", "language", "degraded")}
    return kept | {"offers": [offer["id"] for offer in answer["offers"]], "text": answer["messages"][0]["text"][:120]}
