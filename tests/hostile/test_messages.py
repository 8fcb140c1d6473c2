"""Thousands of hostile messages to the whole running service, eight clients at once.

`VEJVISER_HOSTILE` says how many (20000 for the full measure); the same number and seed send the same messages.
`VEJVISER_HOSTILE_REPORT` names a file for the table of kinds, counts and latencies.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import pytest

from tests.conftest import Stack
from tests.hostile.judging import Judge
from tests.hostile.messages import KINDS, Questions, messages
from tests.hostile.talking import talk

pytestmark = pytest.mark.stack

CLIENTS, SEED = 8, 7
#: Under a minute on two cores; `VEJVISER_HOSTILE=20000` is the whole measure.
USUAL = 2000


@pytest.mark.timeout(1800)
def test_whatever_is_said_is_answered_in_its_language_and_harms_nobody(
    stack: Stack, judge: Judge, questions: Questions
) -> None:
    count = int(os.environ.get("VEJVISER_HOSTILE", USUAL))
    seen = talk(stack.base, itertools.islice(messages(SEED, questions), count), judge, clients=CLIENTS)
    if report := os.environ.get("VEJVISER_HOSTILE_REPORT"):
        Path(report).write_text(seen.table() + "\n", encoding="utf-8")
    assert seen.findings == []
    assert seen.outcomes["language_switch"] <= count / 1000, "nothing hostile asks for another language"
    assert sum(len(one) for kind, one in seen.seconds.items() if kind in KINDS) == count
    assert set(KINDS) <= set(seen.seconds)
    assert {"offers", "answer", "clarify", "crisis", "nothing_found"} <= set(seen.outcomes)
