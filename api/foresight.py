"""Read a message for the search while Rasa decides what it is about: two processes at work at once.

Most messages tell of a need, and then the action asks for exactly this reading. It waits for one request at most, belongs to
one conversation, and goes with the message.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor

from services_catalog.search import Reading
from services_catalog.searching import Search

#: The interpreter runs one thread at a time anyway; a second keeps one long message from holding up the others.
_THREADS = 2


class Foresight:
    """Readings under way, by conversation. Belongs to one event loop's process; safe to share between its threads."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="reading")
        self._readings: dict[str, tuple[str, Search, Future[Reading]]] = {}

    def begin(self, conversation: str, engine: Search, text: str, language: str) -> None:
        """Begin to read a message of a conversation; an older one of the same conversation is dropped."""
        self._readings[conversation] = (text, engine, self._pool.submit(engine.read, text, language=language))

    async def reading(self, conversation: str, engine: Search, text: str, language: str) -> Reading:
        """Return the reading of a text: the one under way when it is of this text and catalogue, else a new one."""
        begun_text, begun_engine, future = self._readings.pop(conversation, (None, None, None))
        if future is not None and begun_text == text and begun_engine is engine:
            reading = await asyncio.wrap_future(future)
            if reading.identified.language == language:
                return reading
        return await asyncio.wrap_future(self._pool.submit(engine.read, text, language=language))

    def drop(self, conversation: str) -> None:
        """Forget what was begun for a conversation; without effect when it was used."""
        self._readings.pop(conversation, None)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
