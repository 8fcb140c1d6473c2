"""Start the service for browser tests and pictures: the real application and catalogue, without Rasa."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
LANGUAGES = {"da": "ltr", "en": "ltr", "uk": "ltr", "ar": "rtl"}
#: Where the exit leads in tests: nobody is asked for anything outside.
EXIT = "/health/live"
#: The environment of each service that runs, by its address: for what a test does beside the pages (accounts, data).
ENVIRONMENTS: dict[str, dict[str, str]] = {}
_PATIENCE = 120.0  # seconds until the catalogue is indexed


@contextlib.contextmanager
def running_service() -> Iterator[str]:
    """Yield the address of a service that runs while the block does. VEJVISER_PAGES_AT names one that runs already."""
    if given := os.environ.get("VEJVISER_PAGES_AT"):
        yield given.rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="vejviser-pages-") as folder:
        port = _free_port()
        learned = ROOT / "var" / "learned"  # learned once for all tests, and again when data or code change
        learned.mkdir(parents=True, exist_ok=True)
        (Path(folder) / "learned").symlink_to(learned)
        environment = {
            **os.environ,
            "VEJVISER_DATABASE_URL": f"sqlite:///{folder}/catalogue.db",
            "VEJVISER_DATA_FOLDER": folder,
            "VEJVISER_BOT_PORT": str(_free_port()),  # nobody listens: the chat answers from search alone
            "VEJVISER_INTERNAL_SECRET": secrets.token_hex(16),
            "VEJVISER_EXIT_URL": f"http://127.0.0.1:{port}{EXIT}",
        }
        subprocess.run(
            [sys.executable, "-c", "from api.cli import app; app()", "init"], cwd=ROOT, env=environment, check=True
        )
        command = [sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app"]
        with subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port), "--log-level", "warning"], cwd=ROOT, env=environment
        ) as process:
            try:
                _wait_until_it_answers(f"http://127.0.0.1:{port}/health/live", process)
                for question in ("dansk", "данська", "دنماركي"):  # the language models load with the first question
                    _get(f"http://127.0.0.1:{port}/api/v1/search?q={quote(question)}")
                ENVIRONMENTS[f"http://127.0.0.1:{port}"] = environment
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()


def _get(address: str) -> None:
    with urllib.request.urlopen(address, timeout=_PATIENCE) as answer:
        answer.read()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_it_answers(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the service ended with status {process.returncode} before it answered")
        with contextlib.suppress(OSError):
            _get(address)
            return
        time.sleep(0.2)
    raise RuntimeError(f"the service did not answer within {_PATIENCE:.0f} seconds")
