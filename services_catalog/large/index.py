"""The index on disk: which offers share terms or a name with a question, in one municipality or everywhere.

Tantivy keeps it: files that are mapped, not read, so that all workers share one copy; a commit adds and takes away single
offers, and what was opened before it goes on seeing what it saw.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Occur, Query

from services_catalog.large.facts import Facts, read

#: Memory for offers not yet written: what is larger makes fewer, larger pieces of an index.
_WRITER_BYTES = 300_000_000
#: BM25 as tantivy has it (k1): a term counts at most so many times its rarity.
_SATURATION = 2.2
_MISTAKEN_LETTERS = 6
_MOST_NAMED = 20


@dataclass(frozen=True)
class Entry:
    """An offer as it stands in the index. `stamp` tells one state of it from another; `terms` how often each stands in it."""

    id: str
    municipality: str
    stamp: str
    facts: str
    names: Sequence[str]
    terms: Mapping[str, int]


@dataclass(frozen=True)
class Candidate:
    """An offer found: its `share` of all that the question's terms could give (0 to 1)."""

    id: str
    share: float
    facts: Facts


def _schema() -> Any:
    builder = tantivy.SchemaBuilder()
    for name in ("id", "stamp", "facts"):
        builder.add_text_field(name, stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("municipality", "name"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("terms", tokenizer_name="whitespace", index_option="freq")
    return builder.build()


class OfferIndex:
    """An index as it was when it was opened. Safe to share between threads."""

    _SCHEMA = _schema()

    def __init__(self, folder: Path) -> None:
        """Open the index in a folder; an empty one is made where there is none."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._index = tantivy.Index(self._SCHEMA, path=str(folder))
        self._searcher = self._index.searcher()

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    def reopened(self) -> OfferIndex:
        """Return the index as it is now on disk."""
        return OfferIndex(self.folder)

    def write(self, entries: Iterable[Entry], gone: Iterable[str] = ()) -> None:
        """Put entries in the place of those with their ids and take away those `gone`, all at once or, where the process
        ends before, not at all. One writer at a time: another gets a ValueError. What was opened before sees nothing of it."""
        fresh = not len(self)
        writer = self._index.writer(_WRITER_BYTES, 1)
        for one in gone:
            writer.delete_documents_by_term("id", one)
        for entry in entries:
            if not fresh:
                writer.delete_documents_by_term("id", entry.id)
            writer.add_document(_document(entry))
        writer.commit()
        writer.wait_merging_threads()

    def stamps(self) -> Iterator[tuple[str, str]]:
        """Yield the id and the stamp of every offer."""
        if len(self):
            for _, place in self._searcher.search(Query.all_query(), len(self), count=False).hits:
                document = self._searcher.doc(place)
                yield str(document.get_first("id")), str(document.get_first("stamp"))

    def rarity(self, term: str) -> float:
        """Return how telling a term is (inverse document frequency, as BM25 has it); 0 for one that stands nowhere."""
        there = self._searcher.doc_freq("terms", term)
        return math.log(1.0 + (len(self) - there + 0.5) / (there + 0.5)) if there else 0.0

    def candidates(
        self, terms: Mapping[str, float], rarities: Mapping[str, float], municipality: str | None, limit: int
    ) -> list[Candidate]:
        """Return the offers that share most with a question's terms, each counted as `terms` says."""
        known = {term: weight for term, weight in terms.items() if rarities[term]}
        if not known:
            return []
        query = Query.boolean_query([(Occur.Should, self._term(term, weight)) for term, weight in known.items()])
        whole = ceiling(known, rarities)
        return [
            Candidate(str(found.get_first("id")), score / whole, read(str(found.get_first("facts"))))
            for score, found in self._found(query, municipality, limit)
        ]

    def named(self, names: Iterable[str], misspelt: Iterable[str], municipality: str | None) -> list[str]:
        """Return the ids of offers that bear one of some names, run together, exactly or with a mistake or two."""
        queries = [
            Query.term_query(self._SCHEMA, "name", name, "basic")
            for name in names
            if self._searcher.doc_freq("name", name)
        ]
        queries += [
            Query.fuzzy_term_query(self._SCHEMA, "name", name, min(2, len(name) // _MISTAKEN_LETTERS))
            for name in misspelt
        ]
        if not queries:
            return []
        query = Query.boolean_query([(Occur.Should, one) for one in queries])
        return [str(found.get_first("id")) for _, found in self._found(query, municipality, _MOST_NAMED)]

    def facts(self, ids: Collection[str]) -> dict[str, Facts]:
        """Return the facts of some offers by id; of those the index does not hold, none."""
        found = self._found(self._among(ids), None, len(ids))
        return {str(one.get_first("id")): read(str(one.get_first("facts"))) for _, one in found}

    def shares(self, ids: Sequence[str], terms: Mapping[str, float]) -> dict[str, float]:
        """Return for each of some offers what a few terms give it (as in BM25, unbounded)."""
        wanted = Query.boolean_query([(Occur.Should, self._term(term, weight)) for term, weight in terms.items()])
        among = Query.const_score_query(self._among(ids), 0.0)
        query = Query.boolean_query([(Occur.Must, among), (Occur.Must, wanted)])
        return {str(one.get_first("id")): score for score, one in self._found(query, None, len(ids))}

    def _among(self, ids: Iterable[str]) -> Any:
        return Query.boolean_query([(Occur.Should, Query.term_query(self._SCHEMA, "id", one, "basic")) for one in ids])

    def _term(self, term: str, weight: float) -> Any:
        return Query.boost_query(Query.term_query(self._SCHEMA, "terms", term, "freq"), weight)

    def _found(self, query: Any, municipality: str | None, limit: int) -> Iterator[tuple[float, Any]]:
        if municipality is not None:
            there = Query.const_score_query(Query.term_query(self._SCHEMA, "municipality", municipality, "basic"), 0.0)
            query = Query.boolean_query([(Occur.Must, there), (Occur.Must, query)])
        for score, place in self._searcher.search(query, max(1, limit), count=False).hits:
            yield float(score), self._searcher.doc(place)


def ceiling(terms: Mapping[str, float], rarities: Mapping[str, float]) -> float:
    """Return the most that BM25 could give for some terms."""
    return _SATURATION * sum(weight * rarities[term] for term, weight in terms.items()) or 1.0


def _document(entry: Entry) -> Any:
    document = tantivy.Document()
    for field in ("id", "municipality", "stamp", "facts"):
        document.add_text(field, getattr(entry, field))
    for name in entry.names:
        document.add_text("name", name)
    document.add_text("terms", " ".join(term for term, times in entry.terms.items() for _ in range(times)))
    return document
