"""The index: every text and example question as weighted features, ready to be compared with a question.

Two comparisons share one vocabulary. `Separators` are linear support vector machines, one for each class (an offer, a need)
against all others: what tells it apart, learned from its texts. `NearestTexts` is the cosine with single texts; it
serves what has too few texts to learn from.
"""

from __future__ import annotations

import copy
import itertools
import math
from collections import Counter
from collections.abc import Mapping, Sequence
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
class Vector:
    """A text as (feature numbers, weights), both of one length."""

    numbers: npt.NDArray[np.int32]
    values: Scores


class Vocabulary:
    """Numbers the features and knows how telling each one is (inverse document frequency)."""

    def __init__(self, texts: Sequence[Features], ranking: Ranking) -> None:
        frequency: Counter[str] = Counter()
        for text in texts:
            frequency.update(list(dict.fromkeys(text.names)))
        # a pair of words or a run of letters that stands in one text alone tells nothing about a question
        self._names = [name for name, count in frequency.items() if count > 1 or name.startswith(_KEPT)]
        self._number = {name: position for position, name in enumerate(self._names)}
        self._texts = len(texts)
        self._ranking = ranking
        self._weight = self._weigh(self._names, frequency)
        self._weight_of_unknown_word = ranking.features["word"] * (1.0 + math.log(1 + self._texts))

    def __len__(self) -> int:
        return len(self._number)

    def grown(self, texts: Sequence[Features]) -> Vocabulary:
        """Return a vocabulary that also knows the features of some new texts, behind the ones it has; what a feature weighs
        among all texts is counted anew only when everything is learned again."""
        frequency = Counter(name for text in texts for name in dict.fromkeys(text.names) if name not in self._number)
        new = [name for name, count in frequency.items() if count > 1 or name.startswith(_KEPT)]
        grown = copy.copy(self)
        grown._names = self._names + new
        grown._number = self._number | {name: len(self._names) + place for place, name in enumerate(new)}
        grown._weight = np.concatenate([self._weight, self._weigh(new, frequency)])
        return grown

    def _weigh(self, names: Sequence[str], frequency: Mapping[str, int]) -> Scores:
        """Return what each feature counts: its kind's share, times how few of all texts have it."""
        kinds = (self._ranking.features[name.split(":", 1)[0]] for name in names)
        rarity = (1.0 + math.log((1 + self._texts) / (1 + frequency[name])) for name in names)
        return np.array([kind * rare for kind, rare in zip(kinds, rarity, strict=True)], dtype=np.float32)

    def names(self, numbers: npt.NDArray[np.int32]) -> list[str]:
        """Return the features that bear some numbers."""
        return [self._names[number] for number in numbers]

    def vector(self, text: Features) -> Vector:
        """Return a text at length 1; words nobody has seen make the others weaker."""
        counted = Counter(text.names)
        numbers: list[int] = []
        damped: list[float] = []
        unseen = 0.0
        for name, count in counted.items():
            strength = 1.0 + math.log(count) if count > 1 else 1.0
            number = self._number.get(name)
            if number is not None:
                numbers.append(number)
                damped.append(strength)
            elif name.startswith("word:"):
                unseen += (strength * self._weight_of_unknown_word) ** 2
        found = np.array(numbers, dtype=np.int32)
        values = np.array(damped, dtype=np.float32) * self._weight[found]
        length = math.sqrt(float(values @ values) + unseen) or 1.0
        return Vector(found, (values / length).astype(np.float32))

    def matrix(self, texts: Sequence[Features]) -> csr_matrix:
        """Return texts as the rows of one sparse matrix, each as `vector` would make it; for those the vocabulary was made
        of or grown with, among which no word is unknown."""
        lengths = [len(text.names) for text in texts]
        names = itertools.chain.from_iterable(text.names for text in texts)
        numbers = np.fromiter((self._number.get(name, -1) for name in names), np.int32, sum(lengths))
        rows = np.repeat(np.arange(len(texts)), lengths)[numbers >= 0]
        numbers = numbers[numbers >= 0]
        matrix = csr_matrix((np.ones(len(numbers), np.float32), (rows, numbers)), (len(texts), len(self)))
        matrix.data = (1.0 + np.log(matrix.data)) * self._weight[matrix.indices]
        return normalize(matrix, copy=False) if len(texts) else matrix


