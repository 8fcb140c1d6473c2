"""A question as the search sees it: its words, its concepts, and the letters inside its words.

A question is analysed in every language its script allows: people write Danish words inside English sentences, Arabic
with Latin letters and digits, Ukrainian without Cyrillic. Reading it in one language too many costs little; missing the
right one costs the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services_catalog.analysis import analyzer
from services_catalog.lexicon import Lexicon
from services_catalog.normalize import fold, letter_skeleton, words
from services_catalog.transliterate import arabizi, latin_ukrainian, looks_like_arabizi

_SHORTEST_GRAM, _LONGEST_GRAM = 2, 5


@dataclass(frozen=True)
class Features:
    """What a text is compared by. Each name begins with its kind: `word:`, `pair:`, `gram:`, `concept:`."""

    names: tuple[str, ...]

    def of_kind(self, kind: str) -> list[str]:
        return [name for name in self.names if name.startswith(kind)]


def features(text: str, tags: tuple[str, ...], lexicon: Lexicon) -> Features:
    """Return the features of `text`, analysed as each of the languages in `tags`."""
    found: list[str] = []
    for reading, tag in _readings(text, tags):
        analysis = analyzer(tag)(reading)
        found.extend(f"word:{lemma}" for lemma in analysis.content)
        found.extend(f"pair:{one} {two}" for one, two in zip(analysis.content, analysis.content[1:], strict=False))
        found.extend(f"concept:{concept}" for concept in lexicon.concepts(analysis.lemmas))
    for reading in dict.fromkeys(reading for reading, _ in _readings(text, tags)):
        found.extend(f"gram:{gram}" for gram in _grams(reading))
    return Features(tuple(found))


def _readings(text: str, tags: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield each (text, language) the question can be read as."""
    for tag in tags:
        yield text, tag
    if "ar" in tags and looks_like_arabizi(text):
        yield arabizi(text), "ar"
    if "uk" in tags and fold(text).isascii():
        yield latin_ukrainian(text), "uk"


def _grams(text: str) -> Iterator[str]:
    for word in words(text):
        padded = f" {letter_skeleton(word)} "
        for length in range(_SHORTEST_GRAM, _LONGEST_GRAM + 1):
            for start in range(len(padded) - length + 1):
                yield padded[start : start + length]
            if length >= len(padded):
                break
