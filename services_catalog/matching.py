"""What is learned from one catalogue: which words tell its offers and needs apart, and what lies in its scope.

Made from the texts of the offers, the questions written for the needs and questions about other things; of everything
kept here, nothing is written by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack

from services_catalog.catalogue import Catalogue
from services_catalog.identify import script
from services_catalog.index import Document, NearestTexts, Scores, Separators, Vector, Vocabulary
from services_catalog.lexicon import Lexicon
from services_catalog.offer import Offer
from services_catalog.question import Features, features, question_tags
from services_catalog.ranking import Ranking
from services_catalog.scope import ScopeModel, read_foreign_questions


class Matcher:
    """Compares a question with every published offer of a catalogue, in the order of `catalogue.published`."""

    def __init__(self, catalogue: Catalogue, ranking: Ranking, lexicon: Lexicon) -> None:
        self._offers = catalogue.published
        self._lexicon = lexicon
        self._need_ids = sorted(catalogue.needs)
        number_of = {need: number for number, need in enumerate(self._need_ids)}
        self._needs_of = [[number_of[need] for need in offer.needs if need in number_of] for offer in self._offers]
        # the needs of all offers in a row: each offer's begin at its place in `_first_need`; none stands for outside
        none = len(self._need_ids)
        self._needs_in_a_row = np.array([need for some in self._needs_of for need in some or [none]], dtype=np.int64)
        self._first_need = np.concatenate(([0], np.cumsum([len(some) or 1 for some in self._needs_of])[:-1]))
        documents = [
            Document(position, weight, self._features(tag, text))
            for position, offer in enumerate(self._offers)
            for tag, weight, text in offer_texts(offer, ranking)
        ]
        asked = [(need, self._features(tag, text)) for need, tag, text in need_questions(catalogue)]
        self._vocabulary = Vocabulary(
            [document.features for document in documents] + [question for _, question in asked], ranking
        )
        owners = np.array([document.owner for document in documents], dtype=np.int32)
        rows = self._vocabulary.matrix([document.features for document in documents])
        weights = np.array([document.weight for document in documents], dtype=np.float32)
        questions = self._vocabulary.matrix([question for _, question in asked])
        # an offer that cannot be had has no example questions to learn from: it is found by name, and by its nearest text
        self._learnt = np.array([offer.availability.recommendable for offer in self._offers])
        poor = ~self._learnt[owners]
        self._nearest = NearestTexts(
            csr_matrix(rows[poor].multiply(weights[poor, None])), owners[poor], len(self._offers)
        )
        self._separators = Separators(
            rows, [(int(owner),) if self._learnt[owner] else () for owner in owners], weights, len(self._offers)
        )
        self._needs = Separators(
            csr_matrix(vstack([rows, questions])),
            [self._needs_of[owner][:1] for owner in owners] + [(number_of[need],) for need, _ in asked],
            np.concatenate([weights, np.full(len(asked), ranking.fields.example, np.float32)]),
            len(self._need_ids),
        )
        foreign = self._vocabulary.matrix([self._features(tag, text) for tag, text in read_foreign_questions()])
        self._scope = ScopeModel(
            csr_matrix(vstack([rows, questions, foreign])),
            [True] * (rows.shape[0] + questions.shape[0]) + [False] * foreign.shape[0],
        )

    def speaks(self, language: str) -> npt.NDArray[np.bool_]:
        """Return for each offer whether it has texts in a language."""
        return np.array([language in offer.texts for offer in self._offers])

    def vector(self, question: Features) -> Vector:
        """Return a question as the other methods take it."""
        return self._vocabulary.vector(question)

    def signals(self, question: Vector) -> dict[str, Scores]:
        """Return what each signal says of every offer: `learned` and `need` are distances from a boundary (about -1 to 1),
        `nearest` lies in 0 to 1 and is 0 for every offer that was learned."""
        nearest = self._nearest.score(question)
        needs = np.append(self._needs.distances(question), np.float32(Separators.OUTSIDE))
        return {
            "learned": np.where(
                self._learnt, self._separators.distances(question), Separators.OUTSIDE + nearest
            ).astype(np.float32),
            "need": np.maximum.reduceat(needs[self._needs_in_a_row], self._first_need),
            "nearest": nearest,
        }

    def inside(self, question: Vector) -> float:
        """Return how surely a question is about anything this catalogue could know (0 to 1)."""
        return self._scope.inside(question)

    def shares(self, question: Vector, position: int) -> dict[str, float]:
        """Return each feature of a question with its share in the distance of one offer."""
        shares = self._separators.shares(question, position)
        return dict(zip(self._vocabulary.names(question.numbers), map(float, shares), strict=True))

    def _features(self, tag: str, text: str) -> Features:
        return features(text, question_tags(text, tag), self._lexicon)


def need_questions(catalogue: Catalogue) -> Iterator[tuple[str, str, str]]:
    """Yield (need, language, text) for every way a need is asked for: its questions, its labels and synonyms."""
    for need in catalogue.needs.values():
        for tag, label in need.labels.items():
            for phrase in (label, *need.synonyms.get(tag, ())):
                yield need.id, tag, phrase
    for one in catalogue.questions.values():
        for tag, questions in one.questions.items():
            for question in questions:
                yield one.id, tag, question


def offer_texts(offer: Offer, weights: Ranking) -> Iterable[tuple[str, float, str]]:
    """Yield every text of an offer that is searched, as (language, weight, text)."""
    fields = weights.fields
    yield "da", fields.name, offer.official_name
    for tag, texts in offer.texts.items():
        yield tag, fields.name, texts.name
        yield tag, fields.summary, texts.summary
        if texts.who:
            yield tag, fields.who, texts.who
        if texts.good_to_know:
            yield tag, fields.good_to_know, texts.good_to_know
        if texts.keywords:
            yield tag, fields.keywords, ", ".join(texts.keywords)
        for example in texts.examples:
            yield tag, fields.example, example
    for alias in offer.aliases:
        tag = {"ar": "ar", "uk": "uk"}.get(script(alias) or "", "da")
        yield tag, fields.alias, alias
