"""Search a catalogue of any size behind the same port as `search.SearchEngine`.

The index finds the offers that share most with a question, at most sixty; the needs it asks for, the names in it and
what is known of the person rank them. The numbers are those of `ranking.yml`: what a question shares with an offer takes
the place of its distance from the offer's boundary.
"""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import heapq
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from services_catalog.analysis import analyzer
from services_catalog.catalogue import Catalogue
from services_catalog.eligibility import judge
from services_catalog.identify import Identified
from services_catalog.index import Scores, Separators, Vector
from services_catalog.large.additions import Additions
from services_catalog.large.facts import Facts, written
from services_catalog.large.index import Candidate, Entry, OfferIndex, ceiling
from services_catalog.large.model import QuestionModel
from services_catalog.large.terms import names_of, offer_terms, question_terms, run_together
from services_catalog.naming import NameBook
from services_catalog.normalize import letter_skeleton, without_markup, words
from services_catalog.offer import Audience, Offer, Publication
from services_catalog.offer_records import changed_records
from services_catalog.points import personal_points
from services_catalog.profile import Profile
from services_catalog.question import Features, features_by_word
from services_catalog.ranking import CertaintyWeights, Ranking, ranking
from services_catalog.search import Hit, Outcome, Reading, SearchResult, answered_in, logistic
from services_catalog.transliterate import typed_on_latin_keys

#: So many offers are taken from the index; so many of them, the most promising, are held against what is known of the person.
_CANDIDATES, _JUDGED = 60, 40
#: All that a question's terms could give is as far on an offer's side as this, beyond `OUTSIDE`: measured, docs/scaling.md.
_REACH = 2.5
#: So many needs, the nearest, are looked for as terms, where they are at least so near.
_NEEDS_SOUGHT, _NEAR = 2, -0.5
#: A name has at most so many words; one misspelt is looked for from so many letters on, at most so many of them.
_LONGEST_NAME, _SHORTEST_MISSPELT, _MOST_MISSPELT = 6, 6, 4
#: How sure it is that something was found. What was learned here knows fewer words than the index, so that it counts less than
#: in `ranking.yml`: fitted as that was, on generated and on real questions (docs/scaling.md).
_SURE = CertaintyWeights(bias=-0.5, inside=0.62, best=0.175)
#: A question that names an offer and holds this many other telling words is about the offer, not a need of its own.
_LITTLE = 3
_MOST_WORDS, _TELLING = 3, 0.08
_VOCABULARY = ("needs", "situations", "districts", "expressions", "concepts", "other_places")


@dataclass(frozen=True)
class Found:
    """A candidate with what each signal says of it."""

    id: str
    facts: Facts
    signals: dict[str, float]


@dataclass(frozen=True)
class CandidateReading(Reading):
    """A question once it is read and its candidates are found; nothing in them depends on who asks."""

    found: tuple[Found, ...] = ()
    rarities: Mapping[str, float] = dataclasses.field(default_factory=dict)


