"""What is known of the person, and what an offer is, added to or taken from its points (logarithms of odds)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Protocol

from services_catalog.eligibility import Eligibility, Verdict
from services_catalog.offer import Access, Availability, ServiceLanguage
from services_catalog.profile import Profile
from services_catalog.ranking import Ranking


class Ranked(Protocol):
    """What ranking asks of an offer."""

    @property
    def availability(self) -> Availability: ...
    @property
    def access(self) -> Access: ...
    @property
    def service_languages(self) -> Sequence[ServiceLanguage]: ...
    def overdue(self, today: dt.date | None = None) -> bool:
        """Return whether somebody should have vouched for the offer again by now."""


def personal_points(
    offer: Ranked, eligibility: Eligibility, known: Profile, weights: Ranking, *, by_name: bool
) -> float:
    """Return the points of an offer for a person of whom `known` is everything. An offer called `by_name` is not held back
    because it cannot be had."""
    points, changes = 0.0, weights.eligibility
    for judgement in eligibility.judgements:
        if judgement.verdict is Verdict.FAILS:
            points += changes.fails_strict if judgement.strict else changes.fails_loose
        elif judgement.verdict is Verdict.MEETS:
            points += changes.meets
    if any(language.tag in known.spoken for language in offer.service_languages):
        points += changes.spoken
    if offer.overdue():
        points += weights.overdue
    if not by_name:
        points += weights.availability[offer.availability.value] + weights.access.get(offer.access.route, 0.0)
    return points
