"""The first sheet of a workbook: how to work with it, and what each column is, in the editor's language."""

from __future__ import annotations

from collections.abc import Iterator

from services_catalog.exchange.cells import CellKind
from services_catalog.exchange.sheet_columns import SHEETS, Column
from services_catalog.localized import Localizer
from services_catalog.messages import N_

_STEPS = (
    N_("One row is one offer; its sources, criteria and texts stand on sheets of their own, by the offer's id."),
    N_("Keep all sheets and all headings. Rows and columns may be moved; a row that is not there changes nothing."),
    N_("Lists have one item a line (Alt+Enter). An empty cell means “not stated”."),
    N_("Texts are plain: no HTML. A text that begins with = or + stays a text; formulas are refused."),
    N_("A backslash is written twice. In a list, \\n is a line break inside an item."),
    N_(
        "Check first: vejviser import FILE --dry-run names every cell that is wrong. Nothing is saved until all is right."
    ),
)

_KINDS = {
    CellKind.TEXT: N_("text"),
    CellKind.CHOICE: N_("one value"),
    CellKind.LIST: N_("texts, one a line"),
    CellKind.IDS: N_("ids, one a line"),
    CellKind.INTEGER: N_("a whole number"),
    CellKind.NUMBER: N_("a number"),
    CellKind.YES_NO: N_("yes or no"),
    CellKind.DATE: N_("a date: 2026-12-31"),
}


def guide_rows(speak: Localizer) -> Iterator[tuple[bool, list[str]]]:
    """Yield the rows of the sheet, each with whether it is a heading."""
    yield True, [speak.text(N_("The offers of Vejviser"))]
    for step in _STEPS:
        yield False, [speak.text(step)]
    yield False, []
    columns = N_("Sheet"), N_("Column"), N_("Form"), N_("Values"), N_("Note")
    yield True, [speak.text(one) for one in columns]
    for sheet in SHEETS.values():
        yield False, [sheet.name, "", "", "", speak.text(sheet.note)]
        for column in sheet.columns:
            note = speak.text(column.note) if column.note else ""
            yield False, [sheet.name, column.name, speak.text(_KINDS[column.kind]), _allowed(column, speak), note]


def _allowed(column: Column, speak: Localizer) -> str:
    if isinstance(column.choices, tuple):
        return ", ".join(column.choices)
    return speak.text(N_("ids of {sheet}"), sheet=column.choices)
