"""Log lines say what happened and never what somebody wrote."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from services_catalog import log_lines

WORDS = "min mand slår mig"
Log = Callable[[str], tuple[logging.Logger, io.StringIO]]


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """Return a maker of loggers that write in a form into a text; what they changed for all is put back."""
    usual = threading.excepthook

    def made(form: str) -> tuple[logging.Logger, io.StringIO]:
        monkeypatch.setenv("VEJVISER_LOG_FORMAT", form)
        handler = log_lines.handler("api")
        assert isinstance(handler, logging.StreamHandler)
        written = io.StringIO()
        handler.setStream(written)
        logger = logging.Logger("trial")
        logger.addHandler(handler)
        return logger, written

    yield made
    threading.excepthook = usual
    logging.captureWarnings(False)


def test_a_line_is_an_object_with_the_request_and_what_stands_beside(log: Log) -> None:
    logger, written = log("json")
    token = log_lines.request_id.set("0123456789abcdef0123456789abcdef")
    logger.info("request", extra={"status": 200, "language": "да", "color_message": "x"})
    log_lines.request_id.reset(token)
    line = json.loads(written.getvalue())
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info", "service": "api", "logger": "trial", "event": "request",
        "request_id": "0123456789abcdef0123456789abcdef", "status": 200, "language": "да",
    }  # fmt: skip


@pytest.mark.parametrize("form", ["json", "text"])
def test_of_an_error_the_kind_and_the_frames_are_told_and_of_its_cause(log: Log, form: str) -> None:
    logger, written = log(form)
    try:
        try:
            raise KeyError(WORDS)
        except KeyError as first:
            raise ValueError(WORDS) from first
    except ValueError:
        logger.exception("failed\nwith %s", WORDS)
    for told in ("ValueError", "caused by KeyError", "test_log_lines.py", "failed"):
        assert told in written.getvalue()
    assert WORDS not in written.getvalue()


def test_an_error_that_causes_itself_ends() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert log_lines.described(first).count("ValueError") == 1


def test_text_is_short_and_for_people(log: Log) -> None:
    logger, written = log("text")
    logger.warning("catalogue not refreshed", extra={"reason": "timeout"})
    assert written.getvalue() == "api warning: catalogue not refreshed reason=timeout\n"


@pytest.mark.parametrize(("level", "lines"), [("info", 2), ("warning", 1), ("error", 0), ("debug", 2), ("auto", 2)])
def test_the_level_is_a_setting_and_debug_is_none(
    monkeypatch: pytest.MonkeyPatch, log: Log, level: str, lines: int
) -> None:
    monkeypatch.setenv("VEJVISER_LOG_LEVEL", level)
    logger, written = log("json")
    logger.debug("text of a library")
    logger.info("request")
    logger.warning("late")
    assert len(written.getvalue().splitlines()) == lines


def test_what_a_thread_dies_of_is_a_line(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    log("json")

    def die() -> None:
        raise ValueError(WORDS)

    thread = threading.Thread(target=die)
    thread.start()
    thread.join()
    (record,) = [one for one in caplog.records if one.name == "threads"]
    assert record.exc_info
    assert record.exc_info[0] is ValueError
    assert WORDS not in record.getMessage()
