"""Find the offer a person means: by its name, by its place in the list shown, by what is said of it, or the last one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from services_catalog.offer import Audience, Offer
from services_catalog.searching import Search

#: A name in the text counts from this certainty on.
_NAMED = 0.8
#: An offer among those shown is meant when the words lie at least so far on its side, and so much further than for the next.
_FITS = -0.35
_CLEARLY = 0.3


def resolve(
    text: str, shown: Sequence[str], about: str | None, ordinal: int | None, engine: Search, *, staff: bool
) -> Offer | None:
    """Return the offer meant by `text`, or None. `ordinal` counts from 1, -1 is the last one shown."""
    offers = engine.catalogue.offers
    for offer, certainty in engine.named_offers(text):
        if certainty >= _NAMED and (staff or offer.audience is not Audience.STAFF or offer.id in shown):
            return offer
    if ordinal is not None and shown:
        place = ordinal - 1 if ordinal > 0 else len(shown) + ordinal
        if 0 <= place < len(shown) and shown[place] in offers:
            return offers[shown[place]]
    described = _described(text, shown, engine)
    if described is not None:
        return offers[described]
    if about is not None and about in offers:
        return offers[about]
    return next((offers[one] for one in shown if one in offers), None)


def _described(text: str, shown: Sequence[str], engine: Search) -> str | None:
    """Return the one shown offer whose own words stand in the text ("the one with football"), if it is clearly one."""
    if len(shown) < 2:
        return None
    distances = engine.distances_among(text, shown)
    order = np.argsort(-distances)
    best, second = distances[order[0]], distances[order[1]]
    if best >= _FITS and best - second >= _CLEARLY:
        return shown[int(order[0])]
    return None
