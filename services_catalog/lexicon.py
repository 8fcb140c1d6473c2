"""Concepts: words of the four languages that mean the same, so that a question finds an offer across languages.

A concept comes from three places: the need taxonomy (labels and synonyms), the situations and districts, and
`lexicon/*.yml`, a plain list of everyday concepts. All are matched on base forms, as sequences of up to four words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from services_catalog.analysis import analyzer
from services_catalog.catalogue import Catalogue

#: Longer expressions than this are left to the word signal.
_LONGEST = 4


class Lexicon:
    """Finds the concepts in an analysed text. Safe to share between threads."""

    def __init__(self, catalogue: Catalogue, tags: Sequence[str]) -> None:
        collected: dict[str, dict[tuple[str, ...], set[str]]] = {tag: {} for tag in tags}
        for name, by_language in _sources(catalogue):
            for tag in tags:
                for phrase in by_language.get(tag, ()):
                    lemmas = analyzer(tag)(phrase).lemmas
                    if 0 < len(lemmas) <= _LONGEST:
                        collected[tag].setdefault(lemmas, set()).add(name)
        self._phrases = {tag: _by_first_word(phrases) for tag, phrases in collected.items()}

    def concepts(self, lemmas: Sequence[str], tag: str) -> list[str]:
        """Return the concepts in base forms of one language, the longest expression at each place first."""
        phrases = self._phrases.get(tag, {})
        found: list[str] = []
        for position, lemma in enumerate(lemmas):
            for length, expressions in phrases.get(lemma, ()):
                names = expressions.get(tuple(lemmas[position : position + length]))
                if names:
                    found += names
                    break
        return found


#: By its first word, the concepts of each expression: grouped by their number of words, the longest first.
_ByFirstWord = dict[str, list[tuple[int, dict[tuple[str, ...], list[str]]]]]


def _by_first_word(phrases: Mapping[tuple[str, ...], set[str]]) -> _ByFirstWord:
    found: dict[str, dict[int, dict[tuple[str, ...], list[str]]]] = {}
    for lemmas, names in phrases.items():
        found.setdefault(lemmas[0], {}).setdefault(len(lemmas), {})[lemmas] = sorted(names)
    return {first: sorted(by_length.items(), reverse=True) for first, by_length in found.items()}


def _sources(catalogue: Catalogue) -> Iterable[tuple[str, Mapping[str, Sequence[str]]]]:
    for concept in catalogue.concepts.values():
        yield concept.id, concept.words
    for need in catalogue.needs.values():
        yield f"need:{need.id}", {tag: (label, *need.synonyms.get(tag, ())) for tag, label in need.labels.items()}
    for situation in catalogue.situations.values():
        yield f"situation:{situation.id}", situation.phrases
