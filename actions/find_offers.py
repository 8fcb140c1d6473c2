"""Find offers for a need; narrow the search by what is said later."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.catalogue_client import catalogue
from actions.conversation import MOST_OFFERS, Events, find_offers, show_found
from actions.turn import Turn


class ActionFindOffers(Action):
    """Answers a new need."""

    def name(self) -> str:
        return "action_find_offers"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        return await find_offers(dispatcher, Turn(tracker))


class ActionNarrow(Action):
    """Searches again with what was added, corrected or turned down, and keeps the rest."""

    def name(self) -> str:
        return "action_narrow"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        turn = Turn(tracker)
        if not turn.query:
            return await find_offers(dispatcher, turn)
        rejected = turn.rejected
        if turn.intent == "reject_offers":
            rejected = list(dict.fromkeys([*turn.rejected, *turn.shown]))
        adds_words = turn.intent == "narrow"
        found = await catalogue().find(
            text=turn.text if adds_words else turn.query,
            query=turn.query if adds_words else "",
            language=turn.language,
            staff=turn.staff,
            profile=turn.profile,
            without=rejected,
            limit=MOST_OFFERS,
        )
        return await show_found(dispatcher, turn, found, query=turn.query, rejected=rejected)
