"""The words of a message as they are read on: whole characters, no tags, nothing invisible that would part a word."""

from __future__ import annotations

import re
from typing import Any

from services_catalog.normalize import without_markup

_HALVES = re.compile("[\ud800-\udfff]")
#: Letters as wide as a Chinese sign are the letters of ASCII (Unicode, Halfwidth and Fullwidth Forms).
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
#: Variation selectors, the grapheme joiner, and control characters that are no space: they show nothing and part words.
_UNSEEN = (0x034F, *range(0x180B, 0x180E), 0x180F, *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))
_CONTROL = (code for code in (*range(0x20), *range(0x7F, 0xA0)) if not chr(code).isspace())
_READ_AS: dict[int, int | None] = {**_WIDE, **dict.fromkeys((*_UNSEEN, *_CONTROL))}
#: A sign said again and again says no more than three times: `!!!!!!!!` must not outweigh the words.
_AGAIN = re.compile(r"([^\w\s])\1{3,}")


def whole_characters(value: Any) -> Any:
    """Return a text with the replacement character for each half of one: a telephone that cuts an emoji in two must not make
    a message unreadable. Anything but a text comes back as it is."""
    return _HALVES.sub("\ufffd", value) if isinstance(value, str) else value


def plain_words(text: str) -> str:
    """Return text without tags, which Rasa cannot take for an intent of its own (`/restart`), in letters of usual width."""
    plain = _AGAIN.sub(r"\1\1\1", without_markup(text.translate(_READ_AS)))
    return plain.strip().lstrip("/").strip()
