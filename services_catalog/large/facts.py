"""What ranking must know of an offer without reading the whole of it: short enough to stand in the index, written as JSON."""

from __future__ import annotations

import datetime as dt
import functools
import json
from dataclasses import dataclass

from pydantic import TypeAdapter

from services_catalog.offer import Access, Audience, Availability, Criterion, Offer, ServiceLanguage

_CRITERIA: TypeAdapter[tuple[Criterion, ...]] = TypeAdapter(tuple[Criterion, ...])


@dataclass(frozen=True)
class Facts:
    """The fields of an offer that ranking asks for, named as they are there."""

    needs: tuple[str, ...]
    audience: Audience
    availability: Availability
    access: Access
    eligibility: tuple[Criterion, ...]
    service_languages: tuple[ServiceLanguage, ...]
    review_by: dt.date | None

    def overdue(self, today: dt.date | None = None) -> bool:
        """Return whether somebody should have vouched for the offer again by now."""
        return self.review_by is not None and self.review_by < (today or dt.date.today())


def facts_of(offer: Offer) -> Facts:
    return Facts(
        offer.needs,
        offer.audience,
        offer.availability,
        offer.access,
        offer.eligibility,
        offer.service_languages,
        offer.review_by,
    )


def written(offer: Offer) -> str:
    """Return an offer's facts as text; offers that are alike in them have the same."""
    return json.dumps(
        [
            offer.needs,
            offer.audience,
            offer.availability,
            offer.access.route,
            [one.tag for one in offer.service_languages],
            offer.review_by.isoformat() if offer.review_by else None,
            [one.model_dump(mode="json", exclude_defaults=True) for one in offer.eligibility],
        ],
        ensure_ascii=False,
    )


@functools.lru_cache(maxsize=50_000)
def read(text: str) -> Facts:
    """Return the facts that `written` wrote."""
    needs, audience, availability, route, spoken, review_by, criteria = json.loads(text)
    return Facts(
        tuple(needs),
        Audience(audience),
        Availability(availability),
        Access.model_construct(route=route),
        _CRITERIA.validate_python(criteria),
        tuple(ServiceLanguage.model_construct(tag=tag, source="") for tag in spoken),
        dt.date.fromisoformat(review_by) if review_by else None,
    )
