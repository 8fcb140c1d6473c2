"""One turn as an action sees it: what was said, what is remembered, and the reply that goes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

#: What each intent asks about; `ask_about` asks what the offer is.
ATTRIBUTES: dict[str, str | None] = {
    "ask_about": None,
    "ask_cost": "cost",
    "ask_who": "who",
    "ask_how": "how",
    "ask_where": "where",
    "ask_when": "when",
    "ask_languages": "languages",
    "ask_contact": "contact",
    "ask_documents": "documents",
    "ask_source": "source",
}

#: After this many turns in a row without a useful answer, a person is offered.
MOST_FAILED_TURNS = 2


class Turn:
    """Reads a tracker once; nothing here changes it."""

    def __init__(self, tracker: Tracker) -> None:
        message: Mapping[str, Any] = tracker.latest_message or {}
        metadata: Mapping[str, Any] = message.get("metadata") or {}
        self.text = str(message.get("text") or "")
        self.intent = str((message.get("intent") or {}).get("name") or "")
        self.ranking: Sequence[Mapping[str, Any]] = message.get("intent_ranking") or []
        self.entities: Sequence[Mapping[str, Any]] = message.get("entities") or []
        self.language = str(metadata.get("language") or tracker.get_slot("language") or "da")
        self.staff = bool(metadata.get("staff"))
        self.query = str(tracker.get_slot("query") or "")
        self.profile: dict[str, Any] = tracker.get_slot("profile") or {}
        self.shown: list[str] = tracker.get_slot("shown") or []
        self.about: str | None = tracker.get_slot("about")
        self.rejected: list[str] = tracker.get_slot("rejected") or []
        self.failed_turns = int(tracker.get_slot("failed_turns") or 0)

    def question(self) -> tuple[str | None, float]:
        """Return what the message most likely asks about an offer, and how sure that is (0 to 1)."""
        ranked = [one for one in self.ranking if one.get("name") in ATTRIBUTES]
        best = max(ranked, key=lambda one: float(one.get("confidence") or 0), default=None)
        return (ATTRIBUTES[str(best["name"])], float(best["confidence"])) if best else (None, 0.0)

    def entity(self, name: str) -> Any | None:
        """Return the value of the first entity of that name, or None."""
        return next((one.get("value") for one in self.entities if one.get("entity") == name), None)


def reply(dispatcher: CollectingDispatcher, turn: Turn, outcome: str, text: str, **more: Any) -> None:
    """Send one structured reply whose `text` says everything on a channel that carries only text."""
    dispatcher.utter_message(json_message={"outcome": outcome, "language": turn.language, "text": text, **more})


def remember(**slots: Any) -> list[dict[str, Any]]:
    """Return the events that set slots."""
    return [SlotSet(name, value) for name, value in slots.items()]
