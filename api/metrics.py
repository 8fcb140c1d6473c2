"""The figures that `/metrics` shows (Prometheus): how many, how long, how old. Never a word, an id or an address.

Every label comes from a closed list: what a client sends never becomes one. Crisis answers are counted without their
language and their category: with the moment of a request beside it, a count of one would tell of one person.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Literal, get_args

from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

#: Statuses of a request that was turned away for what it is or for how many there are.
_REFUSED = frozenset({408, 413, 429, 431, 503})
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
#: Why an answer came without Rasa (api/bot_client.py), without the memory of the conversation (redis), or without offers
#: beside what helps in danger (crowded).
REASONS = frozenset({"timeout", "refused", "error", "empty", "open", "redis", "crowded"})

#: How a message that finds no place is looked at: by rules and detector, by the rules alone, not at all.
Look = Literal["whole", "rules", "none"]

_STEP_SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)
_REQUEST_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The figures of one process, in a registry of their own. Thread-safe."""

    def __init__(self, app: FastAPI) -> None:
        # they would tell when the first of each came
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = kept = CollectorRegistry()
        self._requests = Counter(
            "vejviser_requests", "Requests answered.", ("method", "route", "status"), registry=kept
        )
        self._request_seconds = Histogram(
            "vejviser_request_seconds",
            "Time to the end of an answer.",
            ("route",),
            buckets=_REQUEST_SECONDS,
            registry=kept,
        )
        self._refusals = Counter("vejviser_refusals", "Requests turned away.", ("status",), registry=kept)
        self._turns = Counter("vejviser_turns", "Messages answered.", ("outcome", "language"), registry=kept)
        self._steps = Histogram(
            "vejviser_step_seconds", "Time of a step.", ("step",), buckets=_STEP_SECONDS, registry=kept
        )
        self._degraded = Counter(
            "vejviser_degraded_answers", "Answers without all that belongs to one.", ("reason",), registry=kept
        )
        self._turned_away = Counter(
            "vejviser_messages_turned_away", "Messages that found the chat full.", ("look",), registry=kept
        )
        for look in get_args(Look):
            self._turned_away.labels(look)  # there from the beginning, at 0
        self._crises = Counter(
            "vejviser_crisis_answers", "Crisis answers, in the chat, the search and on pages.", registry=kept
        )
        for collector in (ProcessCollector, GCCollector):
            collector(registry=self.registry)
        self.registry.register(_State(app))

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. `route` is the template of its address."""
        self._requests.labels(method if method in _METHODS else "other", route, status).inc()
        self._request_seconds.labels(route).observe(seconds)
        if status in _REFUSED:
            self._refusals.labels(status).inc()

    def step(self, name: str, seconds: float) -> None:
        """Note how long a step took."""
        self._steps.labels(name).observe(seconds)

    def turn(self, outcome: str, language: str) -> None:
        """Count the answer to a message."""
        if outcome == "crisis":
            self.crisis()
        self._turns.labels(outcome, "any" if outcome == "crisis" else language).inc()

    def turned_away(self, look: Look) -> None:
        """Count a message that found no place, by how closely there was time to look for danger in it."""
        self._turned_away.labels(look).inc()

    def crisis(self) -> None:
        """Count a crisis answer."""
        self._crises.inc()

    def degraded(self, reason: str) -> None:
        """Count an answer that lacks something."""
        self._degraded.labels(reason if reason in REASONS else "other").inc()


class Together(Collector):
    """The figures of several municipalities in one process: each sample says whose it is, and those of the process stand
    there once."""

    def __init__(self, kept: Mapping[str, Metrics]) -> None:
        self._kept = kept

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for municipality, metrics in self._kept.items():
            for family in metrics.registry.collect():
                known = families.get(family.name)
                if not family.name.startswith("vejviser_"):
                    families.setdefault(family.name, family)
                    continue
                if known is None:
                    known = families[family.name] = Metric(family.name, family.documentation, family.type)
                for one in family.samples:
                    known.add_sample(one.name, one.labels | {"municipality": municipality}, one.value)
        return families.values()


class _State(Collector):
    """What is looked up when somebody asks."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def describe(self) -> Iterable[Metric]:
        return ()

    def collect(self) -> Iterable[Metric]:
        state = self._app.state
        if not hasattr(state, "catalogue"):  # it has not started yet, or is the front of several municipalities
            return
        snapshot = state.catalogue.current
        age = (dt.datetime.now(dt.UTC) - snapshot.since).total_seconds()
        for name, said, value in (
            ("catalogue_version", "Version of the catalogue that answers are made from.", snapshot.catalogue.version),
            ("offers", "Offers in it that the public sees.", len(snapshot.catalogue.published)),
            ("index_age_seconds", "Time since that version was taken in.", age),
            ("sessions", "Conversations that this process keeps.", len(state.sessions)),
            ("turns_at_work", "Messages that are answered just now.", state.admission.chat.at_work),
            ("turns_waiting", "Messages that wait for their turn.", state.admission.chat.waiting),
            ("requests_in_flight", "Other requests under way.", state.admission.in_flight),
        ):
            yield GaugeMetricFamily(f"vejviser_{name}", said, value)
