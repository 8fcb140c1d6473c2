"""Go on in another language, with the thread kept."""

from __future__ import annotations

from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.action import ConversationAction
from actions.catalogue_client import catalogue
from actions.conversation import Events
from actions.turn import Turn, remember, reply
from services_catalog import replies


class ActionChangeLanguage(ConversationAction):
    """Switches to the language that was named, else to the one the request is written in."""

    def name(self) -> str:
        return "action_change_language"

    async def respond(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        named = turn.entity("language_name")
        spoken = await catalogue(turn.municipality).languages()
        if named is not None and named not in spoken["tags"]:
            reply(dispatcher, turn, "clarify", spoken["text"], quick_replies=spoken["choices"])
            return []
        turn.language = named or turn.language
        shown: dict[str, Any] = await catalogue(turn.municipality).show(
            ids=turn.shown, text="", language=turn.language, staff=turn.staff, profile=turn.profile
        )
        reply(
            dispatcher,
            turn,
            "language_switch",
            replies.language_changed(turn.language),
            offers=shown["hits"],
            remembered=shown["remembered"],
        )
        return remember(language=turn.language)
