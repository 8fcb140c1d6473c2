"""How long after a publication every worker shows what is new: two workers over SQLite, and over PostgreSQL if installed.

.venv/bin/python benchmarks/publishing.py [--times 10]

An editor changes an offer's summary, hands it in and publishes it at the first worker; what is measured is the time from
sending the publication until the search of each worker shows the new summary. All the while residents search at the second
worker: every answer must be whole.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from services_catalog.accounts.accounts import AccountStore, Role  # noqa: E402
from services_catalog.accounts.tokens import TokenStore  # noqa: E402
from services_catalog.seeding import seed_database  # noqa: E402
from tests.conftest import free_port  # noqa: E402
from tests.databases import postgres, postgres_programs  # noqa: E402

OFFER = "/api/v1/editor/records/offers/brobold"
#: Seconds between two looks: finer would measure the looking.
_LOOK = 0.05
_LONGEST = 30.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    times = parser.parse_args().times
    with tempfile.TemporaryDirectory() as folder:
        measure("SQLite", f"sqlite:///{folder}/catalogue.db", Path(folder), times)
    if postgres_programs():
        with (
            tempfile.TemporaryDirectory() as folder,
            tempfile.TemporaryDirectory() as data,
            postgres(Path(folder), free_port()) as server,
        ):
            measure("PostgreSQL", server.new_database(), Path(data), times)


def measure(name: str, url: str, folder: Path, times: int) -> None:
    """Publish some times, and print how long it took until each worker found it."""
    seed_database(url)
    (folder / "learned").symlink_to(ROOT / "var" / "learned")
    accounts = AccountStore(url)
    accounts.add("anna", frozenset({Role.PUBLISHER}), "four words make one")
    _, token = TokenStore(accounts).create("anna", "benchmark", frozenset({Role.PUBLISHER}), days=1)
    with worker(url, folder) as first, worker(url, folder) as second:
        editor = httpx.Client(base_url=first, headers={"Authorization": f"Bearer {token}"}, timeout=60, trust_env=False)
        others = {"the worker that publishes": first, "the other worker": second}
        residents = Residents(second)
        seconds: dict[str, list[float]] = {name: [] for name in others}
        for number in range(times):
            summary = f"Fodbold for piger, udgave {number}."
            tag = draft(editor, summary)
            began = time.perf_counter()
            with ThreadPoolExecutor() as together:
                publication = together.submit(publish, editor, tag)
                found = {who: together.submit(until_shown, address, summary) for who, address in others.items()}
            publication.result()
            for who, moment in found.items():
                seconds[who].append(moment.result() - began)
        asked, wrong = residents.stop()
    for who, some in seconds.items():
        print(f"{name}, {who}: p50 {statistics.median(some):.2f} s, longest {max(some):.2f} s ({len(some)} times)")
    print(f"{name}: residents asked {asked} times meanwhile, {wrong} answers were not whole")


@contextlib.contextmanager
def worker(url: str, folder: Path) -> Iterator[str]:
    """Run the api without Rasa in a process of its own, and yield its address."""
    port = free_port()
    environment = os.environ | {
        "VEJVISER_DATABASE_URL": url,
        "VEJVISER_DATA_FOLDER": str(folder),
        "VEJVISER_BOT_PORT": "9",
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app", "--port", str(port)]
    process = subprocess.Popen([*command, "--log-level", "warning"], cwd=ROOT, env=environment)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{address}/health/live", trust_env=False).status_code == 200:
                    break
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def draft(editor: httpx.Client, summary: str) -> str:
    """Save and hand in another summary, and return the ETag to publish."""
    read = editor.get(OFFER)
    body: dict[str, Any] = read.json()["record"]
    body["texts"]["da"]["summary"] = summary
    reason = {"reason": "measured"}
    saved = editor.put(OFFER, json={"record": body, **reason}, headers={"If-Match": read.headers["ETag"]})
    return str(editor.post(f"{OFFER}/submit", json=reason, headers={"If-Match": saved.headers["ETag"]}).headers["ETag"])


def publish(editor: httpx.Client, tag: str) -> None:
    editor.post(f"{OFFER}/publish", json={"reason": "measured"}, headers={"If-Match": tag}).raise_for_status()


def until_shown(address: str, summary: str) -> float:
    """Return the moment at which a worker's search first shows a summary."""
    deadline = time.perf_counter() + _LONGEST
    with httpx.Client(base_url=address, trust_env=False, timeout=60) as client:
        while time.perf_counter() < deadline:
            hits = client.get("/api/v1/search", params={"q": "brobold", "language": "da"}).json()["hits"]
            if hits and hits[0]["summary"] == summary:
                return time.perf_counter()
            time.sleep(_LOOK)
    raise SystemExit(f"“{summary}” was not shown within {_LONGEST:.0f} s")


class Residents:
    """Somebody who searches all the time; an answer without its offer, or that is no answer, is counted as wrong."""

    def __init__(self, address: str) -> None:
        self._address, self._asked, self._wrong = address, 0, 0
        self._go_on = True
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def stop(self) -> tuple[int, int]:
        """Return how many were asked, and how many answers were wrong."""
        self._go_on = False
        self._thread.join()
        return self._asked, self._wrong

    def _ask(self) -> None:
        with httpx.Client(base_url=self._address, trust_env=False, timeout=60) as client:
            while self._go_on:
                answer = client.get("/api/v1/search", params={"q": "min søn vil på feriecamp", "language": "da"})
                whole = (
                    answer.status_code == 200
                    and answer.json()["hits"][:1]
                    and answer.json()["hits"][0]["id"] == "feriecamps"
                )
                self._asked += 1
                self._wrong += not whole
                time.sleep(0.1)


if __name__ == "__main__":
    main()
