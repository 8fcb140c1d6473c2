"""Count what each turn came to and which needs it named, beside the answer and never in its way."""

from __future__ import annotations

import contextlib
from collections import Counter, OrderedDict
from collections.abc import Sequence

from api.background import Background
from services_catalog.editors.figures import NEED, QUESTION
from services_catalog.tallies import Tallies

#: So many conversations may have a turn under way.
_MOST_UNDER_WAY = 1000


class QuestionCounts:
    """Takes counts from any thread; one of its own writes them."""

    def __init__(self, tallies: Tallies) -> None:
        self._needs: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._writing = Background[tuple[str, str, str]](
            "question-counts", lambda events: tallies.count_all(Counter(events))
        )

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
        self.happened(QUESTION, outcome, language)
        for need in dict.fromkeys(needs):
            self.happened(NEED, need, language)

    def happened(self, name: str, detail: str, language: str) -> None:
        """Count one event, such as a hand-over and its reason."""
        self._writing.add((name, detail, language))

    def close(self) -> None:
        """Write what waits, and end."""
        self._writing.close()
