"""The line to Rasa: one message there, its answers back, within a time limit, or a clear failure."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import aiohttp

from api.settings import Settings

#: Seconds to reach Rasa, which stands on the same machine.
_CONNECT = 0.5
_HEALTH = 1.0


class BotUnavailable(Exception):
    """Rasa did not answer in time, answered with an error, or answered with nothing."""


class BotClient:
    """Talks to our own channel in Rasa (bot/channel.py) over kept connections. Belongs to one event loop."""

    def __init__(self, settings: Settings) -> None:
        self._url = f"http://127.0.0.1:{settings.bot_port}/webhooks/vejviser"
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=settings.bot_timeout, sock_connect=_CONNECT),
            headers={"X-Vejviser-Secret": settings.internal_secret.get_secret_value()},
            connector=aiohttp.TCPConnector(limit=100),
        )

    async def send(self, session_id: str, text: str, metadata: dict[str, Any]) -> dict[str, Any]:
        """Send one message of a conversation and return the structured reply of the action that ran.

        Raises BotUnavailable.
        """
        message = {"sender": session_id, "text": text, "metadata": metadata}
        try:
            async with self._session.post(f"{self._url}/webhook", json=message) as response:
                response.raise_for_status()
                replies = await response.json()
        except (TimeoutError, aiohttp.ClientError, json.JSONDecodeError) as error:
            raise BotUnavailable(type(error).__name__) from error
        custom = [reply["custom"] for reply in replies if isinstance(reply, dict) and reply.get("custom")]
        if not custom:
            raise BotUnavailable("empty reply")
        return dict(custom[-1])

    async def forget(self, session_id: str) -> None:
        """Let Rasa forget a conversation; if it cannot be reached, its own expiry does."""
        with contextlib.suppress(aiohttp.ClientError, asyncio.TimeoutError):
            async with self._session.delete(f"{self._url}/conversations/{session_id}"):
                pass

    async def ready(self) -> bool:
        """Tell whether Rasa has its model and answers."""
        try:
            timeout = aiohttp.ClientTimeout(total=_HEALTH)
            async with self._session.get(f"{self._url}/health", timeout=timeout) as response:
                return response.ok
        except (TimeoutError, aiohttp.ClientError):
            return False

    async def close(self) -> None:
        await self._session.close()
