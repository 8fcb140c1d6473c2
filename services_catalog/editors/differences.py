"""What changed between two states of a record, field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services_catalog.offer import Record


@dataclass(frozen=True)
class FieldChange:
    """One field that differs. `field` is dotted (`texts.da.name`); None stands where it was, or is, not there."""

    field: str
    before: Any
    after: Any


def differences(before: Record | None, after: Record) -> list[FieldChange]:
    """Return the fields in which two states of a record differ, in the order of the model. A list is one field: its items
    have no identity of their own. Where the record stands in the editors' work is the revision's to tell."""
    old = _content(before) if before is not None else {}
    return list(_different(old, _content(after), ""))


def _content(record: Record) -> dict[str, Any]:
    return record.model_dump(mode="json", exclude_defaults=True, exclude={"publication"})


def _different(before: Any, after: Any, field: str) -> Iterator[FieldChange]:
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*after, *before)):
            yield from _different(before.get(name), after.get(name), f"{field}.{name}" if field else name)
    elif before != after:
        yield FieldChange(field, before, after)
