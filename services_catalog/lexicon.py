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
        self._phrases: dict[str, dict[tuple[str, ...], set[str]]] = {tag: {} for tag in tags}
        for name, by_language in _sources(catalogue):
            for tag in tags:
                for phrase in by_language.get(tag, ()):
                    lemmas = analyzer(tag)(phrase).lemmas
                    if 0 < len(lemmas) <= _LONGEST:
                        self._phrases[tag].setdefault(lemmas, set()).add(name)

    def concepts(self, lemmas: Sequence[str], tag: str) -> list[str]:
        """Return the concepts in base forms of one language, the longest expression at each place first."""
        phrases = self._phrases.get(tag, {})
        found: list[str] = []
        position = 0
        while position < len(lemmas):
            for length in range(min(_LONGEST, len(lemmas) - position), 0, -1):
                names = phrases.get(tuple(lemmas[position : position + length]))
                if names:
                    found.extend(sorted(names))
                    break
            position += 1
        return found


def _sources(catalogue: Catalogue) -> Iterable[tuple[str, Mapping[str, Sequence[str]]]]:
    for concept in catalogue.concepts.values():
        yield concept.id, concept.words
    for need in catalogue.needs.values():
        yield f"need:{need.id}", {tag: (label, *need.synonyms.get(tag, ())) for tag, label in need.labels.items()}
    for situation in catalogue.situations.values():
        yield f"situation:{situation.id}", situation.phrases
