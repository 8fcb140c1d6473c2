"""The short decent answers: greetings, thanks, what this is, what it keeps, and the way to a person."""

from __future__ import annotations

from collections.abc import Callable

from rasa_sdk.events import AllSlotsReset
from rasa_sdk.executor import CollectingDispatcher

from actions.action import ConversationAction
from actions.catalogue_client import catalogue
from actions.conversation import Events, hand_over
from actions.turn import Turn, remember, reply
from services_catalog import replies

#: What is said to an intent: a sentence of its own, or the name of one that rests on facts of the catalogue.
_SAYINGS: dict[str, tuple[str, Callable[[str], str] | str]] = {
    "greet": ("greeting", "greeting"),
    "thank": ("thanks", replies.thanks),
    "say_goodbye": ("goodbye", replies.goodbye),
    "ask_capabilities": ("answer", "capabilities"),
    "ask_identity": ("answer", replies.identity),
    "ask_privacy": ("answer", replies.privacy),
    "insult": ("clarify", replies.insulted),
    "ask_for_help": ("clarify", replies.choose_area),
}
#: What is said instead when a danger was spoken of before.
_GENTLY: dict[str, Callable[[str], str]] = {
    "thank": replies.thanks_gently,
    "say_goodbye": replies.goodbye_gently,
    "greet": replies.greeting_gently,
}
_WITH_LIFE_AREAS = frozenset({"ask_for_help", "greet", "insult"})


async def say_by_intent(dispatcher: CollectingDispatcher, turn: Turn, intent: str) -> Events | None:
    """Say what an intent asks for; None, and nothing said, when it is no small talk."""
    if intent not in _SAYINGS:
        return None
    outcome, say = _SAYINGS[intent]
    if turn.gentle:
        say = _GENTLY.get(intent, say)
    quick = await catalogue(turn.municipality).life_areas(turn.language) if intent in _WITH_LIFE_AREAS else []
    said = (
        await catalogue(turn.municipality).replies(say, turn.language) if isinstance(say, str) else say(turn.language)
    )
    reply(dispatcher, turn, outcome, said, quick_replies=quick)
    return remember(language=turn.language)


class ActionSmallTalk(ConversationAction):
    """Answers what is not about an offer."""

    def name(self) -> str:
        return "action_small_talk"

    async def respond(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        said = await say_by_intent(dispatcher, turn, turn.intent)
        if said is None:  # data/rules leads only these intents here
            raise ValueError(f"no saying for the intent {turn.intent}")
        return said


class ActionStartOver(ConversationAction):
    """Forgets the conversation; for staff, the client."""

    def name(self) -> str:
        return "action_start_over"

    async def respond(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        said = replies.next_client(turn.language) if turn.staff else replies.started_over(turn.language)
        reply(dispatcher, turn, "reset", said)
        return [AllSlotsReset(), *remember(language=turn.language)]


class ActionHandOver(ConversationAction):
    """Leads to a person."""

    def name(self) -> str:
        return "action_hand_over"

    async def respond(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        await hand_over(dispatcher, turn, "complaint" if turn.intent == "complain" else "asked")
        return remember(failed_turns=0, language=turn.language)
