"""What changed inside a field, word by word, for people to read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest
from typing import Any, NamedTuple

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")


class Mark(StrEnum):
    """What became of a piece of text."""

    SAME = "same"
    GONE = "gone"
    NEW = "new"


class Piece(NamedTuple):
    """A run of words with one fate."""

    mark: Mark
    text: str


def marked(before: Any, after: Any) -> list[list[Piece]]:
    """Return the lines in which two values of a field differ, each as pieces. A text is one line; of a list only the items
    that changed are lines."""
    if isinstance(before, list | tuple) or isinstance(after, list | tuple):
        return list(_items([_text(one) for one in before or ()], [_text(one) for one in after or ()]))
    return [_words(_text(before), _text(after))]


def _items(before: Sequence[str], after: Sequence[str]) -> Iterator[list[Piece]]:
    for what, start, end, new_start, new_end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what != "equal":
            for old, new in zip_longest(before[start:end], after[new_start:new_end], fillvalue=""):
                yield _words(old, new)


def _words(before: str, after: str) -> list[Piece]:
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    pieces = []
    for what, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            pieces.append(Piece(Mark.SAME, "".join(old[start:end])))
            continue
        if end > start:
            pieces.append(Piece(Mark.GONE, "".join(old[start:end])))
        if new_end > new_start:
            pieces.append(Piece(Mark.NEW, "".join(new[new_start:new_end])))
    return pieces


def _text(value: Any) -> str:
    """Return a value of a record in one line a person can read."""
    if value is None:
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_text(inner)}" for name, inner in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(_text(one) for one in value)
    return str(value)
