"""What the bot's tests share.

They run in the bot's environment, from the repository root: `bot/.venv/bin/python -m pytest tests/bot`. `pytest.ini`
beside this file keeps the other environment's settings and fixtures out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ["RASA_TELEMETRY_ENABLED"] = "false"

from bot.lean_imports import without_tensorflow  # noqa: E402
from bot.logs import configure_logging  # noqa: E402

# As in the server: before anything of Rasa, and with logs that carry no texts.
configure_logging()
without_tensorflow()

from bot.components.gazetteer import Gazetteer, load_gazetteers  # noqa: E402


@pytest.fixture(scope="session")
def gazetteers() -> Mapping[str, Gazetteer]:
    return load_gazetteers()
