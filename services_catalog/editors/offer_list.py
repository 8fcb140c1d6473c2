"""The editors' list of offers: which of the working copies are asked for, and in which order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from services_catalog.editors.revisions import Revision
from services_catalog.languages import SOURCE_LANGUAGE
from services_catalog.normalize import letter_skeleton
from services_catalog.offer import Offer, Publication, TranslationState


@dataclass(frozen=True)
class Filters:
    """What must hold, all of it; what is left empty does not matter.

    `words` are looked for in the id, the names and the aliases; `outdated` and `unreviewed` are languages;
    `demanded` keeps offers with a need in which questions stay unanswered.
    """

    words: str = ""
    state: Publication | None = None
    owner: str = ""
    overdue: bool = False
    outdated: str = ""
    unreviewed: str = ""
    demanded: bool = False


#: By what the list can be sorted; offers without the value come last.
SORTS: dict[str, Callable[[Revision, Offer], Any]] = {
    "name": lambda _, offer: offer.official_name.casefold(),
    "state": lambda revision, _: list(Publication).index(revision.state),
    "review_by": lambda _, offer: offer.review_by,
    "owner": lambda _, offer: (offer.owner or "").casefold() or None,
    "changed": lambda revision, _: revision.at,
}


def listed(
    copies: Iterable[Revision], filters: Filters, lacking: Collection[str] = (), today: dt.date | None = None
) -> list[Revision]:
    """Return the offers that pass. `lacking` are the needs in which questions stay unanswered."""
    return [
        one for one in copies if isinstance(one.record, Offer) and _passes(one, one.record, filters, lacking, today)
    ]


def ordered(copies: Iterable[Revision], sort: str, *, descending: bool = False) -> list[Revision]:
    """Return offers in order of one of SORTS, those without the value last. Raises KeyError for another sort."""
    key = SORTS[sort]
    pairs = [(key(one, one.record), one) for one in copies if isinstance(one.record, Offer)]
    known = sorted(
        ((value, one) for value, one in pairs if value is not None), key=lambda pair: pair[0], reverse=descending
    )
    return [one for _, one in known] + [one for value, one in pairs if value is None]


def state_in(offer: Offer, language: str) -> TranslationState:
    """Return how far the texts of an offer can be trusted in a language; `missing` when there are none."""
    return offer.texts[language].state if language in offer.texts else TranslationState.MISSING


def _passes(
    revision: Revision, offer: Offer, filters: Filters, lacking: Collection[str], today: dt.date | None
) -> bool:
    return (
        (filters.state is None or revision.state is filters.state)
        and (not filters.owner or (offer.owner or "").casefold() == filters.owner.casefold())
        and (not filters.overdue or (revision.state is not Publication.ARCHIVED and offer.overdue(today)))
        and (not filters.outdated or state_in(offer, filters.outdated) is TranslationState.OUTDATED)
        and (not filters.unreviewed or state_in(offer, filters.unreviewed) is TranslationState.UNREVIEWED)
        and (not filters.demanded or not set(offer.needs).isdisjoint(lacking))
        and (not filters.words or _named(offer, filters.words))
    )


def _named(offer: Offer, words: str) -> bool:
    danish = offer.texts.get(SOURCE_LANGUAGE)
    names = (offer.id, offer.official_name, *offer.aliases, *([danish.name] if danish else []))
    wanted = letter_skeleton(words.casefold())
    return any(wanted in letter_skeleton(name.casefold()) for name in names)
