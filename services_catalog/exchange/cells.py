"""One value of a record as the cell of a spreadsheet, and back without loss.

Spreadsheets change what they hold: a text that begins with `=` becomes a formula, a carriage return is dropped, a blank
cell and an empty text are one. So the few texts that would suffer are written with a backslash: `\\\\` is a backslash,
`\\u000d` the character of that number, `\\-` nothing at all (an empty text), and in lists, which have one item a line,
`\\n` a line break inside an item.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

#: What a cell can hold: nothing, or a value of the kinds that spreadsheets know.
Cell = str | int | float | bool | dt.date | dt.datetime | None


class CellKind(Enum):
    """How a value stands in its cell."""

    TEXT = "text"
    CHOICE = "one of the values offered"
    LIST = "one a line"
    IDS = "ids, one a line"
    INTEGER = "a whole number"
    NUMBER = "a number"
    YES_NO = "yes or no"
    DATE = "a date"


@dataclass(frozen=True)
class Unreadable:
    """A cell that holds something no value can be taken from, and what to do about it."""

    message: str


class CellError(Exception):
    """A cell does not hold what its column needs; the text says what is allowed."""


#: Excel knows no day before this one.
_FIRST_DAY = dt.date(1900, 3, 1)
#: Control characters but for line feed and tab, what XML 1.0 leaves out, and what Excel takes for its own escapes.
_FRAGILE = re.compile(r"\\|[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]|_(?=[xX][0-9A-Fa-f]{4}_)")
_ESCAPED = re.compile(r"\\(?:(\\)|u([0-9a-fA-F]{4})|(n)|(-))")
_NUMBER = re.compile(r"-?[0-9]{1,30}([.,][0-9]{1,30})?(e[-+]?[0-9]{1,3})?")
#: A thousand in Denmark, one in England.
_AMBIGUOUS = re.compile(r"-?[1-9][0-9]{0,2}[.,][0-9]{3}")
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})$")
_DANISH_DAY = re.compile(r"(\d{1,2})[-.](\d{1,2})[-.](\d{4})$")
_YES, _NO = frozenset({"yes", "true", "ja", "sand", "1"}), frozenset({"no", "false", "nej", "falsk", "0"})


def to_cell(kind: CellKind, value: Any) -> Cell:
    """Return how a value of a record is written; None for one that is not there and for an empty list."""
    if value is None or value == ():
        return None
    if kind in (CellKind.TEXT, CellKind.CHOICE):
        return _escape(value)
    if kind in (CellKind.LIST, CellKind.IDS):
        return "\n".join(_escape(item).replace("\n", "\\n") for item in value)
    if kind is CellKind.YES_NO:
        return "yes" if value else "no"
    if kind is CellKind.DATE and value < _FIRST_DAY:
        return str(value)
    return value  # type: ignore[no-any-return]


def from_cell(kind: CellKind, cell: Cell | Unreadable) -> Any:
    """Return the value that a cell holds, None or an empty list for a blank one. Raises CellError."""
    if isinstance(cell, Unreadable):
        raise CellError(cell.message)
    if isinstance(cell, str):
        cell = cell.replace("\r\n", "\n")
    lists = kind in (CellKind.LIST, CellKind.IDS)
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return [] if lists else None
    if kind is CellKind.DATE:
        return _date(cell)
    if kind is CellKind.YES_NO:
        return _yes_no(cell)
    if kind in (CellKind.INTEGER, CellKind.NUMBER):
        return _number(cell, whole=kind is CellKind.INTEGER)
    text = _text(cell)
    if lists:
        lines = [line for line in text.split("\n") if line.strip()]
        return [_unescape(line.strip() if kind is CellKind.IDS else line) for line in lines]
    return text.strip() if kind is CellKind.CHOICE else _unescape(text)


def _escape(text: str) -> str:
    escaped = _FRAGILE.sub(lambda found: "\\\\" if found[0] == "\\" else f"\\u{ord(found[0]):04x}", text)
    return escaped if escaped.strip() else f"\\-{escaped}"


def _unescape(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        backslash, number, line_break, _ = found.groups()
        return backslash or (chr(int(number, 16)) if number else "\n" if line_break else "")

    return _ESCAPED.sub(plain, text) if "\\" in text else text


def _text(cell: Cell) -> str:
    if isinstance(cell, dt.date):
        raise CellError(f"the spreadsheet made a date of it ({cell}): format the cell as text and write it again")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _date(cell: Cell) -> dt.date:
    if isinstance(cell, dt.datetime):
        if cell.time() != dt.time():
            raise CellError(f"{cell} has a time of day: a date such as 2026-12-31 is needed")
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    text = _text(cell).strip()
    try:
        if found := _DAY.match(text):
            return dt.date(*map(int, found.groups()))
        if found := _DANISH_DAY.match(text):
            day, month, year = map(int, found.groups())
            return dt.date(year, month, day)
    except ValueError:
        pass
    raise CellError(f"{text[:40]!r} is no date: write it as 2026-12-31 or 31-12-2026")


def _yes_no(cell: Cell) -> bool:
    text = _text(cell).strip().lower()
    if text not in _YES | _NO:
        raise CellError(f"{text[:40]!r} is neither yes nor no")
    return text in _YES


def _number(cell: Cell, *, whole: bool) -> int | float:
    number: int | float | None = None
    if isinstance(cell, str):
        text = cell.strip()
        if _AMBIGUOUS.fullmatch(text):
            raise CellError(f"{text!r} can be read in two ways: write it without a separator, or with one decimal")
        number = float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None
    elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
        number = cell
    if number is not None and math.isfinite(number) and (not whole or number == int(number)):
        return int(number) if whole else number
    needed = "a whole number such as 18" if whole else "a number such as 150 or 12.5"
    raise CellError(f"{_text(cell)[:40]!r} is not {needed}")
