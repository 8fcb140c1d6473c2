"""Write the catalogue as an Excel workbook (XLSX), row by row, so that a large one fits in memory.

Texts are always text cells, so that nothing in them is ever computed, and single values are chosen from lists.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]
from openpyxl.styles import Alignment, Font, PatternFill  # type: ignore[import-untyped]
from openpyxl.worksheet.datavalidation import DataValidation  # type: ignore[import-untyped]

from services_catalog.catalogue import Catalogue
from services_catalog.errors import Problem, RecordInvalid
from services_catalog.exchange.cells import Cell, CellKind
from services_catalog.exchange.sheet_columns import SHEETS, Column, Sheet, column_letter
from services_catalog.exchange.spreadsheets import rows_of
from services_catalog.exchange.workbook_guide import guide_rows
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.localized import localizer
from services_catalog.progress import Progress, silent

GUIDE, LISTS = "instructions", "lists"

#: What Excel holds in one cell, in UTF-16 units (Excel specifications and limits, Microsoft).
LONGEST_CELL = 32_767
#: Values are offered down to this row.
_LAST_ROW = 20_000
#: Kinds of record whose ids are values in cells, but that have no sheet of their own.
_LISTED = ("policies", "districts", "situations")

_TOP = Alignment(vertical="top", wrap_text=True)
_BOLD, _FILL = Font(bold=True), PatternFill("solid", fgColor="D9E4F1")
_FORMATS = {CellKind.INTEGER: "0", CellKind.NUMBER: "General", CellKind.DATE: "yyyy-mm-dd"}


def write_xlsx(catalogue: Catalogue, path: Path, language: str = SOURCE_LANGUAGE, progress: Progress = silent) -> None:
    """Write a catalogue as a workbook to `path`, its instructions in `language`.

    Raises RecordInvalid, and leaves no file, when texts are longer than a cell can hold.
    """
    book = Workbook(write_only=True)
    guide = book.create_sheet(GUIDE)
    guide.sheet_view.rightToLeft = LANGUAGES[language].direction == "rtl"
    for letter, width in zip("ABCDE", (24, 24, 24, 50, 60), strict=True):
        guide.column_dimensions[letter].width = width
    for is_heading, row in guide_rows(localizer(language)):
        guide.append([_heading(guide, text) if is_heading else text for text in row])
    lists = _lists(catalogue)
    problems: list[Problem] = []
    for number, sheet in enumerate(SHEETS.values(), 1):
        problems += _write_sheet(book, sheet, catalogue, list(lists))
        progress("writing sheets", number, len(SHEETS))
    page = book.create_sheet(LISTS)
    page.append([_heading(page, name) for name in lists])
    for row_number in range(max(map(len, lists.values()))):
        page.append([values[row_number] if row_number < len(values) else None for values in lists.values()])
    book.save(path)
    if problems:
        path.unlink()
        raise RecordInvalid(problems)


def _write_sheet(book: Any, sheet: Sheet, catalogue: Catalogue, lists: list[str]) -> list[Problem]:
    page = book.create_sheet(sheet.name)
    page.freeze_panes = "B2"
    page.sheet_view.rightToLeft = sheet.name in LANGUAGES and LANGUAGES[sheet.name].direction == "rtl"
    for number, column in enumerate(sheet.columns):
        letter = column_letter(number)
        page.column_dimensions[letter].width = column.width
        values = _values_for(column, sheet, lists)
        if values is not None:
            where = f"{letter}2:{letter}{_LAST_ROW}"
            rule = DataValidation("list", formula1=values, allow_blank=True, showErrorMessage=True, sqref=where)
            page.data_validations.append(rule)
    page.append([_heading(page, column.name) for column in sheet.columns])
    templates = [
        _template(page, column.kind) for column in sheet.columns
    ]  # one of each: a row is written before the next
    problems = []
    for row_number, row in enumerate(rows_of(catalogue, sheet), 2):
        for number, (template, value) in enumerate(zip(templates, row, strict=True)):
            if not _fill(template, value):
                message = f"is longer than a cell of Excel can hold ({LONGEST_CELL} characters): export as csv or yaml"
                cell = f"{column_letter(number)}{row_number} {sheet.columns[number].name}"
                problems.append(Problem(sheet.name, row_number, cell, message))
        page.append([None if one.value is None else one for one in templates])
    return problems


def _values_for(column: Column, sheet: Sheet, lists: list[str]) -> str | None:
    """Return where the values stand that a column is chosen from; None when anything may be written, or more than one."""
    if column.kind not in (CellKind.CHOICE, CellKind.YES_NO) or not column.choices:
        return None
    if isinstance(column.choices, str) and column.choices in SHEETS:
        return f"{column.choices}!$A$2:$A${_LAST_ROW}"
    letter = column_letter(lists.index(_list_name(column, sheet)))
    return f"{LISTS}!${letter}$2:${letter}$1000"


def _list_name(column: Column, sheet: Sheet) -> str:
    return (
        column.choices
        if isinstance(column.choices, str)
        else f"{sheet.part.partition('.')[0] or sheet.name} {column.name}"
    )


def _lists(catalogue: Catalogue) -> dict[str, tuple[str, ...]]:
    """Return every list of values by its name: those of columns, and the ids that have no sheet."""
    lists: dict[str, tuple[str, ...]] = {}
    for sheet in SHEETS.values():
        for column in sheet.columns:
            if column.choices and isinstance(column.choices, tuple):
                lists[_list_name(column, sheet)] = column.choices
    return lists | {name: tuple(getattr(catalogue, name)) for name in _LISTED}


def _heading(page: Any, text: str) -> Any:
    cell = WriteOnlyCell(page, text)
    cell.font, cell.fill, cell.alignment = _BOLD, _FILL, _TOP
    return cell


def _template(page: Any, kind: CellKind) -> Any:
    cell = WriteOnlyCell(page)
    cell.alignment, cell.number_format = _TOP, _FORMATS.get(kind, "@")
    return cell


def _fill(cell: Any, value: Cell) -> bool:
    """Put a value into a cell. Return whether it fits."""
    if isinstance(value, float) and float(f"{value:.16g}") != value:
        value = str(value)  # the library writes 16 digits of a number
    if isinstance(value, str):
        if len(value) > LONGEST_CELL // 2 and len(value.encode("utf-16-le")) // 2 > LONGEST_CELL:
            return False
        # set past the setter, which would make a formula of a text that begins with =
        cell._value, cell.data_type = value, "s"
    else:
        cell.value = value
    return True
