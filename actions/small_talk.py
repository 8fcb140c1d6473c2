"""The short decent answers: greetings, thanks, what this is, what it keeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import AllSlotsReset
from rasa_sdk.executor import CollectingDispatcher

from actions.catalogue_client import catalogue
from actions.turn import Turn, remember, reply
from services_catalog import replies

_SAYINGS: dict[str, tuple[str, Callable[[str], str]]] = {
    "greet": ("greeting", replies.greeting),
    "thank": ("thanks", replies.thanks),
    "say_goodbye": ("goodbye", replies.goodbye),
    "ask_capabilities": ("answer", replies.capabilities),
    "ask_identity": ("answer", replies.identity),
    "ask_privacy": ("answer", replies.privacy),
    "insult": ("clarify", replies.insulted),
    "ask_for_help": ("clarify", replies.choose_area),
}


class ActionSmallTalk(Action):
    """Answers what is not about an offer."""

    def name(self) -> str:
        return "action_small_talk"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        turn = Turn(tracker)
        outcome, say = _SAYINGS[turn.intent]
        quick = (
            await catalogue().life_areas(turn.language) if turn.intent in ("ask_for_help", "greet", "insult") else []
        )
        reply(dispatcher, turn, outcome, say(turn.language), quick_replies=quick)
        return remember(language=turn.language)


class ActionStartOver(Action):
    """Forgets the conversation."""

    def name(self) -> str:
        return "action_start_over"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        turn = Turn(tracker)
        reply(dispatcher, turn, "reset", replies.started_over(turn.language))
        return [AllSlotsReset(), *remember(language=turn.language)]


class ActionHandOver(Action):
    """Leads to a person."""

    def name(self) -> str:
        return "action_hand_over"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        turn = Turn(tracker)
        reply(dispatcher, turn, "handover", await catalogue().replies("hand_over", turn.language))
        return remember(failed_turns=0, language=turn.language)
