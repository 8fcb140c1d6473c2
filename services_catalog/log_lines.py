"""Log lines of the api and the action server: JSON for machines, short text for a terminal, and in neither what somebody
wrote. An exception stands there with its kind and its frames, never with its text, which may quote a message or a secret.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import sys
import threading
import traceback
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.json import JsonFormatter

LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

#: The request that is answered now, in every line that is written meanwhile; empty outside of one.
request_id: ContextVar[str] = ContextVar("request_id", default="")

#: Libraries whose lines at `info` hold addresses with queries, or nothing of use.
_WORDY = ("httpx", "httpcore", "urllib3", "authlib", "pymorphy3", "rasa_sdk", "alembic.runtime.plugins")
#: What a record has anyway; the last is uvicorn's event once more, for terminals.
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "color_message"}


def handler(service: str) -> logging.Handler:
    """Return the handler of a process's root logger; what its threads die of is logged too, and Python's warnings.

    `VEJVISER_LOG_FORMAT` is json, text or auto (text at a terminal), `VEJVISER_LOG_LEVEL` info, warning, error or auto
    (warning at a terminal). Debug is not offered: libraries write texts and addresses then.
    """
    at_terminal = sys.stderr.isatty()
    asked = os.environ.get("VEJVISER_LOG_FORMAT", "auto")
    level = LEVELS.get(os.environ.get("VEJVISER_LOG_LEVEL", "auto"), logging.WARNING if at_terminal else logging.INFO)
    made = logging.StreamHandler(sys.stderr)
    made.setLevel(level)
    made.setFormatter(_Text(service) if asked == "text" or (asked != "json" and at_terminal) else _Json(service))
    for name in _WORDY:
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    threading.excepthook = _thread_died
    return made


def configure(service: str) -> None:
    """Send the lines of this process to standard error."""
    logging.basicConfig(level=logging.INFO, handlers=[handler(service)], force=True)


def described(error: BaseException) -> str:
    """Return the kind and the frames of an exception and of what caused it, without a word of their texts."""
    told: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = (f"{one.filename}:{one.lineno} {one.name}" for one in traceback.extract_tb(current.__traceback__))
        told.append("\n  ".join([type(current).__qualname__, *frames]))
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return "\ncaused by ".join(told)


def _thread_died(arguments: threading.ExceptHookArgs) -> None:
    error = arguments.exc_value
    logging.getLogger("threads").error("a thread ended by an error", exc_info=error)


def _said(record: logging.LogRecord) -> str:
    """Return the first line of a record: libraries put the texts of errors into the next ones."""
    return record.getMessage().partition("\n")[0]


class _Json(JsonFormatter):
    """One object a line: time, level, service, logger, event, request_id, and what the line has beside them."""

    def __init__(self, service: str) -> None:
        super().__init__(json_ensure_ascii=False)
        self._service = service

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        more = {name: log_data[name] for name in log_data if name not in ("message", "exc_info", "color_message")}
        log_data.clear()
        log_data |= {
            "time": dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "event": _said(record),
            "request_id": request_id.get(),
            **more,
        }
        if record.exc_info and record.exc_info[1]:
            log_data["error"] = described(record.exc_info[1])


class _Text(logging.Formatter):
    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        more = [f"{name}={value}" for name, value in vars(record).items() if name not in _STANDARD]
        line = " ".join([f"{self._service} {record.levelname.lower()}: {_said(record)}", *more])
        return f"{line}\n{described(record.exc_info[1])}" if record.exc_info and record.exc_info[1] else line
