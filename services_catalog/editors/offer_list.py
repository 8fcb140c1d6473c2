"""The editors' list of offers: which of the working copies are asked for, and in which order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy.engine import Engine

from services_catalog.catalogue import Catalogue
from services_catalog.editors import revisions
from services_catalog.editors.revisions import Head
from services_catalog.normalize import letter_skeleton
from services_catalog.offer import Offer, Publication, TranslationState
from services_catalog.outlines import Outline, outline_of


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


class Copy(NamedTuple):
    """What editors work on of one offer, in outline: where it stands, and who saved it last and when; `author` is empty where
    nobody has edited it yet."""

    outline: Outline
    state: Publication
    author: str
    at: dt.datetime | None

    @property
    def id(self) -> str:
        """The id of the offer."""
        return self.outline.id

    def overdue(self, today: dt.date | None = None) -> bool:
        """Return whether somebody should have vouched for the offer again by now."""
        return self.outline.review_by is not None and self.outline.review_by < (today or dt.date.today())

    def state_in(self, language: str) -> TranslationState:
        """Return how far the texts can be trusted in a language; `missing` when there are none."""
        return TranslationState(dict(self.outline.states).get(language, TranslationState.MISSING))


class WorkingCopies:
    """What editors work on of every offer. An edited offer is read once; one that nobody has edited is in the catalogue."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read: dict[str, tuple[int, Outline]] = {}
        self._last: tuple[Catalogue, dict[str, Head], list[Copy]] | None = None

    def all(self, catalogue: Catalogue) -> list[Copy]:
        """Return every working copy, in the order of the ids; `catalogue` is what is published."""
        heads = revisions.heads(self._engine, "offers")
        if self._last is not None and self._last[0] is catalogue and self._last[1] == heads:
            return self._last[2]
        fresh = [one for one, head in heads.items() if self._read.get(one, (0,))[0] != head.number]
        for revision in revisions.newest_of(self._engine, "offers", fresh):
            if isinstance(revision.record, Offer):
                self._read[revision.id] = revision.number, outline_of(revision.record)
        edited = [
            Copy(self._read[one][1], head.state, head.author, head.at)
            for one, head in heads.items()
            if one in self._read
        ]
        untouched = [
            Copy(outline, outline.publication, "", catalogue.modified.get(one))
            for one, outline in catalogue.outlines.items()
            if one not in heads
        ]
        copies = sorted(edited + untouched, key=lambda copy: copy.id)
        self._last = catalogue, heads, copies
        return copies


#: By what the list can be sorted; offers without the value come last.
SORTS: dict[str, Callable[[Copy], Any]] = {
    "name": lambda copy: copy.outline.name.casefold(),
    "state": lambda copy: list(Publication).index(copy.state),
    "review_by": lambda copy: copy.outline.review_by,
    "owner": lambda copy: (copy.outline.owner or "").casefold() or None,
    "changed": lambda copy: copy.at,
}


def listed(
    copies: Iterable[Copy], filters: Filters, lacking: Collection[str] = (), today: dt.date | None = None
) -> list[Copy]:
    """Return the offers that pass. `lacking` are the needs in which questions stay unanswered."""
    return [one for one in copies if _passes(one, filters, lacking, today)]


def ordered(copies: Iterable[Copy], sort: str, *, descending: bool = False) -> list[Copy]:
    """Return offers in order of one of SORTS, those without the value last. Raises KeyError for another sort."""
    key = SORTS[sort]
    pairs = [(key(one), one) for one in copies]
    known = sorted(
        ((value, one) for value, one in pairs if value is not None), key=lambda pair: pair[0], reverse=descending
    )
    return [one for _, one in known] + [one for value, one in pairs if value is None]


def _passes(copy: Copy, filters: Filters, lacking: Collection[str], today: dt.date | None) -> bool:
    offer = copy.outline
    return (
        (filters.state is None or copy.state is filters.state)
        and (not filters.owner or (offer.owner or "").casefold() == filters.owner.casefold())
        and (not filters.overdue or (copy.state is not Publication.ARCHIVED and copy.overdue(today)))
        and (not filters.outdated or copy.state_in(filters.outdated) is TranslationState.OUTDATED)
        and (not filters.unreviewed or copy.state_in(filters.unreviewed) is TranslationState.UNREVIEWED)
        and (not filters.demanded or not set(offer.needs).isdisjoint(lacking))
        and (not filters.words or _named(offer, filters.words))
    )


def _named(offer: Outline, words: str) -> bool:
    wanted = letter_skeleton(words.casefold())
    return any(wanted in letter_skeleton(name.casefold()) for name in (offer.id, *offer.names))
