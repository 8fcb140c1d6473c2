"""A question as the search sees it: its words, its concepts, and the letters inside its words.

A question is analysed in its language and in those whose words stand everywhere: people write Danish words inside English
sentences, Arabic with Latin letters and digits, Ukrainian without Cyrillic. Reading it in one language too many costs
little; missing the right one costs the answer.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from services_catalog.analysis import analyzer
from services_catalog.identify import script
from services_catalog.languages import LANGUAGES, written_in
from services_catalog.lexicon import Lexicon
from services_catalog.normalize import letter_skeleton, words
from services_catalog.transliterate import LATIN_SPELLINGS

#: Runs of three letters told offers apart better than any mixture of two to five, and are a third as many.
_GRAM = 3

#: Danish and English stand in each other's sentences, so a Latin text is analysed as both.
_EVERYWHERE = tuple(tag for tag, one in LANGUAGES.items() if one.everywhere)
_SPELLINGS = {tag: LATIN_SPELLINGS[one.latin_spelling] for tag, one in LANGUAGES.items() if one.latin_spelling}


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
    for tag, spelling in _SPELLINGS.items():
        if tag in tags and spelling.may_be(text):
            yield words(spelling.read(text)), (tag,)


@functools.lru_cache(maxsize=50_000)
def _grams_of_word(word: str) -> tuple[str, ...]:
    padded = f" {letter_skeleton(word)} "
    return tuple(f"gram:{padded[start : start + _GRAM]}" for start in range(max(1, len(padded) - _GRAM + 1)))


def question_tags(text: str, language: str) -> tuple[str, ...]:
    """Return the languages a question is analysed as: its own and, if it has Latin letters, those that stand everywhere."""
    if script(text) == "latin" or language in _EVERYWHERE:
        return tuple(dict.fromkeys((language, *_EVERYWHERE)))
    latin = any(character.isascii() and character.isalpha() for character in text)
    return (language, *_EVERYWHERE) if latin else (language,)


def tags_by_script(text: str) -> tuple[str, ...]:
    """Return the languages a text may be in, by its letters alone."""
    found = script(text)
    if found == "latin":
        return (*written_in("latin"), *(tag for tag, one in _SPELLINGS.items() if one.looks_like(text)))
    return tuple(dict.fromkeys(tag for spoken in written_in(found or "") for tag in question_tags(text, spoken)))
