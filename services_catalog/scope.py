"""Tell whether a question is about anything this service could know, learned from what people ask and what they do not.

A weak score alone cannot tell an unusual way to ask for an offer from a question about parking: both share few words with
the catalogue. A logistic regression over the same features as the search learns the difference from the example
questions of the offers and from `scope/<tag>.yml`, questions about other things.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import yaml
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

from services_catalog.index import Vector
from services_catalog.languages import added_files

FOLDER = Path(__file__).with_name("scope")


def read_foreign_questions(folder: Path = FOLDER) -> list[tuple[str, str]]:
    """Return (language, question) for every question about something else, those of added languages behind the others."""
    return [
        (content["language"], str(question))
        for path in (*sorted(folder.glob("*.yml")), *(path for _, path in added_files("scope.yml")))
        for content in (yaml.safe_load(path.read_text(encoding="utf-8")),)
        for question in content["questions"]
    ]


class ScopeModel:
    """Says how surely a question lies inside the service's scope (0 to 1)."""

    #: Looser than scikit-learn's own: the weights are the same to five digits, in two thirds of the time.
    _TOLERANCE = 0.01

    def __init__(self, rows: csr_matrix, inside: Sequence[bool]) -> None:
        model = LogisticRegression(C=20.0, class_weight="balanced", solver="liblinear", tol=self._TOLERANCE)
        model.fit(normalize(rows), np.asarray(inside, dtype=np.int8))
        self._weights: npt.NDArray[np.float32] = model.coef_[0].astype(np.float32)
        self._bias = float(model.intercept_[0])

    def widened(self, features: int) -> ScopeModel:
        """Return the model for a vocabulary that has grown: the new features say nothing."""
        wider = copy.copy(self)
        wider._weights = np.pad(self._weights, (0, features - len(self._weights)))
        return wider

    def inside(self, question: Vector) -> float:
        """Return the certainty for a question."""
        length = float(np.linalg.norm(question.values)) or 1.0
        strength = self._bias + float(question.values @ self._weights[question.numbers]) / length
        return float(1.0 / (1.0 + np.exp(-strength)))
