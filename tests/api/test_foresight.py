"""A message is read ahead once, for its own conversation and text; anything else is read when it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.foresight import Foresight
from services_catalog.search import Reading, SearchEngine


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


@pytest.fixture
def foresight() -> Iterator[Foresight]:
    made = Foresight()
    yield made
    made.close()


def ask(foresight: Foresight, engine: SearchEngine, conversation: str, text: str, language: str) -> Reading:
    # in a thread of its own: where a browser was driven before, this one has a running loop
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, foresight.reading(conversation, engine, text, language)).result()


def test_what_was_begun_is_used_once(foresight: Foresight, counting: CountingEngine) -> None:
    foresight.begin("a", counting, "lære dansk", "da")
    assert ask(foresight, counting, "a", "lære dansk", "da").text == "lære dansk"
    assert counting.read_texts == ["lære dansk"]
    ask(foresight, counting, "a", "lære dansk", "da")
    assert len(counting.read_texts) == 2


@pytest.mark.parametrize(("conversation", "text", "language"), [("b", "lære dansk", "da"), ("a", "job", "da")])
def test_nothing_of_another_conversation_or_text_is_used(
    foresight: Foresight, counting: CountingEngine, conversation: str, text: str, language: str
) -> None:
    foresight.begin("a", counting, "lære dansk", "da")
    assert ask(foresight, counting, conversation, text, language).text == text


def test_another_language_is_read_anew(foresight: Foresight, counting: CountingEngine) -> None:
    foresight.begin("a", counting, "job", "da")
    assert ask(foresight, counting, "a", "job", "en").identified.language == "en"


def test_what_is_dropped_is_gone(foresight: Foresight, counting: CountingEngine) -> None:
    foresight.begin("a", counting, "lære dansk", "da")
    foresight.drop("a")
    ask(foresight, counting, "a", "lære dansk", "da")
    assert len(counting.read_texts) == 2
