"""The whole application over one large catalogue: two api workers over one database, asked over HTTP. How long a start takes
until the first right answer, what a worker takes in memory, how soon pages answer, and when a publication is found.

.venv/bin/python benchmarks/large_app.py 100000 --folder /tmp/large     (the first time some minutes: an index is made)

--folder keeps the database and the index for the next time. On PostgreSQL: --database postgresql://…, an empty one or one that
was filled here before.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from generate import city  # noqa: E402
from publishing import draft, publish, until_shown  # noqa: E402
from running import free_port, process, quiet, wait_for  # noqa: E402

from services_catalog.accounts.accounts import AccountStore, Role  # noqa: E402
from services_catalog.accounts.tokens import TokenStore  # noqa: E402
from services_catalog.database import DatabaseRepository, migrate  # noqa: E402
from services_catalog.errors import AccountExists  # noqa: E402

RIGHT = ("brobold", "brobold")
PAGES = (
    "/api/v1/search?q=svømning for min datter på 8 år",
    "/api/v1/search?q=help with homework",
    "/api/v1/search?q=де вивчити данську мову",
    "/api/v1/search?q=أين أتعلم الدنماركية",
    "/da",
    "/da/search?q=svømning",
    "/da/areas",
    "/da/areas/leisure",
    "/da/areas/leisure?page={page}",
    "/da/districts",
    "/da/districts/valby?page={page}",
    "/da/offers/danskuddannelse",
    "/hsds/services?search=svømning",
    "/hsds/services?per_page=50&page={page}",
    "/hsds/services?modified_after=2030-01-01",
    "/hsds/services?minimal=true&page={page}",
    "/hsds/organizations",
    "/sitemap.xml",
    "/sitemap-1.xml",
)
EDITORS = (
    "/api/v1/editor/records/offers?per_page=50&page={page}",
    "/api/v1/editor/records/offers?state=draft",
    "/api/v1/editor/records/offers/danskuddannelse",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", type=int)
    parser.add_argument("--folder", type=Path, help="keep the database and the index here")
    parser.add_argument("--database", default="", help="a SQLite file in the folder where this is empty")
    parser.add_argument("--times", type=int, default=20, help="ask each page so often")
    parser.add_argument("--publications", type=int, default=8)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        place = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vejviser-large-")))
        place.mkdir(parents=True, exist_ok=True)
        url = options.database or f"sqlite:///{place}/catalogue.db"
        if fill(url, options.size, place) or not list((place / "learned").glob("offers-*")):
            with worker(url, place) as (_, _, taken):
                print(f"first start, the offers and the index are written: {taken}", flush=True)
        with worker(url, place) as (first, pid, alone), worker(url, place) as (second, _, beside):
            print(f"{options.size} offers; to the first right answer {alone}, the second worker {beside}")
            asked = [*PAGES, *EDITORS]
            editor = httpx.Client(base_url=first, headers=publisher(url), timeout=120, trust_env=False)
            for address in asked:
                show(address, timed(editor, address, options.times))
            print("of its own, and of files that all workers share:", *memory(pid), "MB")
            publications(editor, {"here": first, "other": second}, options.publications)


def fill(url: str, size: int, folder: Path) -> bool:
    """Fill a database that is empty, and tell whether it was. The danger detector is copied: it does not hang on the size."""
    migrate(url)
    repository = DatabaseRepository(url)
    try:
        if repository.version():
            return False
        repository.replace(city(size))
    finally:
        repository.close()
    (folder / "learned").mkdir(exist_ok=True)
    for known in (ROOT / "var" / "learned").glob("crisis-*.pickle"):
        shutil.copy(known, folder / "learned")
    return True


@contextlib.contextmanager
def worker(url: str, folder: Path) -> Iterator[tuple[str, int, str]]:
    """Run the api in a process of its own; yield its address, its process and how long the first right answer took."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    settings = {"VEJVISER_DATABASE_URL": url, "VEJVISER_DATA_FOLDER": str(folder), "VEJVISER_BOT_PORT": "9"}
    command = [sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app", "--port", str(port)]
    began = time.perf_counter()
    with process([*command, "--log-level", "warning"], ROOT, quiet() | settings) as pid:
        question, right = RIGHT
        wait_for(
            f"{address}/api/v1/search?q={question}&language=da&limit=10",
            lambda answer: right in [hit["id"] for hit in answer.json()["hits"]],
        )
        yield address, pid, f"{time.perf_counter() - began:.1f} s ({processor_seconds(pid):.1f} s of a processor)"


def processor_seconds(pid: int) -> float:
    times = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")


def publisher(url: str) -> dict[str, str]:
    """Return the header of an account that may publish."""
    accounts = AccountStore(url)
    with contextlib.suppress(AccountExists):
        accounts.add("anna", frozenset({Role.PUBLISHER}), "four words make one")
    _, token = TokenStore(accounts).create("anna", f"benchmark {os.getpid()}", frozenset({Role.PUBLISHER}), days=1)
    return {"Authorization": f"Bearer {token}"}


def timed(client: httpx.Client, address: str, times: int) -> tuple[int, float, list[float], int]:
    """Return the status, the milliseconds of the first answer and of the others, and the bytes of one."""
    took = []
    for number in range(times + 1):
        began = time.perf_counter()
        answer = client.get(address.format(page=number + 1))
        took.append((time.perf_counter() - began) * 1e3)
    return answer.status_code, took[0], took[1:], len(answer.content)


def show(address: str, found: tuple[int, float, list[float], int]) -> None:
    status, first, others, size = found
    p50, p95 = statistics.median(others), statistics.quantiles(others, n=20)[-1]
    print(f"{status} first {first:7.1f}, p50 {p50:6.1f}, p95 {p95:6.1f} ms, {size // 1000:5} kB  {address}", flush=True)


def memory(pid: int) -> tuple[int, int]:
    status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return int(status["RssAnon"].split()[0]) // 1024, int(status["RssFile"].split()[0]) // 1024


def publications(editor: httpx.Client, workers: dict[str, str], times: int) -> None:
    """Publish an offer some times, and print how long from sending that until each worker finds what is new."""
    seconds: dict[str, list[float]] = {name: [] for name in ("answered", *workers)}
    for number in range(times):
        summary = f"Fodbold for piger, udgave {number} ved {time.time():.0f}."
        tag = draft(editor, summary)
        began = time.perf_counter()
        with ThreadPoolExecutor() as together:
            found = {name: together.submit(until_shown, address, summary) for name, address in workers.items()}
            publish(editor, tag)
            seconds["answered"].append(time.perf_counter() - began)
        for name, moment in found.items():
            seconds[name].append(moment.result() - began)
    for name, some in seconds.items():
        print(f"publication {name}: p50 {statistics.median(some):.2f} s, longest {max(some):.2f} s ({len(some)} times)")


if __name__ == "__main__":
    main()
