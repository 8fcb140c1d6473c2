"""What was published since the index was written, kept in memory: found at once, and written into the index in a quieter
moment. Its offers are weighed with the index's own rarities, so that both kinds compare."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from services_catalog.large.facts import Facts, read
from services_catalog.large.index import Candidate, Entry, ceiling

#: BM25's parameters, tantivy's own.
_K1, _B = 1.2, 0.75


class Additions:
    """Offers beside an index. `replaced` are the ids in the index that no longer hold. Never changes in place."""

    def __init__(self, usual_length: float = 100.0) -> None:
        """`usual_length`: how many terms an offer of the index has, on average."""
        self._usual = usual_length
        self.entries: dict[str, Entry] = {}
        self.replaced: frozenset[str] = frozenset()
        self._arrange()

    def __len__(self) -> int:
        return len(self.replaced)

    def with_changes(self, entries: Iterable[Entry], gone: Iterable[str]) -> Additions:
        """Return these additions with further ones: entries that are new or differ, and ids that are gone."""
        new = copy.copy(self)
        changed = {entry.id: entry for entry in entries}
        dead = frozenset(gone)
        new.entries = {one: entry for one, entry in (self.entries | changed).items() if one not in dead}
        new.replaced = self.replaced | dead | changed.keys()
        new._arrange()
        return new

    def _arrange(self) -> None:
        self._holders: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self._lengths: dict[str, float] = {}
        for entry in self.entries.values():
            self._lengths[entry.id] = _K1 * (1 - _B + _B * sum(entry.terms.values()) / self._usual)
            for term, times in entry.terms.items():
                self._holders[term].append((entry.id, times))

    def candidates(
        self, terms: Mapping[str, float], rarities: Mapping[str, float], municipality: str | None
    ) -> list[Candidate]:
        """Return the offers that share a term with a question."""
        whole = ceiling(terms, rarities)
        return [
            Candidate(one, score / whole, read(self.entries[one].facts))
            for one, score in self._scores(terms, rarities).items()
            if municipality is None or self.entries[one].municipality == municipality
        ]

    def _scores(self, terms: Mapping[str, float], rarities: Mapping[str, float]) -> dict[str, float]:
        scores: dict[str, float] = defaultdict(float)
        for term, weight in terms.items():
            for one, times in self._holders.get(term, ()):
                scores[one] += weight * rarities[term] * times * (_K1 + 1) / (times + self._lengths[one])
        return scores

    def known(self, term: str) -> int:
        """Return how many of the offers have a term."""
        return len(self._holders.get(term, ()))

    def named(self, names: Collection[str], municipality: str | None) -> list[str]:
        """Return the ids of offers that bear one of some names, run together."""
        return [
            entry.id
            for entry in self.entries.values()
            if not set(names).isdisjoint(entry.names) and municipality in (None, entry.municipality)
        ]

    def facts(self, ids: Collection[str]) -> dict[str, Facts]:
        return {one: read(self.entries[one].facts) for one in ids if one in self.entries}

    def shares(self, ids: Sequence[str], terms: Mapping[str, float], rarities: Mapping[str, float]) -> dict[str, float]:
        """Return for each of some offers what a few terms give it (as in BM25, unbounded)."""
        return {one: score for one, score in self._scores(terms, rarities).items() if one in ids}
