"""Go on in another language, with the thread kept."""

from __future__ import annotations

from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from actions.action import ConversationAction
from actions.catalogue_client import catalogue
from actions.conversation import Events
from actions.turn import Turn, remember, reply
from services_catalog import replies
from services_catalog.languages import LANGUAGES


class ActionChangeLanguage(ConversationAction):
    """Switches to the language that was named, else to the one the request is written in."""

    def name(self) -> str:
        return "action_change_language"

    async def respond(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        named = turn.entity("language_name")
        if named is not None and named not in LANGUAGES:
            quick = [{"text": one.native_name, "payload": one.native_name} for one in LANGUAGES.values()]
            reply(dispatcher, turn, "clarify", replies.languages_offered(), quick_replies=quick)
            return []
        turn.language = named or turn.language
        shown: dict[str, Any] = await catalogue().show(
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
