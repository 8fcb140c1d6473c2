"""From a text to the terms that are searched: a spaCy pipeline per language, all behind one interface.

Every language is `spacy.blank(tag)`, of which we use the stop words and the lemmatizer's tables; the words come split already
(spaCy would split `ім'я`), so its tokenizer is not run. Base forms come from the lookup tables of spacy-lookups-data for
Danish and English, pymorphy3 for Ukrainian, a light stemmer for Arabic. A language without an entry in `_LEMMATIZERS` is
analysed as plain words, so a new language needs no code.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import spacy
from spacy.util import load_language_data

from services_catalog.normalize import fold, skeleton
from services_catalog.normalize import words as words_of

Lemmatizer = Callable[[str], str]


@dataclass(frozen=True)
class Analysis:
    """What a text says in one language.

    `words` are all folded words in order, `lemmas` their base forms at the same positions, `content` the lemmas that are
    not stop words.
    """

    words: tuple[str, ...]
    lemmas: tuple[str, ...]
    content: tuple[str, ...]


class Analyzer:
    """Analyses texts of one language. Safe to share between threads once made."""

    def __init__(self, tag: str) -> None:
        self.tag = tag
        nlp = spacy.blank(tag if tag in _LEMMATIZERS else "xx")
        self._lemma = functools.lru_cache(maxsize=100_000)(_LEMMATIZERS.get(tag, _plain)())
        self.parts = functools.lru_cache(maxsize=50_000)(_SPLITTERS.get(tag, _whole)(self._lemma))
        self.stop_words = {fold(word) for word in nlp.Defaults.stop_words} - _NEGATORS

    def __call__(self, text: str) -> Analysis:
        """Analyse a text of any length."""
        return self.analyze(words_of(text))

    def analyze(self, words: Sequence[str]) -> Analysis:
        """Analyse a text that is split into folded words already."""
        lemmas = tuple(map(self._lemma, words))
        content = tuple(
            lemma for word, lemma in zip(words, lemmas, strict=True) if len(word) > 1 and word not in self.stop_words
        )
        return Analysis(tuple(words), lemmas, content or lemmas)


#: Words that turn a meaning round are never dropped as stop words.
_NEGATORS = frozenset("ikke ingen uden not no without never не ні без нема لا ما مو مش ليس بدون غير".split())


@functools.cache
def _lookup_table(tag: str) -> Mapping[str, str]:
    """Return spaCy's table of word forms and base forms of a language, as a plain dictionary: the tables of a pipeline hash
    every word of it, which takes ten times as long to load."""
    table: Mapping[str, str] = load_language_data(spacy.registry.lookups.get(tag)["lemma_lookup"])
    return table


def _lookup(tag: str) -> Callable[[], Lemmatizer]:
    def make() -> Lemmatizer:
        table = _lookup_table(tag)
        return lambda word: skeleton(table.get(word, word).lower())

    return make


@functools.cache
def _ukrainian_morphology() -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang="uk")


def _ukrainian() -> Lemmatizer:
    morph = _ukrainian_morphology()
    return lambda word: str(morph.parse(word)[0].normal_form)


@functools.lru_cache(maxsize=50_000)
def is_ukrainian_word(word: str) -> bool:
    """Tell whether a folded word stands in the Ukrainian dictionary."""
    return bool(_ukrainian_morphology().word_is_known(word))


_ARABIC_PREFIXES: Sequence[str] = ("وال", "بال", "فال", "كال", "عال", "لل", "ال", "هال")


def _arabic() -> Lemmatizer:
    import snowballstemmer

    stem = snowballstemmer.stemmer("arabic").stemWord

    def lemma(word: str) -> str:
        for prefix in _ARABIC_PREFIXES:
            if word.startswith(prefix) and len(word) - len(prefix) >= 3:
                word = word[len(prefix) :]
                break
        return str(stem(word))

    return lemma


def _plain() -> Lemmatizer:
    return lambda word: word


_LEMMATIZERS: dict[str, Callable[[], Lemmatizer]] = {
    "da": _lookup("da"),
    "en": _lookup("en"),
    "uk": _ukrainian,
    "ar": _arabic,
}


Splitter = Callable[[str], tuple[str, ...]]
#: A part of a compound has at least this many letters.
_SHORTEST_PART = 3


def _whole(_lemma: Lemmatizer) -> Splitter:
    return lambda word: ()


def _danish_compounds(lemma: Lemmatizer) -> Splitter:
    """Split after the longest known last part whose rest is a known word, also with the linking letters s and e."""
    known = _lookup_table("da")

    def split(word: str) -> tuple[str, ...]:
        for start in range(_SHORTEST_PART, len(word) - _SHORTEST_PART + 1):
            head, tail = word[:start], word[start:]
            if tail not in known:
                continue
            for first in (head, head[:-1] if head[-1] in "se" else ""):
                if len(first) >= _SHORTEST_PART and first in known:
                    return lemma(first), lemma(tail)
        return ()

    return split


_SPLITTERS: dict[str, Callable[[Lemmatizer], Splitter]] = {"da": _danish_compounds}


@functools.cache
def analyzer(tag: str) -> Analyzer:
    """Return the shared analyser of a language (loaded at first use)."""
    return Analyzer(tag)
