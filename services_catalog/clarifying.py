"""Choose the one question that tells the best offers apart, from their own criteria; nothing is scripted.

Each thing that is not known yet (age, grade, district, a circumstance) is tried as a question: its answers are profiles,
and each offer is judged for each of them. The question whose answers part the offers best is asked, if any parts them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

from services_catalog.catalogue import Catalogue
from services_catalog.eligibility import judge
from services_catalog.languages import label_in
from services_catalog.localized import Localizer, localizer
from services_catalog.messages import N_
from services_catalog.offer import ChoiceCriterion, Offer, RangeCriterion
from services_catalog.profile import Profile, Span
from services_catalog.search import Hit

#: So many of the best offers are told apart.
_COMPARED = 5
#: An answer that leaves half of the offers is worth 0.5, one that leaves all or none 0; below this mean nothing is asked.
_WORTH_ASKING = 0.2
#: More choices than these are not read on a phone.
_MOST_CHOICES = 5
_OLDEST = 120
_RANGES = ("age", "school_grade", "years_in_denmark")

_TEXTS = {
    "age": N_("How old is the person it is for?"),
    "school_grade": N_("Which school grade is it about?"),
    "years_in_denmark": N_("How many years have you lived in Denmark?"),
    "district": N_("Which part of the city is it about?"),
    "situation": N_("Does one of these fit?"),
}


@dataclass(frozen=True)
class Choice:
    """One answer to choose: what is written on it, and what it says about the person."""

    text: str
    said: Profile


@dataclass(frozen=True)
class Question:
    """`topic` is what is asked about (`age`, `district`, `situation:refugee` …), the same in every language."""

    topic: str
    text: str
    choices: tuple[Choice, ...]


def clarifying_question(
    hits: Sequence[Hit], known: Profile, language: str, catalogue: Catalogue, asked: Collection[str] = ()
) -> Question | None:
    """Return the question whose answers part the best hits most, or None when none is worth it.

    `asked` are the topics of questions asked before: none is asked twice.
    """
    compared = [hit for hit in hits if hit.available][:_COMPARED]
    if len(compared) < 2:
        return None
    speak = localizer(language)
    best, worth = None, _WORTH_ASKING
    for question in _questions([hit.offer for hit in compared], known, speak, catalogue):
        if question.topic in asked:
            continue
        found = _worth(question, compared, known, catalogue)
        if found > worth:
            best, worth = question, found
    return best


def _worth(question: Question, hits: Sequence[Hit], known: Profile, catalogue: Catalogue) -> float:
    """Return how well the answers part the hits: the mean of 2 × share left × share gone, weighed by the hits' scores."""
    total = sum(hit.score for hit in hits)
    if not total:
        return 0.0
    left = []
    for choice in question.choices:
        profile = known.updated(choice.said, {})
        left.append(sum(h.score for h in hits if not judge(h.offer, profile, catalogue).ruled_out) / total)
    return fmean(2 * share * (1 - share) for share in left)


def _questions(offers: Sequence[Offer], known: Profile, speak: Localizer, catalogue: Catalogue) -> Iterator[Question]:
    ranges = [one for offer in offers for one in offer.eligibility if isinstance(one, RangeCriterion)]
    choices = [one for offer in offers for one in offer.eligibility if isinstance(one, ChoiceCriterion)]
    for name in _RANGES:
        criteria = [one for one in ranges if one.criterion == name and one.strict]
        if criteria and not getattr(known, name):
            bands = tuple(
                Choice(_band(name, span, speak), Profile.model_validate({name: (span,)})) for span in _bands(criteria)
            )
            yield Question(name, _asked(name, speak), bands)
    districts = _named(one for one in choices if one.criterion == "district")
    if districts and not known.districts:
        yield Question("district", _asked("district", speak), _where(districts, speak, catalogue))
    for criterion in choices:
        named = (*criterion.any, *criterion.none)
        if criterion.criterion == "district" or not criterion.strict or _settled(named, known):
            continue
        yield _circumstances(named, speak, catalogue)


def _asked(about: str, speak: Localizer) -> str:
    message = _TEXTS[about]
    return speak.text(message)


def _settled(named: Collection[str], known: Profile) -> bool:
    return bool(known.situations.intersection(named)) or known.not_situations.issuperset(named)


def _named(criteria: Iterator[ChoiceCriterion]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for one in criteria if one.strict for name in (*one.any, *one.none)))


def _bands(criteria: Sequence[RangeCriterion]) -> list[Span]:
    """Return the ranges between the limits that the offers set, so that an offer is for a whole band or not for it."""
    edges = {0, _OLDEST + 1}
    for one in criteria:
        edges.add(one.minimum or 0)
        edges.add(_OLDEST + 1 if one.maximum is None else one.maximum + 1)
    return [Span(minimum=low, maximum=high - 1) for low, high in pairwise(sorted(edges))][:_MOST_CHOICES]


def _band(name: str, span: Span, speak: Localizer) -> str:
    values = {"low": speak.number(span.minimum), "high": speak.number(span.maximum)}
    if name == "school_grade":
        if span.minimum == span.maximum:
            return speak.text(N_("grade {years}"), years=values["low"])
        if span.maximum >= _OLDEST:
            return speak.text(N_("grade {low} or above"), **values)
        return speak.text(N_("grade {low} to {high}"), **values)
    if span.maximum >= _OLDEST:
        return speak.text(N_("{low} years or more"), **values)
    if span.minimum == span.maximum:
        return speak.plural("{count} year", "{count} years", span.minimum)
    return speak.text(N_("{low} to {high} years"), **values)


def _where(districts: Sequence[str], speak: Localizer, catalogue: Catalogue) -> tuple[Choice, ...]:
    choices = [
        Choice(label_in(catalogue.districts[one].labels, speak.language.tag), Profile(districts=frozenset({one})))
        for one in districts[: _MOST_CHOICES - 1]
        if one in catalogue.districts
    ]
    return (*choices, Choice(speak.text(N_("Somewhere else")), Profile(not_districts=frozenset(districts))))


def _circumstances(named: Sequence[str], speak: Localizer, catalogue: Catalogue) -> Question:
    topic = f"situation:{'+'.join(named)}"
    facts = [
        Choice(label_in(catalogue.situations[one].labels, speak.language.tag), Profile(situations=frozenset({one})))
        for one in named[: _MOST_CHOICES - 1]
        if one in catalogue.situations
    ]
    denied = Profile(not_situations=frozenset(named))
    if len(facts) == 1:
        text = speak.text(N_("Does this fit: {fact}?"), fact=facts[0].text)
        return Question(
            topic, text, (Choice(speak.text(N_("Yes")), facts[0].said), Choice(speak.text(N_("No")), denied))
        )
    return Question(topic, _asked("situation", speak), (*facts, Choice(speak.text(N_("None of them")), denied)))
