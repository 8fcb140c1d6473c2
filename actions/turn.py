"""One turn as an action sees it: what was said, what is remembered, and the reply that goes back."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from services_catalog.languages import SOURCE_LANGUAGE
from services_catalog.plain_text import plain_text

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

#: The channel of bot/channel.py.
OWN_CHANNEL = "vejviser"
#: After this many turns in a row without a useful answer, a person is offered.
MOST_FAILED_TURNS = 2


#: What the last clause of a message asks counts when that is likelier than everything else together.
_CLEAR = 0.5
#: A question is not asked after so many turns in a row that asked one.
MOST_QUESTIONS = 2


@dataclass(frozen=True)
class Asked:
    """The questions asked: all `topics` so far, the `choices` of the last one (what is written on each: what it says of the
    person), and how many turns `in_a_row` ended with one."""

    topics: list[str] = field(default_factory=list)
    choices: dict[str, dict[str, Any]] = field(default_factory=dict)
    in_a_row: int = 0

    def and_now(self, question: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return the slot's value after a turn that ended with `question`, or with none."""
        if question is None:
            return {"topics": self.topics}
        return {
            "topics": [*self.topics, question["topic"]],
            "choices": {choice["text"]: choice["said"] for choice in question["choices"]},
            "in_a_row": self.in_a_row + 1,
        }

    @property
    def may_ask(self) -> list[str] | None:
        """Return the topics not to ask about again; None when it is time to ask nothing."""
        return self.topics if self.in_a_row < MOST_QUESTIONS else None


class Turn:
    """Reads a tracker once; nothing here changes it."""

    def __init__(self, tracker: Tracker) -> None:
        message: Mapping[str, Any] = tracker.latest_message or {}
        metadata: Mapping[str, Any] = message.get("metadata") or {}
        self.conversation = str(tracker.sender_id)
        self.text = str(message.get("text") or "")
        self.intent = str((message.get("intent") or {}).get("name") or "")
        self.ranking: Sequence[Mapping[str, Any]] = message.get("intent_ranking") or []
        #: The same for the last clause alone, where there are several: who has answers before her says something and then asks.
        self.last_clause: Sequence[Mapping[str, Any]] = message.get("last_clause_ranking") or []
        self.entities: Sequence[Mapping[str, Any]] = message.get("entities") or []
        self.language = str(metadata.get("language") or tracker.get_slot("language") or SOURCE_LANGUAGE)
        #: Whose catalogue answers, where one installation serves several municipalities.
        self.municipality = str(metadata.get("municipality") or "")
        self.staff = bool(metadata.get("staff"))
        #: Whether a danger was spoken of in this conversation: nothing cheerful is said any more.
        self.gentle = bool(metadata.get("gentle"))
        #: Ids of remembered facts that the person takes back.
        self.forgotten: list[str] = metadata.get("remove") or []
        #: A channel of Rasa's own carries text only; ours carries the structured reply.
        self.text_only = tracker.get_latest_input_channel() not in (None, OWN_CHANNEL)
        self.query = str(tracker.get_slot("query") or "")
        self.profile: dict[str, Any] = tracker.get_slot("profile") or {}
        #: What the api has shown without us, while we were away; nothing else is spoken about then.
        missed: list[str] = metadata.get("shown") or []
        self.shown: list[str] = missed or tracker.get_slot("shown") or []
        self.about: str | None = None if missed else tracker.get_slot("about")
        self.rejected: list[str] = tracker.get_slot("rejected") or []
        self.failed_turns = int(tracker.get_slot("failed_turns") or 0)
        self.asked = Asked(**(tracker.get_slot("asked") or {}))

    def chosen(self) -> dict[str, Any] | None:
        """Return what the message says of the person when it is one of the answers that were offered, else None."""
        plain = self.text.strip().casefold()
        return next((said for text, said in self.asked.choices.items() if text.casefold() == plain), None)

    def question(self) -> tuple[str | None, float]:
        """Return what the message most likely asks about an offer, and how sure that is (0 to 1); a last clause that is
        clear tells as much as the whole."""
        rankings = [self.ranking]
        if self.last_clause and float(self.last_clause[0].get("confidence") or 0) >= _CLEAR:
            rankings.append(self.last_clause)
        sure: defaultdict[str, float] = defaultdict(float)
        for one in itertools.chain(*rankings):
            if one.get("name") in ATTRIBUTES:
                sure[str(one["name"])] += float(one.get("confidence") or 0) / len(rankings)
        if not sure:
            return None, 0.0
        intent = max(sure, key=sure.__getitem__)
        return ATTRIBUTES[intent], sure[intent]

    def likeliest(self) -> str:
        """Return the likeliest intent, also when it is not sure enough to be believed."""
        return next((str(one["name"]) for one in self.ranking if one.get("name") != "nlu_fallback"), "")

    def entity(self, name: str) -> Any | None:
        """Return the value of the first entity of that name, or None."""
        return next((one.get("value") for one in self.entities if one.get("entity") == name), None)


def reply(dispatcher: CollectingDispatcher, turn: Turn, outcome: str, text: str, **more: Any) -> None:
    """Send one structured reply; on a channel that carries only text, all of it as text."""
    structured = {"outcome": outcome, "language": turn.language, "text": text, **more}
    if turn.text_only:
        dispatcher.utter_message(text=plain_text({**structured, "messages": [{"text": text}]}))
    else:
        dispatcher.utter_message(json_message=structured)


def remember(**slots: Any) -> list[dict[str, Any]]:
    """Return the events that set slots."""
    return [SlotSet(name, value) for name, value in slots.items()]
