"""The figures at `/metrics`, who may read them, what they cost, and the traces an operator may ask for."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from subprocess import run

import pytest
import yaml
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from api.main import create_app
from api.metrics import Metrics
from api.metrics_page import metrics_of
from api.settings import Settings
from api.timing import Steps
from services_catalog.seeding import seed_database
from tests.api.collector import Collector
from tests.conftest import LEARNED, ROOT, free_port

TOKEN = "figures-for-those-who-watch"
Figures = dict[tuple[str, frozenset[tuple[str, str]]], float]


def figures(text: str) -> Figures:
    """Return every sample: its name and labels, and its value."""
    samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
    return {(one.name, frozenset(one.labels.items())): one.value for one in samples}


def of(found: Figures, name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[TestClient]:
    """The application without Rasa, whose traces go to the collector."""
    url = f"sqlite:///{tmp_path_factory.mktemp('watching')}/catalogue.db"
    seed_database(url)
    settings = Settings(
        database_url=url, bot_port=free_port(), actions_port=free_port(), data_folder=LEARNED.parent, relearn_after=3600,
        internal_secret=SecretStr("inside"), metrics_token=SecretStr(TOKEN), otlp_endpoint=collector.address,
    )  # fmt: skip
    with TestClient(create_app(settings), raise_server_exceptions=False) as running:
        yield running


def read(watched: TestClient) -> Figures:
    return figures(watched.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text)


def test_everything_is_counted_once_and_by_nothing_that_a_client_chooses(watched: TestClient) -> None:
    before = read(watched)
    watched.post("/api/v1/chat", json={"text": "where can I learn Danish"})
    watched.post("/api/v1/chat", json={"text": "jeg vil dø"})
    watched.post("/api/v1/chat", json={"text": "?"})
    watched.post("/api/v1/chat", json={"text": "x" * 5000})
    watched.get("/api/v1/search?q=dansk")
    watched.get("/da/search?q=jeg+vil+dø")
    watched.get("/made/up/by/0101901234")
    watched.request("FORGE", "/da")
    found = read(watched)

    def more(name: str, **labels: str) -> float:
        return of(found, name, **labels) - of(before, name, **labels)

    chat = {"method": "POST", "route": "/api/v1/chat"}
    assert more("vejviser_requests_total", **chat, status="200") == 3
    assert more("vejviser_requests_total", **chat, status="413") == 1
    assert more("vejviser_refusals_total", status="413") == 1
    assert more("vejviser_turns_total", outcome="offers", language="en") == 1
    assert more("vejviser_turns_total", outcome="crisis", language="any") == 1
    assert sum(value for (name, _), value in found.items() if name == "vejviser_turns_total") == 3
    assert more("vejviser_crisis_answers_total") == 2
    assert sum(value for (name, _), value in found.items() if name == "vejviser_degraded_answers_total") == 1
    for step, times in {"redaction": 3, "language": 3, "crisis": 3, "conversation": 1, "search": 4, "whole": 4}.items():
        assert more("vejviser_step_seconds_count", step=step) == times, step
    assert more("vejviser_requests_total", method="GET", route="unknown", status="404") == 1
    assert any(("method", "other") in labels for name, labels in found if name == "vejviser_requests_total")
    assert of(found, "vejviser_offers") > 100
    assert of(found, "vejviser_catalogue_version") >= 1
    assert 0 < of(found, "vejviser_index_age_seconds") < 600
    assert of(found, "vejviser_sessions") >= 1
    assert of(found, "vejviser_turns_at_work") == of(found, "vejviser_turns_waiting") == 0
    assert of(found, "process_resident_memory_bytes") > 1e8
    written = watched.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).text
    for word in ("0101901234", "made/up", "FORGE", "dansk", TOKEN, "_created", "category"):
        assert word not in written


@pytest.mark.parametrize(
    ("client", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.1", {}, 401),
        ("testclient", {}, 401),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, 401),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.1"}, 401),
        ("192.0.2.1", {"Authorization": f"Bearer {TOKEN}"}, 200),
        ("192.0.2.1", {"Authorization": f"Bearer {TOKEN}x"}, 403),
        ("192.0.2.1", {"Authorization": f"Basic {TOKEN}"}, 403),
        ("127.0.0.1", {"Authorization": "Bearer å".encode()}, 403),
    ],
    ids=["here", "here-ipv6", "elsewhere", "unknown", "through-a-proxy", "through-another", "token", "wrong-token",
         "no-bearer", "not-ascii"],
)  # fmt: skip
def test_figures_are_for_this_machine_and_for_the_token(
    watched: TestClient, client: str, headers: dict[str, str | bytes], status: int
) -> None:
    # with `portal` it runs in the application that is started already
    caller = TestClient(watched.app, client=(client, 50000))
    caller.portal = watched.portal
    answer = caller.get("/metrics", headers=headers)
    assert answer.status_code == status
    assert answer.headers["Cache-Control"] == "no-store"
    assert (status == 200) is ("vejviser_requests_total" in answer.text)


def test_without_a_token_in_the_settings_none_opens_the_figures() -> None:
    app = create_app(Settings(metrics_token=SecretStr("")))  # not started
    caller = TestClient(app, client=("192.0.2.1", 50000))
    for header in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer x"}):
        assert caller.get("/metrics", headers=header).status_code == 403


def test_figures_of_several_municipalities_say_whose_they_are() -> None:
    apps = {slug: FastAPI() for slug in ("aarhus", "odense")}
    for times, app in enumerate(apps.values(), start=1):
        app.state.metrics = Metrics(app)
        for _ in range(times):
            app.state.metrics.turn("offers", "da")
    front = FastAPI()
    front.state.settings = Settings()
    front.include_router(metrics_of(apps))
    found = figures(TestClient(front, client=("127.0.0.1", 50000)).get("/metrics").text)
    for slug, times in (("aarhus", 1), ("odense", 2)):
        assert of(found, "vejviser_turns_total", outcome="offers", language="da", municipality=slug) == times
    assert of(found, "process_resident_memory_bytes") > 0


def test_every_figure_is_described_and_nothing_else(watched: TestClient) -> None:
    for text in ("where can I learn Danish", "jeg vil dø"):  # a figure is there once it has been counted
        watched.post("/api/v1/chat", json={"text": text})
    document = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
    described = set(re.findall(r"^\| `(vejviser_\w+)", document, re.MULTILINE))
    there = {re.sub(r"_(bucket|count|sum)$", "", name) for name, _ in read(watched) if name.startswith("vejviser_")}
    assert described == there | {"vejviser_degraded_answers_total", "vejviser_turns_total", "vejviser_refusals_total"}
    alerts = yaml.safe_load(re.findall(r"```yaml\n(.*?)```", document, re.DOTALL)[-1])
    for rule in alerts["groups"][0]["rules"]:
        used = {re.sub(r"_(bucket|count|sum)$", "", name) for name in re.findall(r"vejviser_\w+", rule["expr"])}
        assert used <= described, rule["alert"]


def test_what_a_turn_adds_to_the_figures_costs_next_to_nothing() -> None:
    metrics = Metrics(FastAPI())
    turns = 2000
    best = 1.0
    for _ in range(5):  # others use the machine too
        began = time.thread_time()
        for _ in range(turns):
            steps = Steps(metrics.step)
            for name in ("redaction", "language", "crisis", "conversation", "whole", "search"):
                with steps.step(name):
                    pass
            metrics.turn("offers", "da")
            metrics.request("POST", "/api/v1/chat", 200, 0.02)
            metrics.request("POST", "/internal/find", 200, 0.01)
        best = min(best, (time.thread_time() - began) / turns)
    assert best < 0.0001


def test_a_trace_has_a_span_for_each_step_and_no_words(watched: TestClient, collector: Collector) -> None:
    since = time.time_ns()
    answer = watched.post("/api/v1/chat", json={"text": "where can I learn Danish with 0101901234"})
    found = collector.trace_of("POST /api/v1/chat", since)
    whole = found["POST /api/v1/chat"]
    assert whole.attributes == {
        "http.request.method": "POST", "http.route": "/api/v1/chat", "http.response.status_code": 200,
    }  # fmt: skip
    for step in ("redaction", "language", "crisis", "conversation", "search", "whole"):
        assert found[step].trace == whole.trace
        assert found[step].start >= whole.start
    assert found["whole"].parent == whole.id
    assert found["search"].parent == found["conversation"].id
    assert answer.json()["session"].encode() not in collector.received
    for word in (b"0101901234", b"learn", b"Danish"):
        assert word not in collector.received


def test_only_our_own_processes_may_hang_a_span_under_theirs(watched: TestClient, collector: Collector) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    parent = {"traceparent": f"00-{trace}-b7ad6b7169203331-01", "X-Vejviser-Secret": "inside"}
    since = time.time_ns()
    watched.get("/internal/life-areas/da", headers=parent)
    assert collector.trace_of("GET /internal/life-areas/{language}", since).popitem()[1].trace == trace
    watched.get("/da", headers=parent)
    assert collector.trace_of("GET /{language:language}", since).popitem()[1].trace != trace


def test_without_the_setting_nothing_that_makes_or_sends_traces_is_imported() -> None:
    script = (
        "import sys; from api.main import create_app; from api.settings import Settings; create_app(Settings());"
        "sending = ('opentelemetry.sdk.trace', 'opentelemetry.exporter');"
        "print([one for one in sys.modules if one.startswith(sending)])"
    )
    done = run([sys.executable, "-W", "ignore", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
