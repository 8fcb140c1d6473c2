"""Search for what a message says while Rasa decides what it is about: two processes at work at once.

Most messages tell of a need, and then the action asks for exactly this. What was begun waits for one request at most, belongs
to one conversation, and goes with the message.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Generic, TypeVar

from services_catalog.search import Reading
from services_catalog.searching import Search

#: The interpreter runs one thread at a time anyway; a second keeps one long message from holding up the others.
_THREADS = 2

Asked = TypeVar("Asked")
Found = TypeVar("Found")
#: What is done with a question once it is read.
Answering = Callable[[Search, Asked, Reading], Found]


@dataclass(frozen=True)
class _Begun(Generic[Asked, Found]):
    engine: Search
    text: str
    reading: Future[Reading]
    asked: Asked | None
    found: Future[Found] | None


class Foresight(Generic[Asked, Found]):
    """Readings and searches under way, by conversation. Belongs to one event loop's process; its threads may share it."""

    def __init__(self, answering: Answering[Asked, Found]) -> None:
        """`answering` searches: with an engine, what was asked and the reading of its text become what is found."""
        self._answering = answering
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="reading")
        self._begun: dict[str, _Begun[Asked, Found]] = {}

    def begin(self, conversation: str, engine: Search, text: str, language: str, asked: Asked | None = None) -> None:
        """Begin to read a message of a conversation, and to search for it when it is known what will be `asked`; what was
        begun before in the same conversation is dropped."""
        reading: Future[Reading] = Future()
        found: Future[Found] | None = Future() if asked is not None else None
        self._begun[conversation] = _Begun(engine, text, reading, asked, found)

        def work() -> None:
            try:
                reading.set_result(engine.read(text, language=language))
            except BaseException as failure:
                reading.set_exception(failure)
            if asked is not None and found is not None:
                try:
                    found.set_result(self._answering(engine, asked, reading.result()))
                except BaseException as failure:
                    found.set_exception(failure)

        self._pool.submit(work)

    async def answer(self, conversation: str, engine: Search, text: str, language: str, asked: Asked) -> Found:
        """Return what is found for what was asked: what is under way when it is of this text, catalogue and question, or at
        least its reading; else all of it now."""
        begun = self._begun.pop(conversation, None)
        if begun is not None and begun.engine is engine and begun.text == text:
            if begun.found is not None and begun.asked == asked:
                return await asyncio.wrap_future(begun.found)
            reading = await asyncio.wrap_future(begun.reading)
            if reading.identified.language == language:
                return self._answering(engine, asked, reading)
        reading = await asyncio.wrap_future(self._pool.submit(engine.read, text, language=language))
        return self._answering(engine, asked, reading)

    def drop(self, conversation: str) -> None:
        """Forget what was begun for a conversation; without effect when it was used."""
        self._begun.pop(conversation, None)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
