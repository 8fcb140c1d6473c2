"""From a text to the terms that are searched: a spaCy pipeline per language, all behind one interface.

Every pipeline is `spacy.blank(tag)`, given words that are split already (spaCy would split `ім'я`). Base forms come from
the lookup tables of spacy-lookups-data for Danish and English, pymorphy3 for Ukrainian, a light stemmer for Arabic. A language
without an entry in `_LEMMATIZERS` is analysed as plain words, so a new language needs no code.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import spacy
from spacy.tokens import Doc

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
        self._nlp = spacy.blank(tag if tag in _LEMMATIZERS else "xx")
        self._lemma = functools.lru_cache(maxsize=100_000)(_LEMMATIZERS.get(tag, _plain)(self._nlp))
        self._stop_words = {fold(word) for word in self._nlp.Defaults.stop_words} - _NEGATORS

    def __call__(self, text: str) -> Analysis:
        """Analyse a text of any length."""
        return self.analyze(words_of(text))

    def analyze(self, words: Sequence[str]) -> Analysis:
        """Analyse a text that is split into folded words already."""
        words = tuple(token.text for token in self._nlp(Doc(self._nlp.vocab, words=list(words))))
        lemmas = tuple(self._lemma(word) for word in words)
        content = tuple(
            lemma for word, lemma in zip(words, lemmas, strict=True) if word not in self._stop_words and len(word) > 1
        )
        return Analysis(words, lemmas, content or lemmas)


#: Words that turn a meaning round are never dropped as stop words.
_NEGATORS = frozenset("ikke ingen uden not no without never не ні без нема لا ما مو مش ليس بدون غير".split())


def _lookup(tag: str) -> Callable[[Any], Lemmatizer]:
    def make(nlp: Any) -> Lemmatizer:
        pipe = nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
        pipe.initialize(nlp=nlp)
        table: Mapping[str, str] = {
            word: lemma for word, lemma in pipe.lookups.get_table("lemma_lookup").items() if isinstance(word, str)
        } or pipe.lookups.get_table("lemma_lookup")
        nlp.remove_pipe("lemmatizer")
        return lambda word: skeleton(str(table.get(word, word)).lower())

    return make


def _ukrainian(_nlp: Any) -> Lemmatizer:
    import pymorphy3

    morph = pymorphy3.MorphAnalyzer(lang="uk")
    return lambda word: str(morph.parse(word)[0].normal_form)


_ARABIC_PREFIXES: Sequence[str] = ("وال", "بال", "فال", "كال", "عال", "لل", "ال", "هال")


def _arabic(_nlp: Any) -> Lemmatizer:
    import snowballstemmer

    stem = snowballstemmer.stemmer("arabic").stemWord

    def lemma(word: str) -> str:
        for prefix in _ARABIC_PREFIXES:
            if word.startswith(prefix) and len(word) - len(prefix) >= 3:
                word = word[len(prefix) :]
                break
        return str(stem(word))

    return lemma


def _plain(_nlp: Any) -> Lemmatizer:
    return lambda word: word


_LEMMATIZERS: dict[str, Callable[[Any], Lemmatizer]] = {
    "da": _lookup("da"),
    "en": _lookup("en"),
    "uk": _ukrainian,
    "ar": _arabic,
}


@functools.cache
def analyzer(tag: str) -> Analyzer:
    """Return the shared analyser of a language (loaded at first use)."""
    return Analyzer(tag)
