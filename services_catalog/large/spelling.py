"""Bring a mistyped word back to one that is known: one letter too many, too few, wrong, or two of them exchanged."""

from __future__ import annotations

import functools
from collections import Counter, defaultdict
from collections.abc import Iterable

from rapidfuzz.distance import DamerauLevenshtein

#: Shorter words differ by one letter from too many others; a word that stands once may be mistyped itself.
_SHORTEST, _SEEN = 5, 2


class Spelling:
    """The words of some texts, by first letter and length: a mistake in the first letter is not forgiven, so that few words
    need be compared. Safe to share between threads."""

    def __init__(self, words: Iterable[str]) -> None:
        """Learn from the folded words of many texts, with repetitions."""
        self._alike: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
        for word, times in Counter(words).items():
            if times >= _SEEN and len(word) >= _SHORTEST - 1:
                self._alike[word[0], len(word)].append((times, word))
        for some in self._alike.values():
            some.sort(reverse=True)
        self._repaired = functools.lru_cache(maxsize=20_000)(self._nearest)

    def __reduce__(self) -> tuple[object, ...]:
        return _restored, (dict(self._alike),)

    def repaired(self, word: str) -> str | None:
        """Return the most frequent known word that is one mistake away; None where there is none, or the word is short."""
        return self._repaired(word) if len(word) >= _SHORTEST and word.isalpha() else None

    def _nearest(self, word: str) -> str | None:
        found = [
            (times, known)
            for length in (len(word) - 1, len(word), len(word) + 1)
            for times, known in self._alike.get((word[0], length), ())
            if DamerauLevenshtein.distance(word, known, score_cutoff=1) <= 1
        ]
        return max(found)[1] if found else None


def _restored(alike: dict[tuple[str, int], list[tuple[int, str]]]) -> Spelling:
    made = Spelling(())
    made._alike.update(alike)
    return made
