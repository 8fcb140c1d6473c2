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
from services_catalog.transliterate import arabizi, latin_ukrainian, looks_like_arabizi, looks_like_latin_ukrainian

#: Runs of three letters told offers apart better than any mixture of two to five, and are a third as many.
_GRAM = 3

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
            reader = analyzer(tag)
            analysis = reader.analyze(words_of_reading)
            found += [f"word:{lemma}" for lemma in analysis.content]
            found += [f"pair:{one} {two}" for one, two in itertools.pairwise(analysis.content)]
            found += [f"concept:{concept}" for concept in lexicon.concepts(analysis.lemmas, tag)]
            for word in words_of_reading:
                found += [f"part:{part}" for part in reader.parts(word)]
        for word in words_of_reading:
            found += _grams_of_word(word)
    return Features(tuple(found))


def features_by_word(text: str, language: str, lexicon: Lexicon) -> dict[str, tuple[str, ...]]:
    """Return the features that each telling word of `text` has by itself, by the word as it is folded."""
    tags = question_tags(text, language)
    found = {}
    for word in dict.fromkeys(words(text)):
        if any(word not in analyzer(tag).stop_words for tag in tags) and len(word) >= _GRAM:
            found[word] = tuple(dict.fromkeys(features(word, tags, lexicon).names))
    return found


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
    return tuple(f"gram:{padded[start : start + _GRAM]}" for start in range(max(1, len(padded) - _GRAM + 1)))


def question_tags(text: str, language: str) -> tuple[str, ...]:
    """Return the languages a question is analysed as: its own, and every other that its script allows."""
    if script(text) == "latin" or language in _LATIN_TAGS:
        return tuple(dict.fromkeys((language, *_LATIN_TAGS)))
    latin = any(character.isascii() and character.isalpha() for character in text)
    return (language, *_LATIN_TAGS) if latin else (language,)


def tags_by_script(text: str) -> tuple[str, ...]:
    """Return the languages a text may be in, by its letters alone."""
    found = script(text)
    if found == "latin":
        arabic = ("ar",) if looks_like_arabizi(text) else ()
        ukrainian = ("uk",) if looks_like_latin_ukrainian(text) else ()
        return (*_LATIN_TAGS, *arabic, *ukrainian)
    return question_tags(text, found) if found in ("ar", "uk") else ()
