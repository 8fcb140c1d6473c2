"""The line to Rasa against a real server on loopback that hangs, dies, or answers with nonsense."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from api.bot_client import BotClient, BotUnavailable
from api.settings import Settings
from tests.conftest import free_port

TIMEOUT = 0.3
REPLY = {"outcome": "greeting", "language": "da", "text": "Hej."}


class Rasa:
    """Both of Rasa's and the action server's addresses. `behaviour` answers messages, `well` is what it says of its health."""

    def __init__(self) -> None:
        self.behaviour: Callable[[], Awaitable[web.StreamResponse]] = answering
        self.well, self.actions_well, self.messages = True, True, 0

    async def message(self, _request: web.Request) -> web.StreamResponse:
        self.messages += 1
        return await self.behaviour()

    async def health(self, _request: web.Request) -> web.Response:
        return web.Response(status=200 if self.well else 503)

    async def actions_health(self, _request: web.Request) -> web.Response:
        return web.Response(status=200 if self.actions_well else 503)


async def answering() -> web.StreamResponse:
    return web.json_response([{"text": "Hej.", "custom": REPLY}])


async def hanging() -> web.StreamResponse:
    await asyncio.sleep(60)
    raise AssertionError("nobody waits so long")


def saying(body: str, status: int = 200, kind: str = "application/json") -> Callable[[], Awaitable[web.StreamResponse]]:
    async def said() -> web.StreamResponse:
        return web.Response(text=body, status=status, content_type=kind)

    return said


@asynccontextmanager
async def line() -> AsyncIterator[tuple[Rasa, BotClient, web.AppRunner]]:
    """A server that plays Rasa and the action server, and a client of it."""
    rasa, port = Rasa(), free_port()
    app = web.Application()
    app.router.add_post("/webhooks/vejviser/webhook", rasa.message)
    app.router.add_get("/webhooks/vejviser/health", rasa.health)
    app.router.add_get("/health", rasa.actions_health)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    client = BotClient(Settings(bot_port=port, actions_port=port, bot_timeout=TIMEOUT))
    try:
        yield rasa, client, runner
    finally:
        await client.close()
        await runner.cleanup()


async def reason(client: BotClient) -> str:
    """Return why a message was not answered, or "answered"."""
    try:
        reply = await client.send("me", "hej", {})
    except BotUnavailable as failure:
        return failure.reason
    assert reply == REPLY
    return "answered"


async def until(client: BotClient, wanted: str, seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while await reason(client) != wanted:
        assert time.monotonic() < deadline, f"never {wanted}"
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        pytest.param(saying("[]"), "empty", id="nothing"),
        pytest.param(saying('[{"text": "hej"}, 7, null, {"custom": null}]'), "empty", id="nothing-of-ours"),
        pytest.param(saying("Service busy", 503), "error", id="status"),
        pytest.param(saying('{"error": "bot_failed"}', 500), "error", id="own-error"),
        pytest.param(saying("<html>", kind="text/html"), "error", id="html"),
        pytest.param(saying("[{"), "error", id="half-json"),
        pytest.param(saying("null"), "error", id="null"),
        pytest.param(saying('[{"custom": "offers"}]'), "error", id="other-form"),
        pytest.param(saying('[{"custom": {"outcome": "offers"}}]'), "error", id="half-a-reply"),
    ],
)
def test_an_answer_that_is_none_has_a_reason_and_the_next_message_is_sent(
    behaviour: Callable[[], Awaitable[web.StreamResponse]], why: str
) -> None:
    async def scenario() -> None:
        async with line() as (rasa, client, _):
            rasa.behaviour = behaviour
            assert [await reason(client) for _ in range(3)] == [why] * 3
            rasa.behaviour = answering
            assert await reason(client) == "answered"

    asyncio.run(scenario())


def test_who_hangs_keeps_one_resident_waiting_and_is_asked_again_when_well() -> None:
    async def scenario() -> None:
        async with line() as (rasa, client, _):
            rasa.behaviour, rasa.well = hanging, False
            assert await reason(client) == "timeout"
            began = time.monotonic()
            assert {await reason(client) for _ in range(50)} == {"open"}
            assert time.monotonic() - began < TIMEOUT
            await asyncio.sleep(1.2)  # two looks find it unwell
            assert await reason(client) == "open"
            assert rasa.messages == 1
            rasa.behaviour, rasa.well = answering, True
            await until(client, "answered")
            assert [await reason(client) for _ in range(5)] == ["answered"] * 5

    asyncio.run(scenario())


def test_who_looks_well_but_does_not_answer_keeps_one_resident_waiting_at_a_time() -> None:
    async def scenario() -> None:
        async with line() as (rasa, client, _):
            rasa.behaviour = hanging
            assert await reason(client) == "timeout"
            await asyncio.sleep(0.7)  # a look found it well: the next message is the trial
            reasons = await asyncio.gather(*(reason(client) for _ in range(20)))
            assert sorted(reasons) == ["open"] * 19 + ["timeout"]
            await asyncio.sleep(0.7)
            rasa.behaviour = answering
            reasons = await asyncio.gather(*(reason(client) for _ in range(20)))
            assert sorted(reasons) == ["answered"] + ["open"] * 19
            assert await reason(client) == "answered"

    asyncio.run(scenario())


def test_without_the_action_server_the_conversation_is_not_ready_and_not_tried() -> None:
    async def scenario() -> None:
        async with line() as (rasa, client, _):
            assert await client.ready()
            rasa.behaviour, rasa.actions_well = hanging, False
            assert not await client.ready()
            assert await reason(client) == "timeout"
            await asyncio.sleep(0.7)
            assert await reason(client) == "open"
            rasa.behaviour, rasa.actions_well = answering, True
            await until(client, "answered")

    asyncio.run(scenario())


def test_who_is_gone_is_asked_again_once_it_is_back() -> None:
    async def scenario() -> None:
        async with line() as (_rasa, client, runner):
            assert await reason(client) == "answered"
            app, port = runner.app, runner.addresses[0][1]
            await runner.cleanup()
            assert await reason(client) == "refused"
            assert await reason(client) == "open"
            again = web.AppRunner(web.Application(), shutdown_timeout=0.1)
            for route in app.router.routes():
                again.app.router.add_route(route.method, route.resource.canonical, route.handler)  # type: ignore[union-attr]
            await again.setup()
            await web.TCPSite(again, "127.0.0.1", port).start()
            try:
                await until(client, "answered")
            finally:
                await again.cleanup()

    asyncio.run(scenario())


def test_a_trial_whose_resident_went_away_leaves_the_next_one_a_trial() -> None:
    async def scenario() -> None:
        async with line() as (rasa, client, _):
            rasa.behaviour = hanging
            assert await reason(client) == "timeout"
            await asyncio.sleep(0.7)
            trial = asyncio.create_task(reason(client))
            await asyncio.sleep(0.05)
            assert await reason(client) == "open"
            trial.cancel()
            await asyncio.gather(trial, return_exceptions=True)
            rasa.behaviour = answering
            assert await reason(client) == "answered"

    asyncio.run(scenario())
