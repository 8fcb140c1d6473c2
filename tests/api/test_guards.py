"""The guards around every request, on a real server: time, size, headers, caches, cookies, ids, and one line in the log."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from fastapi.routing import iter_route_contexts
from lxml import html
from pydantic import SecretStr

from api import connections
from api.main import create_app
from api.security import MOST_BODY, MOST_HEAD
from api.settings import Settings
from services_catalog import log_lines
from services_catalog.accounts.roles import Role
from services_catalog.languages import LANGUAGES
from services_catalog.seeding import seed_database
from tests.conftest import LEARNED, free_port

SECONDS = 1.0
PASSWORD = "four words make one"
#: What somebody might write, and must stand nowhere.
WORDS = "min mand slår mig"
PARTS = {
    "kind": "offers", "record_id": "brobold", "offer_id": "brobold", "number": "1", "target": "ar",
    "district_id": "noerrebro", "need_id": "learn-danish", "rest": "nothing/here", "feedback_id": "none",
}  # fmt: skip


def with_trials(app: FastAPI) -> FastAPI:
    """Add addresses that do what should not happen."""

    @app.get("/trial/broken")
    async def broken() -> None:
        raise ValueError(WORDS)

    @app.get("/trial/slow")
    async def slow() -> None:
        await asyncio.sleep(60)

    @app.get("/trial/slow-thread")
    def slow_thread() -> None:
        time.sleep(3 * SECONDS)

    @app.post("/trial/body")
    async def body(request: Request) -> int:
        return len(await request.body())

    @app.get("/trial/long")
    async def long() -> StreamingResponse:
        async def parts() -> Any:
            for _ in range(6):
                await asyncio.sleep(SECONDS / 3)
                yield b"part "

        return StreamingResponse(parts())

    @app.get("/trial/stops")
    async def stops() -> StreamingResponse:
        async def parts() -> Any:
            yield b"part "
            await asyncio.sleep(60)

        return StreamingResponse(parts())

    # before the pages, one of which takes every address
    app.router.routes[:] = [*app.router.routes[-6:], *app.router.routes[:-6]]
    return app


class Server:
    """The application on a real uvicorn, with the connections of `vejviser serve`."""

    def __init__(self, app: FastAPI) -> None:
        self.app, self.port = app, free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.lines = io.StringIO()
        config = uvicorn.Config(
            app, port=self.port, log_config=None, access_log=False, http=connections.GuardedConnection, ws="none",
            server_header=False,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)

    def start(self) -> None:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.02)
            assert self._thread.is_alive()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=20)

    def get(self, path: str, **more: Any) -> httpx.Response:
        return httpx.get(self.base + path, trust_env=False, timeout=20, **more)

    def post(self, path: str, **more: Any) -> httpx.Response:
        return httpx.post(self.base + path, trust_env=False, timeout=20, **more)

    def raw(self, sent: bytes, *, then: bytes = b"", every: float = 0.2, limit: float = 8.0) -> tuple[bytes, float]:
        """Send bytes, then some more again and again; return what came back and after how many seconds it ended."""
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.port)) as line:
            line.sendall(sent)
            line.settimeout(every)
            answered = b""
            while time.monotonic() - began < limit:
                try:
                    part = line.recv(65536)
                    if not part:
                        break
                    answered += part
                except TimeoutError:
                    line.sendall(then)
                except ConnectionError:
                    break
            return answered, time.monotonic() - began


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    url = f"sqlite:///{tmp_path_factory.mktemp('guards')}/catalogue.db"
    seed_database(url)
    settings = Settings(
        database_url=url, bot_port=free_port(), actions_port=free_port(), data_folder=LEARNED.parent,
        internal_secret=SecretStr("inside"), hsts_seconds=1000, relearn_after=3600, rate_per_session="", rate_per_address="",
    )  # fmt: skip
    running = Server(with_trials(create_app(settings)))
    handler = log_lines.handler("api")
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(running.lines)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(connections, "HEAD_SECONDS", SECONDS)
        running.start()
        running.app.state.accounts.add("anna", frozenset({Role.ADMIN}), PASSWORD)
        yield running
        running.stop()
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def hurry(server: Server) -> Iterator[None]:
    """Let no request take longer than SECONDS, for one test."""
    settings = server.app.state.settings
    usual, settings.request_seconds = settings.request_seconds, SECONDS
    yield
    settings.request_seconds = usual


@pytest.fixture
def public(server: Server) -> Iterator[Settings]:
    """The settings, with `public_url` as it was afterwards."""
    yield server.app.state.settings
    server.app.state.settings.public_url = ""


def lines_of(server: Server, request_id: str) -> list[dict[str, Any]]:
    """Return what the log has of a request, once the line at its end is written."""
    for _ in range(200):
        written = map(json.loads, server.lines.getvalue().splitlines())
        lines = [line for line in written if line["request_id"] == request_id]
        if lines and lines[-1]["event"] == "request":
            return lines
        time.sleep(0.02)
    raise AssertionError("the line of the request is not written")


def test_a_mistake_of_ours_is_a_problem_with_every_header_and_its_words_stay_out_of_the_log(server: Server) -> None:
    answer = server.get("/trial/broken", headers={"Accept-Language": "en"})
    assert answer.status_code == 500
    assert answer.json()["title"] == "Something went wrong here"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    failed, request = lines_of(server, answer.headers["X-Request-ID"])
    assert failed["error"].startswith("ValueError\n")
    assert "test_guards.py" in failed["error"]
    assert (request["route"], request["status"], request["outcome"]) == ("/trial/broken", 500, "failed")
    assert WORDS not in server.lines.getvalue()
    assert WORDS not in answer.text


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("path", ["/trial/slow", "/trial/slow-thread"])
def test_what_takes_too_long_is_stopped_and_says_so(server: Server, path: str) -> None:
    began = time.monotonic()
    answer = server.get(path, headers={"Accept-Language": "en"})
    assert SECONDS <= time.monotonic() - began < 2.5 * SECONDS
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "stopped after 1 seconds" in answer.json()["detail"]


@pytest.mark.usefixtures("hurry")
def test_an_answer_may_take_as_long_as_it_goes_on_and_one_that_stops_is_cut_off(server: Server) -> None:
    assert server.get("/trial/long").text == "part " * 6
    with pytest.raises(httpx.RemoteProtocolError):
        server.get("/trial/stops")


@pytest.mark.usefixtures("hurry")
def test_a_body_that_comes_drop_by_drop_is_cut_off(server: Server) -> None:
    head = b"POST /trial/body HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    answered, seconds = server.raw(head, then=b"x")
    assert answered.startswith(b"HTTP/1.1 408 ")
    assert seconds < 3 * SECONDS


@pytest.mark.parametrize(
    ("sent", "then"),
    [(b"", b""), (b"GET / HT", b""), (b"GET / HTTP/1.1\r\n", b"X-A: b\r\n"), (b"", b"\r\n")],
    ids=["nothing", "half-a-line", "headers-without-end", "empty-lines"],
)
def test_a_head_that_does_not_come_is_cut_off(server: Server, sent: bytes, then: bytes) -> None:
    answered, seconds = server.raw(sent, then=then)
    assert answered.startswith(b"HTTP/1.1 408 ")
    assert seconds < 3 * SECONDS


def test_after_an_answer_the_rest_of_its_request_is_not_read_for_ever(server: Server) -> None:
    head = b"POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n"
    answered, seconds = server.raw(head, then=b"x" * 10)
    assert answered.startswith(b"HTTP/1.1 40")
    assert seconds < 4 * SECONDS


def test_a_connection_serves_one_request_after_another(server: Server) -> None:
    one = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    answered, _ = server.raw(one + one, limit=SECONDS * 1.5)
    assert answered.count(b"HTTP/1.1 200 ") == 2
    with httpx.Client(trust_env=False) as client:
        for _ in range(3):
            assert client.get(f"{server.base}/health/live").status_code == 200
            time.sleep(SECONDS * 1.1)  # longer than a head may take


def test_one_connection_too_many_is_told_so_and_what_to_do_in_danger(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 1)
    with socket.create_connection(("127.0.0.1", server.port)) as first:
        time.sleep(0.1)
        refused = server.post("/api/v1/chat", json={"text": "hej"})
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.json()["detail"].count("112") == 4
        first.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        time.sleep(0.1)
        assert first.recv(65536).startswith(b"HTTP/1.1 200 ")
    assert server.get("/health/live").status_code == 200


def test_a_head_that_is_too_large_is_refused(server: Server) -> None:
    answer = server.get("/health/live", headers={"X-Large": "x" * MOST_HEAD})
    assert answer.status_code == 431
    assert str(MOST_HEAD) in answer.json()["detail"]
    endless, _ = server.raw(b"GET / HTTP/1.1\r\nX-A: ", then=b"x" * 65536, every=0.02)
    assert endless == b"" or endless.startswith(b"HTTP/1.1 431 ")


def test_a_body_that_is_too_large_is_refused_whatever_it_says_of_itself(server: Server) -> None:
    told = server.post("/api/v1/chat", content=b"x" * (MOST_BODY + 1), headers={"Accept-Language": "en"})
    assert told.status_code == 413
    assert str(MOST_BODY) in told.json()["detail"]

    def parts() -> Iterator[bytes]:
        yield from [b"x" * 1000] * 66

    untold = server.post("/trial/body", content=parts())
    assert untold.status_code == 413
    assert untold.json()["status"] == 413
    for length in (b"-1", b"1e3", "٣".encode()):
        answered, _ = server.raw(b"POST /trial/body HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + b"\r\n\r\n")
        assert answered.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 "))


def test_hsts_is_said_over_https_only(server: Server, public: Settings) -> None:
    assert "Strict-Transport-Security" not in server.get("/da").headers
    public.public_url = "https://vejviser.example"
    assert server.get("/da").headers["Strict-Transport-Security"] == "max-age=1000"
    assert server.get("/nowhere").headers["Strict-Transport-Security"] == "max-age=1000"


@pytest.mark.parametrize("address", ["", "https://vejviser.example"], ids=["http", "https"])
def test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_other_hosts(
    server: Server, public: Settings, address: str
) -> None:
    public.public_url = address
    answer = server.post("/api/v1/login", json={"name": "anna", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    name = "__Host-vejviser_login" if address else "vejviser_login"
    assert cookie.startswith(f"{name}=")
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert attributes >= {"httponly", "samesite=lax", "path=/"}
    assert ("secure" in attributes) is bool(address)
    assert not any(part.startswith("domain") for part in attributes)
    mine = {"Cookie": cookie.partition(";")[0]}
    me = server.get("/api/v1/me", headers=mine).json()
    assert me["name"] == "anna"
    other = {"Cookie": mine["Cookie"].replace("__Host-", "") if address else f"__Host-{mine['Cookie']}"}
    assert server.get("/api/v1/me", headers=other).status_code == 401
    gone = server.post("/api/v1/logout", headers=mine | {"X-CSRF-Token": me["csrf_token"]})
    assert gone.headers["set-cookie"].startswith(f'{name}="";')


def pages_of(app: FastAPI) -> set[str]:
    """Return the address of each page, in one language, with something in the place of each of its parts."""
    paths = {one.path for one in iter_route_contexts(app.routes) if "GET" in (one.methods or ()) and one.path}
    pages = {path for path in paths if path.startswith("/{language:language}")} | {"/"}
    assert len(pages) > 35
    parts = PARTS | {"language": "en"}
    return {re.sub(r"\{(\w+)[^}]*\}", lambda part: parts.get(part[1], "x"), page) for page in pages}


@pytest.mark.parametrize("signed_in", [False, True], ids=["resident", "admin"])
def test_no_page_has_a_script_or_a_style_in_it_that_the_policy_would_stop(server: Server, signed_in: bool) -> None:
    headers = {}
    if signed_in:
        session = server.app.state.logins.start(server.app.state.accounts.get("anna"))
        headers = {"Cookie": f"vejviser_login={session}"}
    drawn = 0
    for page in sorted(pages_of(server.app) | {"/da/search?q=dansk", "/ar/search?q=x", "/en/search?q=I+want+to+die"}):
        answer = server.get(page, headers=headers)
        assert answer.status_code < 500, page
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
        open_page = page.count("/") == 1 or re.match(
            r"/../(areas|districts|offers/brobold$|accessibility|favourites)", page
        )
        assert (answer.headers.get("Cache-Control") == "no-store") is (signed_in or not open_page), page
        if "text/html" not in answer.headers.get("Content-Type", "") or not answer.text:
            continue
        drawn += 1
        tree = html.fromstring(answer.text)
        inline = tree.xpath("//script[not(@src) and not(@type='application/ld+json')] | //style | //@style")
        handlers = [name for one in tree.iter() for name in one.attrib if name.startswith("on")]
        scripts = [
            one for one in tree.xpath("//@href | //@src | //@action") if one.strip().lower().startswith("javascript:")
        ]
        assert (inline, handlers, scripts) == ([], [], []), page
    assert drawn > (35 if signed_in else 15)


@pytest.mark.parametrize("path", ["/api/v1/search?q=dansk", "/internal/life-areas/da", "/metrics", "/health/ready"])
def test_what_is_no_page_is_kept_by_no_shared_cache(server: Server, path: str) -> None:
    kept = server.get(path).headers["Cache-Control"]
    assert kept == "no-store" or "private" in kept


def test_the_action_servers_addresses_take_a_language_that_is_spoken_and_nothing_like_it(server: Server) -> None:
    inside = {"X-Vejviser-Secret": "inside"}
    for tag in LANGUAGES:
        assert server.get(f"/internal/life-areas/{tag}", headers=inside).status_code == 200
    for tag in ("dax", "xda", "DA", "da%0A"):
        assert server.get(f"/internal/life-areas/{tag}", headers=inside).status_code == 422
        assert server.get(f"/internal/replies/nothing_found/{tag}", headers=inside).status_code == 422
    asked = server.post("/internal/find", headers=inside, json={"text": "dansk", "language": "dax"})
    assert asked.status_code == 422


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("0123456789abcdef0123456789abcdef", True),
        ("01234567-89ab-cdef-0123-456789abcdef", True),
        ("0101901234", False),
        ("0123456789ABCDEF0123456789ABCDEF", False),
        ("min mand slaar mig, hvad goer jeg nu", False),
        ("0123456789abcdef0123456789abcdef0", False),
        ("", False),
    ],
    ids=["nginx", "uuid", "cpr", "capitals", "words", "longer", "empty"],
)
def test_a_request_id_is_taken_only_when_it_can_be_nothing_else(server: Server, given: str, taken: bool) -> None:
    answer = server.get("/health/live", headers={"X-Request-ID": given})
    told = answer.headers["X-Request-ID"]
    assert (told == given) is taken
    assert re.fullmatch(r"[0-9a-f-]{32,36}", told)


def test_a_request_is_one_line_without_its_address_and_its_words(server: Server) -> None:
    said = server.post("/api/v1/chat", json={"text": "where can I learn Danish with 0101901234"})
    searched = server.get("/da/search", params={"q": "dansk 0101901234"})
    (line,) = [one for one in lines_of(server, said.headers["X-Request-ID"]) if one["event"] == "request"]
    assert line | {"time": "", "ms": 0} == {
        "time": "", "level": "info", "service": "api", "logger": "api.requests", "event": "request",
        "request_id": said.headers["X-Request-ID"], "method": "POST", "route": "/api/v1/chat", "status": 200, "ms": 0,
        "language": "en", "outcome": "degraded",
    }  # fmt: skip
    (line,) = lines_of(server, searched.headers["X-Request-ID"])
    assert line["route"] == "/{language:language}/search"
    written = server.lines.getvalue()
    assert said.json()["session"] not in written
    for word in ("0101901234", "Danish", "dansk", "q="):
        assert word not in written


def test_a_crisis_is_told_by_no_line(server: Server) -> None:
    said = server.post("/api/v1/chat", json={"text": "jeg vil dø"})
    assert said.json()["outcome"] == "crisis"
    (line,) = lines_of(server, said.headers["X-Request-ID"])
    assert line["outcome"] == "answered"
    assert "crisis" not in json.dumps(line)


def test_the_log_is_configured_by_a_file_that_uvicorn_reads() -> None:
    config = json.loads((Path(connections.__file__).with_name("log_config.json")).read_text())
    assert config["handlers"]["stderr"]["()"] == f"{log_lines.__name__}.{log_lines.handler.__name__}"
