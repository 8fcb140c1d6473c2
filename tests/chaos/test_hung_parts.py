"""The running stack while Rasa or the action server hangs, and while it is told to end."""

from __future__ import annotations

import os
import signal
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.api.test_supervisor import child_with, wait_until_ready
from tests.conftest import Stack, start_stack, stop_stack

pytestmark = pytest.mark.long

LONGEST_ANSWER = 5.0
#: Shorter than the supervisor waits until it ends what hangs (api/keeping.py, tests/api/test_keeping.py).
HANG_SECONDS = 12.0


def seconds_of_answers(stack: Stack, until: float) -> list[float]:
    """Ask one question after another until a moment; every answer must say that it is degraded and find something."""
    took = []
    while time.monotonic() < until:
        began = time.monotonic()
        answer = stack.chat("where can I learn Danish")
        took.append(time.monotonic() - began)
        assert answer["degraded"]
        assert answer["offers"]
        time.sleep(0.2)
    return took


def test_what_hangs_keeps_hardly_anybody_waiting_and_the_end_is_announced(tmp_path: Path) -> None:
    stack = start_stack(tmp_path, DRAIN_SECONDS="4", RATE_PER_SESSION="", RATE_PER_ADDRESS="")
    try:
        wait_until_ready(stack, 60)
        for part in ("bot.serve", "actions.server"):
            hung = child_with(stack.process.pid, part)
            os.kill(hung, signal.SIGSTOP)
            try:
                until = time.monotonic() + HANG_SECONDS
                with ThreadPoolExecutor(5) as residents:
                    took = sorted(
                        second
                        for seconds in residents.map(lambda _: seconds_of_answers(stack, until), range(5))  # noqa: B023
                        for second in seconds
                    )
                ready = httpx.get(f"{stack.base}/health/ready", timeout=5, trust_env=False)
                assert (ready.status_code, ready.json()["conversation"]) == (200, False)
            finally:
                os.kill(hung, signal.SIGCONT)
            assert took[-1] < LONGEST_ANSWER
            assert statistics.median(took) < 1.0, "the time-out was waited for again and again"
            wait_until_ready(stack, 30)
        stack.process.send_signal(signal.SIGTERM)
        time.sleep(1)
        assert httpx.get(f"{stack.base}/health/ready", timeout=5, trust_env=False).status_code == 503
        assert not stack.chat("where can I learn Danish")["degraded"]
        assert stack.process.wait(timeout=30) == 0
    finally:
        stop_stack(stack)
