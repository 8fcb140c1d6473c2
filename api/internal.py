"""What the action server asks the catalogue: find offers, answer about one, show some again. Loopback and secret only."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from api.authorization import internal_allowed
from api.catalogue_service import Snapshot
from api.presenting import hit_view
from services_catalog import replies
from services_catalog.answers import answer
from services_catalog.explain import display_name
from services_catalog.languages import LANGUAGES
from services_catalog.offer import Audience
from services_catalog.profile import Profile
from services_catalog.records import Attribute
from services_catalog.reference import resolve
from services_catalog.search import Outcome

#: Someone who says she works with people asks as staff: these offers are public, only useless to residents.
STAFF_ROLES = frozenset({"municipal-employee", "professional", "employer"})

router = APIRouter(prefix="/internal", include_in_schema=False, dependencies=[Depends(internal_allowed)])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=8000)
    language: str = Field(pattern="|".join(LANGUAGES))
    staff: bool = False


class FindRequest(_Body):
    """A new need (`query` empty) or more about one: then `text` narrows `query`."""

    query: str = Field("", max_length=8000)
    profile: Profile = Profile()
    without: list[str] = []
    limit: int = Field(5, ge=1, le=10)


class AnswerRequest(_Body):
    """A question about an offer: one named in `text`, one of those `shown`, or the one spoken `about`."""

    attribute: Attribute | None = None
    shown: list[str] = []
    about: str | None = None
    ordinal: int | None = None


class ShowRequest(_Body):
    ids: list[str]
    profile: Profile = Profile()


@router.post("/find")
def find(request: Request, body: FindRequest) -> dict[str, Any]:
    """Search with everything that is known, and return hits and the profile as it is now."""
    snapshot: Snapshot = request.app.state.catalogue.current
    engine = snapshot.engine
    understood = engine.reader.read(body.text)
    profile = body.profile.updated(understood.profile, engine.reader.excludes)
    staff = body.staff or bool(profile.situations & STAFF_ROLES)
    result = engine.search(
        f"{body.query}. {body.text}" if body.query else body.text,
        language=body.language,
        known=profile,
        staff=staff,
        limit=body.limit,
        without=body.without,
    )
    return {
        "outcome": result.outcome.value,
        "sure": result.outcome is Outcome.OFFERS,
        "hits": [hit_view(hit, body.language, snapshot.catalogue) for hit in result.hits],
        "profile": profile.model_dump(mode="json"),
        "named": engine.asked_by_name(body.text, staff=staff),
    }


@router.post("/answer")
def answer_about(request: Request, body: AnswerRequest) -> dict[str, Any]:
    """Find the offer that is meant and say what is known about it; `about` is null when none can be meant."""
    snapshot: Snapshot = request.app.state.catalogue.current
    catalogue = snapshot.catalogue
    offer = resolve(body.text, body.shown, body.about, body.ordinal, snapshot.engine, staff=body.staff)
    if offer is None:
        return {"about": None}
    said = answer(offer, body.attribute, body.language, catalogue)
    alternatives = [] if offer.availability.recommendable else offer.alternatives
    shown = [offer, *(catalogue.offers[one] for one in alternatives if one in catalogue.offers)]
    return {
        "about": offer.id,
        "attribute": said.attribute.value if said.attribute else None,
        "name": display_name(offer, body.language),
        "text": said.text,
        "stated": said.stated,
        "hits": [hit_view(snapshot.engine.hit_for(one), body.language, catalogue) for one in shown],
    }


@router.post("/show")
def show(request: Request, body: ShowRequest) -> list[dict[str, Any]]:
    """Return offers shown before, in another language."""
    snapshot: Snapshot = request.app.state.catalogue.current
    offers = [snapshot.catalogue.offers[one] for one in body.ids if one in snapshot.catalogue.offers]
    return [
        hit_view(snapshot.engine.hit_for(offer, body.profile), body.language, snapshot.catalogue)
        for offer in offers
        if body.staff or offer.audience is not Audience.STAFF
    ]


_REPLIES = {"nothing_found": replies.nothing_found, "hand_over": replies.hand_over}


@router.get("/replies/{name}/{language}")
def standing_reply(request: Request, name: Literal["nothing_found", "hand_over"], language: str) -> dict[str, str]:
    """Return a sentence that rests on facts of the catalogue."""
    return {"text": _REPLIES[name](language, request.app.state.catalogue.current.catalogue)}


@router.get("/life-areas/{language}")
def life_areas(request: Request, language: str) -> list[dict[str, str]]:
    """Return the life areas of the taxonomy as quick replies."""
    catalogue = request.app.state.catalogue.current.catalogue
    return [
        {"text": area.labels[language], "payload": area.labels[language]}
        for area in catalogue.life_areas
        if area.id != "professional"
    ]
