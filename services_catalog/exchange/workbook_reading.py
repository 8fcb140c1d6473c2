"""Read the catalogue from an Excel workbook (XLSX), row by row, so that a large one fits in memory.

Nothing in it is computed: a formula is refused, as is a file that was not made by a spreadsheet.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from openpyxl import load_workbook  # type: ignore[import-untyped]

from services_catalog.exchange.archives import Limits, ZipFiles, refuse
from services_catalog.exchange.cells import Unreadable
from services_catalog.exchange.spreadsheets import ReadCell, SheetRows, SheetsRead, read_sheets
from services_catalog.exchange.workbook import GUIDE, LISTS
from services_catalog.progress import Progress, silent

#: Columns beyond these are never ours, and rows are padded to them.
_MOST_COLUMNS = 32
#: A document type stands before the root element.
_HEAD = 4096

_EXCELS_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def read_xlsx(path: Path, limits: Limits, progress: Progress = silent) -> SheetsRead:
    """Return the records of a workbook. Raises RecordInvalid for a file that is no workbook within `limits`."""
    files = ZipFiles(path, limits)
    for name in files.names:
        if name.endswith((".xml", ".rels")) and _declares(files.head(name, _HEAD)):
            raise refuse(path.name, f"{name} declares a document type or entities: it was not made by a spreadsheet")
    try:
        # given as an open file, for by its name the library would judge it
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(file, read_only=True, keep_links=False)
            pages = [page for page in book.worksheets if page.title not in (GUIDE, LISTS)]
            sheets = {page.title.strip().lower(): SheetRows(page.title, _rows(page)) for page in pages}
            return read_sheets(sheets, progress)
    except Exception as error:  # a broken workbook can break anywhere in the library
        raise refuse(path.name, f"is not a workbook that can be read ({type(error).__name__}: {error})") from error


def _declares(head: bytes) -> bool:
    """Tell whether an XML part has a document type, in whatever encoding: the only door to entities."""
    plain = head.replace(b"\0", b"")
    return b"<!DOCTYPE" in plain or b"<!ENTITY" in plain


def _rows(page: Any) -> Iterator[tuple[int, Sequence[ReadCell]]]:
    page.reset_dimensions()  # what a file says of its own size is no fact
    for number, row in enumerate(page.iter_rows(max_col=_MOST_COLUMNS), 1):
        yield number, [_read(cell) for cell in row]


def _read(cell: Any) -> ReadCell | Unreadable:
    value, kind = cell.value, cell.data_type
    if value is None:
        return None
    if kind == "f":
        return Unreadable("holds a formula: put the value itself there")
    if kind == "e":
        return Unreadable(f"holds an error of the spreadsheet ({value})")
    if isinstance(value, (dt.time, dt.timedelta)):
        return Unreadable("holds a time of day: format the cell as text and write it again")
    if isinstance(value, str) and "_x" in value:
        return _EXCELS_ESCAPE.sub(lambda found: chr(int(found[1], 16)), value)
    return value  # type: ignore[no-any-return]
