"""Logging that never carries what a resident wrote: JSON lines, or short text at a terminal.

Rasa logs texts and entities through structlog at debug level, and an unconfigured structlog prints every level: so it
is configured first, at INFO or above, whatever the environment says. Of an error stand the kind and the frames, never
the text, which may quote a message.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import sys
import traceback
import warnings
from typing import Any

import structlog

from bot.carried import REQUEST_ID, carried

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

    `VEJVISER_LOG_FORMAT` is json, text or auto (text at a terminal), `VEJVISER_LOG_LEVEL` info, warning, error or auto
    (warning at a terminal, else info). Debug is not offered: it holds texts.
    """
    at_terminal = sys.stderr.isatty()
    asked = os.environ.get("VEJVISER_LOG_FORMAT", "auto")
    level = _LEVELS.get(os.environ.get("VEJVISER_LOG_LEVEL", "auto"), logging.WARNING if at_terminal else logging.INFO)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TextLines() if asked == "text" or (asked != "json" and at_terminal) else JsonLines())
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger().setLevel(level)
    for noisy in ("matplotlib", "apscheduler", "sanic.access", "asyncio", "h5py", "tensorflow", "spacy", "pymorphy3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[without_private, _to_standard_logging],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    # Some switch their warnings on again; past the log they would be no lines of it.
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    # Old packages speak of their future at every start; tests see these warnings, operators need not.
    warnings.simplefilter("ignore", DeprecationWarning)
    warnings.filterwarnings("ignore", module="sqlalchemy|matplotlib|pkg_resources|sanic|packaging|pyparsing")
    # Said of every domain with slots, whatever its mappings.
    warnings.filterwarnings("ignore", message="Slot auto-fill has been removed")
    return level


def without_private(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """Drop what may hold a resident's words from a structlog event."""
    return {key: value for key, value in event.items() if key not in PRIVATE_KEYS}


def _to_standard_logging(_logger: Any, _method: str, event: dict[str, Any]) -> tuple[tuple[str], dict[str, Any]]:
    """Hand a structlog event on as a record whose `fields` hold what stands beside its name."""
    fields = {key: value for key, value in event.items() if key not in ("event", "exc_info")}
    return (str(event.get("event", "")),), {"extra": {"fields": fields}, "exc_info": event.get("exc_info")}


class JsonLines(logging.Formatter):
    """One object a line: time, level, service, logger, event, request_id, and the record's `fields`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line = {
            "time": dt.datetime.fromtimestamp(record.created, dt.timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": "bot",
            "logger": record.name,
            "event": _said(record),
            "request_id": carried.get().get(REQUEST_ID, ""),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["error"] = described(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=lambda value: type(value).__name__)


class TextLines(logging.Formatter):
    """The same for people."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and below it the frames of an error."""
        fields = [f"{name}={value}" for name, value in getattr(record, "fields", {}).items()]
        line = " ".join([f"bot {record.levelname.lower()}: {_said(record)}", *fields])
        return f"{line}\n{described(record.exc_info[1])}" if record.exc_info and record.exc_info[1] else line


def described(error: BaseException) -> str:
    """Return the kind and the frames of an error and of what caused it, without a word of their texts."""
    told: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = (f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(current.__traceback__))
        told.append("\n  ".join([type(current).__qualname__, *frames]))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\ncaused by ".join(told)


def _said(record: logging.LogRecord) -> str:
    """Return the first line of a record: libraries put the texts of errors into the next ones."""
    return record.getMessage().partition("\n")[0]
