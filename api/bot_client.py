"""The line to Rasa: one message there, its answers back, within a time limit, or a clear failure."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Literal

import aiohttp

from api.circuit import Circuit
from api.settings import Settings

#: Seconds to reach Rasa, which stands on the same machine.
_CONNECT = 0.5
_HEALTH = 1.0

#: What every reply of an action holds (actions/turn.py).
_ALWAYS = {"outcome", "language", "text"}

Reason = Literal["timeout", "refused", "error", "empty", "open"]


class BotUnavailable(Exception):
    """Rasa gave no answer. `reason` says why in a word: it took too long (timeout), could not be reached (refused), answered
    with an error or not in its form (error), had nothing to say (empty), or was not asked (open) since it failed lately."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class BotClient:
    """Talks to our own channel in Rasa (bot/channel.py) over kept connections. Belongs to one event loop.

    After a message that Rasa did not answer in time the next ones are refused at once until it is well again (`Circuit`). An
    answer that says that something failed opens nothing: it came quickly, and the next message may fare better.
    """

    def __init__(self, settings: Settings) -> None:
        self._url = f"http://127.0.0.1:{settings.bot_port}/webhooks/vejviser"
        self._actions_url = f"http://127.0.0.1:{settings.actions_port}/health"
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=settings.bot_timeout, sock_connect=_CONNECT),
            headers={
                "X-Vejviser-Secret": settings.internal_secret.get_secret_value(),
                "Accept-Encoding": "identity",
            },
            connector=aiohttp.TCPConnector(limit=100),
        )
        self._circuit = Circuit(self.ready)

    async def send(
        self, conversation: str, text: str, metadata: dict[str, Any], carried: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Send one message of a conversation and return the structured reply of the action that ran. `carried` are the
        headers that tie it to its request.

        Raises BotUnavailable.
        """
        if not self._circuit.admit():
            raise BotUnavailable("open")
        try:
            reply = await self._ask({"sender": conversation, "text": text, "metadata": metadata}, carried)
        except BotUnavailable as failure:
            if failure.reason in ("timeout", "refused"):
                self._circuit.failed()
            else:
                self._circuit.succeeded()
            raise
        except BaseException:  # the resident went away, as a rule
            self._circuit.given_up()
            raise
        self._circuit.succeeded()
        return reply

    async def _ask(self, message: dict[str, Any], headers: Mapping[str, str] | None) -> dict[str, Any]:
        try:
            async with self._session.post(f"{self._url}/webhook", json=message, headers=headers) as response:
                response.raise_for_status()
                replies = await response.json()
        except TimeoutError as error:
            raise BotUnavailable("timeout") from error
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError) as error:
            raise BotUnavailable("refused") from error
        except (aiohttp.ClientError, ValueError) as error:
            raise BotUnavailable("error") from error
        if not isinstance(replies, list):
            raise BotUnavailable("error")
        custom = [reply["custom"] for reply in replies if isinstance(reply, dict) and reply.get("custom")]
        if not custom:
            raise BotUnavailable("empty")
        if not (isinstance(custom[-1], dict) and custom[-1].keys() >= _ALWAYS):
            raise BotUnavailable("error")
        return custom[-1]

    async def forget(self, conversation: str) -> bool:
        """Let Rasa forget a conversation. Returns false when it did not, and must be asked again."""
        try:
            async with self._session.delete(f"{self._url}/conversations/{conversation}") as response:
                return response.ok
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def ready(self) -> bool:
        """Tell whether a conversation can be held: Rasa has its model, and it and the action server answer."""
        return all(await asyncio.gather(self._well(f"{self._url}/health"), self._well(self._actions_url)))

    async def _well(self, address: str) -> bool:
        try:
            async with self._session.get(address, timeout=aiohttp.ClientTimeout(total=_HEALTH)) as response:
                return response.ok
        except (TimeoutError, aiohttp.ClientError):
            return False

    async def close(self) -> None:
        self._circuit.close()
        await self._session.close()
