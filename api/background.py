"""Work beside the answers and never in their way: it waits in a queue, and a thread of its own does it."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from services_catalog.errors import CatalogueUnavailable

#: More pieces do not wait: a count is worth less than the memory it takes.
_MOST_WAITING = 1000
_END_SECONDS = 5.0

Piece = TypeVar("Piece")

log = logging.getLogger(__name__)


class Background(Generic[Piece]):
    """Takes pieces from any thread and hands them to `do`, one after another. A piece that the database cannot take is lost."""

    def __init__(self, name: str, do: Callable[[Piece], None]) -> None:
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
        while (piece := self._waiting.get()) is not None:
            try:
                self._do(piece)
            except (SQLAlchemyError, CatalogueUnavailable) as failure:
                log.warning("something could not be counted", extra={"reason": type(failure).__name__})
