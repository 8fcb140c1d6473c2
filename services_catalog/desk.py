"""The referral desk: what staff find for a client, held against what is known of her, and offers side by side.

Pure functions over a catalogue and its search. A client is described by the filters and by the words of the question;
nothing of it is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from services_catalog.answers import Answer, answer
from services_catalog.catalogue import Catalogue
from services_catalog.eligibility import Eligibility, Judgement, Verdict, judge
from services_catalog.explain import described
from services_catalog.offer import Audience, Availability, Offer
from services_catalog.outlines import Outline
from services_catalog.profile import Profile, Span
from services_catalog.records import Attribute, Need
from services_catalog.search import Hit, Outcome
from services_catalog.searching import Search
from services_catalog.understanding import implied_by

#: So many offers can be compared at once.
MOST_COMPARED = 3
#: In the place of a language: interpreters take part in conversations.
INTERPRETER = "interpreter"

_MOST_RANKED = 50
#: So many offers at most are held against what is known of the client where nothing is searched for.
_MOST_BROWSED = 1000
_CRITERIA = ("age", "school_grade", "years_in_denmark", "district", "situation")


class Fit(StrEnum):
    """Which offers are shown of those that were found: all; those that no strict criterion rules out; those of which
    nothing is unknown and nothing fails."""

    ANY = "any"
    POSSIBLE = "possible"
    SURE = "sure"


@dataclass(frozen=True)
class Filters:
    """What staff chose beside the words. Empty fields leave everything in.

    `need` takes in everything below it. `age`, `district` and `situations` describe the client: they judge and rank, and
    only `fit` leaves anything out. `spoken` is a language or `INTERPRETER`. Offers for both audiences pass each
    `audience`.
    """

    need: str = ""
    age: int | None = None
    district: str = ""
    situations: frozenset[str] = frozenset()
    spoken: str = ""
    availability: frozenset[Availability] = frozenset(Availability)
    audience: Audience = Audience.BOTH
    fit: Fit = Fit.ANY

    @property
    def telling(self) -> bool:
        """Whether they say what is looked for, so that they can be browsed by without words."""
        said = (self.need, self.age is not None, self.district, self.situations, self.spoken)
        return any(said) or self.audience is not Audience.BOTH

    def client(self, catalogue: Catalogue) -> Profile:
        """Return the client as the filters describe her, with all that her situations imply."""
        return Profile(
            age=() if self.age is None else (Span(minimum=self.age, maximum=self.age),),
            districts=frozenset({self.district} if self.district else ()),
            situations=self.situations | implied_by(self.situations, catalogue),
            spoken=frozenset({self.spoken} if self.spoken not in ("", INTERPRETER) else ()),
        )


@dataclass(frozen=True)
class Found:
    """What staff see: the best hits first, the client as they were judged for, and how many `fit` left out. `sure` tells
    that they answer the words; `by_words` is false when the filters alone found them."""

    hits: tuple[Hit, ...]
    client: Profile
    left_out: int = 0
    by_words: bool = True
    sure: bool = True


@dataclass(frozen=True)
class Line:
    """One requirement of an offer in words, and how it comes out for the client. `strict` is false for "primarily"."""

    text: str
    verdict: Verdict
    strict: bool


@dataclass(frozen=True)
class Comparison:
    """Offers side by side. `criteria` holds for each criterion that any of them has the lines of each offer, `facts` for
    each attribute that is stated for any of them the answer of each."""

    offers: tuple[Offer, ...]
    criteria: dict[str, tuple[tuple[Line, ...], ...]]
    facts: dict[Attribute, tuple[Answer, ...]]


def find(engine: Search, question: str, filters: Filters) -> Found:
    """Return the offers for a question and filters, those for staff too. What the filters say of the client counts before
    what the words say. Without words, or when they find nothing, the filters are browsed by alone."""
    catalogue = engine.catalogue
    client = filters.client(catalogue)
    if question.strip():
        reading = engine.read(question)
        client = reading.understanding.profile.updated(client, engine.reader.excludes)
        result = engine.rank(reading, client, staff=True, limit=_MOST_RANKED)
        if result.outcome is not Outcome.NOTHING_FOUND:
            kept, left_out = _filtered(result.hits, filters, catalogue)
            return Found(kept, client, left_out, sure=result.outcome is Outcome.OFFERS)
        if not filters.telling:
            return Found((), client)
    outlines = (catalogue.outlines[one] for one in catalogue.outlines.published)
    asked_for = (catalogue.offers[one.id] for one in outlines if _chosen(one, filters, catalogue))
    some = (engine.hit_for(offer, client) for offer in islice(asked_for, _MOST_BROWSED))
    hits = sorted(some, key=_readiness(filters.spoken))
    kept, left_out = _filtered(hits, filters, catalogue)
    return Found(kept, client, left_out, by_words=False)


def requirements(eligibility: Eligibility, language: str, catalogue: Catalogue) -> list[Line]:
    """Return each requirement of an offer in words with its verdict: what fails first, then what is unknown."""
    order = (Verdict.FAILS, Verdict.UNKNOWN, Verdict.MEETS)
    judgements = sorted(eligibility.judgements, key=lambda one: (order.index(one.verdict), not one.strict))
    lines = (
        Line(text, one.verdict, one.strict) for one in judgements for text in described([one], language, catalogue)
    )
    return list(dict.fromkeys(lines))


def compare(offers: Sequence[Offer], client: Profile, language: str, catalogue: Catalogue) -> Comparison:
    """Return at most three offers side by side, in `language`, judged for the client."""
    compared = tuple(offers[:MOST_COMPARED])
    judged = [judge(offer, client, catalogue).judgements for offer in compared]
    criteria = {
        criterion: tuple(
            tuple(requirements(Eligibility(tuple(_about(criterion, one))), language, catalogue)) for one in judged
        )
        for criterion in _CRITERIA
    }
    facts = {
        attribute: tuple(answer(offer, attribute, language, catalogue) for offer in compared) for attribute in Attribute
    }
    return Comparison(
        compared,
        {criterion: cells for criterion, cells in criteria.items() if any(cells)},
        {attribute: cells for attribute, cells in facts.items() if any(cell.stated for cell in cells)},
    )


def speaks(offer: Offer, spoken: str) -> Verdict:
    """Return whether a source says that an offer can be had in a language. None of them says in which it cannot."""
    return Verdict.MEETS if any(one.tag == spoken for one in offer.service_languages) else Verdict.UNKNOWN


def languages_offered(catalogue: Catalogue, always: Iterable[str]) -> list[str]:
    """Return the languages to choose from: those `always` asked for and all that a source states, without interpreters."""

    def stated() -> list[str]:
        outlines = (catalogue.outlines[one] for one in catalogue.outlines.published)
        return sorted({tag for outline in outlines for tag in outline.spoken} - {INTERPRETER})

    return list(dict.fromkeys([*always, *catalogue.once("languages offered", stated)]))


def needs_by_area(catalogue: Catalogue) -> Iterator[tuple[Need, list[Need]]]:
    """Yield each life area with every need below it, however deep, in the order of the taxonomy."""
    for area in catalogue.life_areas:
        yield (
            area,
            [need for need in catalogue.needs.values() if need != area and area.id in catalogue.broader_needs(need.id)],
        )


def _filtered(hits: Iterable[Hit], filters: Filters, catalogue: Catalogue) -> tuple[tuple[Hit, ...], int]:
    """Return the hits that pass the filters, and how many more would without `fit`."""
    chosen = [hit for hit in hits if _chosen(hit.offer, filters, catalogue)]
    kept = tuple(hit for hit in chosen if _fits(hit, filters))
    return kept, len(chosen) - len(kept)


def _chosen(offer: Offer | Outline, filters: Filters, catalogue: Catalogue) -> bool:
    return (
        offer.availability in filters.availability
        and (filters.audience is Audience.BOTH or offer.audience in (filters.audience, Audience.BOTH))
        and (not filters.need or any(filters.need in catalogue.broader_needs(need) for need in offer.needs))
    )


def _fits(hit: Hit, filters: Filters) -> bool:
    if filters.fit is Fit.POSSIBLE:
        return not hit.eligibility.ruled_out
    if filters.fit is Fit.SURE:
        verdicts = {one.verdict for one in hit.eligibility.judgements}
        if filters.spoken:
            verdicts.add(speaks(hit.offer, filters.spoken))
        return verdicts == {Verdict.MEETS}  # an offer of which no requirement is stated is not sure to fit
    return True


def _readiness(spoken: str) -> Callable[[Hit], tuple[float, ...]]:
    """Return how to order offers without words: what can be had and is not ruled out first, then what fits best."""

    def key(hit: Hit) -> tuple[float, ...]:
        count = Counter(one.verdict for one in hit.eligibility.judgements)
        return (
            hit.eligibility.ruled_out,
            not hit.offer.availability.recommendable,
            -count[Verdict.MEETS] - (speaks(hit.offer, spoken) is Verdict.MEETS),
            count[Verdict.FAILS],
            count[Verdict.UNKNOWN],
        )

    return key


def _about(criterion: str, judgements: Iterable[Judgement]) -> Iterator[Judgement]:
    return (one for one in judgements if one.criterion.criterion == criterion)
