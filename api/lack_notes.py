"""Note what was asked in vain, beside the answer and never in its way: the counting waits in a thread of its own."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Sequence

from api.background import Background
from services_catalog.editors.demand import Demand, Lack

#: So many questions are remembered as counted in their conversation.
_MOST_COUNTED = 20_000
#: So many conversations may have a turn under way.
_MOST_UNDER_WAY = 1000
#: The outcomes of a turn that was answered by its search.
_OF_A_SEARCH = frozenset({"offers", "nothing_found", "handover"})

#: The conversation, what was asked, the language, the needs, and what was lacking.
_Note = tuple[str, str, str, tuple[str, ...], Lack]


class LackNotes:
    """Takes notes from any thread, counts each question once for a conversation."""

    def __init__(self, demand: Demand) -> None:
        self._demand = demand
        #: By the conversations that have a turn under way.
        self._suspected: OrderedDict[str, tuple[str, str, tuple[str, ...], Lack] | None] = OrderedDict()
        self._counted: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._writing = Background[_Note]("lack-notes", self._count)

    def begin(self, conversation: str) -> None:
        """Begin a turn, which `answered` ends."""
        self._suspected[conversation] = None
        while len(self._suspected) > _MOST_UNDER_WAY:
            with contextlib.suppress(KeyError):
                self._suspected.popitem(last=False)

    def suspect(self, conversation: str, question: str, language: str, needs: Sequence[str], lack: Lack) -> None:
        """Keep for the turn under way that a search of its failed; nothing when it was ended without waiting for that. The
        text must be free of personal data."""
        if conversation in self._suspected:
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
            self._writing.add((conversation, question, language, tuple(needs), lack))

    def close(self) -> None:
        """Count what waits, and end."""
        self._writing.close()

    def _count(self, notes: Sequence[_Note]) -> None:
        for conversation, question, language, needs, lack in notes:
            if not self._counted_before(conversation, self._demand.key(question, language)):
                self._demand.count(question, language, needs, lack)

    def _counted_before(self, conversation: str, key: str) -> bool:
        if not conversation:
            return False
        if (conversation, key) in self._counted:
            return True
        self._counted[conversation, key] = None
        if len(self._counted) > _MOST_COUNTED:
            self._counted.popitem(last=False)
        return False
