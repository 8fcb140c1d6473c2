"""The whole stack as those see it who run it: exact figures, one id and one trace through all processes, no secret."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api.collector import Collector
from tests.api.test_watching import figures, of
from tests.conftest import Stack, start_stack, stop_stack

pytestmark = pytest.mark.stack

SECRETS = {
    "internal_secret": "inside-4f1c9d0e7a",
    "metrics_token": "figures-77d2c0b1",
    "oidc_client_secret": "shared-0c9aa1",
}
#: Conversations with what each turn must come to; the marked words and numbers must stand nowhere.
CONVERSATIONS = (
    ("hej kvistbær", "hvor kan jeg lære dansk kvistbær", "hvad koster det"),
    ("where can I learn Danish brambleton", "thank you"),
    ("أين أتعلم الدنماركية 0101901234", "شكرا"),
    ("де вивчити данську мову ожинівна", "дякую"),
    ("jeg vil dø kvistbær",),
)
MARKS = ("kvistbær", "brambleton", "ожинівна", "0101901234")


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[Stack]:
    """A stack of its own, with its secrets in files, whose traces go to the collector."""
    folder = tmp_path_factory.mktemp("secrets")
    for name, value in SECRETS.items():
        (folder / f"vejviser_{name}").write_text(value)
    running = start_stack(
        tmp_path_factory.mktemp("watched"), SECRETS_FOLDER=str(folder), OTLP_ENDPOINT=collector.address,
        RATE_PER_SESSION="", RATE_PER_ADDRESS="",
    )  # fmt: skip
    yield running
    stop_stack(running)


def lines(stack: Stack) -> list[dict[str, Any]]:
    """Return the log's lines; the supervisor's own sentences begin with their seconds."""
    written = (stack.folder / "serve.log").read_text().splitlines()
    return [json.loads(line) for line in written if not re.match(r"\[ *\d+\.\d s\] ", line)]


def say(stack: Stack, text: str, session: str | None) -> httpx.Response:
    body = {"text": text} | ({"session": session} if session else {})
    return httpx.post(f"{stack.base}/api/v1/chat", json=body, timeout=15, trust_env=False)


def test_figures_ids_traces_and_logs_of_conversations(watched: Stack, collector: Collector) -> None:
    def read() -> dict[Any, float]:
        return figures(httpx.get(f"{watched.base}/metrics", trust_env=False).text)

    before, seen, ids, degraded = read(), Counter[tuple[str, str]](), {}, 0
    for conversation in CONVERSATIONS:
        session = None
        for text in conversation:
            answer = say(watched, text, session)
            said = answer.json()
            session = said["session"]
            crisis = said["outcome"] == "crisis"
            seen[said["outcome"], "any" if crisis else said["language"]] += 1
            degraded += said["degraded"]
            if not crisis and not said["degraded"]:
                ids[answer.headers["X-Request-ID"]] = said["outcome"]
    time.sleep(0.3)  # a line follows its answer
    after = read()

    counted = {
        (labels["outcome"], labels["language"]): value - before.get((name, key), 0)
        for (name, key), value in after.items()
        if name == "vejviser_turns_total" and (labels := dict(key))
    }
    assert {key: value for key, value in counted.items() if value} == seen
    turns = sum(seen.values())
    chat = {"method": "POST", "route": "/api/v1/chat", "status": "200"}
    assert of(after, "vejviser_requests_total", **chat) - of(before, "vejviser_requests_total", **chat) == turns
    assert of(after, "vejviser_crisis_answers_total") - of(before, "vejviser_crisis_answers_total") == 1
    assert sum(value for (name, _), value in after.items() if name == "vejviser_degraded_answers_total") == degraded
    whole = of(after, "vejviser_step_seconds_count", step="whole") - of(
        before, "vejviser_step_seconds_count", step="whole"
    )
    assert whole == turns

    written = lines(watched)
    assert {line["service"] for line in written} == {"api", "bot", "actions"}
    assert ids
    for request_id in ids:
        through = [
            (line["service"], line["event"], line.get("route", ""))
            for line in written
            if line["request_id"] == request_id
        ]
        assert ("api", "request", "/api/v1/chat") in through
        assert ("bot", "message", "") in through
        assert ("actions", "action", "") in through
    offers = next(one for one, outcome in ids.items() if outcome == "offers")
    assert any(line.get("route") == "/internal/find" for line in written if line["request_id"] == offers)

    trace = collector.trace_of("POST /internal/find", since=0)
    assert trace["POST /internal/find"].parent == trace["conversation"].id
    assert trace["POST /api/v1/chat"].trace == trace["POST /internal/find"].trace

    everything = (watched.folder / "serve.log").read_text() + collector.received.decode(errors="replace")
    for mark in MARKS:
        assert mark not in everything


def test_no_secret_stands_where_others_can_read_it(watched: Stack) -> None:
    listed = subprocess.run(["ps", "-eo", "ppid,args"], capture_output=True, text=True, check=True).stdout
    ours = [line for line in listed.splitlines() if line.split()[0] == str(watched.process.pid)]
    assert len(ours) == 3
    opened = httpx.get(
        f"{watched.base}/metrics", headers={"Authorization": f"Bearer {SECRETS['metrics_token']}"}, trust_env=False
    )
    assert opened.status_code == 200
    described = httpx.get(f"{watched.base}/api/v1/openapi.json", trust_env=False).text
    logged = (watched.folder / "serve.log").read_text()
    for secret in SECRETS.values():
        assert not any(secret in place for place in (*ours, opened.text, described, logged))


def test_the_action_server_answers_nobody_without_the_secret(watched: Stack) -> None:
    address = f"http://127.0.0.1:{watched.actions_port}"
    call = {"next_action": "action_small_talk", "sender_id": "x", "tracker": {}, "domain": {}}
    for headers in ({}, {"X-Vejviser-Secret": "guess"}):
        assert httpx.post(f"{address}/webhook", json=call, headers=headers, trust_env=False).status_code == 403
        assert httpx.get(f"{address}/actions", headers=headers, trust_env=False).status_code == 403
    assert httpx.get(f"{address}/health", trust_env=False).status_code == 200
    mine = {"X-Vejviser-Secret": SECRETS["internal_secret"]}
    assert httpx.get(f"{address}/actions", headers=mine, trust_env=False).status_code == 200


def test_ids_that_could_say_something_are_not_carried(watched: Stack) -> None:
    written = lines(watched)
    assert all(re.fullmatch(r"[0-9a-f-]{32,36}|", line["request_id"]) for line in written)
    assert not Path(watched.folder / "serve.log").read_text().count("Traceback")
