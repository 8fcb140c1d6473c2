"""`/api/v1/editor/trace/…`: what an offer rests on, and what rests on a document, a page or a policy.

It is asked of the published catalogue: what residents are told today.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from api.authorization import Principal, require
from api.openapi import problems
from api.problems import Problem
from services_catalog.accounts.accounts import Role
from services_catalog.catalogue import Catalogue
from services_catalog.editors.trace import NoSuchSource, Resting, ending, resting_on, sources_of
from services_catalog.messages import N_
from services_catalog.offer import Offer

router = APIRouter(prefix="/api/v1/editor/trace", tags=["editor"])


@dataclass(frozen=True)
class Passage:
    """One source of an offer: a passage of a document, or a fact seen on a page (`address`, `seen_date`). `supports` names
    the fields that rest on it; none means the texts."""

    id: str
    document: str | None
    section: str | None
    quote: str | None
    fact: str | None
    address: str | None
    seen_date: str | None
    supports: tuple[str, ...]


@dataclass(frozen=True)
class OfferTrace:
    """An offer, the policies it comes from and its sources."""

    offer_id: str
    name: str
    policies: tuple[str, ...]
    sources: list[Passage]


@dataclass(frozen=True)
class SourceTrace:
    """Everything that rests on a document, page or policy, a line for each passage, and how many offers that are."""

    name: str
    offers: int
    resting: list[Resting]


@dataclass(frozen=True)
class EndingPolicy:
    """A policy whose period ends, and the ids of the offers to look at when it is renewed."""

    policy_id: str
    name: str
    year: int
    offers: list[str]


def _catalogue(request: Request) -> Catalogue:
    return request.app.state.catalogue.current.catalogue  # type: ignore[no-any-return]


Editor = Annotated[Principal, Depends(require(Role.EDITOR))]
Published = Annotated[Catalogue, Depends(_catalogue)]


def offer_trace(catalogue: Catalogue, offer: Offer) -> OfferTrace:
    """Return what an offer rests on, with the pages of its contact facts."""
    passages = []
    for ground in sources_of(offer):
        source, fact = ground.source, catalogue.facts.get(ground.source.fact or "")
        passages.append(
            Passage(
                id=source.id,
                document=source.file,
                section=source.section,
                quote=source.quote or (fact.seen_text if fact else None),
                fact=source.fact,
                address=fact.source_address if fact else None,
                seen_date=fact.seen_date if fact else None,
                supports=ground.supports,
            )
        )
    return OfferTrace(offer.id, offer.official_name, offer.policies, passages)


def source_trace(catalogue: Catalogue, name: str) -> SourceTrace:
    """Return what rests on a document, page or policy. Raises NoSuchSource."""
    resting = resting_on(catalogue, name)
    return SourceTrace(name, len({one.id for one in resting if one.kind == "offer"}), resting)


def ending_policies(catalogue: Catalogue, year: int) -> list[EndingPolicy]:
    """Return the policies that end by a year with the ids of their offers."""
    return [
        EndingPolicy(one.policy.id, one.policy.name, one.year, [offer.id for offer in one.offers])
        for one in ending(catalogue, year)
    ]


@router.get("/offers/{offer_id}", summary="What an offer rests on", responses=problems(404))
def trace_offer(_editor: Editor, catalogue: Published, offer_id: str) -> OfferTrace:
    """Return what an offer rests on: the passages of documents and the facts seen on pages, word for word."""
    return offer_trace(catalogue, catalogue.offer(offer_id))


@router.get("/documents/{name:path}", summary="What rests on a document or page", responses=problems(404))
def trace_document(
    _editor: Editor,
    catalogue: Published,
    name: Annotated[str, Path(description="The file name of a document, or the address of a page.")],
) -> SourceTrace:
    """Return every policy, fact and offer that rests on a document or page, with section and quote."""
    return _traced(catalogue, name)


@router.get("/policies", summary="Policies that end by a year")
def trace_ending(
    _editor: Editor,
    catalogue: Published,
    ending: Annotated[int, Query(ge=1990, le=2100, description="The last year of the period.", examples=[2026])],
) -> list[EndingPolicy]:
    """Return the policies whose period ends by a year, the latest first, with the offers that come from them."""
    return ending_policies(catalogue, ending)


@router.get("/policies/{policy_id}", summary="What comes from a policy", responses=problems(404))
def trace_policy(_editor: Editor, catalogue: Published, policy_id: str) -> SourceTrace:
    """Return every plan under a policy and every offer that comes from it, with section and quote."""
    if policy_id not in catalogue.policies:
        raise _unknown(policy_id)
    return _traced(catalogue, policy_id)


def _traced(catalogue: Catalogue, name: str) -> SourceTrace:
    try:
        return source_trace(catalogue, name)
    except NoSuchSource as error:
        raise _unknown(name) from error


def _unknown(name: str) -> Problem:
    return Problem(404, N_("This was not found"), N_("Nothing in the catalogue rests on “{name}”."), name=name)
