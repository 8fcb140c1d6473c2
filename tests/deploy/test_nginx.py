"""The real nginx with the configuration of deploy/templates, before two nodes that do as they are told."""

from __future__ import annotations

import http.server
import json
import shutil
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from deploy.machines import Machine, Network
from deploy.programs import Program
from deploy.servers import example_site, nginx, public_client
from deploy.site import Site, configure
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(
    shutil.which("nginx", path="/usr/sbin:/usr/bin") is None, reason="nginx is not installed (Debian: nginx)"
)


@dataclass
class Node:
    """A node that answers with what it was sent, or breaks off without a word."""

    server: http.server.ThreadingHTTPServer
    breaks: bool = False
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)


def node_on(port: int) -> Node:
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            node.seen.append((self.command, self.path, {key.lower(): value for key, value in self.headers.items()}))
            if node.breaks:
                # a reset, as of a process that was killed
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                self.close_connection = True
                return
            body = json.dumps({"port": port, "filler": "x" * 2000}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = answer

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    node = Node(http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler))
    threading.Thread(target=node.server.serve_forever, daemon=True).start()
    return node


@dataclass
class Front:
    """nginx, the nodes behind it, and a way in."""

    site: Site
    folder: Path
    nodes: list[Node]
    client: httpx.Client
    door: Program

    @property
    def seen(self) -> list[tuple[str, str, dict[str, str]]]:
        return [one for node in self.nodes for one in node.seen]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("front")
    site = example_site(folder, Network("127.0.0.1", (Machine("127.0.0.1"), Machine("127.0.0.1"))))
    configure(site, folder / "configuration")
    nodes = [node_on(one.port) for one in site.nodes]
    door = nginx(folder, site)
    door.start()
    with public_client(folder, site) as client:
        yield Front(site, folder, nodes, client, door)
    door.stop()
    for node in nodes:
        node.server.shutdown()
        node.server.server_close()


@pytest.fixture
def front(running: Front) -> Front:
    if any(node.breaks for node in running.nodes):
        running.door.kill()  # it would spare a broken node for seconds
        running.door.start()
    for node in running.nodes:
        node.breaks = False
        node.seen.clear()
    return running


def test_requests_are_spread_and_compressed_and_browsers_are_told_to_stay_with_tls(front: Front) -> None:
    answers = [front.client.get("/da/search", params={"q": "dansk"}) for _ in range(10)]
    assert {one.status_code for one in answers} == {200}
    assert {one.json()["port"] for one in answers} == {one.port for one in front.site.nodes}
    assert {one.headers["content-encoding"] for one in answers} == {"gzip"}
    assert {one.headers["strict-transport-security"] for one in answers} == {"max-age=31536000"}


