"""Find the offers that fit a question: signals, fused, judged by eligibility, refused when weak."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, vstack

from services_catalog.analysis import analyzer
from services_catalog.catalogue import Catalogue
from services_catalog.eligibility import Eligibility, Verdict, judge
from services_catalog.identify import Identified, Identifier, script
from services_catalog.index import ClassModel, Document, NearestTexts, Scores, Vocabulary, matrix_of
from services_catalog.languages import LANGUAGES
from services_catalog.lexicon import Lexicon
from services_catalog.naming import NameBook
from services_catalog.normalize import letter_skeleton, without_markup, words
from services_catalog.offer import Audience, Offer
from services_catalog.profile import Profile
from services_catalog.question import Features, features, question_tags
from services_catalog.ranking import Ranking, ranking
from services_catalog.scope import ScopeModel, read_foreign_questions
from services_catalog.understanding import Reader, Understanding

#: A question that names an offer and holds this many other telling words is about the offer, not a need of its own.
_LITTLE = 3


class Outcome(StrEnum):
    """What a search ended in. `weak` hits are offered as a question, not as an answer."""

    OFFERS = "offers"
    WEAK = "weak"
    NOTHING_FOUND = "nothing_found"


@dataclass(frozen=True)
class Hit:
    """One offer found. `score` lies in 0 to 1; `signals` holds each signal's share in it; `needs` are the needs of the
    offer that the question named; `words` those of its words that made it fit."""

    offer: Offer
    score: float
    signals: dict[str, float]
    eligibility: Eligibility
    needs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def available(self) -> bool:
        return self.offer.availability.recommendable and not self.eligibility.ruled_out


@dataclass(frozen=True)
class SearchResult:
    """What was found for one question, and how the question was understood."""

    text: str
    identified: Identified
    understanding: Understanding
    profile: Profile
    outcome: Outcome
    hits: tuple[Hit, ...]
    needs: tuple[str, ...] = field(default=())


class SearchEngine:
    """Searches one catalogue. Made once per published version; safe to share between threads."""

    def __init__(
        self, catalogue: Catalogue, weights: Ranking | None = None, identifier: Identifier | None = None
    ) -> None:
        self.catalogue = catalogue
        self.ranking = weights or ranking()
        self.reader = Reader(catalogue)
        self.identifier = identifier or Identifier(catalogue)
        self._offers = catalogue.published
        self.lexicon = Lexicon(catalogue, tuple(LANGUAGES))
        documents = [
            Document(position, weight, features(text, question_tags(text, tag), self.lexicon))
            for position, offer in enumerate(self._offers)
            for tag, weight, text in offer_texts(offer, self.ranking)
        ]
        self._vocabulary = Vocabulary(documents, self.ranking)
        rows = matrix_of(
            [(numbers, values * document.weight) for document in documents
             for numbers, values in (self._vocabulary.vector(document.features),)],
            len(self._vocabulary),
        )  # fmt: skip
        owners = np.array([document.owner for document in documents], dtype=np.int32)
        self._scope = self._learn_scope(rows)
        self._profiles = ClassModel(rows, [(int(owner),) for owner in owners], len(self._offers))
        self._nearest = NearestTexts(rows, owners, len(self._offers))
        self._need_ids = sorted(catalogue.needs)
        number_of = {need: number for number, need in enumerate(self._need_ids)}
        self._needs_of = [[number_of[need] for need in offer.needs if need in number_of] for offer in self._offers]
        self._needs = ClassModel(rows, [self._needs_of[owner][:2] for owner in owners], len(self._need_ids))
        self._position = {offer.id: position for position, offer in enumerate(self._offers)}
        self._names = NameBook(self._offers, _common_words(self._offers))

    def search(
        self,
        text: str,
        *,
        language: str | None = None,
        conversation: str | None = None,
        profile: Profile | None = None,
        known: Profile | None = None,
        staff: bool = False,
        limit: int = 5,
        without: Iterable[str] = (),
    ) -> SearchResult:
        """Return the best offers for `text`, at most `limit` (1 to 50).

        `language` overrides what the words say; `conversation` is the language used so far. `profile` is what was said
        before, to which the text adds; `known`, if given, is everything, and the text adds nothing. `staff` adds the
        offers for staff. `without` are ids the person does not want to see.
        """
        text = without_markup(text)
        identified = Identified(language, sure=True) if language else self.identifier.identify(text, conversation)
        understanding = self.reader.read(text)
        if known is None:
            known = (profile or Profile()).updated(understanding.profile, self.reader.excludes)
        question = features(text, question_tags(text, identified.language), self.lexicon)
        signals = self.signals(question, text)
        weights = self.ranking.signals.model_dump()
        raw = np.sum([weights[name] * scores for name, scores in signals.items()], axis=0)
        excluded = set(without)
        hits = [
            self._hit(position, raw, signals, known, question)
            for position in np.argsort(-raw)[: max(40, limit * 4)]
            if raw[position] > 0
            and self._offers[position].id not in excluded
            and (staff or self._offers[position].audience is not Audience.STAFF)
        ]
        hits.sort(key=lambda hit: -hit.score)
        outcome = self._outcome(hits, understanding, question)
        return SearchResult(
            text, identified, understanding, known, outcome,
            tuple(hits[:limit]) if outcome is not Outcome.NOTHING_FOUND else (),
            tuple(concept.removeprefix("concept:need:") for concept in question.of_kind("concept:need:")),
        )  # fmt: skip

    def _learn_scope(self, rows: csr_matrix) -> ScopeModel:
        """Learn from the offers' texts and the words for needs, against questions about other things."""
        needs = self._vectors(
            (tag, phrase)
            for need in self.catalogue.needs.values()
            for tag, label in need.labels.items()
            for phrase in (label, *need.synonyms.get(tag, ()))
        )
        foreign = self._vectors(read_foreign_questions())
        everything = vstack([rows, needs, foreign]).tocsr()
        inside = rows.shape[0] + needs.shape[0]
        return ScopeModel(everything, [True] * inside + [False] * foreign.shape[0])

    def _vectors(self, texts: Iterable[tuple[str, str]]) -> csr_matrix:
        """Return (language, text) pairs as the rows of a matrix."""
        vectors = [
            self._vocabulary.vector(features(text, question_tags(text, tag), self.lexicon)) for tag, text in texts
        ]
        return matrix_of(vectors, len(self._vocabulary))

    def signals(self, question: Features, text: str) -> dict[str, Scores]:
        """Return each signal's score for every offer (0 to 1)."""
        numbers, values = self._vocabulary.vector(question)
        need_scores = self._needs.score(numbers, values)
        return {
            "profile": self._profiles.score(numbers, values),
            "nearest": self._nearest.score(numbers, values),
            "need": np.array(
                [max((need_scores[need] for need in needs), default=0.0) for needs in self._needs_of], dtype=np.float32
            ),
            "name": self._named(text),
        }

    def named_offers(self, text: str) -> list[tuple[Offer, float]]:
        """Return the offers called by name in `text`, the surest first, with the certainty (0 to 1)."""
        return [(self._offers[named.position], named.certainty) for named in self._names.find(text)]

    def hit_for(self, offer: Offer, profile: Profile | None = None) -> Hit:
        """Return an offer as a hit without a search: shown because it was asked for."""
        return Hit(offer, 1.0, {}, judge(offer, profile or Profile(), self.catalogue))

    def scores_among(self, text: str, offer_ids: Sequence[str]) -> Scores:
        """Return how well the words of `text` fit each of some offers (0 to 1)."""
        question = features(text, question_tags(text, self.identifier.identify(text).language), self.lexicon)
        numbers, values = self._vocabulary.vector(question)
        scores = self._profiles.score(numbers, values)
        return np.array(
            [scores[self._position[one]] if one in self._position else 0.0 for one in offer_ids], np.float32
        )

    def asked_by_name(self, text: str, *, staff: bool) -> dict[str, Any] | None:
        """Return the offer a text calls by its name, and whether the text says little else; None when it names none."""
        found = [
            (self._offers[named.position], named)
            for named in self._names.find(text)
            if named.certainty >= self.ranking.thresholds.named
            and (staff or self._offers[named.position].audience is not Audience.STAFF)
        ]
        if not found:
            return None
        offer, named = found[0]
        language = self.identifier.identify(text).language
        said = [word for word in analyzer(language)(text).content if letter_skeleton(word) not in named.words.split()]
        return {"id": offer.id, "little_else": len(said) <= _LITTLE}

    def _named(self, text: str) -> Scores:
        scores = np.zeros(len(self._offers), np.float32)
        for named in self._names.find(text):
            scores[named.position] = named.certainty
        return scores

    def _hit(self, position: int, raw: Scores, signals: dict[str, Scores], known: Profile, question: Features) -> Hit:
        offer = self._offers[position]
        eligibility = judge(offer, known, self.catalogue)
        factors = self.ranking.eligibility
        score = float(raw[position] / (raw[position] + self.ranking.half))
        for judgement in eligibility.judgements:
            if judgement.verdict is Verdict.FAILS:
                score *= factors.fails_strict if judgement.strict else factors.fails_loose
            elif judgement.verdict is Verdict.MEETS:
                score *= factors.meets
        if signals["name"][position] == 0:
            score *= self.ranking.availability[offer.availability.value]
            score *= self.ranking.access.get(offer.access.route, 1.0)
        named_needs = {name.removeprefix("concept:need:") for name in question.of_kind("concept:need:")}
        return Hit(
            offer, min(score, 1.0),
            {name: float(scores[position]) for name, scores in signals.items()},
            eligibility,
            tuple(need for need in offer.needs if need in named_needs),
        )  # fmt: skip

    def _outcome(self, hits: list[Hit], understanding: Understanding, question: Features) -> Outcome:
        if not hits or understanding.other_place is not None:
            return Outcome.NOTHING_FOUND
        thresholds = self.ranking.thresholds
        if max(hit.signals["name"] for hit in hits) >= thresholds.named:
            return Outcome.OFFERS
        certainty = self.certainty(hits, question)
        if certainty < thresholds.refuse:
            return Outcome.NOTHING_FOUND
        return Outcome.OFFERS if certainty >= thresholds.sure else Outcome.WEAK

    def certainty(self, hits: Sequence[Hit], question: Features) -> float:
        """Return how sure it is that the hits answer the question at all (0 to 1)."""
        weights, share = self.ranking.signals.model_dump(), self.ranking.certainty
        raw = max(sum(weights[name] * value for name, value in hit.signals.items()) for hit in hits)
        nearest = max(hit.signals["nearest"] for hit in hits)
        inside = min(max(self._scope.inside(*self._vocabulary.vector(question)), 1e-6), 1 - 1e-6)
        odds = (
            share.bias
            + share.inside * math.log(inside / (1 - inside))
            + share.score * math.log(raw + 1e-3)
            + share.nearest * math.log(nearest + 1e-3)
        )
        return 1.0 / (1.0 + math.exp(-odds))


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


def _common_words(offers: Iterable[Offer]) -> frozenset[str]:
    """Return the words that several offers use in their questions: none of them names an offer on its own."""
    users: dict[str, set[str]] = {}
    for offer in offers:
        for texts in offer.texts.values():
            for example in texts.examples:
                for word in words(example):
                    users.setdefault(letter_skeleton(word), set()).add(offer.id)
    return frozenset(word for word, who in users.items() if len(who) >= 4)
