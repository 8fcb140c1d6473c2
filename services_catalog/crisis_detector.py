"""A small classifier that adds to the crisis rules what cannot be phrased as a rule ("he has the key, I count my steps").

A logistic regression on runs of letters and on words, over all languages at once, trained when the service starts from
the sentences that people wrote for it: crises of each category, near misses, and questions about other things.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from services_catalog.normalize import letter_skeleton, words

QUIET = "quiet"
#: From this share of certainty on that a message is a crisis, it is treated as one.
THRESHOLD = 0.5


@dataclass(frozen=True)
class Sentence:
    """A training sentence: `label` is a crisis category or `quiet`."""

    text: str
    label: str
    language: str


def read_sentences(folder: Path) -> Iterator[Sentence]:
    """Yield every sentence below `folder`."""
    for path in sorted(folder.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for category, texts in content["positive"].items():
            for text in texts:
                yield Sentence(str(text), category, content["language"])
        for text in content["near_miss"]:
            yield Sentence(str(text), QUIET, content["language"])


class CrisisDetector:
    """Tells the category a message most likely speaks of, or that it speaks of none."""

    def __init__(self, vectorizers: tuple[Any, ...], model: Any) -> None:
        self._vectorizers = vectorizers
        self._model = model

    @classmethod
    def train(cls, folder: Path) -> CrisisDetector:
        """Train on the sentences below `folder`; without any, the detector never speaks."""
        return cls.fit(list(read_sentences(folder)))

    @classmethod
    def fit(cls, sentences: list[Sentence]) -> CrisisDetector:
        if not sentences:
            return cls((), None)
        vectorizers = (
            TfidfVectorizer(preprocessor=_letters, analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
            TfidfVectorizer(tokenizer=_split, preprocessor=_letters, ngram_range=(1, 2), sublinear_tf=True,
                            token_pattern=None),
        )  # fmt: skip
        texts = [one.text for one in sentences]
        rows = hstack([vectorizer.fit_transform(texts) for vectorizer in vectorizers]).tocsr()
        model = LogisticRegression(C=30.0, max_iter=300, class_weight="balanced")
        return cls(vectorizers, model.fit(rows, [one.label for one in sentences]))

    def probabilities(self, text: str) -> dict[str, float]:
        """Return how likely each category, and `quiet`, is (together 1)."""
        if self._model is None:
            return {QUIET: 1.0}
        row = hstack([vectorizer.transform([text]) for vectorizer in self._vectorizers]).tocsr()
        return dict(zip(map(str, self._model.classes_), map(float, self._model.predict_proba(row)[0]), strict=True))

    def detect(self, text: str) -> str | None:
        """Return the category of a crisis, or None."""
        likely = self.probabilities(text)
        if 1.0 - likely[QUIET] < THRESHOLD:
            return None
        del likely[QUIET]
        return max(likely, key=lambda category: likely[category])


def _letters(text: str) -> str:
    return " ".join(letter_skeleton(word) for word in words(text))


def _split(text: str) -> list[str]:
    return text.split()


def crisis_share(likely: dict[str, float]) -> float:
    """Return the share that speaks for any crisis at all (0 to 1)."""
    return float(np.clip(1.0 - likely[QUIET], 0.0, 1.0))