def test_what_a_client_claims_of_its_address_counts_for_nothing(front: Front) -> None:
    front.client.get(
        "/da", headers={"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "http", "X-Request-ID": "mine"}
    )
    [(_, _, headers)] = front.seen
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["x-forwarded-proto"] == "https"
    assert headers["x-request-id"] != "mine"


@pytest.mark.parametrize("path", ["/internal/find", "/internal", "/metrics", "/metrics/", "/internal/../internal/find"])
def test_what_is_for_the_service_itself_is_closed(front: Front, path: str) -> None:
    assert front.client.get(path).status_code == 404
    assert front.client.post(path, json={}).status_code in (404, 405)
    assert front.seen == []


def test_a_message_whose_node_breaks_off_is_given_to_the_other(front: Front) -> None:
    front.nodes[0].breaks = True
    answers = [front.client.post("/api/v1/chat", json={"text": "hej"}) for _ in range(6)]
    assert {one.status_code for one in answers} == {200}
    assert front.nodes[0].seen, "the broken node was never asked: the test shows nothing"


@pytest.mark.parametrize("path", ["/api/v1/feedback", "/api/v1/editor/records/offers/x/publish", "/da/login"])
def test_what_may_have_been_done_is_not_sent_twice(front: Front, path: str) -> None:
    for node in front.nodes:
        node.breaks = True
    answer = front.client.post(path, content=b"{}")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["cache-control"] == "no-store"
    assert len(front.seen) == 1


def test_without_any_node_residents_are_told_where_to_call(front: Front) -> None:
    for node in front.nodes:
        node.breaks = True
    page = front.client.get("/da/search", params={"q": "a-secret-word"})
    assert page.status_code == 503
    assert page.text.count("33 66 33 66") == 4
    assert page.headers["retry-after"] == "5"
    said = front.client.post("/api/v1/chat", json={"text": "a-secret-word"})
    assert said.status_code == 503
    assert said.headers["content-type"] == "application/problem+json"
    assert said.json()["status"] == 503
    assert said.json()["detail"].count("112") == 4


def test_nothing_of_what_is_asked_reaches_the_disk(front: Front) -> None:
    front.nodes[0].breaks = True
    for _ in range(4):
        front.client.get("/da/search", params={"q": "a-secret-word"})
        front.client.post("/api/v1/chat", json={"text": "a-secret-word " * 3000})
        front.client.delete("/api/v1/chat/a-secret-session")
    log = front.folder / "logs" / "vejviser.log"
    deadline = time.monotonic() + 5  # nginx writes its line after the answer
    while json.loads(log.read_text().splitlines()[-1])["method"] != "DELETE":
        assert time.monotonic() < deadline, "the last request is not in the log"
        time.sleep(0.05)
    written = [file for file in front.folder.rglob("*") if file.is_file()]
    assert log in written
    assert [file.name for file in written if b"a-secret" in file.read_bytes()] == []


def test_bodies_are_bounded_and_editors_may_send_files(front: Front) -> None:
    large = b"x" * 100_000
    assert front.client.post("/api/v1/chat", content=large).status_code == 413
    assert front.client.post("/da/feedback", content=large).status_code == 413
    assert front.client.post("/da/editor/exchange", content=large).status_code == 200


def test_static_files_come_from_here_and_are_kept_when_marked(front: Front) -> None:
    file = "/static/js/chat.js"
    text = (ROOT / "api" / "static" / "js" / "chat.js").read_text()
    marked, plain = front.client.get(f"{file}?v=abc"), front.client.get(file)
    assert marked.text == plain.text == text
    assert marked.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert plain.headers["cache-control"] == "no-cache"
    assert marked.headers["x-content-type-options"] == "nosniff"
    missing = front.client.get("/static/js/none.js?v=abc")
    assert missing.status_code == 404
    assert "cache-control" not in missing.headers
    for outside in ("/static/%2e%2e/settings.py", "/static..%2fsettings.py", "/static../settings.py"):
        assert "BaseSettings" not in front.client.get(outside).text
    assert all(path != file for _, path, _ in front.seen)


@pytest.mark.parametrize("name", ["other.example", None])
def test_another_name_or_none_is_turned_away(front: Front, name: str | None) -> None:
    context = ssl.create_default_context(cafile=front.folder / "certificate.pem")
    context.check_hostname = False
    with socket.create_connection(("127.0.0.1", front.site.https_port), timeout=5) as line, pytest.raises(ssl.SSLError):
        context.wrap_socket(line, server_hostname=name)
    if name:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"http://127.0.0.1:{front.site.http_port}/", headers={"Host": name}, trust_env=False)


def test_plain_http_leads_to_tls(front: Front) -> None:
    answer = httpx.get(
        f"http://127.0.0.1:{front.site.http_port}/da/search?q=x",
        headers={"Host": front.site.server_name},
        trust_env=False,
    )
    assert answer.status_code == 308
    assert answer.headers["location"] == f"{front.site.public_url}/da/search?q=x"


def test_too_many_at_once_are_asked_to_wait(front: Front) -> None:
    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(front.client.get, ["/da"] * 300))
    refused = [one for one in answers if one.status_code == 429]
    assert refused
    assert refused[0].headers["retry-after"] == "5"
    assert refused[0].json()["status"] == 429
    assert refused[0].json()["detail"].count("112") == 4
