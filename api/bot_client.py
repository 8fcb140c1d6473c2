"""The line to Rasa: one message there, its answers back, within a time limit, or a clear failure."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import httpx

from api.settings import Settings


class BotUnavailable(Exception):
    """Rasa did not answer in time, answered with an error, or answered with nothing."""


class BotClient:
    """Talks to our own channel in Rasa (bot/channel.py) over one kept connection."""

    def __init__(self, settings: Settings) -> None:
        self._url = f"http://127.0.0.1:{settings.bot_port}/webhooks/vejviser"
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(settings.bot_timeout, connect=0.5),
            headers={"X-Vejviser-Secret": settings.internal_secret.get_secret_value()},
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=20),
            trust_env=False,
        )

    async def send(self, session_id: str, text: str, metadata: dict[str, Any]) -> dict[str, Any]:
        """Send one message of a conversation and return the structured reply of the action that ran.

        Raises BotUnavailable.
        """
        try:
            response = await self._client.post(
                f"{self._url}/webhook", json={"sender": session_id, "text": text, "metadata": metadata}
            )
            response.raise_for_status()
            replies = response.json()
        except (httpx.HTTPError, json.JSONDecodeError) as error:
            raise BotUnavailable(type(error).__name__) from error
        custom = [reply["custom"] for reply in replies if isinstance(reply, dict) and reply.get("custom")]
        if not custom:
            raise BotUnavailable("empty reply")
        return dict(custom[-1])

    async def forget(self, session_id: str) -> None:
        """Let Rasa forget a conversation; if it cannot be reached, its own expiry does."""
        with contextlib.suppress(httpx.HTTPError):
            await self._client.delete(f"{self._url}/conversations/{session_id}")

    async def ready(self) -> bool:
        """Tell whether Rasa has its model and answers."""
        try:
            response = await self._client.get(f"{self._url}/health", timeout=1.0)
        except httpx.HTTPError:
            return False
        return response.status_code == httpx.codes.OK

    async def close(self) -> None:
        await self._client.aclose()
