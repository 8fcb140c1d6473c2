"""Try a draft before anybody else sees it: where it would stand for a question, and which other offers would move.

Nothing is stored; an engine for the catalogue with the draft in it takes about half a second to make.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services_catalog.offer import Audience, Offer, Publication
from services_catalog.search import Outcome, SearchResult
from services_catalog.searching import Search

#: So many first hits are compared.
WITHIN = 10


@dataclass(frozen=True)
class Move:
    """Where one offer stands for a question, counted from 1; None where it is not among the first WITHIN."""

    offer_id: str
    before: int | None
    after: int | None

    @property
    def moved(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Trial:
    """What one question finds now and would find with the draft. `language` is what the question was read as; `own` is
    where the draft stands, `others` the offers beside it, as they would stand with it, those that fall out last."""

    question: str
    language: str
    before: Outcome
    after: Outcome
    own: Move
    others: tuple[Move, ...]


def with_draft(engine: Search, candidate: Offer) -> Search:
    """Return an engine for the catalogue as it would be with `candidate` published."""
    shown = candidate.model_copy(update={"publication": Publication.PUBLISHED})
    return engine.updated(engine.catalogue.with_offers({candidate.id: shown}))


def try_out(engine: Search, candidate: Offer, questions: Sequence[str], language: str | None = None) -> list[Trial]:
    """Return for each question the places before and after `candidate` is published. `language` overrides what the words
    say. Offers for staff are among them only when the candidate is one."""
    after = with_draft(engine, candidate)
    return [_trial(engine, after, candidate, question, language) for question in questions]


def _trial(before: Search, after: Search, candidate: Offer, question: str, language: str | None) -> Trial:
    staff = candidate.audience is Audience.STAFF
    old, new = (one.search(question, language=language, staff=staff, limit=WITHIN) for one in (before, after))
    was, will_be = _places(old), _places(new)
    moves = [Move(one, was.get(one), will_be.get(one)) for one in dict.fromkeys((*will_be, *was, candidate.id))]
    own = next(move for move in moves if move.offer_id == candidate.id)
    others = tuple(move for move in moves if move is not own)
    return Trial(question, new.identified.language, old.outcome, new.outcome, own, others)


def _places(result: SearchResult) -> Mapping[str, int]:
    return {hit.offer.id: place for place, hit in enumerate(result.hits, 1)}
