"""Ranges of a text that are personal, and the marks that stand for them afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

#: Signs, not words: a word would be searched for, and would say something of the language.
CPR_MARK, EMAIL_MARK, PHONE_MARK, ADDRESS_MARK, NAME_MARK = "[#]", "[@]", "[☎]", "[⌂]", "[…]"


@dataclass(frozen=True)
class Span:
    """A half-open range, and the mark that replaces it."""

    start: int
    end: int
    mark: str


def blanked(text: str, spans: Sequence[Span]) -> str:
    """Return a text of the same length in which the spans are filled with a character that is no word and no space."""
    if not spans:
        return text
    characters = list(text)
    for span in spans:
        characters[span.start : span.end] = "\0" * (span.end - span.start)
    return "".join(characters)


def merged(spans: Sequence[Span]) -> list[Span]:
    """Return the spans in order; those that overlap become one, with the mark of the one that was named first."""
    rank = {span: place for place, span in reversed(list(enumerate(spans)))}
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start):
        if found and span.start < found[-1].end:
            first = min(found[-1], span, key=lambda one: rank.get(one, -1))
            found[-1] = replace(found[-1], end=max(found[-1].end, span.end), mark=first.mark)
        else:
            found.append(span)
    return found
