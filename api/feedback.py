"""`/api/v1/feedback`: what people say of an answer or an offer, and `/api/v1/editor/feedback`, where editors read it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.catalogue_service import Snapshot
from api.chat_messages import ChatOutcome
from api.editor_records import Editor
from api.languages import Spoken
from api.openapi import problems
from api.privacy import redact
from api.problems import Problem
from services_catalog.browsing import visible
from services_catalog.editors.demand import Lack
from services_catalog.editors.feedback import LONGEST_TEXT, Feedback, FeedbackList, Kind
from services_catalog.errors import OfferNotFound, TooMuchFeedback
from services_catalog.messages import N_

router = APIRouter(prefix="/api/v1")

FeedbackId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", examples=["0123456789abcdef0123456789abcdef"])]
#: Seconds until it is worth to try again, when too much came today.
_RETRY_AFTER = "3600"


class NewFeedback(BaseModel):
    """What somebody says of an answer (`outcome` is the answer's) or of an offer's page (`offer`)."""

    model_config = ConfigDict(extra="forbid")
    kind: Kind
    language: Spoken
    offer: Annotated[str | None, Field(max_length=80)] = None
    outcome: ChatOutcome | None = None
    text: Annotated[
        str, Field(max_length=LONGEST_TEXT, description="What is wrong. Personal data is taken out before it is kept.")
    ] = ""
    question: Annotated[
        str,
        Field(
            max_length=4000,
            description="What was asked. It is not kept with the feedback: where it named a need and the answer did not "
            "help, it is counted among what was asked in vain.",
        ),
    ] = ""


class FeedbackText(BaseModel):
    """What is wrong, in a person's own words."""

    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class FeedbackReceipt(BaseModel):
    """`id` lets whoever gave the feedback add words to it, once."""

    id: str


class FeedbackView(BaseModel):
    """One feedback. Of the day, the language and what was answered more is not known."""

    id: str
    day: dt.date
    kind: Kind
    language: str
    offer: str | None
    outcome: str | None
    text: str | None
    settled_by: str | None


class FeedbackPage(BaseModel):
    """A page of the list, the newest first. `counts` holds how often each kind was said, settled or not."""

    total: int
    page: int
    per_page: int
    counts: dict[Kind, int]
    feedback: list[FeedbackView]


@router.post(
    "/feedback",
    status_code=201,
    tags=["feedback"],
    summary="Say whether an answer helped",
    responses=problems(404, 429),
)
def give_feedback(request: Request, given: NewFeedback) -> FeedbackReceipt:
    """Keep what somebody says of an answer or an offer, for the editors: with the day and nothing about the person."""
    return FeedbackReceipt(id=keep(request, given).id)


@router.put(
    "/feedback/{feedback_id}/text",
    status_code=204,
    tags=["feedback"],
    summary="Say what is wrong",
    responses=problems(404),
)
def add_text(request: Request, feedback_id: FeedbackId, said: FeedbackText) -> None:
    """Add words to a feedback of the kind `wrong` that has none yet."""
    _list(request).add_text(feedback_id, redact(said.text))


@router.get("/editor/feedback", tags=["editor"], summary="What people say of answers and offers")
def list_feedback(
    request: Request,
    _editor: Editor,
    days: Annotated[int, Query(ge=1, le=3650, description="How far back.")] = 90,
    kind: Annotated[Kind | None, Query(description="Only this kind.")] = None,
    offer: Annotated[str | None, Query(max_length=80, description="Only about this offer.")] = None,
    language: Annotated[Spoken | None, Query(description="Only in this language.")] = None,
    settled: Annotated[bool, Query(description="What an editor is done with, instead of what is open.")] = False,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=500)] = 100,
) -> FeedbackPage:
    """Return what was said since a day, filtered; all filters must hold."""
    since, kept = dt.date.today() - dt.timedelta(days=days), _list(request)
    total, found = kept.listed(
        since,
        settled=settled,
        kind=kind,
        offer_id=offer,
        language=language,
        first=(page - 1) * per_page,
        most=per_page,
    )
    shown = [_view(one) for one in found]
    return FeedbackPage(total=total, page=page, per_page=per_page, counts=kept.counts(since), feedback=shown)


@router.post(
    "/editor/feedback/{feedback_id}/settle",
    status_code=204,
    tags=["editor"],
    summary="Be done with a feedback",
    responses=problems(404),
)
def settle_feedback(request: Request, editor: Editor, feedback_id: FeedbackId) -> None:
    """Take a feedback off the list of what is open; it stays in the counts."""
    _list(request).settle(feedback_id, editor.name)


@router.delete(
    "/editor/feedback/{feedback_id}",
    status_code=204,
    tags=["editor"],
    summary="Delete a feedback",
    responses=problems(404),
)
def delete_feedback(request: Request, _editor: Editor, feedback_id: FeedbackId) -> None:
    """Delete a feedback for good, for example one that tells of a person."""
    _list(request).remove(feedback_id)


def keep(request: Request, given: NewFeedback) -> Feedback:
    """Keep a feedback, count the question among what was asked in vain where it did not help, and return it. Raises
    OfferNotFound, and Problem 429 when too much came today."""
    snapshot: Snapshot = request.app.state.catalogue.current
    if given.offer and not visible(snapshot.catalogue.offer(given.offer)):
        raise OfferNotFound(given.offer)
    try:
        kept = _list(request).add(
            given.kind,
            given.language,
            offer_id=given.offer or None,
            outcome=given.outcome,
            text=redact(given.text),
        )
    except TooMuchFeedback as error:
        detail = N_("So much feedback came today that no more is kept. Please try again tomorrow.")
        raise Problem(429, N_("Too many requests"), detail, headers={"Retry-After": _RETRY_AFTER}) from error
    if given.kind is Kind.DID_NOT_HELP and given.question.strip():
        _count_lack(request, snapshot, redact(given.question), given.language)
    return kept


def _count_lack(request: Request, snapshot: Snapshot, question: str, language: str) -> None:
    """Count a question that named a need and was not answered well."""
    found = snapshot.engine.search(question, conversation=language, limit=1)
    if found.needs:
        request.app.state.lacks.note("", question, found.identified.language, found.needs, Lack.CORRECTED)


def _view(one: Feedback) -> FeedbackView:
    return FeedbackView(
        id=one.id, day=one.day, kind=one.kind, language=one.language, offer=one.offer_id, outcome=one.outcome,
        text=one.text, settled_by=one.settled_by,
    )  # fmt: skip


def _list(request: Request) -> FeedbackList:
    kept: FeedbackList = request.app.state.feedback
    return kept
