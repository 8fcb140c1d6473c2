"""Sentences as people write them, with what must be taken out and the numbers that must stay marked by hand.

`<language>.yml` holds several lists: `known`, written before the patterns of api.privacy and used while they grew, `held_out`,
written after them, and those of other authors who knew neither the patterns nor the sentences before. Each was measured
once before anything was mended for it: docs/privacy.md. `{cpr:…}`, `{phone:…}`, `{email:…}`, `{address:…}` and `{name:…}`
mark what is private, `{keep:…}` what is not. `python -m tests.api.private_sentences` prints how well it is done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from api.privacy import private_spans

FOLDER = Path(__file__).parent
LANGUAGES = ("da", "ar", "uk", "en")
PARTS = ("known", "held_out", "second_author", "third_author", "fourth_author", "fifth_author")
#: What is harmless.
KEEP = "keep"
_MARKED = re.compile(r"\{(\w+):([^{}]+)\}")


@dataclass(frozen=True)
class Marked:
    """A half-open range of a sentence, with the kind it was marked as."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """A sentence without its marks, and where they stood."""

    text: str
    marked: tuple[Marked, ...]

    def taken_out(self) -> set[int]:
        """Return the positions of all letters and digits that the service takes out."""
        return {
            place
            for span in private_spans(self.text)
            for place in range(span.start, span.end)
            if self.text[place].isalnum()
        }

    def outcomes(self) -> Iterator[tuple[Marked, bool]]:
        """Yield each mark with whether it came out right: every letter and digit of what is private gone, all of what is
        harmless still there."""
        gone = self.taken_out()
        for mark in self.marked:
            places = {place for place in range(mark.start, mark.end) if self.text[place].isalnum()}
            yield mark, places.isdisjoint(gone) if mark.kind == KEEP else places <= gone


@dataclass
class Figures:
    """How many marks of each kind there were, and what went wrong."""

    seen: dict[str, int] = field(default_factory=dict)
    wrong: list[tuple[str, str, str]] = field(default_factory=list)

    def share(self, *kinds: str) -> float:
        """Return the share of the marks of these kinds that came out right."""
        failed = sum(kind in kinds for kind, _, _ in self.wrong)
        return 1 - failed / sum(self.seen.get(kind, 0) for kind in kinds)

    @property
    def private(self) -> tuple[str, ...]:
        """Return the kinds that are private."""
        return tuple(kind for kind in self.seen if kind != KEEP)


def sentences(language: str, part: str) -> list[Sentence]:
    """Return the sentences of one language and part."""
    read = yaml.safe_load((FOLDER / f"{language}.yml").read_text(encoding="utf-8"))
    return [_sentence(written) for written in read[part]]


def figures(measured: Sequence[Sentence]) -> Figures:
    """Return how the service does on some sentences."""
    found = Figures()
    for sentence in measured:
        for mark, right in sentence.outcomes():
            found.seen[mark.kind] = found.seen.get(mark.kind, 0) + 1
            if not right:
                found.wrong.append((mark.kind, sentence.text[mark.start : mark.end], sentence.text))
    return found


def _sentence(written: str) -> Sentence:
    text, marked, last = "", [], 0
    for match in _MARKED.finditer(written):
        text += written[last : match.start()]
        marked.append(Marked(match[1], len(text), len(text) + len(match[2])))
        text, last = text + match[2], match.end()
    return Sentence(text + written[last:], tuple(marked))
