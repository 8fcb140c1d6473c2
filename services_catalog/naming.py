"""Recognise an offer that is called by its name, also misspelt, abbreviated or written in another script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein

from services_catalog.normalize import letter_skeleton, words
from services_catalog.offer import Offer

#: One mistake is forgiven in names of this many letters, two in names twice as long.
_FORGIVING_LENGTH = 6
#: A name of fewer letters than this must stand exactly as it is.
_SHORTEST_NAME = 4


@dataclass(frozen=True)
class NamedOffer:
    """An offer named in a text: its position in the index, how surely (0 to 1), and the words that named it."""

    position: int
    certainty: float
    words: str


class NameBook:
    """The names and aliases of all offers. `common` are words too ordinary to be a name on their own."""

    def __init__(self, offers: Sequence[Offer], common: frozenset[str]) -> None:
        self._names: list[tuple[tuple[str, ...], int]] = []
        self._exact: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        self._official = {
            (tuple(letter_skeleton(word) for word in words(offer.official_name)), position)
            for position, offer in enumerate(offers)
        }
        for position, offer in enumerate(offers):
            names = {offer.official_name, *offer.aliases, *(one.name for one in offer.texts.values())}
            for name in names:
                parts = tuple(letter_skeleton(word) for word in words(name))
                if not parts or (len(parts) == 1 and len(parts[0]) < 3):
                    continue
                # an alias of everyday words alone ("Danish course") is a need, not a name
                if all(part in common for part in parts) and (len(parts) == 1 or name != offer.official_name):
                    continue
                self._names.append((parts, position))
                self._exact.setdefault(parts[0], []).append((parts, position))
        # a mistake in the first letter is not forgiven, so that few names need be compared
        self._alike: dict[tuple[str, int], list[tuple[str, int]]] = {}
        for parts, position in self._names:
            joined = "".join(parts)
            if len(parts) <= 2 and len(joined) >= _SHORTEST_NAME:
                self._alike.setdefault((joined[0], len(joined)), []).append((joined, position))

    def find(self, text: str) -> list[NamedOffer]:
        """Return the offers named in `text`, the surest first."""
        tokens = [letter_skeleton(word) for word in words(text)]
        best: dict[int, NamedOffer] = {}
        for start, word in enumerate(tokens):
            for parts, position in self._exact.get(word, ()):
                if tuple(tokens[start : start + len(parts)]) == parts:
                    certainty = 0.85 + 0.05 * len(parts) + (0.05 if (parts, position) in self._official else 0.0)
                    self._keep(best, NamedOffer(position, min(1.0, certainty), " ".join(parts)))
        for start in range(len(tokens)):
            for length in (1, 2):
                candidate = "".join(tokens[start : start + length])
                if len(candidate) >= _SHORTEST_NAME and start + length <= len(tokens):
                    self._fuzzy(candidate, best)
        return sorted(best.values(), key=lambda named: -named.certainty)

    def _fuzzy(self, candidate: str, best: dict[int, NamedOffer]) -> None:
        allowed = min(2, len(candidate) // _FORGIVING_LENGTH)
        for length in range(len(candidate) - allowed, len(candidate) + allowed + 1):
            for name, position in self._alike.get((candidate[0], length), ()):
                distance = DamerauLevenshtein.distance(name, candidate, score_cutoff=allowed)
                if distance <= allowed:
                    self._keep(best, NamedOffer(position, 0.9 - 0.1 * distance, candidate))

    @staticmethod
    def _keep(best: dict[int, NamedOffer], named: NamedOffer) -> None:
        if named.position not in best or best[named.position].certainty < named.certainty:
            best[named.position] = named


def common_words(offers: Iterable[Offer]) -> frozenset[str]:
    """Return the words that several offers use in their questions: none of them names an offer on its own."""
    users: dict[str, set[str]] = {}
    for offer in offers:
        for texts in offer.texts.values():
            for example in texts.examples:
                for word in words(example):
                    users.setdefault(letter_skeleton(word), set()).add(offer.id)
    return frozenset(word for word, who in users.items() if len(who) >= 4)
