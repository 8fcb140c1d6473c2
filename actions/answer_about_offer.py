"""Answer a question about one offer: what it costs, who can use it, how to get it …"""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.catalogue_client import catalogue
from actions.find_offers import find_offers
from actions.turn import Turn, remember, reply

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


class ActionAnswerAboutOffer(Action):
    """Finds the offer that is meant and says what the sources state, or that they do not."""

    def name(self) -> str:
        return "action_answer_about_offer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        turn = Turn(tracker)
        ordinal = turn.entity("ordinal")
        answer = await catalogue().answer(
            text=turn.text,
            language=turn.language,
            staff=turn.staff,
            attribute=ATTRIBUTES.get(turn.intent),
            shown=turn.shown,
            about=turn.about,
            ordinal=int(ordinal) if ordinal is not None else None,
        )
        if answer["about"] is None:
            # a question about nothing shown is a need said as a question
            return await find_offers(dispatcher, turn)
        reply(
            dispatcher,
            turn,
            "answer",
            f"{answer['name']}: {answer['text']}",
            about=answer["about"],
            attribute=answer["attribute"],
            offers=[answer["hit"]],
        )
        shown = turn.shown if answer["about"] in turn.shown else [answer["about"], *turn.shown]
        return remember(about=answer["about"], shown=shown, failed_turns=0, language=turn.language)
