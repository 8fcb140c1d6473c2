"""Note what was asked in vain, beside the answer and never in its way: the counting waits in a thread of its own."""

from __future__ import annotations

import contextlib
import logging
import queue
import threading
from collections import OrderedDict
from collections.abc import Sequence

from services_catalog.editors.demand import Demand, Lack
from services_catalog.errors import CatalogueUnavailable

#: More than so many notes do not wait: a count is worth less than the memory it takes.
_MOST_WAITING = 1000
#: So many questions are remembered as counted in their conversation.
_MOST_COUNTED = 20_000
#: The outcomes of a turn that was answered by its search.
_OF_A_SEARCH = frozenset({"offers", "nothing_found", "handover"})

log = logging.getLogger(__name__)


class LackNotes:
    """Takes notes from any thread, counts each question once for a conversation."""

    def __init__(self, demand: Demand) -> None:
        self._demand = demand
        self._waiting: queue.Queue[tuple[str, str, str, tuple[str, ...], Lack] | None] = queue.Queue(_MOST_WAITING)
        self._suspected: dict[str, tuple[str, str, tuple[str, ...], Lack]] = {}
        self._counted: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._thread = threading.Thread(target=self._count_all, name="lack-notes", daemon=True)
        self._thread.start()

    def suspect(self, conversation: str, question: str, language: str, needs: Sequence[str], lack: Lack) -> None:
        """Keep for the turn under way that a search of its failed. The text must be free of personal data."""
        self._suspected[conversation] = (question, language, tuple(needs), lack)

    def answered(self, conversation: str, outcome: str) -> None:
        """End a turn: what was suspected is noted when the answer was that search, or nothing; an answer about an offer, or
        to small talk, was no lack."""
        suspected = self._suspected.pop(conversation, None)
        if suspected is not None and outcome in _OF_A_SEARCH:
            self.note(conversation, *suspected)

    def note(self, conversation: str, question: str, language: str, needs: Sequence[str], lack: Lack) -> None:
        """Note a question that was not answered; `conversation` is empty where there is none. The text must be free of
        personal data."""
        if question.strip():
            with contextlib.suppress(queue.Full):
                self._waiting.put_nowait((conversation, question, language, tuple(needs), lack))

    def close(self) -> None:
        """Count what waits, and end."""
        self._waiting.put(None)
        self._thread.join(timeout=5)

    def _count_all(self) -> None:
        while (note := self._waiting.get()) is not None:
            conversation, question, language, needs, lack = note
            try:
                if not self._counted_before(conversation, self._demand.key(question, language)):
                    self._demand.count(question, language, needs, lack)
            except CatalogueUnavailable as error:
                log.warning("a question could not be counted", extra={"reason": str(error)})

    def _counted_before(self, conversation: str, key: str) -> bool:
        if not conversation:
            return False
        if (conversation, key) in self._counted:
            return True
        self._counted[conversation, key] = None
        if len(self._counted) > _MOST_COUNTED:
            self._counted.popitem(last=False)
        return False
