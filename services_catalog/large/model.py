"""What is learned for a large catalogue: how each need is asked for, what lies in scope, the languages.

It is learned from the taxonomy's questions and from the best described offers of each need, at most so many texts: as long
for a million offers as for a thousand. Offers have no boundaries of their own here; the index tells them apart.
"""

from __future__ import annotations

import copy
import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_matrix, vstack
from threadpoolctl import threadpool_limits

from services_catalog.catalogue import Catalogue
from services_catalog.identify import Identifier
from services_catalog.index import Scores, Separators, Vector, Vocabulary
from services_catalog.languages import LANGUAGES
from services_catalog.large.spelling import Spelling
from services_catalog.lexicon import Lexicon
from services_catalog.matching import need_questions, offer_texts
from services_catalog.naming import common_words
from services_catalog.normalize import letter_skeleton, words
from services_catalog.offer import Offer, Publication
from services_catalog.outlines import Outline
from services_catalog.question import Features, features, question_tags
from services_catalog.ranking import Ranking
from services_catalog.scope import ScopeModel, read_foreign_questions
from services_catalog.understanding import Reader

#: At most so many texts of offers are learned from, of at most so many offers of one need.
_MOST_TEXTS = 20_000
_MOST_OF_A_NEED = 12
#: A word in the questions for so many needs is ordinary.
_ORDINARY = 4


def learned_from(catalogue: Catalogue, ranking: Ranking) -> list[Offer]:
    """Return the offers that are learned from: those with the most example questions of each need, one need after the other."""
    by_need: dict[str, list[Outline]] = defaultdict(list)
    for one in catalogue.outlines.values():
        if one.publication is Publication.PUBLISHED and one.needs and one.availability.recommendable:
            by_need[one.needs[0]].append(one)
    ranks = [
        heapq.nsmallest(_MOST_OF_A_NEED, some, key=lambda one: (-one.examples, one.id))
        for _, some in sorted(by_need.items())
    ]
    chosen: list[Offer] = []
    texts = 0
    for place in range(_MOST_OF_A_NEED):
        for rank in ranks:
            if place < len(rank) and texts < _MOST_TEXTS:
                chosen.append(catalogue.offers[rank[place].id])
                texts += sum(1 for _ in offer_texts(chosen[-1], ranking))
    return chosen


class QuestionModel:
    """Reads a question without looking at any offer. Safe to share between threads."""

    def __init__(self, vocabulary: Catalogue, sample: Sequence[Offer], ranking: Ranking) -> None:
        """Learn from the records around the offers (`vocabulary`; offers in it are not looked at) and a sample of offers."""
        self._ranking = ranking
        described = replace(vocabulary, offers={offer.id: offer for offer in sample})
        self.reader = Reader(vocabulary)
        self.lexicon = Lexicon(vocabulary, tuple(LANGUAGES))
        self.identifier = Identifier(described)
        self.common = common_words(sample) | _ordinary_words(vocabulary)
        texts = [
            (offer.needs[0], self._features(tag, text), weight)
            for offer in sample
            for tag, weight, text in offer_texts(offer, ranking)
        ]
        self.spelling = Spelling(
            word
            for text in (*(text for offer in sample for _, _, text in offer_texts(offer, ranking)),
                         *(text for _, _, text in need_questions(vocabulary)))
            for word in words(text)
        )  # fmt: skip
        foreign = [self._features(tag, text) for tag, text in read_foreign_questions()]
        asked = self._read(need_questions(vocabulary))
        self._asked = [need for need, _ in asked]
        self._known = Vocabulary([*(text for _, text, _ in texts), *(text for _, text in asked)], ranking)
        self._texts = self._known.matrix([text for _, text, _ in texts])
        self._questions = self._known.matrix([text for _, text in asked])
        self._answered = [need for need, _, _ in texts]
        self._weights = np.array([weight for _, _, weight in texts], np.float32)
        with threadpool_limits(1):
            self._learn(vocabulary)
            inside = csr_matrix(vstack([self._texts, self._questions]))
            self._scope = ScopeModel(
                csr_matrix(vstack([inside, self._known.matrix(foreign)])),
                [True] * inside.shape[0] + [False] * len(foreign),
            )

    def updated(self, vocabulary: Catalogue, needs: Collection[str], *, reading: bool) -> QuestionModel:
        """Return a model for a later vocabulary. Of what is learned, only the boundaries of `needs`, those that differ or have
        other questions, are learned again. `reading` tells whether anything else that questions are read by differs."""
        new = copy.copy(self)
        new.reader = Reader(vocabulary)
        if reading:
            new.lexicon = Lexicon(vocabulary, tuple(LANGUAGES))
        if not needs:
            return new
        asked = new._read(one for one in need_questions(vocabulary) if one[0] in needs)
        new._known = self._known.grown([text for _, text in asked])
        kept = np.array([need not in needs for need in self._asked], dtype=bool)
        new._asked = [*(need for need in self._asked if need not in needs), *(need for need, _ in asked)]
        new._questions = csr_matrix(
            vstack([_wider(self._questions[kept], len(new._known)), new._known.matrix([text for _, text in asked])])
        )
        new._texts = _wider(self._texts, len(new._known))
        new._scope = self._scope.widened(len(new._known))
        with threadpool_limits(1):
            new._learn(vocabulary, before=self, changed=needs)
        return new

    def _read(self, questions: Iterable[tuple[str, str, str]]) -> list[tuple[str, Features]]:
        return [(need, self._features(tag, text)) for need, tag, text in questions]

    def _learn(self, vocabulary: Catalogue, before: QuestionModel | None = None, changed: Collection[str] = ()) -> None:
        """Learn the boundaries of the needs; of what `before` knew, only those that changed."""
        self._number = {need: number for number, need in enumerate(sorted(vocabulary.needs))}
        kept = {
            number: before._number[need]
            for need, number in self._number.items()
            if before and need in before._number and need not in changed
        }
        asked = np.full(len(self._asked), self._ranking.fields.example, np.float32)
        self._needs: Separators = Separators(
            csr_matrix(vstack([self._texts, self._questions])),
            [(self._number[one],) if one in self._number else () for one in (*self._answered, *self._asked)],
            np.concatenate([self._weights, asked]),
            len(self._number),
            before=before._needs if before else None,
            kept=kept,
        )

    def question(self, text: str, language: str) -> Features:
        """Return a question as it is compared: read in every language its script allows."""
        return features(text, question_tags(text, language), self.lexicon)

    def vector(self, question: Features) -> Vector:
        return self._known.vector(question)

    def needs(self, question: Vector) -> Mapping[str, float]:
        """Return how far a question lies on the side of each need (about -1 to 1)."""
        distances: Scores = self._needs.distances(question)
        return dict(zip(self._number, distances.tolist(), strict=True))

    def inside(self, question: Vector) -> float:
        """Return how surely a question is about anything such a catalogue could know (0 to 1)."""
        return self._scope.inside(question)

    def _features(self, tag: str, text: str) -> Features:
        return features(text, question_tags(text, tag), self.lexicon)


def _wider(rows: csr_matrix, features: int) -> csr_matrix:
    return csr_matrix((rows.data, rows.indices, rows.indptr), shape=(rows.shape[0], features))


def _ordinary_words(vocabulary: Catalogue) -> frozenset[str]:
    """Return the words that people use when they ask for quite different needs: none of them names an offer on its own."""
    users: dict[str, set[str]] = defaultdict(set)
    for need, _, text in need_questions(vocabulary):
        for word in words(text):
            users[letter_skeleton(word)].add(need)
    return frozenset(word for word, who in users.items() if len(who) >= _ORDINARY)
