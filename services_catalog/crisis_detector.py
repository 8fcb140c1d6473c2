"""A small classifier that adds to the crisis rules what cannot be phrased as a rule ("he has the key, I count my steps").

Linear models on runs of letters and on words, over all languages at once, trained when the service starts from the
sentences written for it (crises of each category, near misses) and from the ordinary questions of the catalogue.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from services_catalog.normalize import letter_skeleton, words

QUIET = "quiet"
#: From this share of certainty on that a message is a crisis, it is treated as one.
THRESHOLD = 0.4
#: The detector needs this many words; single words are left to the rules.
_FEWEST_WORDS = 2


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
    """First decides whether a message speaks of a crisis at all, then of which."""

    def __init__(self, vectorizers: tuple[Any, ...], alarm: Any, category: Any) -> None:
        self._vectorizers = vectorizers
        self._alarm = alarm
        self._category = category

    @classmethod
    def train(cls, folder: Path, ordinary: Iterable[str] = ()) -> CrisisDetector:
        """Train on the sentences below `folder`, and on `ordinary` questions that are no crisis; without sentences the
        detector never speaks."""
        quiet = [Sentence(text, QUIET, "") for text in ordinary]
        return cls.fit([*read_sentences(folder), *quiet])

    @classmethod
    def fit(cls, sentences: list[Sentence]) -> CrisisDetector:
        positive = [number for number, one in enumerate(sentences) if one.label != QUIET]
        if not positive:
            return cls((), None, None)
        vectorizers = (
            TfidfVectorizer(preprocessor=_letters, analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2),
            TfidfVectorizer(
                preprocessor=_letters,
                tokenizer=_split,
                token_pattern=None,
                ngram_range=(1, 2),
                sublinear_tf=True,
                min_df=2,
            ),
        )
        texts = [one.text for one in sentences]
        rows = hstack([vectorizer.fit_transform(texts) for vectorizer in vectorizers]).tocsr()
        alarm = LogisticRegression(C=10.0, solver="liblinear")
        alarm.fit(rows, [one.label != QUIET for one in sentences])
        category = LinearSVC(C=1.0).fit(rows[positive], [sentences[number].label for number in positive])
        return cls(vectorizers, alarm, category)

    def alarm(self, text: str) -> float:
        """Return how likely a message speaks of any crisis (0 to 1). One word alone says too little: 0."""
        if self._alarm is None or len(words(text)) < _FEWEST_WORDS:
            return 0.0
        return float(self._alarm.predict_proba(self._row(text))[0, 1])

    def detect(self, text: str) -> str | None:
        """Return the category of a crisis, or None."""
        if self.alarm(text) < THRESHOLD:
            return None
        return str(self._category.predict(self._row(text))[0])

    def likeness(self, text: str) -> dict[str, float]:
        """Return how much a message is like each category (higher is more, no bounds); empty without sentences."""
        if self._category is None:
            return {}
        scores = self._category.decision_function(self._row(text))[0]
        return dict(zip(map(str, self._category.classes_), map(float, scores), strict=True))

    def _row(self, text: str) -> Any:
        return hstack([vectorizer.transform([text]) for vectorizer in self._vectorizers]).tocsr()


def _letters(text: str) -> str:
    return " ".join(letter_skeleton(word) for word in words(text))


def _split(text: str) -> list[str]:
    return text.split()