class Separators:
    """Says for each class on which side of its boundary a question lies, and how far: about -1 far outside, 1 well inside.

    `labels[row]` are the classes of a text and `weights[row]` how much it counts. A class without texts has no boundary; its
    distance is `OUTSIDE`.
    """

    OUTSIDE = -1.0
    _COST = 0.5
    #: Stopping early costs no accuracy here and half the time.
    _TOLERANCE = 0.5
    #: A class is held against so many of the others' texts that are most like its own, and against a draw of the rest that
    #: counts for all of the rest: as right as against every text, in less than half the time (docs/matching.md).
    _NEAREST, _DRAWN = 4000, 2000

    def __init__(
        self,
        rows: csr_matrix,
        labels: Sequence[Sequence[int]],
        weights: npt.NDArray[np.float32],
        classes: int,
        *,
        before: Separators | None = None,
        kept: Mapping[int, int] | None = None,
    ) -> None:
        """Learn a boundary for each class. Those in `kept` (class now: class then) are taken over from `before`, which
        knew the first of the features `rows` has."""
        kept = kept or {}
        self._classes = classes
        texts = np.array([row for row, some in enumerate(labels) for _ in some], dtype=np.int64)
        owners = np.array([label for some in labels for label in some], dtype=np.int32)
        self._known, places = np.unique(owners, return_inverse=True)
        if len(self._known) < 2:  # nothing to tell apart
            self._known = self._known[:0]
        self._weights = np.zeros((rows.shape[1], len(self._known)), np.float32)
        self._bias = np.zeros(len(self._known), np.float32)
        columns = {int(label): column for column, label in enumerate(before._known)} if before else {}
        then = [columns.get(kept.get(int(label), -1), -1) for label in self._known]
        taken = [column for column, old in enumerate(then) if old >= 0]
        if before is not None and taken:
            self._weights[: len(before._weights), taken] = before._weights[:, [then[column] for column in taken]]
            self._bias[taken] = before._bias[[then[column] for column in taken]]
        wanted = [column for column, old in enumerate(then) if old < 0]
        if not wanted:
            return
        examples = normalize(rows)[texts]
        likeness = _likeness_to_classes(examples, places, wanted)
        draw = np.random.default_rng(0).permutation(len(places))
        # one after the other: liblinear's draws come from one stream, and what is learned must not depend on the scheduler
        for place, column in enumerate(wanted):
            chosen, counts = self._opponents(places == column, likeness[:, place], draw)
            machine = LinearSVC(C=self._COST, tol=self._TOLERANCE, random_state=0)
            machine.fit(examples[chosen], places[chosen] == column, sample_weight=counts * weights[texts[chosen]])
            self._weights[:, column] = machine.coef_[0]
            self._bias[column] = machine.intercept_[0]

    def _opponents(
        self, own: npt.NDArray[np.bool_], likeness: Scores, draw: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], Scores]:
        """Return the texts one class is learned from, and how many texts each stands for."""
        near = min(int(own.sum()) + self._NEAREST, len(own))
        order = np.argpartition(-np.where(own, np.inf, likeness), near - 1)
        chosen, far = order[:near], np.zeros(len(own), bool)
        far[order[near:]] = True
        drawn = draw[far[draw]][: self._DRAWN]
        share = far.sum() / len(drawn) if len(drawn) else 1.0
        counts = np.concatenate([np.ones(near, np.float32), np.full(len(drawn), share, np.float32)])
        return np.concatenate([chosen, drawn]), counts

    def distances(self, question: Vector) -> Scores:
        """Return the distance of a question from each class's boundary."""
        found = np.full(self._classes, self.OUTSIDE, np.float32)
        length = float(np.linalg.norm(question.values))
        if length:
            found[self._known] = (question.values / length) @ self._weights[question.numbers] + self._bias
        return found

    def shares(self, question: Vector, label: int) -> Scores:
        """Return how much each feature of a question adds to its distance from one class's boundary."""
        column = np.searchsorted(self._known, label)
        if column == len(self._known) or self._known[column] != label:
            return np.zeros(len(question.numbers), np.float32)
        length = float(np.linalg.norm(question.values)) or 1.0
        shares: Scores = question.values / length * self._weights[question.numbers, column]
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

    def score(self, question: Vector) -> Scores:
        similarity = sum_rows(self._by_feature, question, self._texts)
        scores = np.zeros(self._offers, np.float32)
        for offer in np.unique(self._owners[similarity > 0]):
            own = similarity[self._starts[offer] : self._starts[offer + 1]]
            best = np.sort(own)[::-1][: len(self._SHARES)]
            scores[offer] = float(best @ self._SHARES[: len(best)])
        return scores


def _likeness_to_classes(examples: csr_matrix, owners: npt.NDArray[np.intp], classes: Sequence[int]) -> Scores:
    """Return how like each text is to the middle of each of some classes (texts × classes, cosine)."""
    place = {label: row for row, label in enumerate(classes)}
    members = np.flatnonzero(np.isin(owners, classes))
    rows = [place[int(owner)] for owner in owners[members]]
    sums = csr_matrix((np.ones(len(members), np.float32), (rows, members)), (len(classes), len(owners)))
    middles = normalize(sums @ examples).toarray().T
    likeness: Scores = examples @ middles
    return likeness


def sum_rows(matrix: csr_matrix, question: Vector, width: int) -> Scores:
    """Return the weighted sum of some rows of a sparse matrix as a dense vector."""
    starts, ends = matrix.indptr[question.numbers], matrix.indptr[question.numbers + 1]
    lengths = ends - starts
    if not lengths.sum():
        return np.zeros(width, np.float32)
    offsets = np.repeat(starts - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths) + np.arange(lengths.sum())
    weighted = matrix.data[offsets] * np.repeat(question.values, lengths)
    return np.bincount(matrix.indices[offsets], weights=weighted, minlength=width).astype(np.float32)
