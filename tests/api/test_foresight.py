"""A message is read and searched for ahead, once, for its own conversation, text and question; else when it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.foresight import Foresight
from services_catalog.search import Reading, SearchEngine
from services_catalog.searching import Search


class CountingEngine(SearchEngine):
    """A real engine that counts what it reads."""

    def __init__(self, engine: SearchEngine) -> None:
        self.__dict__.update(engine.__dict__)
        self.read_texts: list[str] = []

    def read(self, text: str, *, language: str | None = None, conversation: str | None = None) -> Reading:
        self.read_texts.append(text)
        return super().read(text, language=language, conversation=conversation)


@pytest.fixture
def counting(engine: SearchEngine) -> CountingEngine:
    return CountingEngine(engine)


#: The questions that were searched for, in order.
Searched = list[str]


@pytest.fixture
def searched() -> Searched:
    return []


@pytest.fixture
def foresight(searched: Searched) -> Iterator[Foresight[str, Reading]]:
    def answering(_engine: Search, asked: str, reading: Reading) -> Reading:
        searched.append(asked)
        if asked == "fail":
            raise ValueError("nothing can be found")
        return reading

    made = Foresight(answering)
    yield made
    made.close()


def ask(
    foresight: Foresight[str, Reading],
    engine: SearchEngine,
    conversation: str,
    text: str,
    language: str,
    asked: str = "x",
) -> Reading:
    # in a thread of its own: where a browser was driven before, this one has a running loop
    with ThreadPoolExecutor(1) as thread:
        answer = foresight.answer(conversation, engine, text, language, asked)
        return thread.submit(asyncio.run, answer).result()


def test_what_was_read_is_used_once(
    foresight: Foresight[str, Reading], counting: CountingEngine, searched: Searched
) -> None:
    foresight.begin("a", counting, "lære dansk", "da")
    assert ask(foresight, counting, "a", "lære dansk", "da").text == "lære dansk"
    assert counting.read_texts == ["lære dansk"]
    ask(foresight, counting, "a", "lære dansk", "da", asked="y")
    assert len(counting.read_texts) == 2
    assert searched == ["x", "y"]


def test_what_was_searched_for_is_used_once_and_for_the_same_question_only(
    foresight: Foresight[str, Reading], counting: CountingEngine, searched: Searched
) -> None:
    foresight.begin("a", counting, "lære dansk", "da", "new")
    assert ask(foresight, counting, "a", "lære dansk", "da", "new").text == "lære dansk"
    assert (counting.read_texts, searched) == (["lære dansk"], ["new"])
    foresight.begin("a", counting, "lære dansk", "da", "new")
    assert ask(foresight, counting, "a", "lære dansk", "da", "narrowed").text == "lære dansk"
    assert len(counting.read_texts) == 2, "it was read again"
    # what was begun goes on beside it, and may come first or last
    assert sorted(searched[1:]) in (["narrowed", "new"], ["narrowed"])


def test_a_search_that_fails_fails_where_it_is_asked_for(
    foresight: Foresight[str, Reading], counting: CountingEngine
) -> None:
    foresight.begin("a", counting, "lære dansk", "da", "fail")
    with pytest.raises(ValueError, match="nothing can be found"):
        ask(foresight, counting, "a", "lære dansk", "da", "fail")


@pytest.mark.parametrize(("conversation", "text", "language"), [("b", "lære dansk", "da"), ("a", "job", "da")])
def test_nothing_of_another_conversation_or_text_is_used(
    foresight: Foresight[str, Reading], counting: CountingEngine, conversation: str, text: str, language: str
) -> None:
    foresight.begin("a", counting, "lære dansk", "da", "x")
    assert ask(foresight, counting, conversation, text, language).text == text


def test_another_language_is_read_anew(foresight: Foresight[str, Reading], counting: CountingEngine) -> None:
    foresight.begin("a", counting, "job", "da")
    assert ask(foresight, counting, "a", "job", "en").identified.language == "en"


def test_what_is_dropped_is_gone(foresight: Foresight[str, Reading], counting: CountingEngine) -> None:
    foresight.begin("a", counting, "lære dansk", "da", "x")
    foresight.drop("a")
    ask(foresight, counting, "a", "lære dansk", "da")
    assert len(counting.read_texts) == 2
