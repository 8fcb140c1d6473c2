"""What the tests share: the real catalogue, the real application, the whole running stack."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, sync_playwright
from pydantic import SecretStr

from api.main import create_app
from api.settings import Settings
from services_catalog.catalogue import Catalogue
from services_catalog.crisis import CrisisRules
from services_catalog.database import migrate
from services_catalog.learned import load_crisis_rules, load_engine
from services_catalog.search import SearchEngine
from services_catalog.seed import read_catalogue
from services_catalog.seeding import seed_database
from tests.browser.serving import CHROMIUM
from tests.databases import PostgresServer, postgres, postgres_programs

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
#: Learned once for all tests, and again when data or code change.
LEARNED = ROOT / "var" / "learned"
STAFF_TOKEN = "staff-token-of-the-tests"
#: All tests ask from one address, more than anybody may; those of the limits set their own.
os.environ |= dict.fromkeys((f"VEJVISER_RATE_PER_{kind}" for kind in ("SESSION", "ADDRESS", "ACCOUNT")), "")


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return read_catalogue()


@pytest.fixture(scope="session")
def small_catalogue(catalogue: Catalogue) -> Catalogue:
    """A few offers that need no others, without needs: learned in a tenth of a second."""
    alone = [one for one in catalogue.published if not one.parent and not one.alternatives][:4]
    offers = {one.id: one.model_copy(update={"needs": ()}) for one in alone}
    return dataclasses.replace(catalogue, offers=offers, needs={}, questions={}, concepts={})


@pytest.fixture(scope="session")
def engine(catalogue: Catalogue) -> SearchEngine:
    return load_engine(catalogue, LEARNED)


@pytest.fixture(scope="session")
def crisis_rules() -> CrisisRules:
    return load_crisis_rules(LEARNED)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL for the whole run; tests that ask for it are skipped where Debian's package is not installed."""
    if postgres_programs() is None:
        pytest.skip("PostgreSQL is not installed (Debian: postgresql)")
    # not below pytest's own folder: PostgreSQL's user may not enter it
    folder = Path(tempfile.mkdtemp(prefix="vejviser-postgres-"))
    try:
        with postgres(folder, free_port()) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a new database with today's schema and nothing in it; each test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/catalogue.db"
    else:
        url = request.getfixturevalue("postgres_server").new_database()
    migrate(url)
    return url


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a filled catalogue; what asks for it runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('catalogue')}/catalogue.db"
    else:
        url = str(request.getfixturevalue("postgres_server").new_database())
    seed_database(url)
    return url


@pytest.fixture(scope="session")
def client(database_url: str) -> Iterator[TestClient]:
    """The application without Rasa: everything but the conversation."""
    settings = Settings(
        database_url=database_url,
        bot_port=free_port(),
        staff_tokens=SecretStr(f"another,{STAFF_TOKEN}"),
        internal_secret=SecretStr("inside"),
        data_folder=LEARNED.parent,
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file: Playwright keeps an event loop running, and what comes after may need its own."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def small_disk(kilobytes: int) -> Iterator[Path]:
    """Give the folder of a disk of its own with so much room, in memory; skips the test where that may not be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="vejviser-disk-"))
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        folder.rmdir()
        pytest.skip("only root may mount a small disk, and not everywhere")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


def fill_disk(folder: Path) -> Path:
    """Write a file until the disk of `folder` is full, and return it."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (1 << 16, 1 << 12, 1 << 9, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)
    return filler


@dataclass
class Stack:
    """The whole service, running: api, Rasa, action server."""

    base: str
    process: subprocess.Popen[bytes]
    folder: Path
    bot_port: int
    actions_port: int

    def chat(self, text: str, session: str | None = None) -> dict[str, object]:
        body = {"text": text} | ({"session": session} if session else {})
        response = httpx.post(f"{self.base}/api/v1/chat", json=body, timeout=15, trust_env=False)
        response.raise_for_status()
        return dict(response.json())


def start_stack(folder: Path, root: Path = ROOT, **settings: str) -> Stack:
    """Start `vejviser serve` with its own database and ports and the model trained before, and wait until it is ready.

    A `root` that is a copy of the project learns and trains in `folder`.
    """
    ports = {name: str(free_port()) for name in ("PORT", "BOT_PORT", "ACTIONS_PORT")}
    if root == ROOT:
        (folder / "models").symlink_to(ROOT / "var" / "models")
        LEARNED.mkdir(parents=True, exist_ok=True)
        (folder / "learned").symlink_to(LEARNED)
    environment = os.environ | {f"VEJVISER_{name}": value for name, value in (ports | settings).items()}
    environment |= {
        "VEJVISER_DATA_FOLDER": str(folder),
        "VEJVISER_DATABASE_URL": f"sqlite:///{folder}/catalogue.db",
        "VEJVISER_STAFF_TOKENS": STAFF_TOKEN,
    }
    process = subprocess.Popen(
        [sys.executable, "-c", "from api.cli import main; main()", "serve"],
        cwd=root,
        env=environment,
        stdout=(folder / "serve.log").open("wb"),
        stderr=subprocess.STDOUT,
    )
    stack = Stack(
        f"http://127.0.0.1:{ports['PORT']}", process, folder, int(ports["BOT_PORT"]), int(ports["ACTIONS_PORT"])
    )
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            answer = httpx.get(f"{stack.base}/health/ready", timeout=2, trust_env=False)
            if answer.status_code == 200 and answer.json()["conversation"]:
                return stack
        time.sleep(0.3)
    stop_stack(stack)
    raise AssertionError("the stack did not start:\n" + (folder / "serve.log").read_text()[-4000:])


def stop_stack(stack: Stack) -> None:
    if stack.process.poll() is None:
        stack.process.send_signal(signal.SIGINT)
        try:
            stack.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            stack.process.kill()
            stack.process.wait()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    running = start_stack(tmp_path_factory.mktemp("stack"))
    yield running
    stop_stack(running)
