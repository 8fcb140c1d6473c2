"""What every action does first: a choice that was offered, or a fact that is taken back, needs no reading of the intent."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.conversation import Events, search_again
from actions.turn import Turn


class ConversationAction(Action):
    """An action of this service. Which intent leads to which one is said in data/rules."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> Events:
        """Answer one turn. Raises aiohttp.ClientError when the catalogue does not answer."""
        turn = Turn(tracker)
        chosen = turn.chosen()
        if turn.query and (chosen is not None or turn.forgotten):
            return await search_again(dispatcher, turn, said=chosen)
        return await self.respond(dispatcher, turn)

    @abstractmethod
    async def respond(self, dispatcher: CollectingDispatcher, turn: Turn) -> Events:
        """Send the reply to a turn and return what is to be remembered."""
