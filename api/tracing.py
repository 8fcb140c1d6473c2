"""Traces for a collector (OpenTelemetry over HTTP), by setting: a span for a request and one for each of its steps.

They carry what a line of the log carries: the route, the status, the language. Never a word of anybody, nor the text of an
error. Without the setting nothing that makes or sends them is imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

#: The header that makes a process's spans children of another's (W3C Trace Context).
TRACEPARENT = "traceparent"
#: Seconds a collector may take, also while the service stops.
_PATIENCE = 3

Attributes = Mapping[str, str | int]


class Span(Protocol):
    """What happened between two moments."""

    def set_attributes(self, attributes: Attributes) -> None:
        """Add what came to be known."""

    def update_name(self, name: str) -> None:
        """Call it by what came to be known."""


class Tracing(Protocol):
    """Makes spans."""

    def span(self, name: str, parent: str = "") -> AbstractContextManager[Span]:
        """Return what is entered around some work. `parent` is the traceparent of another process."""

    def traceparent(self) -> str:
        """Return the header for a request that is sent within the span; empty when there is none."""

    def close(self) -> None:
        """Send what waits."""


def tracing_to(endpoint: str) -> Tracing:
    """Return what sends spans to a collector, or lets them be when `endpoint` is empty."""
    return _Sent(endpoint) if endpoint else _NoTracing()


class _NoSpan:
    def set_attributes(self, attributes: Attributes) -> None:
        return None

    def update_name(self, name: str) -> None:
        return None


class _NoTracing:
    def __init__(self) -> None:
        self._span = nullcontext(_NoSpan())

    def span(self, name: str, parent: str = "") -> AbstractContextManager[Span]:
        return self._span

    def traceparent(self) -> str:
        return ""

    def close(self) -> None:
        return None


class _Sent:
    def __init__(self, endpoint: str) -> None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        self._provider: TracerProvider = TracerProvider(
            resource=Resource({"service.name": "vejviser"}), shutdown_on_exit=False
        )
        exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=_PATIENCE)
        self._provider.add_span_processor(
            BatchSpanProcessor(exporter, schedule_delay_millis=1000, export_timeout_millis=_PATIENCE * 1000)
        )
        self._tracer = self._provider.get_tracer("vejviser")

    @contextmanager
    def span(self, name: str, parent: str = "") -> Iterator[Span]:
        from opentelemetry.trace import Status, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        context = TraceContextTextMapPropagator().extract({TRACEPARENT: parent}) if parent else None
        with self._tracer.start_as_current_span(
            name, context, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException as error:
                span.set_status(Status(StatusCode.ERROR, type(error).__qualname__))
                raise

    def traceparent(self) -> str:
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        carrier: dict[str, str] = {}
        TraceContextTextMapPropagator().inject(carrier)
        return carrier.get(TRACEPARENT, "")

    def close(self) -> None:
        self._provider.shutdown()
