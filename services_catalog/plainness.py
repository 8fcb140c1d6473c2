"""Texts of the catalogue are plain: no HTML, no control characters. What a page shows is never markup by accident."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from services_catalog.offer import Record

#: What a browser would take for markup (WHATWG HTML, 13.2.5 "tag open state"): `<` before a letter, `/`, `!` or `?`.
_TAG = re.compile(r"<[A-Za-z/!?][^\s<>]{0,20}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")

#: Quoted to the letter from a source, or patterns of ours: not texts that somebody here wrote for reading.
_TO_THE_LETTER = frozenset({"quote", "section", "seen_text"})


def not_plain(record: Record) -> Iterator[tuple[str, str]]:
    """Yield the dotted field and what is wrong for every text of a record that is not plain text."""
    return _look(record, "")


def markup_in(text: str) -> str | None:
    """Return the first piece of a text that is not plain, as it should be shown to the person who wrote it."""
    if "<" in text and (tag := _TAG.search(text)):
        return f"HTML ({tag.group()})"
    if "&" in text and (entity := _ENTITY.search(text)):
        return f"an HTML entity ({entity.group()})"
    if control := _CONTROL.search(text):
        return f"a control character (U+{ord(control.group()):04X})"
    return None


def _look(value: Any, field: str) -> Iterator[tuple[str, str]]:
    if type(value) is str:
        found = markup_in(value)
        if found is not None:
            yield field, f"holds {found}: texts are plain text"
        return
    items: Any = ()
    if isinstance(value, Record):
        items = ((name, part) for name, part in value.__dict__.items() if name not in _TO_THE_LETTER)
    elif isinstance(value, dict):
        items = value.items()
    elif isinstance(value, tuple):
        items = enumerate(value)
    for name, part in items:
        yield from _look(part, f"{field}.{name}" if field else str(name))
