"""Work beside the answers and never in their way: it waits in a queue, and a thread of its own does it."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from services_catalog.errors import CatalogueUnavailable

#: More pieces do not wait: a count is worth less than the memory it takes.
_MOST_WAITING = 1000
_END_SECONDS = 5.0
#: What comes within so many seconds is done together: a commit for each answer takes as long as a good part of the answer.
_GATHER_SECONDS = 0.5

Piece = TypeVar("Piece")

log = logging.getLogger(__name__)


class Background(Generic[Piece]):
    """Takes pieces from any thread and hands them to `do`, all that came within a moment at once. What the database cannot
    take is lost."""

    def __init__(self, name: str, do: Callable[[Sequence[Piece]], None]) -> None:
        self._do = do
        self._waiting: queue.Queue[Piece | None] = queue.Queue(_MOST_WAITING)
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def add(self, piece: Piece) -> None:
        """Let a piece be done soon, unless too many wait already."""
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(piece)

    def close(self) -> None:
        """Do what waits, as long as that takes no more than some seconds, and end."""
        with contextlib.suppress(queue.Full):
            self._waiting.put(None, timeout=_END_SECONDS)
        self._thread.join(timeout=_END_SECONDS)

    def _work(self) -> None:
        ended = False
        while not ended:
            pieces, ended = self._gathered()
            if not pieces:
                continue
            try:
                self._do(pieces)
            except (SQLAlchemyError, CatalogueUnavailable) as failure:
                log.warning("something could not be counted", extra={"reason": type(failure).__name__})

    def _gathered(self) -> tuple[list[Piece], bool]:
        """Wait for a piece and what follows it soon; also return whether that was the end."""
        pieces: list[Piece] = []
        until: float | None = None
        while True:
            try:
                piece = self._waiting.get(timeout=None if until is None else max(0.0, until - time.monotonic()))
            except queue.Empty:
                return pieces, False
            if piece is None:
                return pieces, True
            pieces.append(piece)
            until = until or time.monotonic() + _GATHER_SECONDS
