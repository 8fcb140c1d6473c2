"""A small classifier that adds to the crisis rules what cannot be phrased as a rule ("he has the key, I count my steps").

Linear models on runs of letters, words, base forms and concepts, over all languages at once, learned from the sentences
written for it (crises of each category, near misses) and from ordinary questions.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from services_catalog.languages import added_files
from services_catalog.lexicon import Lexicon
from services_catalog.normalize import letter_skeleton, words
from services_catalog.question import features, tags_by_script

QUIET = "quiet"
#: From this share of certainty on that a message is a crisis, it is treated as one. Chosen by cross-validation over our own
#: sentences (docs/matching.md).
THRESHOLD = 0.4
#: The same for a short message in the middle of a conversation, of at most so many words.
THRESHOLD_FOLLOWING, _SHORT = 0.75, 8
#: The detector needs this many words; single words are left to the rules.
_FEWEST_WORDS = 2
#: One sentence in so many is kept out of the training when the detector is tested.
_HELD_OUT_SHARE = 10


@dataclass(frozen=True)
class Sentence:
    """A training sentence: `label` is a crisis category or `quiet`."""

    text: str
    label: str
    language: str

    @property
    def held_out(self) -> bool:
        """Whether tests keep this sentence from the training: decided by its letters, so that nobody chooses."""
        return hashlib.sha256(self.text.encode()).digest()[0] % _HELD_OUT_SHARE == 0


def read_sentences(folder: Path) -> Iterator[Sentence]:
    """Yield every sentence below `folder`: one a line in `<language>/<category>.txt` and `<language>/quiet.txt`."""
    for path in sorted(folder.glob("*/*.txt")):
        yield from _sentences(path, path.parent.name)


def _sentences(path: Path, language: str) -> Iterator[Sentence]:
    for text in path.read_text(encoding="utf-8").splitlines():
        yield Sentence(text, path.stem, language)


#: A text as (feature numbers, values).
_Vector = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]


class CrisisDetector:
    """First decides whether a message speaks of a crisis at all, then of which."""

    def __init__(self, lexicon: Lexicon, sentences: list[Sentence]) -> None:
        """Learn from sentences of at least two categories and quiet ones; from fewer, the detector never speaks."""
        self._lexicon = lexicon
        self._alarm: Any = None
        self._category: Any = None
        positive = [number for number, one in enumerate(sentences) if one.label != QUIET]
        if len({sentences[number].label for number in positive}) < 2 or len(positive) == len(sentences):
            return
        self._blocks = tuple(_Block() for _ in _BLOCKS)
        texts = [self._features(one.text) for one in sentences]
        rows = hstack([block.learn([some[name] for some in texts]) for name, block in self._named_blocks()]).tocsr()
        alarm = LogisticRegression(C=_COST, solver="liblinear")
        self._alarm = _Linear(*_weights(alarm.fit(rows, [one.label != QUIET for one in sentences])))
        category = LinearSVC(C=1.0, random_state=0).fit(
            rows[positive], [sentences[number].label for number in positive]
        )
        self._category = _Linear(*_weights(category))
        self._categories = [str(name) for name in category.classes_]

    def alarm(self, text: str) -> float:
        """Return how likely a message speaks of any crisis (0 to 1). One word alone says too little: 0."""
        if self._alarm is None or len(words(text)) < _FEWEST_WORDS:
            return 0.0
        return self._chance(self._vector(text))

    def detect(self, text: str, *, following: bool = False) -> str | None:
        """Return the category of a crisis, or None. `following` is a message in the middle of a conversation: a short one
        there is mostly about what was said before ("do you know the address?"), so more certainty is asked for."""
        if self._alarm is None or len(words(text)) < _FEWEST_WORDS:
            return None
        vector = self._vector(text)
        short = following and len(words(text)) <= _SHORT
        if self._chance(vector) < (THRESHOLD_FOLLOWING if short else THRESHOLD):
            return None
        return self._categories[int(np.argmax(self._category.decide(vector)))]

    def likeness(self, text: str) -> dict[str, float]:
        """Return how much a message is like each category (higher is more, no bounds); empty without sentences."""
        if self._category is None:
            return {}
        return dict(zip(self._categories, map(float, self._category.decide(self._vector(text))), strict=True))

    def _chance(self, vector: _Vector) -> float:
        return float(1.0 / (1.0 + np.exp(-self._alarm.decide(vector)[0])))

    def _named_blocks(self) -> Iterator[tuple[str, _Block]]:
        return zip(_BLOCKS, self._blocks, strict=True)

    def _vector(self, text: str) -> _Vector:
        """Return a text as (feature numbers, values), the blocks one after the other."""
        some = self._features(text)
        numbers, values, first = [], [], 0
        for name, block in self._named_blocks():
            own_numbers, own_values = block.vector(some[name])
            numbers.append(own_numbers + first)
            values.append(own_values)
            first += len(block)
        return np.concatenate(numbers), np.concatenate(values)

    def _features(self, text: str) -> dict[str, list[str]]:
        told = [letter_skeleton(word) for word in words(text)]
        pairs = [f"{one} {two}" for one, two in itertools.pairwise(told)]
        letters = [run for word in told for run in _runs(word)]
        return {"letters": letters, "words": told + pairs, "meaning": self._meaning(text)}

    def _meaning(self, text: str) -> list[str]:
        """Return the base forms of a text, pairs of neighbours, its concepts, and each two concepts that stand together:
        a key tells nothing and a husband tells nothing, the two in one message may."""
        names = features(text, tags_by_script(text), self._lexicon).names
        found = [name for name in names if name.startswith(("word:", "pair:", "concept:"))]
        concepts = sorted({name for name in found if name.startswith("concept:")})
        return found + [f"{one} {two}" for one, two in itertools.combinations(concepts[:_MOST_CONCEPTS], 2)]


#: A long message holds many concepts, and the pairs of them grow with the square.
_MOST_CONCEPTS = 40
_COST = 10.0
_BLOCKS = ("letters", "words", "meaning")
_SHORTEST_RUN, _LONGEST_RUN = 2, 5


@functools.lru_cache(maxsize=50_000)
def _runs(word: str) -> tuple[str, ...]:
    """Return the runs of letters of a word, its ends marked by a space."""
    padded = f" {word} "
    found: list[str] = []
    for size in range(_SHORTEST_RUN, _LONGEST_RUN + 1):
        found += [padded[start : start + size] for start in range(max(1, len(padded) - size + 1))]
        if size >= len(padded):
            break
    return tuple(found)


class _Block:
    """One kind of features, weighted as TfidfVectorizer does. A single text goes through a dictionary: scikit-learn takes
    a millisecond to check what it is given."""

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._weight: npt.NDArray[np.float32] = np.zeros(0, np.float32)

    def __len__(self) -> int:
        return len(self._weight)

    def learn(self, texts: list[list[str]]) -> Any:
        """Learn the vocabulary and the weights; return the texts as rows of a sparse matrix, each at length 1."""
        vectorizer = TfidfVectorizer(analyzer=_as_is, sublinear_tf=True, min_df=2, dtype=np.float32)
        rows = vectorizer.fit_transform(texts)
        self._number, self._weight = vectorizer.vocabulary_, vectorizer.idf_.astype(np.float32)
        return rows

    def vector(self, text: list[str]) -> _Vector:
        counted = Counter(text)
        known = [(self._number[name], count) for name, count in counted.items() if name in self._number]
        numbers = np.array([number for number, _ in known], dtype=np.int64)
        values = (1.0 + np.log(np.array([count for _, count in known], np.float32))) * self._weight[numbers]
        return numbers, (values / (float(np.sqrt(values @ values)) or 1.0)).astype(np.float32)


@dataclass(frozen=True)
class _Linear:
    """`weights` is features × classes."""

    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    def decide(self, vector: _Vector) -> npt.NDArray[np.float32]:
        numbers, values = vector
        decided: npt.NDArray[np.float32] = values @ self.weights[numbers] + self.bias
        return decided


def _weights(model: Any) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    return np.ascontiguousarray(model.coef_.T, dtype=np.float32), model.intercept_.astype(np.float32)


def _as_is(names: list[str]) -> list[str]:
    return names


def training_sentences(folder: Path, ordinary: Iterable[str]) -> list[Sentence]:
    """Return all that a detector learns from: the sentences below `folder`, those of added languages, and `ordinary`
    questions, which are quiet."""
    added = (one for tag, path in added_files("crisis/sentences/*.txt") for one in _sentences(path, tag))
    return [*read_sentences(folder), *added, *(Sentence(text, QUIET, "") for text in ordinary)]
