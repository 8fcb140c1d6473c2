"""Answer a question about one offer: what it costs, who can use it, how to get it …"""

from __future__ import annotations

from rasa_sdk.executor import CollectingDispatcher

from actions.action import ConversationAction
from actions.conversation import Events, answer_about
from actions.turn import Turn


class ActionAnswerAboutOffer(ConversationAction):
    """Finds the offer that is meant and says what the sources state, or that they do not."""

    def name(self) -> str:
        return "action_answer_about_offer"

    async def respond(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        return await answer_about(dispatcher, turn, turn.question()[0])
