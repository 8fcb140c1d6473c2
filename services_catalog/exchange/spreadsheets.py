"""Records as the rows of sheets, and back: every field, without loss, and for every problem the cell it stands in.

Where the sheets come from and go to (a workbook, a folder of CSV files) is none of this module's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from services_catalog.catalogue import Catalogue
from services_catalog.errors import Problem
from services_catalog.exchange.cells import Cell, CellError, CellKind, Unreadable, from_cell, to_cell
from services_catalog.exchange.sheet_columns import KINDS, SHEETS, Column, Sheet, column_letter
from services_catalog.field_errors import said
from services_catalog.languages import LANGUAGES
from services_catalog.offer import Record
from services_catalog.progress import Progress, silent
from services_catalog.seed import FOLDERS

#: Beyond this a sheet is no catalogue of ours.
MOST_ROWS = 200_000
#: The last row that spreadsheets have.
_LAST_ROW = 1_048_576

_LANGUAGE_LIKE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})?$")

ReadCell = Cell | Unreadable


@dataclass(frozen=True)
class SheetRows:
    """The rows of one sheet as they were read: their numbers, from 1, and cells. `path` names the sheet in problems."""

    path: str
    rows: Iterator[tuple[int, Sequence[ReadCell]]]


@dataclass
class _Row:
    """A record in the making, and the rows it was made from."""

    value: dict[str, Any]
    rows: dict[str, list[int]]


@dataclass
class SheetsRead:
    """What was found in sheets, by kind and id."""

    records: dict[str, dict[str, Record]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    problems: list[Problem] = field(default_factory=list)
    #: The ids of records that broke a rule of their own.
    unreadable: set[str] = field(default_factory=set)
    #: Sheets that are none of ours.
    ignored: list[str] = field(default_factory=list)
    _made: dict[str, dict[str, _Row]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    _paths: dict[str, str] = field(default_factory=dict)
    _places: dict[str, dict[str, int]] = field(default_factory=dict)

    def locate(self, kind: str, identity: str, field_name: str) -> tuple[str, int, str]:
        """Return the sheet, row and cell (`C7 minimum`) of a dotted field of a record that was read."""
        steps = field_name.split(".")
        made = self._made[kind][identity]
        for sheet in SHEETS.values():
            part = sheet.part.split(".")
            if sheet.kind != kind or not sheet.part or steps[: len(part)] != part or sheet.name not in made.rows:
                continue
            rest, rows, number = steps[len(part) :], made.rows[sheet.name], 0
            if sheet.each and rest and rest[0].isdigit():
                number, rest = min(int(rest[0]), len(rows) - 1), rest[1:]
            return self._cell(sheet, rows[number], rest)
        return self._cell(SHEETS[kind], made.rows[kind][0], steps)

    def _cell(self, sheet: Sheet, row: int, steps: Sequence[str]) -> tuple[str, int, str]:
        column = _column_of(sheet, steps)
        label = column.name if column else f"{sheet.columns[0].name}, {'.'.join(steps)}"
        letter = column_letter(self._places[sheet.name][(column or sheet.columns[0]).name])
        return self._paths[sheet.name], row, f"{letter}{row} {label}"


def _column_of(sheet: Sheet, steps: Sequence[str]) -> Column | None:
    """Return the column that holds a field, or the first of those that hold parts of it."""
    # pydantic names the branch of a union inside a location, and the place in a list at its end
    for start in range(len(steps)):
        for end in range(len(steps), start, -1):
            name = ".".join(steps[start:end])
            for column in sheet.columns:
                if column.field == name or column.field.startswith(f"{name}."):
                    return column
    return None


def rows_of(catalogue: Catalogue, sheet: Sheet) -> Iterator[list[Cell]]:
    """Yield the rows of a sheet, without its headings, in the order of the catalogue."""
    part = sheet.part.split(".") if sheet.part else []
    columns = [(column.kind, column.field.split(".") if column.field else None) for column in sheet.columns]
    for identity, record in getattr(catalogue, sheet.kind).items():
        value = _at(record, part)
        for item in value if sheet.each else [value]:
            if item is not None:
                yield [identity if steps is None else to_cell(kind, _at(item, steps)) for kind, steps in columns]


def _at(value: Any, steps: Sequence[str]) -> Any:
    for step in steps:
        value = value.get(step) if isinstance(value, dict) else getattr(value, step, None)
    return value


def read_sheets(found: Mapping[str, SheetRows], progress: Progress = silent) -> SheetsRead:
    """Return the records that stand in some sheets, given by their names, and every problem with its cell."""
    read = SheetsRead()
    for name, sheet_rows in found.items():
        if name in SHEETS:
            read._paths[name] = sheet_rows.path
        elif _LANGUAGE_LIKE.match(name):
            said_ = f"the language {name!r} does not exist here; {', '.join(LANGUAGES)} do"
            read.problems.append(Problem(sheet_rows.path, 0, "sheet", said_))
        else:
            read.ignored.append(sheet_rows.path)
    kinds = {SHEETS[name].kind for name in read._paths}
    wanted = [sheet for sheet in SHEETS.values() if sheet.kind in kinds]
    for number, sheet in enumerate(wanted, 1):
        if sheet.name not in found:
            message = "this sheet is missing: keep all sheets of the export, or what they hold is lost"
            read.problems.append(Problem(sheet.name, 0, "sheet", message))
        elif sheet.kind in read._places or not sheet.part:
            _read_sheet(sheet, found[sheet.name], read)
        progress("reading sheets", number, len(wanted))
    if any(sheet.name not in read._places for sheet in wanted):
        return read  # without its sheets a record would only break rules that it does not break
    cells = {(problem.path, problem.field) for problem in read.problems}
    for kind, group in read._made.items():
        for identity, made in group.items():
            _validate(kind, identity, made.value, read, cells)
    return read


def _validate(kind: str, identity: str, value: dict[str, Any], read: SheetsRead, known: set[tuple[str, str]]) -> None:
    try:
        record = FOLDERS[kind][1].model_validate(value)
    except ValidationError as error:
        read.unreadable.add(identity)
        for one in error.errors():
            path, line, name = read.locate(kind, identity, ".".join(map(str, one["loc"])))
            if (path, name) not in known:
                read.problems.append(Problem(path, line, name, said(one)))
        return
    if identity not in read.unreadable:
        read.records[kind][identity] = record


def _read_sheet(sheet: Sheet, found: SheetRows, read: SheetsRead) -> None:
    rows = iter(found.rows)
    _, heading = next(rows, (1, ()))
    places = _places(sheet, heading, found.path, read.problems)
    if places is None:
        return
    read._places[sheet.name] = places
    columns = [(column, places[column.name]) for column in sheet.columns]
    key, *others = columns
    for number, cells in rows:
        blank = all(cell is None or (isinstance(cell, str) and not cell.strip()) for cell in cells)
        if number > MOST_ROWS and (not blank or number > _LAST_ROW):
            read.problems.append(Problem(found.path, number, "row", f"at most {MOST_ROWS} rows are read"))
            return
        if blank:
            continue
        problems: list[Problem] = []
        for place in range(len(heading), len(cells)):
            if cells[place] not in (None, ""):
                message = "stands under no heading: is a text with a separator in it unquoted?"
                problems.append(Problem(found.path, number, f"{column_letter(place)}{number}", message))
        identity = _value(*key, number, cells, found.path, problems)
        value: dict[str, Any] = {}
        for column, place in others:
            _put(value, column.field, _value(column, place, number, cells, found.path, problems))
        cell = f"{column_letter(key[1])}{number} {key[0].name}"
        if identity is None and not problems:
            problems.append(Problem(found.path, number, cell, "is required: the id of the record this row is about"))
        elif identity is not None and (refused := _add(sheet, identity, value, number, read)):
            problems.append(Problem(found.path, number, cell, refused))
        if problems:
            read.unreadable.add(str(identity))
            read.problems += problems


def _places(sheet: Sheet, heading: Sequence[ReadCell], path: str, problems: list[Problem]) -> dict[str, int] | None:
    """Return where each column of a sheet stands; None, with problems, when its headings are not ours."""
    wanted = [column.name for column in sheet.columns]
    names = [re.sub(r"[\s_]+", " ", str(cell or "")).strip().lower() for cell in heading]
    before = len(problems)
    for place, name in enumerate(names):
        cell = f"{column_letter(place)}1"
        if name and name not in wanted:
            problems.append(Problem(path, 1, cell, f"there is no column {name[:60]!r}; there are {', '.join(wanted)}"))
        elif name and name in names[:place]:
            problems.append(Problem(path, 1, cell, f"the column {name!r} is there twice"))
    for name in wanted:
        if name not in names:
            problems.append(
                Problem(path, 1, name, "this column is missing: keep all columns, or what it holds is lost")
            )
    return {name: names.index(name) for name in wanted} if len(problems) == before else None


def _value(column: Column, place: int, row: int, cells: Sequence[ReadCell], path: str, problems: list[Problem]) -> Any:
    try:
        value = from_cell(column.kind, cells[place] if place < len(cells) else None)
        if isinstance(column.choices, tuple) and column.choices and column.kind in (CellKind.CHOICE, CellKind.IDS):
            for one in value if isinstance(value, list) else [value]:
                if one is not None and one not in column.choices:
                    raise CellError(f"{one[:60]!r} is not allowed here; give {', '.join(column.choices)}")
    except CellError as error:
        problems.append(Problem(path, row, f"{column_letter(place)}{row} {column.name}", str(error)))
        return None
    return value


def _put(value: dict[str, Any], field_name: str, item: Any) -> None:
    """Set a dotted field; one that is empty is left out, so that the record has its default."""
    if item is None or item == []:
        return
    *steps, last = field_name.split(".")
    for step in steps:
        value = value.setdefault(step, {})
    value[last] = item


def _add(sheet: Sheet, identity: str, value: dict[str, Any], row: int, read: SheetsRead) -> str | None:
    """Add a row to its record. Return why that cannot be done, None when it could."""
    group = read._made[sheet.kind]
    if not sheet.part:
        if identity in group:
            return f"{identity!r} is used twice; first in row {group[identity].rows[sheet.name][0]}"
        group[identity] = _Row({"id": identity, **value}, {sheet.name: [row]})
        return None
    if identity not in group:
        return f"{identity!r} is no offer on the sheet offers"
    made = group[identity]
    if sheet.each:
        made.value.setdefault(sheet.part, []).append(value)
    elif sheet.name in made.rows:
        return f"{identity!r} has two rows here; the first is row {made.rows[sheet.name][0]}"
    else:
        _put(made.value, sheet.part, value)
    made.rows.setdefault(sheet.name, []).append(row)
    return None
