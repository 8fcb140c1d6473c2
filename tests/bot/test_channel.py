"""The channel as the api meets it: secret, forms, text that looks like an intent, and failures that say so."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from rasa.core.channels.channel import UserMessage
from sanic import Sanic

from bot.channel import LONGEST_TEXT, SECRET_HEADER, VejviserChannel
from bot.settings import MissingSecretError

SECRET = "a-secret-of-some-length"
GOOD = {"sender": "s1", "text": "hej", "metadata": {"language": "da"}}
HEADERS = {SECRET_HEADER: SECRET}


class FakeStore:
    def __init__(self) -> None:
        self.forgotten: list[str] = []

    async def forget(self, sender: str) -> None:
        self.forgotten.append(sender)


class FakeAgent:
    """Answers as Rasa's handler does, by what is in the text."""

    def __init__(self, ready: bool = True) -> None:
        self.ready = ready
        self.seen: list[UserMessage] = []
        self.tracker_store = FakeStore()

    def is_ready(self) -> bool:
        return self.ready

    async def handle(self, message: UserMessage) -> None:
        self.seen.append(message)
        if message.text == "crash":
            raise ValueError(f"cannot read {message.text} of a resident")
        if message.text != "nothing":
            await message.output_channel.send_response("s1", {"text": "Hej", "custom": {"outcome": "greeting"}})
            await message.output_channel.send_response("s1", {"text": None, "custom": {"outcome": "offers"}})


@dataclass(frozen=True)
class Answer:
    status: int
    json: Any


class Served:
    """The channel behind one real server; Sanic 21.12 starts only one per process."""

    def __init__(self) -> None:
        self.app = Sanic("channel", configure_logging=False)
        self.app.blueprint(VejviserChannel(SECRET).blueprint(self._handle), url_prefix="/webhooks/vejviser")
        self.address = ""

    async def _handle(self, message: UserMessage) -> None:
        await self.app.ctx.agent.handle(message)

    async def start(self) -> None:
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{listening.getsockname()[1]}/webhooks/vejviser"
        server = await self.app.create_server(sock=listening, return_asyncio_server=True, access_log=False)
        await server.startup()


@pytest.fixture(scope="module", autouse=True)
def served() -> Iterator[None]:
    loop = asyncio.new_event_loop()
    SERVED.append(Served())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(SERVED[0].start(), loop).result(timeout=10)
    yield
    loop.call_soon_threadsafe(loop.stop)
    thread.join(timeout=5)


SERVED: list[Served] = []


async def call(agent: FakeAgent, method: str, path: str, **request: Any) -> Answer:
    SERVED[0].app.ctx.agent = agent
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, SERVED[0].address + path, **request) as response,
    ):
        text = await response.text()
        return Answer(response.status, json.loads(text) if text else None)


async def post(agent: FakeAgent, body: Any = GOOD, headers: dict[str, str] | None = None) -> Answer:
    return await call(agent, "POST", "/webhook", json=body, headers=HEADERS if headers is None else headers)


async def test_an_answer_keeps_text_and_data_together() -> None:
    agent = FakeAgent()
    response = await post(agent)
    assert response.status == 200
    assert response.json == [{"text": "Hej", "custom": {"outcome": "greeting"}}, {"custom": {"outcome": "offers"}}]
    assert agent.seen[0].sender_id == "s1"
    assert agent.seen[0].metadata == {"language": "da"}


@pytest.mark.parametrize("headers", [{}, {SECRET_HEADER: "wrong"}, {SECRET_HEADER: SECRET + "x"}, {SECRET_HEADER: ""}])
async def test_without_the_secret_nothing_is_read(headers: dict[str, str]) -> None:
    agent = FakeAgent()
    response = await post(agent, headers=headers)
    assert response.status == 401
    assert response.json["error"] == "unauthorised"
    assert agent.seen == []


@pytest.mark.parametrize("secret", [None, "", "short"])
def test_the_channel_refuses_to_exist_without_a_secret(monkeypatch: pytest.MonkeyPatch, secret: str | None) -> None:
    monkeypatch.delenv("VEJVISER_BOT_SECRET", raising=False)
    if secret is not None:
        monkeypatch.setenv("VEJVISER_BOT_SECRET", secret)
    with pytest.raises(MissingSecretError, match="VEJVISER_BOT_SECRET"):
        VejviserChannel.from_credentials({})


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ({"sender": "s1"}, 400),
        ({"sender": "s1", "text": "  "}, 400),
        ({"sender": "", "text": "hej"}, 400),
        ({"sender": 7, "text": "hej"}, 400),
        ({"sender": "s1", "text": ["hej"]}, 400),
        ({"sender": "s1", "text": "hej", "metadata": "da"}, 400),
        ({"sender": "s1", "text": "x" * (LONGEST_TEXT + 1)}, 413),
    ],
)
async def test_wrong_forms_are_refused_in_words(body: Any, status: int) -> None:
    agent = FakeAgent()
    response = await post(agent, body)
    assert response.status == status
    assert response.json["detail"]
    assert agent.seen == []


async def test_a_body_that_is_no_json_is_refused() -> None:
    response = await call(FakeAgent(), "POST", "/webhook", data=b"{oops", headers=HEADERS)
    assert response.status == 400


async def test_a_crash_is_a_500_and_the_log_keeps_the_words_out(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        response = await post(FakeAgent(), {**GOOD, "text": "crash"})
    assert response.status == 500
    assert response.json["error"] == "bot_failed"
    assert "ValueError" in caplog.text
    assert "cannot read crash" not in caplog.text


async def test_an_action_that_gave_nothing_is_a_500() -> None:
    response = await post(FakeAgent(), {**GOOD, "text": "nothing"})
    assert response.status == 500
    assert response.json["error"] == "no_answer"


@pytest.mark.parametrize("text", ["/restart", '/greet{"name": "x"}', "/"])
async def test_a_slash_is_text(text: str) -> None:
    agent = FakeAgent()
    assert (await post(agent, {**GOOD, "text": text})).status == 200
    assert agent.seen[0].text == text
    assert agent.seen[0].parse_data is None


@pytest.mark.parametrize(("ready", "status"), [(True, 200), (False, 503)])
async def test_health_tells_whether_the_model_is_loaded(ready: bool, status: int) -> None:
    response = await call(FakeAgent(ready), "GET", "/health")
    assert response.status == status
    assert response.json["model"] is ready


async def test_a_conversation_can_be_forgotten() -> None:
    agent = FakeAgent()
    refused = await call(agent, "DELETE", "/conversations/s1")
    response = await call(agent, "DELETE", "/conversations/s1", headers=HEADERS)
    assert (refused.status, response.status) == (401, 204)
    assert agent.tracker_store.forgotten == ["s1"]
