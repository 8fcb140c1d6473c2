"""Find the offers that fit a question: signals, fused, judged by eligibility, refused when weak."""

from __future__ import annotations

import copy
import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np

from services_catalog.analysis import analyzer
from services_catalog.catalogue import Catalogue
from services_catalog.eligibility import Eligibility, judge
from services_catalog.identify import Identified, Identifier
from services_catalog.index import Scores, Vector
from services_catalog.languages import LANGUAGES
from services_catalog.lexicon import Lexicon
from services_catalog.matching import Matcher
from services_catalog.naming import NameBook, common_words
from services_catalog.normalize import letter_skeleton, without_markup
from services_catalog.offer import Audience, Offer
from services_catalog.offer_records import changed_records
from services_catalog.points import personal_points
from services_catalog.profile import Profile
from services_catalog.question import features, features_by_word, question_tags
from services_catalog.ranking import Ranking, ranking
from services_catalog.transliterate import typed_on_latin_keys
from services_catalog.understanding import Reader, Understanding

#: A question that names an offer and holds this many other telling words is about the offer, not a need of its own.
_LITTLE = 3
#: So many offers, the most promising, are held against what is known of the person.
_CANDIDATES = 40
#: At most so many of the person's words are named as reasons, each with at least this share in the distance.
_MOST_WORDS = 3
_TELLING = 0.1
#: The kinds of records from which the reader and the lexicon are made.
_VOCABULARY = ("needs", "situations", "districts", "expressions", "concepts", "other_places", "municipalities")


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
class Reading:
    """A question once it is read and compared with every offer; nothing in it depends on who asks."""

    text: str
    identified: Identified
    understanding: Understanding
    vector: Vector
    signals: dict[str, Scores]
    needs: tuple[str, ...]
    by_word: Mapping[str, Sequence[str]]


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
        self.ranking = weights or ranking()
        self.reader = Reader(catalogue)
        self.identifier = identifier or Identifier(catalogue)
        self.lexicon = Lexicon(catalogue, tuple(LANGUAGES))
        self._matcher = Matcher(catalogue, self.ranking, self.lexicon)
        self._common = common_words(catalogue.published)
        self._arrange(catalogue)

    def updated(self, catalogue: Catalogue) -> SearchEngine:
        """Return an engine for a later state of the same catalogue, in a fraction of the time: only what differs is
        learned. What a new engine would have learned of the rest comes with the next one made from scratch."""
        return self.updated_at_once(catalogue).with_scope()

    def updated_at_once(self, catalogue: Catalogue) -> SearchEngine:
        """Return the same in half the time, as far as words go that were known before; `with_scope` brings the rest."""
        old = self.catalogue
        new = copy.copy(self)
        if any(changed_records(getattr(old, kind), getattr(catalogue, kind)) for kind in _VOCABULARY):
            new.reader = Reader(catalogue)
            new.lexicon = Lexicon(catalogue, tuple(LANGUAGES))
        needs = changed_records(old.needs, catalogue.needs) | changed_records(old.questions, catalogue.questions)
        new._matcher = self._matcher.updated(
            catalogue, new.lexicon, changed_records(old.offers, catalogue.offers), needs
        )
        new._arrange(catalogue)
        return new

    def with_scope(self) -> SearchEngine:
        """Return the engine with what lies in its scope learned from all its texts."""
        new = copy.copy(self)
        new._matcher = self._matcher.with_scope()
        return new

    def _arrange(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._offers = catalogue.published
        self._position = {offer.id: position for position, offer in enumerate(self._offers)}
        self._names = NameBook(self._offers, self._common)

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
        reading = self.read(text, language=language, conversation=conversation)
        if known is None:
            known = (profile or Profile()).updated(reading.understanding.profile, self.reader.excludes)
        return self.rank(reading, known, staff=staff, limit=limit, without=without)

    def read(self, text: str, *, language: str | None = None, conversation: str | None = None) -> Reading:
        """Return a question compared with every offer: the greater part of a search's work."""
        text = without_markup(text)
        text = typed_on_latin_keys(text) or text
        identified = Identified(language, sure=True) if language else self.identifier.identify(text, conversation)
        question = features(text, question_tags(text, identified.language), self.lexicon)
        vector = self._matcher.vector(question)
        return Reading(
            text,
            identified,
            self.reader.read(text),
            vector,
            self._signals(vector, text),
            tuple(concept.removeprefix("concept:need:") for concept in question.of_kind("concept:need:")),
            features_by_word(text, identified.language, self.lexicon),
        )

    def rank(
        self, reading: Reading, known: Profile, *, staff: bool = False, limit: int = 5, without: Iterable[str] = ()
    ) -> SearchResult:
        """Return the best offers for a question that was read, for a person of whom `known` is everything."""
        points = self._points(reading.signals, reading.identified.language)
        excluded = set(without)
        allowed = np.array(
            [offer.id not in excluded and (staff or offer.audience is not Audience.STAFF) for offer in self._offers]
        )
        candidates = np.argsort(-np.where(allowed, points, -np.inf))[: min(max(_CANDIDATES, limit * 4), allowed.sum())]
        hits = sorted(
            (self._hit(one, points, reading.signals, known) for one in candidates), key=lambda hit: -hit.score
        )
        outcome = self._outcome(hits, reading.understanding, reading.vector)
        shown = [] if outcome is Outcome.NOTHING_FOUND else [self._explained(hit, reading) for hit in hits[:limit]]
        return SearchResult(
            reading.text,
            answered_in(reading.identified, self.catalogue),
            reading.understanding,
            known,
            outcome,
            tuple(shown),
            reading.needs,
        )

    def _signals(self, question: Vector, text: str) -> dict[str, Scores]:
        """Return what each signal says of every offer: `learned` and `need` are distances from a boundary (about -1 to 1),
        `nearest` and `name` lie in 0 to 1."""
        return self._matcher.signals(question) | {"name": self._named(text)}

    def _points(self, signals: dict[str, Scores], language: str) -> Scores:
        """Return where each offer stands before anything is known of the person (logarithms of odds)."""
        weights, other = self.ranking.signals, self.ranking.untranslated
        learned, need = signals["learned"], signals["need"]
        fit = np.where(
            self._matcher.speaks(language),
            self.ranking.base + weights.learned * learned + weights.need * need,
            other.base + other.learned * learned + other.need * need,
        )
        points: Scores = fit + weights.name * signals["name"]
        return points

    def named_offers(self, text: str) -> list[tuple[Offer, float]]:
        """Return the offers called by name in `text`, the surest first, with the certainty (0 to 1)."""
        return [(self._offers[named.position], named.certainty) for named in self._names.find(text)]

    def hit_for(self, offer: Offer, profile: Profile | None = None) -> Hit:
        """Return an offer as a hit without a search: shown because it was asked for."""
        return Hit(offer, 1.0, {}, judge(offer, profile or Profile(), self.catalogue))

    def distances_among(self, text: str, offer_ids: Sequence[str]) -> Scores:
        """Return how far the words of `text` lie on the side of each of some offers (about -1 to 1)."""
        question = features(text, question_tags(text, self.identifier.identify(text).language), self.lexicon)
        distances = self._matcher.signals(self._matcher.vector(question))["learned"]
        return np.array(
            [distances[self._position[one]] if one in self._position else -1.0 for one in offer_ids], np.float32
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
            if named.certainty >= self.ranking.thresholds.named:
                scores[named.position] = named.certainty
        return scores

    def _hit(self, position: int, points: Scores, signals: dict[str, Scores], known: Profile) -> Hit:
        offer = self._offers[position]
        eligibility = judge(offer, known, self.catalogue)
        by_name = signals["name"][position] != 0
        odds = float(points[position]) + personal_points(offer, eligibility, known, self.ranking, by_name=by_name)
        shares = {name: float(values[position]) for name, values in signals.items()}
        return Hit(offer, float(logistic(odds)), shares, eligibility)

    def _explained(self, hit: Hit, reading: Reading) -> Hit:
        """Return a hit with the needs it shares with the question, and the words of the person that speak for it."""
        shares = self._matcher.shares(reading.vector, self._position[hit.offer.id])
        told = sorted(
            ((sum(shares.get(name, 0.0) for name in names), word) for word, names in reading.by_word.items()),
            reverse=True,
        )
        return dataclasses.replace(
            hit,
            needs=tuple(need for need in hit.offer.needs if need in reading.needs),
            words=tuple(word for share, word in told[:_MOST_WORDS] if share >= _TELLING),
        )

    def _outcome(self, hits: list[Hit], understanding: Understanding, question: Vector) -> Outcome:
        if not hits or understanding.other_place is not None:
            return Outcome.NOTHING_FOUND
        thresholds = self.ranking.thresholds
        if max(hit.signals["name"] for hit in hits) >= thresholds.named:
            return Outcome.OFFERS
        certainty = self.certainty(hits, question)
        if certainty < thresholds.refuse:
            return Outcome.NOTHING_FOUND
        return Outcome.OFFERS if certainty >= thresholds.sure else Outcome.WEAK

    def certainty(self, hits: Sequence[Hit], question: Vector) -> float:
        """Return how sure it is that the hits answer the question at all (0 to 1)."""
        weights, share = self.ranking.signals, self.ranking.certainty
        best = max(weights.learned * hit.signals["learned"] + weights.need * hit.signals["need"] for hit in hits)
        inside = min(max(self._matcher.inside(question), 1e-6), 1 - 1e-6)
        return float(logistic(share.bias + share.inside * math.log(inside / (1 - inside)) + share.best * best))


def answered_in(identified: Identified, catalogue: Catalogue) -> Identified:
    """Return the language to answer in: one that the municipality does not speak is foreign to it."""
    spoken = catalogue.languages
    if identified.language in spoken:
        return identified
    return Identified(spoken[0], sure=False, foreign=identified.language)


def logistic(odds: Any) -> Any:
    """Return the share (0 to 1) that a logarithm of odds stands for; a number or an array."""
    return 1.0 / (1.0 + np.exp(-odds))
