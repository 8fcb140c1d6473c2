"""`GET /api/v1/search`: the same search as the chat and the pages use, as JSON."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from api.authorization import staff_allowed
from api.catalogue_service import Snapshot
from api.conditional import conditional_json
from api.languages import Spoken, accepted_language
from api.openapi import kept, problems
from api.plain_words import plain_words
from api.presenting import crisis_view, hit_view
from api.privacy import redact
from api.problems import Problem
from api.public_views import SearchView
from api.requests import note_answer
from api.timing import steps_of
from services_catalog.languages import direction_of
from services_catalog.messages import N_
from services_catalog.profile import Profile, Span
from services_catalog.search import Outcome, SearchResult

router = APIRouter(prefix="/api/v1", tags=["search"])


@router.get(
    "/search",
    summary="Find offers",
    response_model=SearchView,
    responses=kept(dated=False) | problems(401, 403),
)
def search(
    request: Request,
    q: Annotated[str, Query(max_length=4000, description="The question, in the person's own words.")] = "",
    language: Annotated[
        Spoken | None,
        Query(
            description="Answer in this language; else in that of the words, or of Accept-Language where they have none."
        ),
    ] = None,
    role: Annotated[
        Literal["resident", "staff"], Query(description="`staff` also finds offers for staff.")
    ] = "resident",
    limit: Annotated[int, Query(ge=1, le=50, description="Most offers to return.")] = 5,
    age: Annotated[int | None, Query(ge=0, le=120, description="Whole years.")] = None,
    district: Annotated[list[str] | None, Query(max_length=20, description="Ids of districts.")] = None,
    situation: Annotated[list[str] | None, Query(max_length=20, description="Ids of situations of life.")] = None,
) -> Response:
    """Return the offers that fit a question, a crisis answer with them where someone is in danger, or nothing found.
    `role=staff` takes a staff token. No shared cache keeps an answer: a question may be personal."""
    snapshot: Snapshot = request.app.state.catalogue.current
    staff = role == "staff"
    if staff:
        staff_allowed(request)
    profile = _profile(snapshot, age, district or [], situation or [])
    accepted = accepted_language(request.headers.get("accept-language", ""))
    with steps_of(request).step("search"):
        result = snapshot.engine.search(
            redact(plain_words(q)), language=language, conversation=accepted, profile=profile, staff=staff, limit=limit
        )
    view = search_view(result, snapshot)
    note_answer(request, view["language"])
    if view["crisis"]:
        request.app.state.metrics.crisis()
    spoken = dict.fromkeys([view["language"], *(hit["language"] for hit in view["hits"])])
    return conditional_json(request, view, language=", ".join(spoken), private=True)


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
