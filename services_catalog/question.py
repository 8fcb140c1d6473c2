"""A question as the search sees it: its words, its concepts, and the letters inside its words.

A question is analysed in every language its script allows: people write Danish words inside English sentences, Arabic
with Latin letters and digits, Ukrainian without Cyrillic. Reading it in one language too many costs little; missing the
right one costs the answer.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from services_catalog.analysis import analyzer
from services_catalog.identify import script
from services_catalog.lexicon import Lexicon
from services_catalog.normalize import letter_skeleton, words
from services_catalog.transliterate import arabizi, latin_ukrainian, looks_like_arabizi

_SHORTEST_GRAM, _LONGEST_GRAM = 2, 5


#: Danish and English stand in each other's sentences, so a Latin text is analysed as both.
_LATIN_TAGS = ("da", "en")


@dataclass(frozen=True)
class Features:
    """What a text is compared by. Each name begins with its kind: `word:`, `pair:`, `gram:`, `concept:`."""

    names: tuple[str, ...]

    def of_kind(self, kind: str) -> list[str]:
        return [name for name in self.names if name.startswith(kind)]


def features(text: str, tags: tuple[str, ...], lexicon: Lexicon) -> Features:
    """Return the features of `text`, analysed as each of the languages in `tags`."""
    found: list[str] = []
    for words_of_reading, reading_tags in _readings(text, tags):
        for tag in reading_tags:
            analysis = analyzer(tag).analyze(words_of_reading)
            found.extend(f"word:{lemma}" for lemma in analysis.content)
            found.extend(f"pair:{one} {two}" for one, two in itertools.pairwise(analysis.content))
            found.extend(f"concept:{concept}" for concept in lexicon.concepts(analysis.lemmas, tag))
        for word in words_of_reading:
            found.extend(_grams_of_word(word))
    return Features(tuple(found))


def _readings(text: str, tags: tuple[str, ...]) -> Iterator[tuple[list[str], tuple[str, ...]]]:
    """Yield each way the text can be read: its words, and the languages they are analysed as."""
    read = words(text)
    yield read, tags
    if "ar" in tags and looks_like_arabizi(text):
        yield words(arabizi(text)), ("ar",)
    if "uk" in tags and all(word.isascii() for word in read):
        yield words(latin_ukrainian(text)), ("uk",)


@functools.lru_cache(maxsize=50_000)
def _grams_of_word(word: str) -> tuple[str, ...]:
    padded = f" {letter_skeleton(word)} "
    longest = min(_LONGEST_GRAM, len(padded))
    return tuple(
        f"gram:{padded[start : start + length]}"
        for length in range(_SHORTEST_GRAM, longest + 1)
        for start in range(len(padded) - length + 1)
    )


def question_tags(text: str, language: str) -> tuple[str, ...]:
    """Return the languages a question is analysed as: its own, and every other that its script allows."""
    if script(text) == "latin" or language in _LATIN_TAGS:
        return tuple(dict.fromkeys((language, *_LATIN_TAGS)))
    latin = any(character.isascii() and character.isalpha() for character in text)
    return (language, *_LATIN_TAGS) if latin else (language,)
