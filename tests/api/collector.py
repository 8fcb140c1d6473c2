"""A small receiver of traces: OTLP over HTTP on loopback, decoded as the protocol has it."""

from __future__ import annotations

import gzip
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True)
class Span:
    name: str
    trace: str
    id: str
    parent: str
    start: int
    attributes: dict[str, str | int]


class Collector:
    """Keeps every span that was sent, and every byte."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        self.received = b""
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                plain = gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body
                collector.take(self.path, plain)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                return None

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def take(self, path: str, body: bytes) -> None:
        assert path == "/v1/traces"
        self.received += body
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            for scope in resource.scope_spans:
                self.spans += [
                    Span(
                        one.name, one.trace_id.hex(), one.span_id.hex(), one.parent_span_id.hex(), one.start_time_unix_nano,
                        {each.key: each.value.string_value or each.value.int_value for each in one.attributes},
                    )
                    for one in scope.spans
                ]  # fmt: skip

    def trace_of(self, name: str, since: int, seconds: float = 20) -> dict[str, Span]:
        """Return the spans of the trace that has one of that name begun `since` (ns), by their names, once it has come."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = next((one for one in list(self.spans) if one.name == name and one.start >= since), None)
            if found is not None:
                return {one.name: one for one in list(self.spans) if one.trace == found.trace}
            time.sleep(0.05)
        raise AssertionError(f"no span called {name} came, only {[one.name for one in self.spans]}")

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()