class LargeEngine:
    """Searches one catalogue, or one municipality of it. Safe to share between threads."""

    def __init__(
        self,
        catalogue: Catalogue,
        model: QuestionModel,
        index: OfferIndex,
        additions: Additions | None = None,
        weights: Ranking | None = None,
    ) -> None:
        """`catalogue.offers` may be any mapping: only offers that are shown are looked up in it."""
        self.catalogue, self.model, self.index = catalogue, model, index
        self.additions = additions or Additions()
        self.ranking = weights or ranking()
        self.municipality: str | None = None

    def within(self, municipality: str | None) -> LargeEngine:
        """Return the engine for the offers of one municipality alone; None is everywhere."""
        new = copy.copy(self)
        new.municipality = municipality
        return new

    @property
    def reader(self) -> Any:
        return self.model.reader

    @property
    def identifier(self) -> Any:
        return self.model.identifier

    def updated(self, catalogue: Catalogue) -> LargeEngine:
        """Return an engine for a later state of the same catalogue; the index on disk stays as it is."""
        old, new = self.catalogue, self.with_offers(catalogue, changed_records(self.catalogue.offers, catalogue.offers))
        needs = changed_records(old.needs, catalogue.needs) | changed_records(old.questions, catalogue.questions)
        reading = any(changed_records(getattr(old, kind), getattr(catalogue, kind)) for kind in _VOCABULARY)
        if needs or reading:
            new.model = self.model.updated(catalogue, needs, reading=reading)
        return new

    def with_offers(self, catalogue: Catalogue, changed: Iterable[str]) -> LargeEngine:
        """Return an engine for a later state in which nothing but some offers differs."""
        new = copy.copy(self)
        new.catalogue = catalogue
        there, gone = [], []
        for one in changed:
            offer = catalogue.offers.get(one)
            if offer is not None and offer.publication is Publication.PUBLISHED:
                there.append(new.entry(offer, self.municipality or ""))
            else:
                gone.append(one)
        new.additions = self.additions.with_changes(there, gone)
        return new

    def updated_at_once(self, catalogue: Catalogue) -> LargeEngine:
        """Return the same: there is no slower half."""
        return self.updated(catalogue)

    def with_scope(self) -> LargeEngine:
        """Return the engine itself: what lies in its scope does not hang on single offers."""
        return self

    def entry(self, offer: Offer, municipality: str = "", state: str | None = None) -> Entry:
        """Return an offer as it stands in the index; `state` tells it from others of the same offer."""
        return Entry(
            offer.id,
            municipality,
            state or stamp(offer.id, self.catalogue),
            written(offer),
            names_of(offer),
            offer_terms(offer, self.model.lexicon, self.ranking),
        )

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
        """Return the best offers for `text`; everything is as in `SearchEngine.search`."""
        reading = self.read(text, language=language, conversation=conversation)
        if known is None:
            known = (profile or Profile()).updated(reading.understanding.profile, self.reader.excludes)
        return self.rank(reading, known, staff=staff, limit=limit, without=without)

    def read(self, text: str, *, language: str | None = None, conversation: str | None = None) -> CandidateReading:
        """Return a question with the offers that come into question: the greater part of a search's work."""
        text = without_markup(text)
        text = typed_on_latin_keys(text) or text
        identified = Identified(language, sure=True) if language else self.identifier.identify(text, conversation)
        question, rarities = self._understood(text, identified.language)
        vector = self.model.vector(question)
        needs = self.model.needs(vector)
        terms = question_terms(question)
        for need in sorted(needs, key=lambda one: -needs[one])[:_NEEDS_SOUGHT]:
            if needs[need] >= _NEAR:
                terms[f"concept:need:{need}"] = 1.0
        rarities = {term: rarities[term] if term in rarities else self._rarity(term) for term in terms}
        by_id = {one.id: one for one in self._candidates(terms, rarities)}
        named = self._names_in(text, rarities)
        for one, facts in self._facts([one for one in named if one not in by_id]).items():
            by_id[one] = Candidate(one, 0.0, facts)
        found = tuple(
            Found(
                one.id,
                one.facts,
                {
                    "learned": Separators.OUTSIDE + _REACH * one.share,
                    "need": max((needs.get(need, -1.0) for need in one.facts.needs), default=Separators.OUTSIDE),
                    "name": named.get(one.id, 0.0),
                },
            )
            for one in by_id.values()
        )
        return CandidateReading(
            text,
            identified,
            self.reader.read(text),
            vector,
            {},
            tuple(concept.removeprefix("concept:need:") for concept in question.of_kind("concept:need:")),
            {},
            found,
            rarities,
        )

    def rank(
        self, reading: Reading, known: Profile, *, staff: bool = False, limit: int = 5, without: Iterable[str] = ()
    ) -> SearchResult:
        """Return the best offers for a question that was read, for a person of whom `known` is everything."""
        assert isinstance(reading, CandidateReading), "a reading of another engine"  # noqa: S101
        excluded = set(without)
        allowed = [
            (self._fit(one), one)
            for one in reading.found
            if one.id not in excluded and (staff or one.facts.audience is not Audience.STAFF)
        ]
        best = heapq.nlargest(max(_JUDGED, limit * 4), allowed, key=lambda pair: pair[0])
        scored = sorted(
            ((fit + self._personal(one, known), one) for fit, one in best), key=lambda pair: (-pair[0], pair[1].id)
        )
        outcome = self._outcome([one for _, one in scored], reading)
        shown: list[Hit] = []
        if outcome is not Outcome.NOTHING_FOUND:
            offers = ((points, one, self.catalogue.offers[one.id]) for points, one in scored[:limit])
            shown = [
                Hit(offer, float(logistic(points)), one.signals, judge(offer, known, self.catalogue))
                for points, one, offer in offers
            ]
        return SearchResult(
            reading.text,
            answered_in(reading.identified, self.catalogue),
            reading.understanding,
            known,
            outcome,
            tuple(self._explained(shown, reading)),
            reading.needs,
        )

    def named_offers(self, text: str) -> list[tuple[Offer, float]]:
        """Return the offers called by name in `text`, the surest first, with the certainty (0 to 1)."""
        return [(self.catalogue.offers[one], sure) for one, sure, _ in self._named(text, {})]

    def hit_for(self, offer: Offer, profile: Profile | None = None) -> Hit:
        """Return an offer as a hit without a search: shown because it was asked for."""
        return Hit(offer, 1.0, {}, judge(offer, profile or Profile(), self.catalogue))

    def distances_among(self, text: str, offer_ids: Sequence[str]) -> Scores:
        """Return how far the words of `text` lie on the side of each of some offers (-1 to 1)."""
        terms = question_terms(self.model.question(text, self.identifier.identify(text).language))
        rarities = {term: self._rarity(term) for term in terms}
        shares = self._shares(offer_ids, terms, rarities)
        return np.array([Separators.OUTSIDE + _REACH * shares.get(one, 0.0) for one in offer_ids], np.float32)

    def asked_by_name(self, text: str, *, staff: bool) -> dict[str, Any] | None:
        """Return the offer a text calls by its name, and whether the text says little else; None when it names none."""
        for one, certainty, said in self._named(text, {}):
            offer = self.catalogue.offers[one]
            if certainty >= self.ranking.thresholds.named and (staff or offer.audience is not Audience.STAFF):
                content = analyzer(self.identifier.identify(text).language)(text).content
                rest = [word for word in content if letter_skeleton(word) not in said.split()]
                return {"id": one, "little_else": len(rest) <= _LITTLE}
        return None

    def _understood(self, text: str, language: str) -> tuple[Features, dict[str, float]]:
        """Return a question's features, words that stand nowhere spelt as was likely meant, and how rare its terms are."""
        question = self.model.question(text, language)
        rarities = {term: self._rarity(term) for term in question_terms(question)}
        repaired = {
            word: right
            for word in words(text)
            if not rarities.get(f"word:{analyzer(language).analyze([word]).lemmas[0]}", 1.0)
            and (right := self.model.spelling.repaired(word)) is not None
        }
        if not repaired:
            return question, rarities
        question = self.model.question(" ".join(repaired.get(word, word) for word in words(text)), language)
        return question, {term: self._rarity(term) for term in question_terms(question)}

    def _rarity(self, term: str) -> float:
        there = self.index.rarity(term)
        if there or not self.additions.known(term):
            return there
        return math.log(1.0 + (len(self.index) + 0.5) / 0.5)

    def _candidates(self, terms: Mapping[str, float], rarities: Mapping[str, float]) -> list[Candidate]:
        replaced = self.additions.replaced
        found = self.index.candidates(terms, rarities, self.municipality, _CANDIDATES + min(len(replaced), _CANDIDATES))
        found = [one for one in found if one.id not in replaced]
        found += self.additions.candidates(terms, rarities, self.municipality)
        return sorted(found, key=lambda one: -one.share)[:_CANDIDATES]

    def _facts(self, ids: Sequence[str]) -> dict[str, Facts]:
        if not ids:
            return {}
        return self.index.facts([one for one in ids if one not in self.additions.replaced]) | self.additions.facts(ids)

    def _names_in(self, text: str, rarities: Mapping[str, float]) -> dict[str, float]:
        """Return the certainty with which each offer is called by name, where it is enough."""
        return {one: sure for one, sure, _ in self._named(text, rarities) if sure >= self.ranking.thresholds.named}

    def _named(self, text: str, rarities: Mapping[str, float]) -> list[tuple[str, float, str]]:
        """Return (id, certainty, words) for each offer that may be meant by name: the index finds them, a book of their names
        alone says how surely."""
        said = words(text)
        exact = {
            run_together(said[start:end])
            for start in range(len(said))
            for end in range(start + 1, min(len(said), start + _LONGEST_NAME) + 1)
        }
        strange = [
            word
            for word in map(letter_skeleton, said)
            if len(word) >= _SHORTEST_MISSPELT and word not in self.model.common
        ]
        ids = self.index.named(exact, strange[:_MOST_MISSPELT], self.municipality)
        ids = [one for one in ids if one not in self.additions.replaced]
        ids += self.additions.named(exact, self.municipality)
        if not ids:
            return []
        book = NameBook([self.catalogue.offers[one] for one in ids], self.model.common)
        return [(ids[one.position], one.certainty, one.words) for one in book.find(text)]

    def _shares(
        self, ids: Sequence[str], terms: Mapping[str, float], rarities: Mapping[str, float]
    ) -> dict[str, float]:
        """Return what some terms of a question give to each of some offers, of all that the question's terms could give: by
        id, where it is more than nothing. `rarities` are those of all terms of the question."""
        known = {term: weight for term, weight in terms.items() if rarities.get(term)}
        if not known or not ids:
            return {}
        found = self.index.shares([one for one in ids if one not in self.additions.replaced], known)
        found |= self.additions.shares(ids, known, rarities)
        whole = ceiling(dict.fromkeys(rarities, 1.0), rarities)
        return {one: score / whole for one, score in found.items()}

    def _fit(self, found: Found) -> float:
        """Return where an offer stands before anything is known of the person (a logarithm of odds)."""
        weights, signals = self.ranking.signals, found.signals
        by_words = self.ranking.base + weights.learned * signals["learned"] + weights.need * signals["need"]
        return by_words + weights.name * signals["name"]

    def _personal(self, found: Found, known: Profile) -> float:
        eligibility = judge(found.facts, known, self.catalogue)
        return personal_points(found.facts, eligibility, known, self.ranking, by_name=found.signals["name"] > 0)

    def _outcome(self, found: Sequence[Found], reading: CandidateReading) -> Outcome:
        if not found or reading.understanding.other_place is not None:
            return Outcome.NOTHING_FOUND
        thresholds = self.ranking.thresholds
        if max(one.signals["name"] for one in found) >= thresholds.named:
            return Outcome.OFFERS
        certainty = self._certainty(found, reading.vector)
        if certainty < thresholds.refuse:
            return Outcome.NOTHING_FOUND
        return Outcome.OFFERS if certainty >= thresholds.sure else Outcome.WEAK

    def _certainty(self, found: Sequence[Found], question: Vector) -> float:
        weights, share = self.ranking.signals, _SURE
        best = max(weights.learned * one.signals["learned"] + weights.need * one.signals["need"] for one in found)
        inside = min(max(self.model.inside(question), 1e-6), 1 - 1e-6)
        return float(logistic(share.bias + share.inside * math.log(inside / (1 - inside)) + share.best * best))

    def _explained(self, hits: Sequence[Hit], reading: CandidateReading) -> list[Hit]:
        """Return hits with the needs they share with the question, and the words of the person that speak for each."""
        ids = [hit.offer.id for hit in hits]
        told: dict[str, list[tuple[float, str]]] = {one: [] for one in ids}
        by_word = features_by_word(reading.text, reading.identified.language, self.model.lexicon) if ids else {}
        for word, names in by_word.items():
            for one, share in self._shares(ids, dict.fromkeys(names, 1.0), reading.rarities).items():
                told[one].append((share, word))
        return [
            dataclasses.replace(
                hit,
                needs=tuple(need for need in hit.offer.needs if need in reading.needs),
                words=tuple(
                    word for share, word in sorted(told[hit.offer.id], reverse=True)[:_MOST_WORDS] if share >= _TELLING
                ),
            )
            for hit in hits
        ]


def stamp(offer_id: str, catalogue: Catalogue) -> str:
    """Return what tells this state of an offer from another: when it was published, or a digest where nobody knows."""
    moment = catalogue.modified.get(offer_id)
    return moment.isoformat() if moment else hashlib.sha256(repr(catalogue.offers[offer_id]).encode()).hexdigest()[:16]
