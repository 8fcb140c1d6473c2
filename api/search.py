"""`GET /api/v1/search`: the same search as the chat and the pages use, as JSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request

from api.authorization import staff_allowed
from api.catalogue_service import Snapshot
from api.presenting import crisis_view, hit_view
from api.problems import Problem
from services_catalog.languages import LANGUAGES, direction_of
from services_catalog.messages import N_
from services_catalog.profile import Profile, Span
from services_catalog.search import Outcome, SearchResult

router = APIRouter(prefix="/api/v1", tags=["search"])


@router.get("/search")
def search(
    request: Request,
    q: Annotated[str, Query(max_length=4000, description="The question, in the person's own words.")] = "",
    language: Annotated[
        str | None, Query(description="Answer in this language; found from the words otherwise.")
    ] = None,
    role: Literal["resident", "staff"] = "resident",
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
    age: Annotated[int | None, Query(ge=0, le=120, description="Whole years.")] = None,
    district: Annotated[list[str] | None, Query(max_length=20)] = None,
    situation: Annotated[list[str] | None, Query(max_length=20)] = None,
) -> dict[str, Any]:
    """Return the offers that fit a question, a crisis answer with them where someone is in danger, or nothing found."""
    snapshot: Snapshot = request.app.state.catalogue.current
    if language is not None and language not in LANGUAGES:
        detail = N_("The language “{language}” is not spoken here. Use one of: {languages}.")
        raise Problem(422, N_("Something in the request is wrong"), detail, language=language, languages=", ".join(LANGUAGES),
                      errors=[{"field": "query.language", "message": "unknown language"}])  # fmt: skip
    staff = role == "staff"
    if staff:
        staff_allowed(request)
    profile = _profile(snapshot, age, district or [], situation or [])
    result = snapshot.engine.search(q, language=language, profile=profile, staff=staff, limit=limit)
    return search_view(result, snapshot)


def search_view(result: SearchResult, snapshot: Snapshot, language: str | None = None) -> dict[str, Any]:
    """Return a search result as the contract has it."""
    language = language or result.identified.language
    category = snapshot.crisis.recognize(result.text) if result.text.strip() else None
    crisis = crisis_view(snapshot.crisis.answer(category, language)) if category else None
    hits = [hit_view(hit, language, snapshot.catalogue) for hit in result.hits]
    outcome = "offers" if result.outcome in (Outcome.OFFERS, Outcome.WEAK) and hits else "nothing_found"
    return {
        "query": result.text,
        "language": language,
        "direction": direction_of(language),
        "outcome": "crisis" if crisis else outcome,
        "certain": result.outcome is Outcome.OFFERS,
        "crisis": crisis,
        "hits": hits,
    }


def _profile(snapshot: Snapshot, age: int | None, districts: list[str], situations: list[str]) -> Profile:
    for name, given, known in (
        ("district", districts, snapshot.catalogue.districts),
        ("situation", situations, snapshot.catalogue.situations),
    ):
        for one in given:
            if one not in known:
                detail = N_("“{value}” is not a known {field}.")
                raise Problem(422, N_("Something in the request is wrong"), detail, value=one, field=name,
                              errors=[{"field": f"query.{name}", "message": f"unknown: {one}"}])  # fmt: skip
    return Profile(
        age=(Span(minimum=age, maximum=age),) if age is not None else (),
        districts=frozenset(districts),
        situations=frozenset(situations),
    )
