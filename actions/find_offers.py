"""Find offers for a need; narrow the search by what is said later."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.catalogue_client import catalogue
from actions.turn import MOST_FAILED_TURNS, Turn, remember, reply
from services_catalog import replies

#: Cards in one answer: more is not read on a phone.
MOST_OFFERS = 3
#: What belongs to the person of the last question only; a new need may be somebody else's.
_OF_ONE_PERSON = ("age", "school_grade")


class ActionFindOffers(Action):
    """Answers a new need."""

    def name(self) -> str:
        return "action_find_offers"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        return await find_offers(dispatcher, Turn(tracker))


class ActionNarrow(Action):
    """Searches again with what was added, corrected or turned down, and keeps the rest."""

    def name(self) -> str:
        return "action_narrow"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
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


async def find_offers(dispatcher: CollectingDispatcher, turn: Turn) -> list[dict[str, Any]]:
    """Search for the need in the message and answer with what is found."""
    profile = {name: value for name, value in turn.profile.items() if name not in _OF_ONE_PERSON}
    found = await catalogue().find(
        text=turn.text, language=turn.language, staff=turn.staff, profile=profile, limit=MOST_OFFERS
    )
    return await show_found(dispatcher, turn, found, query=turn.text, rejected=[])


async def show_found(
    dispatcher: CollectingDispatcher, turn: Turn, found: dict[str, Any], *, query: str, rejected: list[str]
) -> list[dict[str, Any]]:
    """Answer with the hits, or honestly with nothing; after repeated failure, with a person."""
    hits = found["hits"]
    if not hits:
        failed = turn.failed_turns + 1
        if failed >= MOST_FAILED_TURNS:
            reply(dispatcher, turn, "handover", await catalogue().replies("hand_over", turn.language))
            return remember(failed_turns=0, profile=found["profile"])
        reply(dispatcher, turn, "nothing_found", await catalogue().replies("nothing_found", turn.language))
        return remember(failed_turns=failed, profile=found["profile"])
    if any(hit["available"] for hit in hits):
        intro = replies.offers_found(turn.language, len(hits), sure=found["sure"])
    else:
        intro = replies.only_unavailable(turn.language)
    reply(dispatcher, turn, "offers", intro, offers=hits)
    return remember(
        query=query,
        profile=found["profile"],
        shown=[hit["id"] for hit in hits],
        about=None,
        rejected=rejected,
        failed_turns=0,
        language=turn.language,
    )
