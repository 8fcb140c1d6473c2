"""The only door to the conversation: the api's messages in, the actions' structured answers out.

    POST   /webhooks/vejviser/webhook             {"sender": "…", "text": "…", "metadata": {"language": "ar", …}}
    DELETE /webhooks/vejviser/conversations/<id>  forget a conversation
    GET    /webhooks/vejviser/health              200 when the model is loaded, 503 until then; open

The first two need the header `X-Vejviser-Secret`. The answer to a message is a JSON list, one object per response of
the action, `{"text": …, "custom": …}`; a failure is a status of 400 or above with `{"error": "<code>", "detail": "…"}`
and never an empty list, so that the api can fall back.
"""

from __future__ import annotations

import asyncio
import functools
import hmac
import logging
import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, json

from bot import carried
from bot.logs import described
from bot.settings import SECRET_HEADER, secret_from

logger = logging.getLogger(__name__)

#: Characters. The api cuts earlier; this bounds the work when it does not.
LONGEST_TEXT = 10_000
LONGEST_SENDER = 200


class Refused(Exception):
    """A request that is not answered: an HTTP status, a code for programs and a sentence for people."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail

    def response(self) -> HTTPResponse:
        """Return the HTTP response that says so."""
        return json({"error": self.code, "detail": self.detail}, status=self.status)


class Collector(OutputChannel):
    """Collects responses whole; Rasa's own would part a response's text from its data."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    @classmethod
    def name(cls) -> str:
        """Return the channel's name."""
        return "vejviser"

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        """Keep the response's text and data."""
        kept = {key: message[key] for key in ("text", "custom") if message.get(key)}
        if kept:
            self.messages.append(kept)


class VejviserChannel(InputChannel):
    """Rasa's side of the api's `BotClient`."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is part of its address."""
        return "vejviser"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> VejviserChannel:
        """Create the channel with the secret of the environment. Raises MissingSecretError without one."""
        return cls(secret_from(os.environ))

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the three routes; `on_new_message` is Rasa's handler."""
        routes = Blueprint("vejviser")

        @routes.get("/health")
        async def health(request: Request) -> HTTPResponse:
            agent = getattr(request.app.ctx, "agent", None)
            loaded = agent is not None and agent.is_ready()
            return json({"status": "ready" if loaded else "loading", "model": loaded}, status=200 if loaded else 503)

        @routes.post("/webhook")
        async def receive(request: Request) -> HTTPResponse:
            began = time.perf_counter()
            carried.take(request.headers)
            try:
                self._require_secret(request)
                response = json(await self._answer(_message(request), on_new_message))
            except Refused as refused:
                response = refused.response()
            spent = round((time.perf_counter() - began) * 1e3, 1)
            fields = {"status": response.status, "ms": spent}
            # written when the answer is on its way: nobody waits for a line in the log
            asyncio.get_running_loop().call_soon(functools.partial(logger.info, "message", extra={"fields": fields}))
            return response

        # with its body read, though there is none: Sanic logs the address of a request that it did not read
        @routes.delete("/conversations/<sender>", ignore_body=False)
        async def forget(request: Request, sender: str) -> HTTPResponse:
            try:
                self._require_secret(request)
            except Refused as refused:
                return refused.response()
            await _forget(request, sender)
            return HTTPResponse(status=204)

        return routes

    def _require_secret(self, request: Request) -> None:
        given = request.headers.get(SECRET_HEADER, "").encode(errors="replace")
        if not hmac.compare_digest(given, self._secret):
            raise Refused(401, "unauthorised", f"The header {SECRET_HEADER} is missing or wrong.")

    async def _answer(
        self, message: UserMessage, on_new_message: Callable[[UserMessage], Awaitable[Any]]
    ) -> list[dict[str, Any]]:
        try:
            await on_new_message(message)
        except Exception as error:
            # its text may quote what the resident wrote
            logger.error(
                "%s while a message was handled", type(error).__name__, extra={"fields": {"error": described(error)}}
            )
            raise Refused(500, "bot_failed", "The message could not be handled; the log says where.") from error
        collected: list[dict[str, Any]] = message.output_channel.messages
        if not collected:
            # Rasa swallows an action's failure and goes on with nothing.
            raise Refused(500, "no_answer", "The action gave no answer; the logs of bot and actions say why.")
        return collected


def _message(request: Request) -> UserMessage:
    """Return the request's message. Raises Refused for anything but the documented form."""
    try:
        body = request.json
    except SanicException:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "bad_request", "The body must be a JSON object.")
    sender, text, metadata = body.get("sender"), body.get("text"), body.get("metadata") or {}
    if not isinstance(sender, str) or not 0 < len(sender) <= LONGEST_SENDER:
        raise Refused(400, "bad_request", f"`sender` must be a string of 1 to {LONGEST_SENDER} characters.")
    if not isinstance(text, str) or not text.strip():
        raise Refused(400, "bad_request", "`text` must be a string that is not blank.")
    if len(text) > LONGEST_TEXT:
        raise Refused(413, "too_long", f"`text` may have {LONGEST_TEXT} characters.")
    if not isinstance(metadata, dict):
        raise Refused(400, "bad_request", "`metadata` must be an object.")
    return UserMessage(text, Collector(), sender, input_channel=VejviserChannel.name(), metadata=metadata)


async def _forget(request: Request, sender: str) -> None:
    store = request.app.ctx.agent.tracker_store
    # Rasa wraps the store that was configured.
    store = getattr(store, "_tracker_store", store)
    await store.forget(sender)
