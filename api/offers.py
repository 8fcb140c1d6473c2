"""`GET /api/v1/offers/{id}`: one offer with everything a resident may know of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from api.authorization import staff_allowed
from api.catalogue_service import Snapshot
from api.conditional import conditional_json
from api.languages import Spoken, preferred_language
from api.openapi import kept, problems
from api.presenting import offer_view
from api.public_views import OfferView
from services_catalog.errors import OfferNotFound
from services_catalog.offer import Audience, Publication

router = APIRouter(prefix="/api/v1", tags=["offers"])


@router.get(
    "/offers/{offer_id}", summary="One offer", response_model=OfferView, responses=kept() | problems(401, 403, 404)
)
def offer(
    request: Request,
    offer_id: Annotated[str, Path(description="The offer's id.")],
    language: Annotated[
        Spoken | None, Query(description="The language of the texts; Accept-Language otherwise.")
    ] = None,
) -> Response:
    """Return one published offer in `language`, or in the one the caller accepts. Texts that are not translated are in
    Danish; Content-Language says which languages there are. Staff offers need a staff token."""
    snapshot: Snapshot = request.app.state.catalogue.current
    found = snapshot.catalogue.offer(offer_id)
    if found.publication is not Publication.PUBLISHED:
        raise OfferNotFound(offer_id)
    staff = found.audience is Audience.STAFF
    if staff:
        if not request.headers.get("authorization"):
            raise OfferNotFound(offer_id)
        staff_allowed(request)
    asked = language or preferred_language(request)
    view = offer_view(found, asked, snapshot.catalogue)
    return conditional_json(
        request, view, language=", ".join(_languages_of(view, asked)), modified=snapshot.since, private=staff
    )


def _languages_of(view: dict[str, Any], asked: str) -> list[str]:
    """Return the languages an offer is told in: that of its texts, and the one asked for when sentences around them are."""
    around = view["limits"] or view["contacts"] or view["provider"]["label"]
    return [view["language"], *([asked] if around and asked != view["language"] else [])]
