"""What differs between two states of a record, ready to be drawn."""

from __future__ import annotations

from services_catalog.editors.differences import differences
from services_catalog.marking import Piece, marked
from services_catalog.offer import Record

#: A field and the lines in which it differs.
MarkedChange = tuple[str, list[list[Piece]]]


def marked_changes(before: Record | None, after: Record) -> list[MarkedChange]:
    """Return the fields that differ with their words marked."""
    return [(one.field, marked(one.before, one.after)) for one in differences(before, after)]
