"""Logging that never carries what a resident wrote.

Rasa logs texts and entities through structlog at debug level, and an unconfigured structlog prints every level: so it
is configured first, at INFO or above, whatever the environment says.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from typing import Any

import structlog

_LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
#: Keys under which Rasa 3.6.21 passes conversation content to its log, whatever the level.
PRIVATE_KEYS = frozenset(
    {
        "text", "response_text", "user_text", "user_message", "message", "response", "json_message", "slot_values",
        "parse_data_text", "parse_data_entities", "prediction_events", "tracker_latest_message", "prefilled_slots",
        "slot_candidates", "rasa_event", "rasa_events", "tracker_states", "current_states", "old_states", "states",
        "successes", "current_entity", "next_entity", "entity", "token_text",
    }
)  # fmt: skip


def configure_logging() -> int:
    """Configure logging and structlog to standard error; returns the level.

    `VEJVISER_BOT_LOG_LEVEL` is info (the default), warning or error. Debug is not offered: it holds texts.
    """
    level = _LEVELS.get(os.environ.get("VEJVISER_BOT_LOG_LEVEL", "info").lower(), logging.INFO)
    logging.basicConfig(level=level, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger().setLevel(level)
    for noisy in ("matplotlib", "apscheduler", "sanic.access", "asyncio", "h5py", "tensorflow", "spacy", "pymorphy3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            without_private,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["event"]),
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    # Old packages speak of their future at every start; tests see these warnings, operators need not.
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.filterwarnings("ignore", module="sqlalchemy|matplotlib|pkg_resources|sanic|packaging|pyparsing")
    # Said of every domain with slots, whatever its mappings.
    warnings.filterwarnings("ignore", message="Slot auto-fill has been removed")
    return level


def without_private(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Drop what may hold a resident's words from a structlog event."""
    return {key: value for key, value in event.items() if key not in PRIVATE_KEYS}
