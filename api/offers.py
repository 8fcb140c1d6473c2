"""`GET /api/v1/offers/{id}`: one offer with everything a resident may know of it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from api.authorization import staff_allowed
from api.catalogue_service import Snapshot
from api.languages import preferred_language
from api.presenting import offer_view
from services_catalog.errors import OfferNotFound
from services_catalog.offer import Audience, Publication

router = APIRouter(prefix="/api/v1", tags=["offers"])


@router.get("/offers/{offer_id}")
def offer(request: Request, response: Response, offer_id: str, language: str | None = None) -> dict[str, Any]:
    """Return one published offer in `language`, or in the one the caller accepts. Staff offers need a staff token."""
    snapshot: Snapshot = request.app.state.catalogue.current
    found = snapshot.catalogue.offer(offer_id)
    if found.publication is not Publication.PUBLISHED:
        raise OfferNotFound(offer_id)
    if found.audience is Audience.STAFF:
        if not request.headers.get("authorization"):
            raise OfferNotFound(offer_id)
        staff_allowed(request)
    view = offer_view(found, preferred_language(request), snapshot.catalogue)
    response.headers["Content-Language"] = view["language"]
    return view
