"""Features of texts as numbers, weighted as tf-idf. A feature's name is only ever its hash: a few million names would take a
hundred times the memory of their weights, and numbers are joined into pairs and looked up without a loop.
"""

from __future__ import annotations

import functools
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

#: The features of one text, each as often as it occurs: hashes of 32 bits. Of some million names one in a thousand shares
#: its hash with another, which costs nothing that could be measured.
Hashes = npt.NDArray[np.uint32]
#: A text as (columns, values), the columns ascending.
Vector = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]

_FIRST, _SECOND = np.uint32(0x9E3779B1), np.uint32(0x85EBCA6B)  # odd, so that no two numbers meet


def hashes(names: list[str]) -> Hashes:
    """Return the hash of each name, the same in every process."""
    return np.fromiter((zlib.crc32(name.encode()) for name in names), np.uint32, len(names))


def joined(first: Hashes, second: Hashes) -> Hashes:
    """Return the hashes of pairs, element by element; (a, b) is not (b, a)."""
    mixed = (first * _FIRST) ^ (second * _SECOND)
    paired: Hashes = (mixed ^ (mixed >> np.uint32(15))) * _FIRST
    return paired


def each_two(some: Hashes) -> Hashes:
    """Return the hashes of each two, the earlier first: n (n - 1) / 2 of n."""
    first, second = _places_of_pairs(len(some))
    return joined(some[first], some[second])


@functools.lru_cache(maxsize=256)
def _places_of_pairs(many: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    return np.triu_indices(many, 1)


@dataclass(frozen=True)
class Block:
    """One kind of features: the known hashes in ascending order, and the weight of each by its rarity."""

    known: Hashes
    rarity: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.known)

    def vector(self, text: Hashes) -> Vector:
        """Return the known features of a text as a vector of length 1, or of length 0 when it has none."""
        found, counts = np.unique(text, return_counts=True)
        columns = np.searchsorted(self.known, found)
        columns[columns == len(self.known)] = 0
        there = self.known[columns] == found if len(self.known) else np.zeros(len(found), bool)
        columns = columns[there]
        values = (1.0 + np.log(counts[there].astype(np.float32))) * self.rarity[columns]
        return columns, values / np.float32(np.sqrt(values @ values) or 1.0)


def learn(texts: list[Hashes], rarest: int) -> tuple[Block, csr_matrix]:
    """Return the block of the features that at least `rarest` texts have, and the texts as its rows."""
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    # a number for each text and feature: the text above, the feature below
    both = np.repeat(np.arange(len(texts), dtype=np.uint64) << np.uint64(32), lengths)
    both |= np.concatenate(texts) if texts else np.zeros(0, np.uint32)
    both, counts = np.unique(both, return_counts=True)
    of_text, feature = (both >> np.uint64(32)).astype(np.int64), both.astype(np.uint32)
    del both
    names, times = np.unique(feature, return_counts=True)
    known, times = names[times >= rarest], times[times >= rarest]
    block = Block(known, (np.log((1 + len(texts)) / (1 + times)) + 1).astype(np.float32))
    columns = np.searchsorted(known, feature)
    columns[columns == len(known)] = 0
    there = known[columns] == feature if len(known) else np.zeros(len(feature), bool)
    of_text, columns, counts = of_text[there], columns[there], counts[there]
    values = (1.0 + np.log(counts.astype(np.float32))) * block.rarity[columns]
    lengths_of_rows = np.sqrt(np.bincount(of_text, values.astype(np.float64) ** 2, len(texts)))
    values /= lengths_of_rows[of_text].astype(np.float32)
    starts = np.concatenate([[0], np.cumsum(np.bincount(of_text, minlength=len(texts)))])
    return block, csr_matrix((values, columns, starts), shape=(len(texts), len(known)))
