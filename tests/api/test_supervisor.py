"""`vejviser serve` as an operator meets it: clear failures, restarts, and a stop that leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.conftest import LEARNED, ROOT, Stack, free_port, start_stack, stop_stack

pytestmark = pytest.mark.stack


def environment_in(folder: Path, port: int) -> dict[str, str]:
    """Return the environment of a service that keeps everything in `folder`, with the model trained before."""
    (folder / "models").symlink_to(ROOT / "var" / "models")
    LEARNED.mkdir(parents=True, exist_ok=True)
    (folder / "learned").symlink_to(LEARNED)
    return os.environ | {
        "VEJVISER_PORT": str(port),
        "VEJVISER_BOT_PORT": str(free_port()),
        "VEJVISER_ACTIONS_PORT": str(free_port()),
        "VEJVISER_DATA_FOLDER": str(folder),
        "VEJVISER_DATABASE_URL": f"sqlite:///{folder}/catalogue.db",
    }


def children(pid: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(one) for one in listed.stdout.split()]


def command_line(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def child_with(pid: int, word: str) -> int:
    return next(one for one in children(pid) if word in command_line(one))


def wait_until_ready(stack: Stack, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(httpx.HTTPError):
            ready = httpx.get(f"{stack.base}/health/ready", timeout=2, trust_env=False).json()
            if ready["conversation"] and not stack.chat("hvor kan jeg lære dansk")["degraded"]:
                return
        time.sleep(0.3)
    raise AssertionError("the stack did not become ready again")


def test_a_port_in_use_is_one_clear_sentence_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        environment = environment_in(tmp_path, port)
        done = subprocess.run(
            [sys.executable, "-c", "from api.cli import main; main()", "serve"],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"vejviser: port {port} on 127.0.0.1, wanted by api, is in use: stop what uses it or set VEJVISER_PORT."
    )


def test_what_dies_is_restarted_and_everything_stops_together(tmp_path: Path) -> None:
    stack = start_stack(tmp_path)
    try:
        for word in ("actions.server", "bot.serve", "uvicorn"):
            os.kill(child_with(stack.process.pid, word), signal.SIGKILL)
            if word != "uvicorn":
                answer = stack.chat("where can I learn Danish")
                assert answer["messages"]
                assert answer["offers"]
            wait_until_ready(stack, 90)
        started = children(stack.process.pid)
        assert len(started) == 3
    finally:
        stop_stack(stack)
    assert stack.process.returncode == 0
    assert [one for one in started if command_line(one)] == []


def test_only_the_api_listens_beyond_loopback_and_rasa_needs_the_secret(stack: Stack) -> None:
    listening = subprocess.run(["ss", "-ltnH"], capture_output=True, text=True, check=False).stdout
    for port in (stack.bot_port, stack.actions_port):
        addresses = [line.split()[3] for line in listening.splitlines() if line.split()[3].endswith(f":{port}")]
        assert addresses in ([], [f"127.0.0.1:{port}"])
    bot = f"http://127.0.0.1:{stack.bot_port}"
    message = {"sender": "x", "text": "hej"}
    assert httpx.post(f"{bot}/webhooks/vejviser/webhook", json=message, trust_env=False).status_code in (401, 403)
    assert httpx.post(f"{bot}/webhooks/rest/webhook", json=message, trust_env=False).status_code == 404
    assert httpx.get(f"{bot}/domain", trust_env=False).status_code in (401, 403, 404)


def test_pages_and_search_answer_while_rasa_still_loads(tmp_path: Path) -> None:
    port = free_port()
    environment = environment_in(tmp_path, port)
    process = subprocess.Popen(
        [sys.executable, "-c", "from api.cli import main; main()", "serve"],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{base}/health/live", timeout=1, trust_env=False).status_code == 200:
                    break
            time.sleep(0.1)
        ready = httpx.get(f"{base}/health/ready", timeout=5, trust_env=False).json()
        found = httpx.get(f"{base}/api/v1/search", params={"q": "learn Danish"}, timeout=10, trust_env=False).json()
        said = httpx.post(f"{base}/api/v1/chat", json={"text": "learn Danish"}, timeout=10, trust_env=False).json()
        assert found["hits"]
        assert said["offers"]
        assert said["degraded"] is not ready["conversation"] or said["degraded"] is False
        assert httpx.get(f"{base}/da", timeout=10, trust_env=False).status_code == 200
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
