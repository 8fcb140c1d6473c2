"""What is learned from one catalogue: which words tell its offers and needs apart, and what lies in its scope.

Made from the texts of the offers, the questions written for the needs and questions about other things; of everything
kept here, nothing is written by hand.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, vstack
from threadpoolctl import threadpool_limits

from services_catalog.catalogue import Catalogue
from services_catalog.identify import script
from services_catalog.index import NearestTexts, Scores, Separators, Vector, Vocabulary
from services_catalog.languages import SOURCE_LANGUAGE, written_in
from services_catalog.lexicon import Lexicon
from services_catalog.offer import Offer
from services_catalog.question import Features, features, question_tags
from services_catalog.ranking import Ranking
from services_catalog.scope import ScopeModel, read_foreign_questions

#: The arithmetic is done by one thread: two wait for each other more than they help where other processes are at work,
#: and make a publication four times as slow.
_ONE_THREAD = 1


@dataclass(frozen=True)
class Corpus:
    """The texts that are learned from, as rows of features, each with the id of the offer or need it belongs to.

    `texts` are those of the offers, with a weight each; `questions` those written for the needs; `foreign` are questions
    about other things.
    """

    texts: csr_matrix
    owners: npt.NDArray[np.str_]
    weights: npt.NDArray[np.float32]
    questions: csr_matrix
    asked: npt.NDArray[np.str_]
    foreign: csr_matrix


class Matcher:
    """Compares a question with every published offer of a catalogue, in the order of `catalogue.published`."""

    def __init__(self, catalogue: Catalogue, ranking: Ranking, lexicon: Lexicon) -> None:
        self._ranking, self._lexicon = ranking, lexicon
        self._arrange(catalogue)
        texts, owners, weights = self._texts_of(self._offers)
        questions, asked = self._questions_of(need_questions(catalogue))
        self._vocabulary = Vocabulary([*texts, *questions], ranking)
        foreign = [self._features(tag, text) for tag, text in read_foreign_questions()]
        self._corpus = Corpus(
            self._vocabulary.matrix(texts),
            owners,
            weights,
            self._vocabulary.matrix(questions),
            asked,
            self._vocabulary.matrix(foreign),
        )
        with threadpool_limits(_ONE_THREAD):
            self._learn()
            self._scope = self._learned_scope()

    def updated(
        self, catalogue: Catalogue, lexicon: Lexicon, offers: Collection[str], needs: Collection[str]
    ) -> Matcher:
        """Return a matcher for a catalogue in which only some offers, needs and their questions differ.

        Only their boundaries are learned anew, so that a publication is found within a second; the others keep what they
        knew of the texts that were there before, and so does the scope until `with_scope`. Learning everything again is
        for a quieter moment.
        """
        new = copy.copy(self)
        new._lexicon = lexicon
        new._arrange(catalogue)
        old = self._corpus
        texts, owners, weights = new._texts_of([offer for offer in new._offers if offer.id in offers])
        questions, asked = new._questions_of(one for one in need_questions(catalogue) if one[0] in needs)
        new._vocabulary = self._vocabulary.grown([*texts, *questions])
        there = {offer.id for offer in new._offers}
        kept = np.array([owner in there and owner not in offers for owner in old.owners.tolist()], dtype=bool)
        kept_questions = np.array([need not in needs for need in old.asked.tolist()], dtype=bool)
        new._corpus = Corpus(
            _stacked(old.texts[kept], new._vocabulary.matrix(texts)),
            np.concatenate([old.owners[kept], owners]),
            np.concatenate([old.weights[kept], weights]),
            _stacked(old.questions[kept_questions], new._vocabulary.matrix(questions)),
            np.concatenate([old.asked[kept_questions], asked]),
            _wider(old.foreign, len(new._vocabulary)),
        )
        moved = {need for offer in new._offers if offer.id in offers for need in offer.needs[:1]}
        with threadpool_limits(_ONE_THREAD):
            new._learn(before=self, offers=offers, needs=moved.union(needs))
        new._scope = self._scope.widened(len(new._vocabulary))
        return new

    def with_scope(self) -> Matcher:
        """Return a matcher that has learned from all its texts what lies in its scope; questions in words that nobody knew
        before are refused until then."""
        new = copy.copy(self)
        with threadpool_limits(_ONE_THREAD):
            new._scope = self._learned_scope()
        return new

    def _arrange(self, catalogue: Catalogue) -> None:
        """Number the offers and the needs."""
        self._offers = catalogue.published
        self._need_ids = sorted(catalogue.needs)
        number_of = {need: number for number, need in enumerate(self._need_ids)}
        self._needs_of = [[number_of[need] for need in offer.needs if need in number_of] for offer in self._offers]
        # the needs of all offers in a row: each offer's begin at its place in `_first_need`; none stands for outside
        none = len(self._need_ids)
        self._needs_in_a_row = np.array([need for some in self._needs_of for need in some or [none]], dtype=np.int64)
        self._first_need = np.concatenate(([0], np.cumsum([len(some) or 1 for some in self._needs_of])[:-1]))
        # an offer that cannot be had has no example questions to learn from: it is found by name, and by its nearest text
        self._learnt = np.array([offer.availability.recommendable for offer in self._offers], dtype=bool)

    def _learn(self, before: Matcher | None = None, offers: Collection[str] = (), needs: Collection[str] = ()) -> None:
        """Learn from the corpus; of what `before` knew, only the boundaries of some offers and needs."""
        corpus = self._corpus
        positions = {offer.id: position for position, offer in enumerate(self._offers)}
        owners = np.array([positions[owner] for owner in corpus.owners.tolist()], dtype=np.int32)
        poor = ~self._learnt[owners]
        self._nearest = NearestTexts(
            csr_matrix(corpus.texts[poor].multiply(corpus.weights[poor, None])), owners[poor], len(self._offers)
        )
        self._separators: Separators = Separators(
            corpus.texts,
            [(int(owner),) if self._learnt[owner] else () for owner in owners],
            corpus.weights,
            len(self._offers),
            before=before._separators if before else None,
            kept=_same([one.id for one in before._offers], positions, offers) if before else None,
        )
        numbers = {need: number for number, need in enumerate(self._need_ids)}
        self._needs: Separators = Separators(
            csr_matrix(vstack([corpus.texts, corpus.questions])),
            [self._needs_of[owner][:1] for owner in owners] + [(numbers[need],) for need in corpus.asked.tolist()],
            np.concatenate([corpus.weights, np.full(len(corpus.asked), self._ranking.fields.example, np.float32)]),
            len(self._need_ids),
            before=before._needs if before else None,
            kept=_same(before._need_ids, numbers, needs) if before else None,
        )

    def _learned_scope(self) -> ScopeModel:
        corpus = self._corpus
        ours = corpus.texts.shape[0] + corpus.questions.shape[0]
        return ScopeModel(
            csr_matrix(vstack([corpus.texts, corpus.questions, corpus.foreign])),
            [True] * ours + [False] * corpus.foreign.shape[0],
        )

    def _texts_of(
        self, offers: Iterable[Offer]
    ) -> tuple[list[Features], npt.NDArray[np.str_], npt.NDArray[np.float32]]:
        rows = [
            (self._features(tag, text), offer.id, weight)
            for offer in offers
            for tag, weight, text in offer_texts(offer, self._ranking)
        ]
        owners = np.array([owner for _, owner, _ in rows], dtype=np.str_)
        return [text for text, _, _ in rows], owners, np.array([weight for _, _, weight in rows], dtype=np.float32)

    def _questions_of(self, questions: Iterable[tuple[str, str, str]]) -> tuple[list[Features], npt.NDArray[np.str_]]:
        rows = [(self._features(tag, text), need) for need, tag, text in questions]
        return [text for text, _ in rows], np.array([need for _, need in rows], dtype=np.str_)

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


def _stacked(above: csr_matrix, below: csr_matrix) -> csr_matrix:
    """Return the rows of two matrices under each other; the upper one may know fewer features."""
    return csr_matrix(vstack([_wider(above, below.shape[1]), below]))


def _wider(rows: csr_matrix, features: int) -> csr_matrix:
    """Return rows for a vocabulary that has grown; the numbers are shared, not copied."""
    return csr_matrix((rows.data, rows.indices, rows.indptr), shape=(rows.shape[0], features))


def _same(before: Sequence[str], now: Mapping[str, int], changed: Collection[str]) -> dict[int, int]:
    """Return the number now of each id that did not change, with its number before."""
    return {now[one]: number for number, one in enumerate(before) if one in now and one not in changed}


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
    yield SOURCE_LANGUAGE, fields.name, offer.official_name
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
        tag = next(iter(written_in(script(alias) or "")), SOURCE_LANGUAGE)
        yield tag, fields.alias, alias
