"""From a text to the terms that are searched: a spaCy pipeline per language, all behind one interface.

Every language is `spacy.blank`, of which we use the stop words and the lemmatizer's tables; the words come split already
(spaCy would split `ім'я`), so its tokenizer is not run. Where base forms come from is said by each language's record: the
lookup tables of spacy-lookups-data (Danish, English), pymorphy3 (Ukrainian), a Snowball stemmer (Arabic) or nowhere.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import spacy
from spacy.util import load_language_data

from services_catalog.languages import LANGUAGES, Language
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
        # texts may be kept in a language that is no longer served
        language = LANGUAGES.get(tag) or Language(tag=tag, native_name=tag, direction="ltr")
        nlp = spacy.blank(language.spacy)
        self._lemma = functools.lru_cache(maxsize=100_000)(_LEMMATIZERS[language.lemmas.kind](language))
        split = _compounds(tag, self._lemma) if language.compounds else _whole
        self.parts = functools.lru_cache(maxsize=50_000)(split)
        self.stop_words = {fold(word) for word in {*nlp.Defaults.stop_words, *language.stop_words}} - _NEGATORS

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


#: Words that turn a meaning round are never dropped as stop words, in any language.
_NEGATORS = frozenset(word for language in LANGUAGES.values() for word in language.negators)


@functools.cache
def _lookup_table(tag: str) -> Mapping[str, str]:
    """Return spaCy's table of word forms and base forms of a language, as a plain dictionary: the tables of a pipeline hash
    every word of it, which takes ten times as long to load."""
    table: Mapping[str, str] = load_language_data(spacy.registry.lookups.get(tag)["lemma_lookup"])
    return table


def _lookup(language: Language) -> Lemmatizer:
    table = _lookup_table(language.spacy)
    return lambda word: skeleton(table.get(word, word).lower())


@functools.cache
def _morphology(tag: str) -> Any:
    import pymorphy3

    return pymorphy3.MorphAnalyzer(lang=tag)


def _pymorphy(language: Language) -> Lemmatizer:
    morph = _morphology(language.tag)

    def lemma(word: str) -> str:
        try:
            return str(morph.parse(word)[0].normal_form)
        except ValueError:  # it asks for the Unicode names of letters, and Tangut ones have none in Python
            return word

    return lemma


@functools.lru_cache(maxsize=50_000)
def is_ukrainian_word(word: str) -> bool:
    """Tell whether a folded word stands in the Ukrainian dictionary."""
    return bool(_morphology("uk").word_is_known(word))


#: What is left of a word behind a prefix has at least this many letters.
_SHORTEST_REST = 3


def _snowball(language: Language) -> Lemmatizer:
    import snowballstemmer

    stem = snowballstemmer.stemmer(language.lemmas.algorithm).stemWord
    prefixes = language.lemmas.prefixes
    finish = skeleton if language.script == "latin" else str

    def lemma(word: str) -> str:
        for prefix in prefixes:
            if word.startswith(prefix) and len(word) - len(prefix) >= _SHORTEST_REST:
                word = word[len(prefix) :]
                break
        return finish(stem(word))

    return lemma


def _plain(language: Language) -> Lemmatizer:
    return skeleton if language.script == "latin" else str


_LEMMATIZERS: dict[str, Callable[[Language], Lemmatizer]] = {
    "lookup": _lookup,
    "snowball": _snowball,
    "pymorphy3": _pymorphy,
    "none": _plain,
}


Splitter = Callable[[str], tuple[str, ...]]
#: A part of a compound has at least this many letters.
_SHORTEST_PART = 3


def _whole(_word: str) -> tuple[str, ...]:
    return ()


def _compounds(tag: str, lemma: Lemmatizer) -> Splitter:
    """Split after the longest known last part whose rest is a known word, also with the linking letters s and e (Danish)."""
    known = _lookup_table(tag)

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


@functools.cache
def analyzer(tag: str) -> Analyzer:
    """Return the shared analyser of a language (loaded at first use)."""
    return Analyzer(tag)
