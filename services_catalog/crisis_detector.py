"""A small classifier that adds to the crisis rules what cannot be phrased as a rule ("he has the key, I count my steps").

Linear models on runs of letters, words, base forms and concepts, over all languages at once, learned from the sentences
written for it (crises of each category, near misses) and from ordinary questions.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import hstack
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from services_catalog.feature_blocks import Block, Hashes, Vector, each_two, hashes, joined, learn
from services_catalog.languages import added_files
from services_catalog.lexicon import Lexicon
from services_catalog.normalize import letter_skeleton, words
from services_catalog.question import features, tags_by_script

QUIET = "quiet"
#: From this share of certainty on that a message is a crisis, it is treated as one. Chosen by cross-validation over our own
#: sentences (docs/matching.md).
THRESHOLD = 0.45
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


class CrisisDetector:
    """First decides whether a message speaks of a crisis at all, then of which."""

    def __init__(self, lexicon: Lexicon, sentences: list[Sentence]) -> None:
        """Learn from sentences of at least two categories and quiet ones; from fewer, the detector never speaks."""
        self._lexicon = lexicon
        labels = [one.label for one in sentences]
        self._learned: _Learned | None = None
        if QUIET in labels and len({*labels}) > 2:
            self._learned = _learn((self._features(one.text) for one in sentences), labels)

    def alarm(self, text: str) -> float:
        """Return how likely a message speaks of any crisis (0 to 1). One word alone says too little: 0."""
        if self._learned is None or len(words(text)) < _FEWEST_WORDS:
            return 0.0
        return self._learned.chance(self._learned.vectors(self._features(text)))

    def detect(self, text: str, *, following: bool = False) -> str | None:
        """Return the category of a crisis, or None. `following` is a message in the middle of a conversation: a short one
        there is mostly about what was said before ("do you know the address?"), so more certainty is asked for."""
        told = len(words(text))
        if self._learned is None or told < _FEWEST_WORDS:
            return None
        vectors = self._learned.vectors(self._features(text))
        if self._learned.chance(vectors) < (THRESHOLD_FOLLOWING if following and told <= _SHORT else THRESHOLD):
            return None
        likeness = self._learned.likeness(vectors)
        return max(likeness, key=likeness.__getitem__)

    def likeness(self, text: str) -> dict[str, float]:
        """Return how much a message is like each category (higher is more, no bounds); empty without sentences."""
        if self._learned is None:
            return {}
        return self._learned.likeness(self._learned.vectors(self._features(text)))

    def _features(self, text: str) -> list[Hashes]:
        """Return the features of a text, block by block: runs of letters; words and neighbours; what they mean; and which
        words keep company in it, each two beginnings of words in their order, however far apart ("he … my passport … away").
        """
        told = [letter_skeleton(word) for word in words(text)]
        each = hashes(told)
        stems = hashes(list(dict.fromkeys(word[:_STEM] for word in told))[:_MOST_STEMS])
        return [
            np.concatenate([_NOTHING, *map(_runs, told)]),
            np.concatenate([each, joined(each[:-1], each[1:])]),
            self._meaning(text),
            each_two(stems),
        ]

    def _meaning(self, text: str) -> Hashes:
        """Return the base forms of a text, pairs of neighbours, its concepts, and each two concepts that stand together:
        a key tells nothing and a husband tells nothing, the two in one message may."""
        names = features(text, tags_by_script(text), self._lexicon).names
        found = [name for name in names if name.startswith(("word:", "pair:", "concept:"))]
        concepts = sorted({name for name in found if name.startswith("concept:")})[:_MOST_CONCEPTS]
        return np.concatenate([hashes(found), each_two(hashes(concepts))])


#: A long message holds many words and concepts, and the pairs of them grow with the square.
_MOST_CONCEPTS = _MOST_STEMS = 40
_STEM = 5
_NOTHING: Hashes = np.zeros(0, np.uint32)
#: Features of fewer sentences are not learned.
_RAREST = 3
_COST = 10.0
_SHORTEST_RUN, _LONGEST_RUN = 2, 5


@functools.lru_cache(maxsize=50_000)
def _runs(word: str) -> Hashes:
    """Return the runs of letters of a word, its ends marked by a space."""
    padded = f" {word} "
    found: list[str] = []
    for size in range(_SHORTEST_RUN, _LONGEST_RUN + 1):
        found += [padded[start : start + size] for start in range(max(1, len(padded) - size + 1))]
        if size >= len(padded):
            break
    return hashes(found)


@dataclass(frozen=True)
class _Linear:
    """`weights` is features × classes."""

    weights: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]

    @classmethod
    def of(cls, model: Any) -> _Linear:
        return cls(np.ascontiguousarray(model.coef_.T, dtype=np.float32), model.intercept_.astype(np.float32))

    def decide(self, vectors: list[Vector]) -> npt.NDArray[np.float32]:
        decided = self.bias.copy()
        for columns, values in vectors:
            decided += values @ self.weights[columns]
        return decided


@dataclass(frozen=True)
class _Learned:
    blocks: list[Block]
    alarm: _Linear
    category: _Linear
    categories: list[str]

    def vectors(self, found: list[Hashes]) -> list[Vector]:
        """Return the features of a text as vectors, the columns of the blocks one after the other."""
        vectors, first = [], 0
        for block, some in zip(self.blocks, found, strict=True):
            columns, values = block.vector(some)
            vectors.append((columns + first, values))
            first += len(block)
        return vectors

    def chance(self, vectors: list[Vector]) -> float:
        return float(1.0 / (1.0 + np.exp(-self.alarm.decide(vectors)[0])))

    def likeness(self, vectors: list[Vector]) -> dict[str, float]:
        return dict(zip(self.categories, map(float, self.category.decide(vectors[:-1])), strict=True))


def _learn(texts: Iterable[list[Hashes]], labels: list[str]) -> _Learned:
    blocks, parts = zip(*(learn(list(some), _RAREST) for some in zip(*texts, strict=True)), strict=True)
    positive = [number for number, label in enumerate(labels) if label != QUIET]
    alarm = LogisticRegression(C=_COST, solver="liblinear", dual=True, random_state=0)
    alarm.fit(hstack(parts, format="csr"), [label != QUIET for label in labels])
    # which danger it is, the words tell without their company
    category = LinearSVC(C=0.5, tol=1e-3, random_state=0)
    category.fit(hstack(parts[:-1], format="csr")[positive], [labels[number] for number in positive])
    return _Learned(list(blocks), _Linear.of(alarm), _Linear.of(category), [str(name) for name in category.classes_])


def training_sentences(folder: Path, ordinary: Iterable[str]) -> list[Sentence]:
    """Return all that a detector learns from: the sentences below `folder`, those of added languages, and `ordinary`
    questions, which are quiet."""
    added = (one for tag, path in added_files("crisis/sentences/*.txt") for one in _sentences(path, tag))
    return [*read_sentences(folder), *added, *(Sentence(text, QUIET, "") for text in ordinary)]
