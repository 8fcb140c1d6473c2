"""The index: every text and example question of the offers as weighted features, ready to be compared with a question.

Two comparisons share one vocabulary. `nearest` is the cosine with single texts. `profile` is a complement naive Bayes
over all texts of a class (Rennie et al. 2003, "Tackling the poor assumptions of naive Bayes text classifiers"): a
feature speaks for a class as far as it is missing from all others, log((n + a) / (n - n_class + a)). It is zero for a
feature the class never shows, so the whole model is a sparse matrix and costs what an inverted index costs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix

from services_catalog.question import Features
from services_catalog.ranking import Ranking

Scores = npt.NDArray[np.float32]
_SMOOTHING = 0.3


@dataclass(frozen=True)
class Document:
    """One text of one offer: `owner` is the offer's position, `weight` how much its field counts."""

    owner: int
    weight: float
    features: Features


class Vocabulary:
    """Numbers the features and knows how telling each one is (inverse document frequency)."""

    def __init__(self, documents: Sequence[Document], ranking: Ranking) -> None:
        frequency: Counter[str] = Counter()
        for document in documents:
            frequency.update(set(document.features.names))
        self._number = {name: position for position, name in enumerate(frequency)}
        total = len(documents)
        self._weight = np.array(
            [
                ranking.features[name.split(":", 1)[0]] * (1.0 + np.log((1 + total) / (1 + count)))
                for name, count in frequency.items()
            ],
            dtype=np.float32,
        )
        self._unknown_weight = {kind: weight * (1.0 + np.log(1 + total)) for kind, weight in ranking.features.items()}

    def __len__(self) -> int:
        return len(self._number)

    def vector(self, features: Features) -> tuple[npt.NDArray[np.int32], Scores]:
        """Return (feature numbers, weights) of a text, at length 1; features nobody has seen make the others weaker."""
        counted = Counter(features.names)
        numbers: list[int] = []
        weights: list[float] = []
        unseen = 0.0
        for name, count in counted.items():
            damped = 1.0 + float(np.log(count)) if count > 1 else 1.0
            number = self._number.get(name)
            if number is None:
                if name.startswith("word:"):
                    unseen += (damped * self._unknown_weight["word"]) ** 2
            else:
                numbers.append(number)
                weights.append(damped)
        found = np.array(numbers, dtype=np.int32)
        values = np.array(weights, dtype=np.float32) * self._weight[found] if numbers else np.zeros(0, np.float32)
        length = float(np.sqrt(float(values @ values) + unseen)) or 1.0
        return found, (values / length).astype(np.float32)


class ClassModel:
    """Scores classes (offers or needs) by the features their texts have to themselves. Scores lie in 0 to 1."""

    def __init__(self, rows: csr_matrix, labels: Sequence[Iterable[int]], classes: int) -> None:
        members = [(row, label) for row, labels_of_row in enumerate(labels) for label in labels_of_row]
        data = np.ones(len(members), dtype=np.float32)
        row_numbers = np.array([row for row, _ in members], dtype=np.int32)
        label_numbers = np.array([label for _, label in members], dtype=np.int32)
        membership = csr_matrix((data, (label_numbers, row_numbers)), shape=(classes, rows.shape[0]))
        mass = (membership @ rows).tocsc()
        # a class with many texts must not win by their number alone
        sizes = np.maximum(np.asarray(membership.sum(axis=1)).ravel(), 1.0)
        typical = float(np.median(sizes))
        mass = mass.multiply((typical / np.maximum(sizes, typical))[:, None]).tocsc()
        total = np.asarray(mass.sum(axis=0)).ravel()
        mass = mass.tocoo()
        others = total[mass.col] - mass.data
        weight = np.log((total[mass.col] + _SMOOTHING) / (np.maximum(others, 0) + _SMOOTHING))
        self._weights = csr_matrix((weight.astype(np.float32), (mass.col, mass.row)), shape=(rows.shape[1], classes))
        self._best = np.log((total + _SMOOTHING) / _SMOOTHING).astype(np.float32)
        self._classes = classes

    def score(self, numbers: npt.NDArray[np.int32], values: Scores) -> Scores:
        """Return a score for each class: the share of the question that speaks for this class alone."""
        if not len(numbers):
            return np.zeros(self._classes, np.float32)
        scores = sum_rows(self._weights, numbers, values, self._classes)
        possible = float(values @ self._best[numbers]) or 1.0
        return (scores / possible).astype(np.float32)


class NearestTexts:
    """Scores offers by the single texts most like the question (cosine). Scores lie in 0 to 1."""

    #: The nearest text counts most, the next two confirm it.
    _SHARES = np.array([0.6, 0.25, 0.15], dtype=np.float32)

    def __init__(self, rows: csr_matrix, owners: npt.NDArray[np.int32], offers: int) -> None:
        order = np.argsort(owners, kind="stable")
        self._by_feature = rows[order].T.tocsr()
        self._owners = owners[order]
        self._starts = np.searchsorted(self._owners, np.arange(offers + 1))
        self._texts = rows.shape[0]
        self._offers = offers

    def score(self, numbers: npt.NDArray[np.int32], values: Scores) -> Scores:
        similarity = sum_rows(self._by_feature, numbers, values, self._texts)
        scores = np.zeros(self._offers, np.float32)
        for offer in np.unique(self._owners[similarity > 0]):
            own = similarity[self._starts[offer] : self._starts[offer + 1]]
            best = np.sort(own)[::-1][: len(self._SHARES)]
            scores[offer] = float(best @ self._SHARES[: len(best)])
        return scores


def sum_rows(matrix: csr_matrix, numbers: npt.NDArray[np.int32], values: Scores, width: int) -> Scores:
    """Return the weighted sum of some rows of a sparse matrix as a dense vector."""
    starts, ends = matrix.indptr[numbers], matrix.indptr[numbers + 1]
    lengths = ends - starts
    if not lengths.sum():
        return np.zeros(width, np.float32)
    offsets = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths) + np.arange(lengths.sum())
    weighted = matrix.data[offsets] * np.repeat(values, lengths)
    return np.bincount(matrix.indices[offsets], weights=weighted, minlength=width).astype(np.float32)


def matrix_of(vectors: Sequence[tuple[npt.NDArray[np.int32], Scores]], width: int) -> csr_matrix:
    """Return vectors as the rows of one sparse matrix."""
    lengths = [len(numbers) for numbers, _ in vectors]
    pointers = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    indices = np.concatenate([numbers for numbers, _ in vectors]) if vectors else np.zeros(0, np.int32)
    data = np.concatenate([values for _, values in vectors]) if vectors else np.zeros(0, np.float32)
    return csr_matrix((data, indices, pointers), shape=(len(vectors), width))
