"""Count what each turn came to and which needs it named, beside the answer and never in its way."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections import OrderedDict
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError

from services_catalog.editors.figures import NEED, QUESTION
from services_catalog.tallies import Tallies

#: More than so many counts do not wait: a count is worth less than the memory it takes.
_MOST_WAITING = 1000
#: So many conversations may have a turn under way.
_MOST_UNDER_WAY = 1000

log = logging.getLogger(__name__)


class QuestionCounts:
    """Takes counts from any thread; one of its own writes them."""

    def __init__(self, tallies: Tallies) -> None:
        self._tallies = tallies
        self._waiting: queue.Queue[tuple[str, str, tuple[str, ...]] | None] = queue.Queue(_MOST_WAITING)
        self._needs: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._thread = threading.Thread(target=self._write_all, name="question-counts", daemon=True)
        self._thread.start()

    def named(self, conversation: str, needs: Sequence[str]) -> None:
        """Keep for the turn under way which needs its search read in the words."""
        self._needs[conversation] = tuple(needs)
        while len(self._needs) > _MOST_UNDER_WAY:
            with contextlib.suppress(KeyError):  # another thread was faster
                self._needs.popitem(last=False)

    def answered(self, conversation: str, outcome: str, language: str) -> None:
        """End a turn: its outcome is counted, and the needs that `named` kept for it."""
        self.count(outcome, language, self._needs.pop(conversation, ()))

    def count(self, outcome: str, language: str, needs: Sequence[str] = ()) -> None:
        """Count one question that was answered, and each of its needs once."""
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait((outcome, language, tuple(dict.fromkeys(needs))))

    def close(self) -> None:
        """Write what waits, and end."""
        self._waiting.put(None)
        self._thread.join(timeout=5)

    def _write_all(self) -> None:
        while (turn := self._waiting.get()) is not None:
            outcome, language, needs = turn
            try:
                self._tallies.count(QUESTION, outcome, language)
                for need in needs:
                    self._tallies.count(NEED, need, language)
            except SQLAlchemyError as failure:
                log.warning("a question could not be counted", extra={"reason": type(failure).__name__})
