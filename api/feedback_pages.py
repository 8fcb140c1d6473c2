"""Feedback by forms, for browsers without JavaScript: the same list as `api.feedback`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.feedback import NewFeedback, keep
from api.login import refuse_other_sites
from api.privacy import redact
from api.problems import Problem
from api.resident_page import not_found_page, problem_page, resident_page
from services_catalog.editors.feedback import LONGEST_TEXT, FeedbackList, Kind
from services_catalog.errors import OfferNotFound, RecordNotFound
from services_catalog.messages import N_

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_ELSEWHERE = N_("Please use the form on the pages of Vejviser itself.")


@router.post("/{language:language}/feedback")
def give_feedback(request: Request, language: str, given: Annotated[NewFeedback, Form()]) -> Response:
    """Keep what somebody says of an answer, and lead to the thanks."""

    def done() -> Response:
        refuse_other_sites(request, _ELSEWHERE)
        return _thanks_for(language, keep(request, given).id)

    return _or_told(request, language, done)


@router.post("/{language:language}/feedback/{feedback_id}")
def add_text(
    request: Request, language: str, feedback_id: str, text: Annotated[str, Form(max_length=2 * LONGEST_TEXT)] = ""
) -> Response:
    """Add words to a feedback, and lead to the thanks. A form sends each end of a line as two characters."""

    def done() -> Response:
        refuse_other_sites(request, _ELSEWHERE)
        _list(request).add_text(feedback_id, redact(text.replace("\r\n", "\n").replace("\0", "")))
        return _thanks_for(language, feedback_id)

    return _or_told(request, language, done)


@router.get("/{language:language}/feedback/{feedback_id}")
def thanks(request: Request, language: str, feedback_id: str) -> Response:
    """Thank for a feedback, and ask what is wrong where something is."""

    def done() -> Response:
        given = _list(request).find(feedback_id)
        asks = given.kind is Kind.WRONG and given.text is None and given.settled_by is None
        path = f"/feedback/{feedback_id}"
        return resident_page(request, "resident/feedback.html", language, path=path, given=given, asks=asks)

    return _or_told(request, language, done)


def _thanks_for(language: str, feedback_id: str) -> Response:
    return RedirectResponse(f"/{language}/feedback/{feedback_id}", 303)


def _or_told(request: Request, language: str, done: Callable[[], Response]) -> Response:
    """Return what `done` returns, or a page that says what is wrong."""
    try:
        return done()
    except (OfferNotFound, RecordNotFound):
        return not_found_page(request, language)
    except Problem as problem:
        return problem_page(request, language, problem.status, problem.title, problem.detail, **problem.values)


def _list(request: Request) -> FeedbackList:
    kept: FeedbackList = request.app.state.feedback
    return kept
