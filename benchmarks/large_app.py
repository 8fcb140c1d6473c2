"""The real application over one large catalogue: how long it starts, what it takes in memory, how soon it answers.

.venv/bin/python benchmarks/large_app.py 10000     (some minutes, most of them the first start, which writes the index)
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from fastapi.testclient import TestClient
from generate import city

from api.main import create_app
from api.settings import Settings
from services_catalog.database import DatabaseRepository, migrate

QUESTIONS = ("svømning for min datter på 8 år", "help with homework", "де вивчити данську мову", "أين أتعلم الدنماركية")
PAGES = (
    "/da/search?q=svømning",
    "/da/areas",
    "/da/areas/leisure",
    "/da/districts",
    "/da/offers/danskuddannelse",
    "/hsds/services?search=svømning",
    "/hsds/services?per_page=50",
    "/sitemap.xml",
)


def fill(url: str, size: int) -> None:
    migrate(url)
    repository = DatabaseRepository(url)
    repository.replace(city(size))
    repository.close()


def start(url: str, folder: Path) -> None:
    """Start the application once, ask it, and print what that took."""
    began = time.perf_counter(), time.process_time()
    with TestClient(create_app(Settings(database_url=url, data_folder=folder))) as client:
        print(
            f"ready after {time.perf_counter() - began[0]:.1f} s ({time.process_time() - began[1]:.1f} s of a processor)"
        )
        addresses = [f"/api/v1/search?q={question}" for question in QUESTIONS]
        for address in (*addresses, *PAGES):
            client.get(address)
            seconds = []
            for _ in range(5):
                asked = time.process_time()
                status = client.get(address).status_code
                seconds.append(time.process_time() - asked)
            print(f"{status} {median(seconds) * 1e3:7.1f} ms of a processor  {address}")
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines())
    print("memory of its own", int(status["RssAnon"].split()[0]) // 1024, "MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("size", type=int)
    parser.add_argument("--start", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.start:
        start(options.start[0], Path(options.start[1]))
        return
    with tempfile.TemporaryDirectory(prefix="vejviser-large-") as place:
        url = f"sqlite:///{place}/catalogue.db"
        fill(url, options.size)
        for which in ("first start, the index is written", "second start, from the index on disk"):
            print(f"{which}, {options.size} offers:", flush=True)
            subprocess.run([sys.executable, __file__, str(options.size), "--start", url, place], check=True)


if __name__ == "__main__":
    main()
