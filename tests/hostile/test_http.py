"""Hostile HTTP at the real server: whatever comes through the public port is answered or refused, and never believed."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from api.login import COOKIE
from api.supervisor import SERVER_OPTIONS
from services_catalog.accounts.accounts import AccountStore, Role
from services_catalog.crisis import CrisisRules
from services_catalog.search import SearchEngine
from services_catalog.seeding import seed_database
from tests.conftest import LEARNED, ROOT, free_port

PUBLIC = "https://vejviser.example"
PASSWORD = "four words make one"
EVIL = "evil.example"
#: Seconds for an answer to begin, and between its pieces on a connection that stays open.
_PATIENCE, _PAUSE = 5.0, 0.5


@dataclass(frozen=True)
class Door:
    """A server that runs: its port, and what it writes."""

    port: int
    log: Path

    def ask(self, sent: bytes) -> list[bytes]:
        """Send bytes as they are and return every answer that comes back on the connection: head and body."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=_PATIENCE) as line:
            received = b""
            with contextlib.suppress(ConnectionError, TimeoutError):  # refused before all was sent; no more comes
                line.sendall(sent)
                while piece := line.recv(65536):
                    received += piece
                    line.settimeout(_PAUSE)
        return re.split(rb"(?=HTTP/1\.[01] \d{3} )", received)[1:]

    def get(self, path: str, *headers: str, method: str = "GET") -> bytes:
        """Send one request, with a path as it is, and return the answer."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *headers, "Connection: close", "", ""]
        answers = self.ask("\r\n".join(lines).encode("latin-1"))
        assert answers, f"no answer to {method} {path[:100]}"
        return answers[0]


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, engine: SearchEngine, crisis_rules: CrisisRules) -> Iterator[Door]:
    """The api as the supervisor starts it, at a public address, with an account, and without Rasa. What it must have learned
    is there before, so that it starts in seconds."""
    folder = tmp_path_factory.mktemp("door")
    url = f"sqlite:///{folder}/catalogue.db"
    seed_database(url)
    accounts = AccountStore(url)
    accounts.add("anna", frozenset({Role.EDITOR}), PASSWORD)
    accounts.close()
    (folder / "learned").symlink_to(LEARNED)
    found = Door(free_port(), folder / "log")
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "--factory",
        "api.main:create_app",
        "--port",
        str(found.port),
        *SERVER_OPTIONS,
    ]
    environment = os.environ | {
        "VEJVISER_DATABASE_URL": url,
        "VEJVISER_DATA_FOLDER": str(folder),
        "VEJVISER_BOT_PORT": str(free_port()),
        "VEJVISER_PUBLIC_URL": PUBLIC,
        "VEJVISER_INTERNAL_SECRET": "inside",
    }
    with found.log.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        end = time.monotonic() + 120
        while time.monotonic() < end and process.poll() is None:
            try:
                found.get("/health/live")
                break
            except (OSError, AssertionError):
                time.sleep(0.2)
        else:
            pytest.fail(f"the api did not start:\n{found.log.read_text()[-3000:]}")
        yield found
    finally:
        process.terminate()
        process.wait(20)


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def head_of(answer: bytes) -> str:
    return answer.split(b"\r\n\r\n", 1)[0].decode("latin-1").lower()


def body_of(answer: bytes) -> str:
    return answer.split(b"\r\n\r\n", 1)[1].decode(errors="replace")


GET = b"GET /health/live HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /api/v1/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
RAW = {
    "many headers": GET + b"".join(b"X-%d: y\r\n" % number for number in range(5000)) + b"\r\n",
    "a long header": GET + b"X: " + b"y" * 200_000 + b"\r\n\r\n",
    "a header without a colon": GET + b"nonsense\r\n\r\n",
    "control characters in a header": GET + b"X: a\x00b\x01\x7f\r\n\r\n",
    "a folded header": GET + b"X: a\r\n b\r\n\r\n",
    "a space before the colon": GET + b"Host : evil.example\r\n\r\n",
    "bytes above ascii in a header": GET + b"X: \xff\xfe\xf0\r\nCookie: \xff=\xfe\r\nAccept-Language: \xe9\r\n\r\n",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 30\r\n\r\n{}GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "length and chunks": POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    + b"GET /da HTTP/1.1\r\nHost: x\r\n\r\n",
    "a hidden transfer coding": POST + b"Transfer-Encoding: xchunked\r\nContent-Length: 2\r\n\r\n{}",
    "a negative length": POST + b"Content-Length: -1\r\n\r\n{}",
    "a huge length": POST + b"Content-Length: 99999999999999999999\r\n\r\n{}",
    "a length that is no number": POST + b"Content-Length: \xb2\r\n\r\n{}",
    "a wrong chunk": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
    "more chunks than allowed": POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"1000\r\n" + b"a" * 4096 + b"\r\n"
    + (b"1000\r\n" + b"a" * 4096 + b"\r\n") * 40 + b"0\r\n\r\n",
    "half a body": POST + b"Content-Length: 100\r\n\r\n{",
    "no host": b"GET /da HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /da HTTP/1.1\r\nHost: a\r\nHost: evil.example\r\n\r\n",
    "an empty host": b"GET /da HTTP/1.1\r\nHost:\r\n\r\n",
    "a host that is none": b"GET /sitemap.xml HTTP/1.1\r\nHost: a b<>\"'{}[]@:99999\r\n\r\n",
    "an address of another site": b"GET http://evil.example/da HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "the old protocol": b"GET /da\r\n\r\n",
    "the new protocol": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a version that is none": b"GET /da HTTP/9.9\r\nHost: x\r\n\r\n",
    "tls": bytes.fromhex("16030100a5010000a10303") + b"\x00" * 150,
    "noise": bytes(range(256)) * 20,
    "only line ends": b"\r\n" * 1000,
    "an upgrade": GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n",
    "an unasked expectation": POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
}  # fmt: skip


@pytest.mark.parametrize("sent", RAW.values(), ids=RAW)
def test_bytes_that_are_no_good_request_are_refused(door: Door, sent: bytes) -> None:
    answers = door.ask(sent)
    assert all(status_of(one) < 500 or status_of(one) == 501 for one in answers), answers
    # no second request hides in the first
    assert len([one for one in answers if status_of(one) >= 200]) <= 1 or b"100-continue" in sent, answers
    assert status_of(door.get("/health/live")) == 200, "it lives on"


@pytest.mark.parametrize(
    "method", ["OPTIONS", "TRACE", "TRACK", "CONNECT", "DELETE", "PATCH", "PUT", "PROPFIND", "get", "X" * 50]
)
def test_a_method_that_a_page_does_not_take_is_refused(door: Door, method: str) -> None:
    for path in ("/da", "/da/search?q=dansk", "/static/css/base.css", "/api/v1/search", "/da/editor", "/internal/find"):
        answer = door.get(path, "X-Secret: marked", method=method)
        assert status_of(answer) in (400, 404, 405, 501), (path, answer[:300])
        assert "marked" not in body_of(answer), "nothing is echoed"


PAGES = (
    "/da",
    "/ar/search?q=dansk",
    "/en/offers/brobold",
    "/uk/areas",
    "/sitemap.xml",
    "/robots.txt",
    "/en/offers/brobold/slip",
    "/da/login",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_head_has_no_body(door: Door, path: str) -> None:
    answer = door.get(path, method="HEAD")
    assert (status_of(answer), body_of(answer)) == (200, "")


PATHS = [
    "/static/../settings.py", "/static/../../pyproject.toml", "/static/%2e%2e/settings.py", "/static/..%2fsettings.py",
    "/static/%2e%2e%2f%2e%2e%2fpyproject.toml", "/static/..%5csettings.py", "/static//etc/passwd", "/static/%00",
    "/static/css", "/static/", "/static/css/base.css%00.png", "/static/" + "a/" * 2000, "/static/" + "a" * 5000,
    "/da%2fsearch", "/da/%2e%2e/internal/find", "/da/offers/..%2f..%2finternal", "/da/offers/%00", "/da/offers/%ff%fe",
    "/da/offers/" + "a" * 20_000, "/%ff", "/da/%c0%ae%c0%ae/", "/da/search?q=" + "%D0%B0" * 9000,
    "/da/search?q=" + "a" * 60_000, "/da/search?" + "&".join(f"q{number}=x" for number in range(8000)),
    "/da/search?q=%00&q=%ff", "/da/search?q=%F0%9F%98", "/da/search?language=%0d%0aX-Injected:1",
    "/da/search?q[]=x&q[$ne]=1", "/da/search?q=%0d%0aX-Injected:%201%0d%0a%0d%0a<script>",
    "/api/v1/search?q=x&language=%0d%0aX-Injected:1", "/api/v1/search?q=x&limit=1e9", "/api/v1/search?q=x&age=-1",
    "/api/v1/search?q=x&age=999999999999999999999999", "/api/v1/offers/%0d%0aX-Injected:1",
    "/hsds/services?page=99999999999999999999", "/hsds/services?per_page=-1",
    "/hsds/services?search=" + "%27%20OR%201=1--", "/da/areas/%3Cscript%3E", "/da/districts/..%2f..",
    "/da/slip?offer=" + "&offer=".join(["x"] * 3000), "/%0d%0aX-Injected:%201", "/da/%0d%0aX-Injected:%201",
    "//evil.example", "//evil.example/%2e%2e", "/\\evil.example", "/.git/config", "/.env", "/da/editor/..;/users",
    "/api/v1/../../internal/find", "/da?language=xx", "/xx", "/DA", "/da/", "/da//search", "/favicon.ico?%",
    "/?%=%&&==", "*",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=[path[:40] for path in PATHS])
def test_an_address_that_leads_nowhere_gives_nothing_away(door: Door, path: str) -> None:
    answer = door.get(path)
    assert status_of(answer) < 500, answer[:500]
    assert "\nx-injected" not in head_of(answer)
    assert "location: //" not in head_of(answer)
    assert EVIL not in head_of(answer)
    for inside in ("class Settings", "requires-python", "root:x:", "repositoryformatversion"):
        assert inside not in body_of(answer)
    assert "<script>" not in body_of(answer)


RANGES = [
    "bytes=0-10",
    "bytes=-5",
    "bytes=5-1",
    "bytes=0-0,1-1,2-2",
    "bytes=" + ",".join(["0-"] * 2000),
    "bytes=99999999-",
    "lines=1-2",
    "bytes=a-b",
]


@pytest.mark.parametrize("wanted", RANGES, ids=[one[:20] for one in RANGES])
def test_parts_of_a_file_never_come_to_more_than_the_file(door: Door, wanted: str) -> None:
    whole = door.get("/static/css/pages.css")
    assert status_of(whole) == 200
    answer = door.get("/static/css/pages.css", f"Range: {wanted}")
    assert status_of(answer) in (200, 206, 400, 416), head_of(answer)
    assert len(answer) < 2 * len(whole)


@pytest.mark.parametrize(
    "headers",
    [
        ("X-Forwarded-Host: evil.example",),
        ("X-Forwarded-Proto: javascript", "X-Forwarded-Port: 1", "X-Forwarded-Host: evil.example"),
        ("Forwarded: host=evil.example;proto=http",),
        ("X-Original-URL: /da/editor", "X-Rewrite-URL: /da/editor"),
        ("X-Host: evil.example",),
        ("X-Forwarded-Prefix: /evil.example",),
        ("X-Forwarded-For: evil.example, 127.0.0.1",),
        ("X-HTTP-Method-Override: DELETE",),
    ],
    ids=lambda headers: headers[0].partition(":")[0],
)
def test_headers_that_a_proxy_might_send_change_no_page(door: Door, headers: tuple[str, ...]) -> None:
    for path in (*PAGES, "/hsds", "/hsds/services?per_page=1", "/da/nowhere", "/", "/en/offers/brobold/slip"):
        plain, forged = door.get(path), door.get(path, *headers)
        assert status_of(plain) == status_of(forged), path
        assert without_what_differs(body_of(plain)) == without_what_differs(body_of(forged)), path
        assert EVIL not in head_of(forged)


def without_what_differs(body: str) -> str:
    """Leave the CSRF token and the moments out of a page."""
    return re.sub(r"[0-9a-f]{64}|\d{4}-\d\d-\d\dT[\d:.+Z]+", "", body)


HOSTS = [
    "evil.example",
    "127.0.0.1@evil.example",
    "evil.example:443",
    "vejviser.example.evil.example",
    'x"><script>alert(1)</script>',
]


@pytest.mark.parametrize("host", HOSTS)
def test_no_link_follows_a_forged_host(door: Door, host: str) -> None:
    for path in (
        *PAGES,
        "/",
        "/hsds",
        "/hsds/",
        "/hsds/services?per_page=1",
        "/da/editor",
        "/da/nowhere",
        "/en/offers/brobold/slip",
        "/da/favourites",
        "/static/css",
    ):
        answers = door.ask(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        assert answers
        assert EVIL not in head_of(answers[0]), path
        assert EVIL not in body_of(answers[0]), path
        assert "alert(1)" not in answers[0].decode(errors="replace"), path


def test_links_that_leave_the_service_are_at_its_public_address(door: Door) -> None:
    for path in ("/sitemap.xml", "/robots.txt", "/en/offers/brobold/slip"):
        assert PUBLIC in body_of(door.get(path)), path


@pytest.fixture
def visitor(door: Door) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://127.0.0.1:{door.port}", trust_env=False, timeout=_PATIENCE) as client:
        yield client


ELSEWHERE = [
    "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
    "https:evil.example", "HTTPS://evil.example", "/\t/evil.example", "\t//evil.example", " //evil.example",
    "/%09/evil.example\r\nX-Injected: 1", "javascript:alert(1)", "data:text/html,x", "//evil.example@127.0.0.1",
    "/..//evil.example", "/.//evil.example", "@evil.example", "/\u2028/evil.example", "http:///evil.example",
    "/da\n//evil.example", "//",
]  # fmt: skip


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_signing_in_leads_nowhere_else(visitor: httpx.Client, wanted: str) -> None:
    answer = visitor.post("/da/login", data={"name": "anna", "password": PASSWORD, "next": wanted})
    assert answer.status_code == 303
    target = httpx.URL("https://own.example/da/login").join(answer.headers["location"])
    assert target.host == "own.example", answer.headers["location"]
    assert not answer.headers["location"].startswith(("//", "/\\"))
    assert "x-injected" not in answer.headers
    cookie = answer.headers["set-cookie"].partition(";")[0]  # the browser here would keep it for https
    again = visitor.get("/da/login", params={"next": wanted}, headers={"Cookie": cookie})  # signed in: on at once
    assert httpx.URL("https://own.example/da/login").join(again.headers["location"]).host == "own.example"


@pytest.mark.parametrize(
    "cookie",
    ["", "x", "A" * 4000, "../../etc/passwd", "' OR '1'='1", "%00", "\u00e9", "a=b; c", '{"admin": true}', "0" * 43, "null"],
    ids=lambda cookie: f"cookie {cookie[:12]}",
)  # fmt: skip
def test_a_cookie_made_up_opens_nothing(door: Door, cookie: str) -> None:
    for name in (COOKIE, f"__Host-{COOKIE}"):
        assert status_of(door.get("/api/v1/me", f"Cookie: {name}={cookie}")) == 401
        assert status_of(door.get("/da/editor", f"Cookie: {name}={cookie}; {name}=x")) == 303


def test_a_session_is_new_after_signing_in_and_the_one_brought_along_is_not_taken(visitor: httpx.Client) -> None:
    fixed = "F" * 43
    answer = visitor.post(
        "/da/login", data={"name": "anna", "password": PASSWORD}, headers={"Cookie": f"{COOKIE}={fixed}"}
    )
    assert answer.status_code == 303
    assert fixed not in answer.headers["set-cookie"]
    assert visitor.get("/api/v1/me", headers={"Cookie": f"{COOKIE}={fixed}"}).status_code == 401


def test_nothing_of_all_this_broke_anything_inside(door: Door) -> None:
    assert "Traceback" not in door.log.read_text(errors="replace")
