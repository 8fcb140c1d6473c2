"""The index: every text and example question as weighted features, ready to be compared with a question.

Two comparisons share one vocabulary. `Separators` are linear support vector machines, one for each class (an offer, a need)
against all others: what tells it apart, learned from its texts. `NearestTexts` is the cosine with single texts; it
serves what has too few texts to learn from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from services_catalog.question import Features
from services_catalog.ranking import Ranking

Scores = npt.NDArray[np.float32]


_KEPT = ("word:", "concept:")


@dataclass(frozen=True)
class Document:
    """One text of one offer: `owner` is the offer's position, `weight` how much its field counts."""

    owner: int
    weight: float
    features: Features


class Vocabulary:
    """Numbers the features and knows how telling each one is (inverse document frequency)."""

    def __init__(self, texts: Sequence[Features], ranking: Ranking) -> None:
        frequency: Counter[str] = Counter()
        for text in texts:
            frequency.update(set(text.names))
        # a pair of words or a run of letters that stands in one text alone tells nothing about a question
        self._names = [name for name, count in frequency.items() if count > 1 or name.startswith(_KEPT)]
        self._number = {name: position for position, name in enumerate(self._names)}
        total = len(texts)
        self._weight = np.array(
            [
                ranking.features[name.split(":", 1)[0]] * (1.0 + np.log((1 + total) / (1 + count)))
                for name in self._names
                for count in (frequency[name],)
            ],
            dtype=np.float32,
        )
        self._unknown_weight = {kind: weight * (1.0 + np.log(1 + total)) for kind, weight in ranking.features.items()}

    def __len__(self) -> int:
        return len(self._number)

    def names(self, numbers: npt.NDArray[np.int32]) -> list[str]:
        """Return the features that bear some numbers."""
        return [self._names[number] for number in numbers]

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


class Separators:
    """Says for each class on which side of its boundary a question lies, and how far: about -1 far outside, 1 well inside.

    `labels[row]` are the classes of a text. A class without texts has no boundary; its distance is `OUTSIDE`.
    """

    OUTSIDE = -1.0
    _COST = 0.5
    #: Stopping early costs no accuracy here and half the time.
    _TOLERANCE = 0.5
    #: liblinear lets go of the interpreter while it works.
    _THREADS = 2

    def __init__(self, rows: csr_matrix, labels: Sequence[Sequence[int]], classes: int) -> None:
        self._classes = classes
        texts = np.array([row for row, some in enumerate(labels) for _ in some], dtype=np.int64)
        owners = np.array([label for some in labels for label in some], dtype=np.int32)
        self._known = np.unique(owners)
        self._weights = np.zeros((rows.shape[1], 0), np.float32)
        self._bias = np.zeros(0, np.float32)
        if len(self._known) < 2:  # nothing to tell apart
            self._known = self._known[:0]
            return
        examples = normalize(rows)[texts]
        groups = [group for group in np.array_split(self._known, self._THREADS) if len(group)]
        with ThreadPoolExecutor(self._THREADS) as pool:
            parts = list(pool.map(lambda group: self._separate(examples, owners, group), groups))
        self._weights = np.ascontiguousarray(np.concatenate([part[0] for part in parts]).T, dtype=np.float32)
        self._bias = np.concatenate([part[1] for part in parts]).astype(np.float32)

    def _separate(
        self, examples: csr_matrix, owners: npt.NDArray[np.int32], group: npt.NDArray[np.int32]
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return weights (classes × features) and biases of some classes."""
        own = np.where(np.isin(owners, group), owners, -1)
        machine = LinearSVC(C=self._COST, tol=self._TOLERANCE).fit(examples, own)
        weights, biases = machine.coef_, machine.intercept_
        if len(machine.classes_) == 2:  # two classes share one boundary
            weights, biases = np.concatenate([-weights, weights]), np.concatenate([-biases, biases])
        mine = machine.classes_ != -1
        return weights[mine], biases[mine]

    def distances(self, numbers: npt.NDArray[np.int32], values: Scores) -> Scores:
        """Return the distance of a question from each class's boundary."""
        found = np.full(self._classes, self.OUTSIDE, np.float32)
        length = float(np.linalg.norm(values))
        if length:
            found[self._known] = (values / length) @ self._weights[numbers] + self._bias
        return found

    def shares(self, numbers: npt.NDArray[np.int32], values: Scores, label: int) -> Scores:
        """Return how much each feature of a question adds to its distance from one class's boundary."""
        column = np.searchsorted(self._known, label)
        if column == len(self._known) or self._known[column] != label:
            return np.zeros(len(numbers), np.float32)
        length = float(np.linalg.norm(values)) or 1.0
        shares: Scores = values / length * self._weights[numbers, column]
        return shares


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
