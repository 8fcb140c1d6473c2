"""A small classifier that adds to the crisis rules what cannot be phrased as a rule ("he has the key, I count my steps").

Linear models on runs of letters, words, base forms and concepts, over all languages at once, learned from the sentences
written for it (crises of each category, near misses) and from ordinary questions.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from services_catalog.lexicon import Lexicon
from services_catalog.normalize import letter_skeleton, words
from services_catalog.question import features, tags_by_script

QUIET = "quiet"
#: From this share of certainty on that a message is a crisis, it is treated as one. Chosen by cross-validation over our own
#: sentences (docs/matching.md).
THRESHOLD = 0.5
#: The detector needs this many words; single words are left to the rules.
_FEWEST_WORDS = 2
#: One sentence in so many is kept out of the training when the detector is tested.
_HELD_OUT_SHARE = 10

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


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
    """Yield every sentence below `folder`."""
    for path in sorted(folder.glob("*.yml")):
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - the loader is the safe one
        for category, texts in content["positive"].items():
            for text in texts:
                yield Sentence(str(text), category, content["language"])
        for text in content["near_miss"]:
            yield Sentence(str(text), QUIET, content["language"])


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
        self._vectorizers = (
            TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2, dtype=np.float32),
            TfidfVectorizer(
                tokenizer=str.split,
                token_pattern=None,
                ngram_range=(1, 2),
                sublinear_tf=True,
                min_df=2,
                dtype=np.float32,
            ),
            TfidfVectorizer(analyzer=_as_is, sublinear_tf=True, min_df=2, dtype=np.float32),
        )
        rows = self._rows([one.text for one in sentences], learn=True)
        self._alarm = LogisticRegression(C=_COST, solver="liblinear")
        self._alarm.fit(rows, [one.label != QUIET for one in sentences])
        self._category = LinearSVC(C=1.0).fit(rows[positive], [sentences[number].label for number in positive])

    def alarm(self, text: str) -> float:
        """Return how likely a message speaks of any crisis (0 to 1). One word alone says too little: 0."""
        if self._alarm is None or len(words(text)) < _FEWEST_WORDS:
            return 0.0
        return self._chance(self._rows([text]))

    def detect(self, text: str) -> str | None:
        """Return the category of a crisis, or None."""
        if self._alarm is None or len(words(text)) < _FEWEST_WORDS:
            return None
        row = self._rows([text])
        return str(self._category.predict(row)[0]) if self._chance(row) >= THRESHOLD else None

    def likeness(self, text: str) -> dict[str, float]:
        """Return how much a message is like each category (higher is more, no bounds); empty without sentences."""
        if self._category is None:
            return {}
        scores = self._category.decision_function(self._rows([text]))[0]
        return dict(zip(map(str, self._category.classes_), map(float, scores), strict=True))

    def _chance(self, row: Any) -> float:
        return float(self._alarm.predict_proba(row)[0, 1])

    def _rows(self, texts: list[str], *, learn: bool = False) -> Any:
        letters = [" ".join(map(letter_skeleton, words(text))) for text in texts]
        meanings = [self._meaning(text) for text in texts]
        return hstack(
            [
                (vectorizer.fit_transform(some) if learn else vectorizer.transform(some)) * weight
                for vectorizer, some, weight in zip(
                    self._vectorizers, (letters, letters, meanings), _BLOCK_WEIGHTS, strict=True
                )
            ]
        ).tocsr()

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
_BLOCK_WEIGHTS = (1.0, 1.0, 1.0)


def _as_is(names: list[str]) -> list[str]:
    return names


def training_sentences(folder: Path, ordinary: Iterable[str]) -> list[Sentence]:
    """Return all that a detector learns from: the sentences below `folder` and `ordinary` questions, which are quiet."""
    return [*read_sentences(folder), *(Sentence(text, QUIET, "") for text in ordinary)]
