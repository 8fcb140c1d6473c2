"""Find offers for a need; narrow the search by what is said later."""

from __future__ import annotations

from rasa_sdk.executor import CollectingDispatcher

from actions.action import ConversationAction
from actions.conversation import Events, find_offers, search_again
from actions.small_talk import say_by_intent
from actions.turn import Turn


class ActionFindOffers(ConversationAction):
    """Answers a new need."""

    def name(self) -> str:
        return "action_find_offers"

    async def respond(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        # below the threshold of the fallback the message is searched for; finds it nothing, the guess is the best there is
        return await find_offers(dispatcher, turn, say_by_intent if turn.intent == "nlu_fallback" else None)


class ActionNarrow(ConversationAction):
    """Searches again with what was added, corrected or turned down, and keeps the rest."""

    def name(self) -> str:
        return "action_narrow"

    async def respond(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        if not turn.query:
            return await find_offers(dispatcher, turn)
        if turn.intent == "narrow":
            wished = turn.entity("language_name")
            return await search_again(dispatcher, turn, added=turn.text, spoken=[str(wished)] if wished else [])
        if turn.intent == "reject_offers":
            return await search_again(dispatcher, turn, rejected=[*turn.rejected, *turn.shown])
        return await search_again(dispatcher, turn)
