"""Slow, full and wrong are faults too: a database that hangs, a full disk, a clock that jumps, while residents talk."""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from services_catalog.catalogue import Catalogue
from tests.chaos.small_app import PASSWORD, SAID, SmallApp, fill, running
from tests.conftest import fill_disk, small_disk
from tests.databases import PostgresServer

#: Seconds within which every message is answered.
LONGEST_ANSWER = 5.0
#: How long PostgreSQL hangs: long enough that every wait of ours is over. 60 for the whole measurement.
HANG_SECONDS = float(os.environ.get("VEJVISER_HANG", "14"))
RESIDENTS = 5


@dataclass
class Talk:
    """What residents saw: how often they were answered, the longest answer in seconds, and what was wrong."""

    answered: int = 0
    longest: float = 0.0
    wrong: list[str] = field(default_factory=list)


@contextmanager
def residents(app: SmallApp) -> Iterator[Talk]:
    """Let residents talk, search and read pages all the time while the block runs."""
    talk, done, lock = Talk(), threading.Event(), threading.Lock()

    def timed(request: Callable[[], httpx.Response]) -> httpx.Response:
        began = time.monotonic()
        answer = request()
        with lock:
            talk.answered += 1
            talk.longest = max(talk.longest, time.monotonic() - began)
            if answer.status_code != 200:
                talk.wrong.append(f"{answer.status_code} {answer.text[:200]}")
        return answer

    def ask(number: int) -> None:
        text, language = SAID[number % len(SAID)]
        session: str | None = None
        while not done.is_set():
            try:
                answer = timed(lambda: app.say(text, session)).json()  # noqa: B023 - called at once
                timed(lambda: app.get("/api/v1/search", params={"q": text}))
                timed(lambda: app.get(f"/{language}/search", params={"q": text}))
                if answer["language"] != language or session not in (None, answer["session"]):
                    talk.wrong.append(f"another language or conversation: {answer}")
                session = answer["session"]
            except (httpx.HTTPError, KeyError, ValueError) as error:
                talk.wrong.append(repr(error))
            done.wait(0.3)

    for text, language in SAID:  # what is made at first use is made now
        for answer in (app.say(text), app.get(f"/{language}/search", params={"q": text})):
            assert answer.status_code == 200
    threads = [threading.Thread(target=ask, args=(number,)) for number in range(RESIDENTS)]
    for thread in threads:
        thread.start()
    try:
        yield talk
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert talk.wrong == []
    assert talk.longest < LONGEST_ANSWER
    assert talk.answered > RESIDENTS


def until_saved(app: SmallApp, owner: str, seconds: float) -> None:
    """Save until that is possible, some seconds at most, and see that it was."""
    deadline = time.monotonic() + seconds
    while (answer := app.save(owner)).status_code != 200:
        assert time.monotonic() < deadline, answer.text
        time.sleep(0.3)
    assert app.read().json()["record"]["owner"] == owner


def test_a_hanging_database_keeps_editors_waiting_and_nobody_else(
    postgres_server: PostgresServer, catalogue: Catalogue, tmp_path: Path
) -> None:
    url = postgres_server.new_database()
    with running(url, tmp_path, fill(url, catalogue)) as app, residents(app):
        until_saved(app, "before", 20)
        with postgres_server.hanging():
            began = time.monotonic()  # staff in the chat, known by a token that only the database knows
            assert app.say("hvor kan jeg få hjælp", signed=True).status_code == 503
            assert time.monotonic() - began < LONGEST_ANSWER
            ends = time.monotonic() + HANG_SECONDS
            waited = []
            while time.monotonic() < ends:
                began = time.monotonic()
                refused = app.read()
                waited.append(time.monotonic() - began)
                assert refused.status_code == 503
                assert refused.headers["content-type"] == "application/problem+json"
                assert refused.headers["retry-after"]
                began = time.monotonic()
                assert app.get("/health/ready").json()["catalogue"]
                assert time.monotonic() - began < LONGEST_ANSWER
            assert waited[0] < 13, "the first waits ten seconds"
            assert len(waited) > 2
            assert min(waited) < 1, "the next ones are told at once"
        until_saved(app, "after", 30)


def test_a_full_disk_saves_nothing_says_so_and_serves_on(catalogue: Catalogue, tmp_path: Path) -> None:
    with small_disk(kilobytes=24_000) as disk:
        url = f"sqlite:///{disk}/catalogue.db"
        with running(url, disk, fill(url, catalogue)) as app, residents(app):
            until_saved(app, "before", 20)
            filler = fill_disk(disk)
            refused = app.save("lost")
            while refused.status_code == 200:  # the log of the database had room left
                refused = app.save("lost")
            newest = app.read().json()["record"]["owner"]
            assert refused.status_code == 507
            assert "nothing was saved" in refused.json()["detail"]
            assert app.save("lost too").status_code == 507
            assert app.read().json()["record"]["owner"] == newest
            assert app.get("/da").status_code == 200
            filler.unlink()
            until_saved(app, "after", 20)


def libfaketime() -> Path:
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found or shutil.which("faketime") is None:
        pytest.skip("libfaketime is not installed (Debian: faketime)")
    return found[0]


def test_a_clock_that_jumps_a_day_ends_no_conversation_and_locks_nobody_out(
    catalogue: Catalogue, tmp_path: Path
) -> None:
    library, clock = libfaketime(), tmp_path / "clock"
    url = f"sqlite:///{tmp_path}/catalogue.db"
    jumping = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "VEJVISER_RATE_PER_SESSION": "300/minute",
        "VEJVISER_RATE_PER_ADDRESS": "2000/minute",
        "VEJVISER_RATE_PER_ACCOUNT": "300/minute",
    }
    clock.write_text("+0")
    with running(url, tmp_path, fill(url, catalogue), **jumping) as app, residents(app):
        until_saved(app, "today", 20)
        for jump in ("+1d", "+0", "-1d", "+400d", "+0"):
            clock.write_text(jump)
            time.sleep(1.5)
            days = int(jump.rstrip("d"))
            signed_in = httpx.post(
                f"{app.base}/api/v1/login", json={"name": "anna", "password": PASSWORD}, timeout=20, trust_env=False
            )
            assert signed_in.status_code == 200, (jump, signed_in.text)
            if days < 30:  # so long the token lasts
                until_saved(app, f"at {jump}", 10)
            else:
                assert app.read().status_code == 403
                offers = app.get("/api/v1/search", params={"q": "hjælp", "limit": 10}).json()["hits"]
                assert [hit["id"] for hit in offers if hit["overdue_since"]], "by then some must be looked at again"
        assert app.get("/health/ready").status_code == 200
        # libfaketime itself lets a sleep fail that a jump falls into; the watch for publications goes on after it
        errors = re.findall(r"^\w*(?:Error|Exception)\b.*", app.log.read_text(), re.MULTILINE)
        assert set(errors) <= {"OSError: [Errno 22] Invalid argument"}
