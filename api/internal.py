"""What the action server asks the catalogue: find offers, answer about one, show some again. Loopback and secret only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.authorization import internal_allowed
from api.catalogue_service import Snapshot
from api.foresight import Foresight
from api.lack_notes import LackNotes
from api.languages import Spoken
from api.presenting import hit_view
from api.timing import steps_of
from services_catalog import replies
from services_catalog.answers import answer
from services_catalog.catalogue import Catalogue
from services_catalog.clarifying import Question, clarifying_question
from services_catalog.editors.demand import Lack
from services_catalog.explain import display_name
from services_catalog.languages import label_in
from services_catalog.offer import Audience
from services_catalog.profile import Profile
from services_catalog.records import Attribute
from services_catalog.reference import resolve
from services_catalog.remembered import remembered, without
from services_catalog.search import Hit, Outcome, Reading, SearchResult
from services_catalog.searching import Search

#: Someone who says she works with people asks as staff: these offers are public, only useless to residents.
STAFF_ROLES = frozenset({"municipal-employee", "professional", "employer"})

#: A hit below this share of the score of the best that can be had only takes the eye off the others.
_LEAST_SHARE = 0.1
#: Characters of a question.
LONGEST_ASKED = 8000
#: So many hits are told apart by a question, also when fewer are shown.
_TOLD_APART = 5

router = APIRouter(prefix="/internal", include_in_schema=False, dependencies=[Depends(internal_allowed)])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=LONGEST_ASKED)
    language: Spoken
    staff: bool = False


class FindRequest(_Body):
    """A new need (`query` empty) or more about one: then `text`, which may be empty, narrows `query`."""

    conversation: str = ""
    query: str = Field("", max_length=LONGEST_ASKED)
    profile: Profile = Profile()
    without: list[str] = []
    limit: int = Field(5, ge=1, le=10)
    #: What was chosen from the answers to a question, the facts that were taken back, the languages wished for.
    said: Profile = Profile()
    forgotten: list[str] = []
    spoken: list[str] = []
    #: The topics of the questions asked so far; None asks nothing.
    asked: list[str] | None = None


class AnswerRequest(_Body):
    """A question about an offer: one named in `text`, one of those `shown`, or the one spoken `about`."""

    attribute: Attribute | None = None
    shown: list[str] = []
    about: str | None = None
    ordinal: int | None = None


class ShowRequest(_Body):
    ids: list[str]
    profile: Profile = Profile()


@dataclass(frozen=True)
class Found:
    """What a search came to, and the answer as it is sent: JSON with hits and the profile as it is now."""

    result: SearchResult
    content: bytes


def search_for(engine: Search, body: FindRequest, reading: Reading) -> Found:
    """Search with everything that is known, for a question that was read."""
    # of a new need all facts have been read; what narrows one is read by itself, so that it replaces
    told = reading.understanding.profile if not body.query else engine.reader.read(body.text).profile
    profile = _profile_now(body, told, engine)
    staff = body.staff or bool(profile.situations & STAFF_ROLES)
    result = engine.rank(reading, profile, staff=staff, limit=max(body.limit, _TOLD_APART), without=body.without)
    best = max((hit.score for hit in result.hits if hit.available), default=0.0)
    shown = [hit for hit in result.hits if hit.score >= best * _LEAST_SHARE][: body.limit]
    catalogue = engine.catalogue
    question = (
        clarifying_question(result.hits, profile, body.language, catalogue, body.asked)
        if body.asked is not None
        else None
    )
    view = {
        "outcome": result.outcome.value,
        "sure": result.outcome is Outcome.OFFERS,
        "hits": [_hit_for(hit, body.language, catalogue, staff=staff) for hit in shown],
        "profile": profile.model_dump(mode="json"),
        "remembered": _remembered(profile, body.language, catalogue),
        "named": engine.asked_by_name(body.text, staff=staff),
        "question": _question_view(question) if question else None,
    }
    return Found(result, json.dumps(view, ensure_ascii=False, separators=(",", ":")).encode())


@router.post("/find")
async def find(request: Request, body: FindRequest) -> Response:
    """Search with everything that is known, and return hits and the profile as it is now."""
    snapshot: Snapshot = request.app.state.catalogue.current
    asked = ". ".join(part for part in (body.query, body.text) if part)
    foresight: Foresight[FindRequest, Found] = request.app.state.foresight
    with steps_of(request).step("search"):
        found = await foresight.answer(body.conversation, snapshot.engine, asked, body.language, body)
    _note_lack(request, body, found.result)
    request.app.state.counts.named(body.conversation, found.result.needs)
    return Response(found.content, media_type="application/json")


def _note_lack(request: Request, body: FindRequest, result: SearchResult) -> None:
    """Count a question that was not answered, for the editors; turned down counts as the question that was asked first."""
    noted: LackNotes = request.app.state.lacks
    if body.without:
        noted.suspect(body.conversation, body.query, body.language, result.needs, Lack.CORRECTED)
    elif result.outcome is not Outcome.OFFERS:
        lack = Lack.UNSURE if result.hits else Lack.NOTHING_FOUND
        noted.suspect(body.conversation, body.query or body.text, body.language, result.needs, lack)


def _profile_now(body: FindRequest, told: Profile, engine: Search) -> Profile:
    """Return what is known of the person: what was known, less what was taken back, and what this message says (`told`)."""
    profile = without(body.profile, body.forgotten, engine.catalogue)
    wished = Profile(spoken=frozenset(body.spoken))
    for newer in (told, body.said, wished):
        profile = profile.updated(newer, engine.reader.excludes)
    return profile


def _hit_for(hit: Hit, language: str, catalogue: Catalogue, *, staff: bool) -> dict[str, Any]:
    """Return a hit; for staff with the way to refer somebody to it."""
    view = hit_view(hit, language, catalogue)
    return view | {"how": answer(hit.offer, Attribute.HOW, language, catalogue).text} if staff else view


def _remembered(profile: Profile, language: str, catalogue: Catalogue) -> list[dict[str, str]]:
    return [{"id": fact.id, "text": fact.text} for fact in remembered(profile, language, catalogue)]


def _question_view(question: Question) -> dict[str, Any]:
    return {
        "topic": question.topic,
        "text": question.text,
        "choices": [
            {"text": choice.text, "said": choice.said.model_dump(mode="json", exclude_defaults=True)}
            for choice in question.choices
        ],
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
def show(request: Request, body: ShowRequest) -> dict[str, Any]:
    """Return offers shown before, and what is remembered, in another language."""
    snapshot: Snapshot = request.app.state.catalogue.current
    offers = [snapshot.catalogue.offers[one] for one in body.ids if one in snapshot.catalogue.offers]
    return {
        "hits": [
            _hit_for(snapshot.engine.hit_for(offer, body.profile), body.language, snapshot.catalogue, staff=body.staff)
            for offer in offers
            if body.staff or offer.audience is not Audience.STAFF
        ],
        "remembered": _remembered(body.profile, body.language, snapshot.catalogue),
    }


_REPLIES = {
    "greeting": replies.greeting,
    "capabilities": replies.capabilities,
    "nothing_found": replies.nothing_found,
    "hand_over_asked": replies.hand_over,
    "hand_over_failed": replies.hand_over_after_failure,
    "hand_over_complaint": replies.hand_over_after_complaint,
}
_ReplyName = Literal[
    "greeting", "capabilities", "nothing_found", "hand_over_asked", "hand_over_failed", "hand_over_complaint"
]


@router.get("/replies/{name}/{language}")
def standing_reply(request: Request, name: _ReplyName, language: Spoken) -> dict[str, str]:
    """Return a sentence that rests on facts of the catalogue."""
    return {"text": _REPLIES[name](language, request.app.state.catalogue.current.catalogue)}


@router.get("/languages")
def languages(request: Request) -> dict[str, Any]:
    """Return the languages that are spoken here."""
    catalogue = request.app.state.catalogue.current.catalogue
    return {
        "tags": list(catalogue.languages),
        "text": replies.languages_offered(catalogue),
        "choices": replies.language_choices(catalogue),
    }


@router.get("/life-areas/{language}")
def life_areas(request: Request, language: Spoken) -> list[dict[str, str]]:
    """Return the life areas of the taxonomy as quick replies."""
    catalogue = request.app.state.catalogue.current.catalogue
    return [
        dict.fromkeys(("text", "payload"), label_in(area.labels, language))
        for area in catalogue.life_areas
        if area.id != "professional"
    ]
