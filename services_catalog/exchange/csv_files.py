"""The catalogue as CSV files, one a sheet, in a zip: for spreadsheets and for scripts.

Written as Danish Excel opens it at a double click: UTF-8 with a byte order mark, semicolons. Read with semicolons, commas
or tabs, from a zip or a folder. A text that a spreadsheet would take for a formula is written behind an apostrophe
(OWASP, "CSV injection"), which is taken off again when it is read.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from services_catalog.catalogue import Catalogue
from services_catalog.errors import RecordInvalid
from services_catalog.exchange.archives import Files, refuse
from services_catalog.exchange.cells import Cell
from services_catalog.exchange.sheet_columns import SHEETS
from services_catalog.exchange.spreadsheets import SheetRows, SheetsRead, read_sheets, rows_of
from services_catalog.progress import Progress, silent

Separator = Literal[";", ","]

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
#: A number with three decimals is a thousand in Denmark.
_THREE_DECIMALS = re.compile(r"\d\.\d{3}$")
_LONGEST_CELL = 1_000_000


def write_csv(catalogue: Catalogue, path: Path, separator: Separator = ";", progress: Progress = silent) -> None:
    """Write every sheet of a catalogue as a CSV file into the zip at `path`."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, sheet in enumerate(SHEETS.values(), 1):
            entry = zipfile.ZipInfo(f"{sheet.name}.csv")  # without the time, so that equal catalogues give equal files
            entry.compress_type = zipfile.ZIP_DEFLATED
            with (
                archive.open(entry, "w", force_zip64=True) as raw,
                io.TextIOWrapper(raw, "utf-8-sig", newline="") as text,
            ):
                writer = csv.writer(text, delimiter=separator, quoting=csv.QUOTE_ALL)
                writer.writerow([column.name for column in sheet.columns])
                for row in rows_of(catalogue, sheet):
                    writer.writerow([_written(cell) for cell in row])
            progress("writing sheets", number, len(SHEETS))


def read_csv(files: Files, progress: Progress = silent) -> SheetsRead:
    """Return the records of the CSV files among some files. Raises RecordInvalid for files that are no CSV in UTF-8."""
    found, problems = {}, []
    for name in files.names:
        if name.lower().endswith(".csv"):
            try:
                found[name[:-4]] = SheetRows(name, iter(list(_rows(name, files.read(name)))))
            except RecordInvalid as error:
                problems += error.problems
    if problems:
        raise RecordInvalid(problems)
    return read_sheets(found, progress)


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell}0" if _THREE_DECIMALS.search(str(cell)) else str(cell)
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else str(cell)


def _rows(name: str, data: bytes) -> Iterator[tuple[int, list[Cell]]]:
    text = _decoded(name, data)
    first = text.partition("\n")[0]
    separator = max(";,\t", key=first.count)
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, row in enumerate(reader, 1):
            yield number, [cell[1:] if _GUARDED.match(cell) else cell for cell in row]
    except csv.Error as error:
        raise refuse(name, f"is not CSV near line {reader.line_num}: {error}") from None


def _decoded(name: str, data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise refuse(name, "is not UTF-8 but UTF-16; save it as “CSV UTF-8”")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        said = f"is not UTF-8 (byte {data[error.start]:#04x} in line {line}; it looks like Latin-1 or Windows-1252)"
        raise refuse(name, f"{said}; save it as “CSV UTF-8”") from None
    if "\0" in text:
        raise refuse(name, "holds NUL characters: it is no CSV file")
    return text
