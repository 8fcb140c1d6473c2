"""Hold what was said about a person against what an offer asks for: meets, fails or unknown, criterion by criterion.

Unknown is never treated as met, and never as failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from services_catalog.catalogue import Catalogue
from services_catalog.offer import ChoiceCriterion, Criterion, RangeCriterion
from services_catalog.profile import Profile, Span
from services_catalog.records import District, Situation


class Verdict(StrEnum):
    """How one criterion comes out for one person."""

    MEETS = "meets"
    FAILS = "fails"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Judgement:
    """One criterion of an offer and how it comes out. `said` are the choices of the criterion that the person named.
    `strict` is false where the source says "primarily"."""

    criterion: RangeCriterion | ChoiceCriterion
    verdict: Verdict
    said: tuple[str, ...] = ()

    @property
    def strict(self) -> bool:
        return self.criterion.strict


@dataclass(frozen=True)
class Eligibility:
    """Every criterion of an offer, judged. `ruled_out` when a strict one fails."""

    judgements: tuple[Judgement, ...]

    def with_verdict(self, verdict: Verdict) -> tuple[Judgement, ...]:
        return tuple(judgement for judgement in self.judgements if judgement.verdict is verdict)

    @property
    def ruled_out(self) -> bool:
        return any(judgement.strict for judgement in self.with_verdict(Verdict.FAILS))


class Asking(Protocol):
    """What asks something of a person: an offer, or its facts alone."""

    @property
    def eligibility(self) -> tuple[Criterion, ...]: ...


def judge(offer: Asking, profile: Profile, catalogue: Catalogue) -> Eligibility:
    """Judge every criterion of `offer` for the person described by `profile`."""
    judgements = []
    for criterion in offer.eligibility:
        if isinstance(criterion, RangeCriterion):
            verdict = _range(criterion, getattr(profile, criterion.criterion))
        elif criterion.criterion == "district":
            verdict = _district(criterion, profile, catalogue.districts)
        else:
            verdict = _situation(criterion, profile, catalogue.situations)
        choices = () if isinstance(criterion, RangeCriterion) else (*criterion.any, *criterion.none)
        named = tuple(one for one in choices if one in profile.situations or one in profile.districts)
        judgements.append(Judgement(criterion, verdict, named))
    return Eligibility(tuple(judgements))


def _range(criterion: RangeCriterion, said: tuple[Span, ...]) -> Verdict:
    if not said:
        return Verdict.UNKNOWN
    minimum = 0 if criterion.minimum is None else criterion.minimum
    maximum = 120 if criterion.maximum is None else criterion.maximum
    if any(minimum <= span.minimum and span.maximum <= maximum for span in said):
        return Verdict.MEETS
    if all(span.maximum < minimum or span.minimum > maximum for span in said):
        return Verdict.FAILS
    return Verdict.UNKNOWN


def _district(criterion: ChoiceCriterion, profile: Profile, districts: Mapping[str, District]) -> Verdict:
    said, wanted = profile.districts, set(criterion.any)
    if not said:
        return Verdict.FAILS if wanted and wanted <= profile.not_districts else Verdict.UNKNOWN
    inside = {ancestor for district in said for ancestor in _with_ancestors(district, districts)}
    if wanted & inside:
        return Verdict.MEETS
    around = {ancestor for district in wanted for ancestor in _with_ancestors(district, districts)}
    # someone who names the larger district may well live in the smaller one: not known
    return Verdict.UNKNOWN if around & said else Verdict.FAILS


def _with_ancestors(district: str, districts: Mapping[str, District]) -> set[str]:
    found = set()
    current: str | None = district
    while current is not None and current in districts:
        found.add(current)
        current = districts[current].part_of
    return found


def _situation(criterion: ChoiceCriterion, profile: Profile, situations: Mapping[str, Situation]) -> Verdict:
    said, denied = profile.situations, profile.not_situations
    if criterion.none:
        return Verdict.FAILS if said.intersection(criterion.none) else _unless_denied(criterion.none, denied)
    if said.intersection(criterion.any):
        return Verdict.MEETS
    excluded = {other for situation in said for other in situations[situation].excludes} | denied
    return Verdict.FAILS if set(criterion.any) <= excluded else Verdict.UNKNOWN


def _unless_denied(unwanted: tuple[str, ...], denied: frozenset[str]) -> Verdict:
    return Verdict.MEETS if set(unwanted) <= denied else Verdict.UNKNOWN
