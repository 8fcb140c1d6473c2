"""The judge of hostile answers sees what is wrong: else all its silence would prove nothing."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from fastapi.testclient import TestClient

from services_catalog.languages import LANGUAGES
from tests.hostile.judging import Judge
from tests.hostile.messages import KINDS, Questions, messages


@pytest.fixture(scope="module")
def answer(visitor: TestClient) -> dict[str, Any]:
    return dict(visitor.post("/api/v1/chat", json={"text": "Where can my son play football for free?"}).json())


def test_it_is_silent_where_nothing_is_wrong(judge: Judge, answer: dict[str, Any]) -> None:
    assert list(judge.wrong_with(answer, language="en")) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"messages": [{"text": "I found 3 offers that fit: <script>alert(1)</script>"}]}, "markup"),
        ({"messages": [{"text": "Jeg fandt 3 tilbud, der passer til dig"}]}, "says ["),
        ({"messages": [{"text": "Я знайшов 3 послуги"}]}, "not written in en"),
        ({"messages": [{"text": " "}]}, "says nothing"),
        ({"direction": "rtl"}, "direction"),
        ({"language": "da"}, "is in da, the message in en"),
        ({"outcome": "crisis"}, "what to do"),
        ({"secret": 1}, "more than it should"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_sees_what_is_wrong(judge: Judge, answer: dict[str, Any], change: dict[str, Any], told: str) -> None:
    assert any(told in one for one in judge.wrong_with(answer | change, language="en"))


def test_the_messages_are_the_same_each_time_and_of_every_kind(questions: Questions) -> None:
    some = list(itertools.islice(messages(3, questions), 500))
    assert some == list(itertools.islice(messages(3, questions), 500))
    assert {one.kind for one in some} == set(KINDS)
    assert {one.language for one in some} == {None, *LANGUAGES}
