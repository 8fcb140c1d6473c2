"""The line to the action server: one kept connection, a small request, and errors that carry no resident's words."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot.carried import carried

#: Seconds for one action. The api answers from the catalogue itself long before Rasa's own limit of five minutes.
SECONDS_PER_ACTION = 10.0
_RANKINGS = ("intent_ranking", "last_clause_ranking")
_KEPT_OF_MESSAGE = ("text", "intent", *_RANKINGS, "entities", "language", "metadata", "message_id")
_REJECTED = 400


class KeptEndpoint(EndpointConfig):
    """An endpoint whose connections stay open between calls; Rasa's own opens and closes one per call."""

    _kept: aiohttp.ClientSession | None = None

    async def request(
        self,
        method: str = "post",
        subpath: str | None = None,
        content_type: str | None = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Return the answer as parsed JSON.

        Raises ClientResponseError for a status of 400 or above, with the names of the action and nothing else in its
        text: rasa-sdk repeats the whole request in its errors, and Rasa would log it. Raises aiohttp.ClientError when
        the server cannot be reached or is too slow.
        """
        body = json.dumps(kwargs["json"]).encode()
        try:
            # Two tries: a kept connection may have been closed by the other side just now; a call is made once at most,
            # since that shows before anything is sent or answered.
            return await self._send(method, body)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            if isinstance(error, aiohttp.ClientConnectorError):
                raise
            return await self._send(method, body)

    async def _send(self, method: str, body: bytes) -> Any:
        timeout = aiohttp.ClientTimeout(total=SECONDS_PER_ACTION)
        headers = {"Content-Type": "application/json", **self.headers, **carried.get()}
        async with self._session().request(method, self.url, data=body, headers=headers, timeout=timeout) as answer:
            if answer.status >= _REJECTED:
                raise ClientResponseError(answer.status, answer.reason, _harmless(await answer.read()))
            return await answer.json()

    def _session(self) -> aiohttp.ClientSession:
        if self._kept is None or self._kept.closed:
            self._kept = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100, keepalive_timeout=60))
        return self._kept

    async def close(self) -> None:
        """Close the kept connections."""
        if self._kept is not None:
            await self._kept.close()


def _harmless(body: bytes) -> str:
    """Return an error's body reduced to the action's name, as JSON; Rasa reads it when an action rejects its call."""
    try:
        said = json.loads(body)
        return json.dumps({"action_name": str(said.get("action_name", ""))})
    except (ValueError, AttributeError):
        return '{"action_name": ""}'


def slim_call(name: str, tracker: DialogueStateTracker, version: str) -> dict[str, Any]:
    """Return the request for action `name`: what rasa-sdk 3.21 reads of a tracker, and an empty domain.

    The domain must be there (newer SDKs answer 449 without) and may be empty: no action of ours looks at it.
    """
    message = tracker.latest_message
    data: dict[str, Any] = {}
    if message is not None:
        parsed = {**message.parse_data, "entities": message.entities, "metadata": message.metadata}
        data = {key: parsed[key] for key in _KEPT_OF_MESSAGE if key in parsed}
    return {
        "next_action": name,
        "sender_id": tracker.sender_id,
        "tracker": {
            "sender_id": tracker.sender_id,
            "slots": tracker.current_slot_values(),
            "latest_message": data,
            "events": _recent_events(tracker),
            "paused": tracker.is_paused(),
            "followup_action": tracker.followup_action,
            "active_loop": {},
            "latest_action_name": tracker.latest_action_name,
            "latest_input_channel": tracker.get_latest_input_channel(),
        },
        "domain": {},
        "version": version,
    }


def _recent_events(tracker: DialogueStateTracker) -> list[dict[str, Any]]:
    """Return the events of this turn, the message without what `latest_message` says already."""
    recent: list[dict[str, Any]] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            recent.append({"event": "user", "timestamp": event.timestamp, "input_channel": event.input_channel})
            break
        recent.append(event.as_dict())
    return recent[::-1]


def call_format(action: Any, tracker: DialogueStateTracker, _domain: Domain) -> dict[str, Any]:
    """Stand in for `RemoteAction._action_call_format`."""
    import rasa

    return slim_call(action.name(), tracker, rasa.__version__)
