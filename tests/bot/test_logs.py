"""The bot's log: one line an event, with the id of the request, and nothing of what somebody wrote."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from aiohttp import web

from bot.action_line import KeptEndpoint
from bot.carried import carried, take
from bot.logs import JsonLines, TextLines, configure_logging

WORDS = "min mand slår mig"
REQUEST = "0123456789abcdef0123456789abcdef"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def outside_of_a_request() -> Iterator[None]:
    token = carried.set({})
    yield
    carried.reset(token)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    configure_logging()
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(JsonLines())
    logging.getLogger().addHandler(handler)
    yield handler.stream
    logging.getLogger().removeHandler(handler)


def test_an_event_of_rasa_is_a_line_without_what_it_was_about(written: io.StringIO) -> None:
    take({"X-Request-ID": REQUEST})
    structlog.get_logger("rasa.core.processor").info("processor.message.parse", parse_data_text=WORDS, count=1)
    line = json.loads(written.getvalue())
    assert line.keys() == {"time", "level", "service", "logger", "event", "request_id", "count"}
    told = (line["level"], line["service"], line["event"], line["request_id"], line["count"])
    assert told == ("info", "bot", "processor.message.parse", REQUEST, 1)


@pytest.mark.parametrize("kind", ["logging", "structlog"])
def test_of_an_error_the_kind_and_the_frames_are_told(written: io.StringIO, kind: str) -> None:
    logger = logging.getLogger("x") if kind == "logging" else structlog.get_logger("x")
    try:
        try:
            raise KeyError(WORDS)
        except KeyError as first:
            raise ValueError(WORDS) from first
    except ValueError:
        logger.error("failed", exc_info=True)
    line = json.loads(written.getvalue())
    assert line["error"].startswith("ValueError\n")
    assert "caused by KeyError\n" in line["error"]
    assert "test_logs.py" in line["error"]
    assert WORDS not in written.getvalue()


@pytest.mark.parametrize("lines", [JsonLines(), TextLines()], ids=["json", "text"])
def test_the_lines_after_the_first_are_left_out(lines: logging.Formatter) -> None:
    record = logging.LogRecord("asyncio", logging.ERROR, "", 1, "never retrieved\nfuture: %s", (WORDS,), None)
    assert "never retrieved" in lines.format(record)
    assert WORDS not in lines.format(record)


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Request-ID": REQUEST, "traceparent": PARENT}, {"X-Request-ID": REQUEST, "traceparent": PARENT}),
        ({"X-Request-ID": WORDS, "traceparent": WORDS}, {}),
        ({"X-Request-ID": "0101901234"}, {}),
        ({}, {}),
    ],
    ids=["both", "words", "cpr", "none"],
)
def test_only_ids_are_carried_on(headers: dict[str, str], expected: dict[str, str]) -> None:
    take(headers)
    assert carried.get() == expected


async def test_the_action_server_is_told_the_id_and_the_secret() -> None:
    seen: dict[str, str] = {}

    async def answer(request: web.Request) -> web.Response:
        seen.update(request.headers)
        return web.json_response({"events": [], "responses": []})

    app = web.Application()
    app.router.add_post("/webhook", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    endpoint = KeptEndpoint(url=f"http://127.0.0.1:{port}/webhook", headers={"X-Vejviser-Secret": "inside"})
    try:
        take({"X-Request-ID": REQUEST, "traceparent": PARENT})
        await endpoint.request(json={"next_action": "x"})
    finally:
        await endpoint.close()
        await runner.cleanup()
    assert (seen["X-Request-ID"], seen["traceparent"], seen["X-Vejviser-Secret"]) == (REQUEST, PARENT, "inside")
