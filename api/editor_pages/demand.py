"""What was asked in vain and what is done about it; the checks; what people said of answers."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from fastapi import Path, Query, Request, Response
from pydantic import ValidationError

from api.editor_demand import Settlement, settle
from api.editor_pages.choices import offer_names, suggested_offers
from api.editor_pages.room import (
    LONGEST_REASON,
    Editor,
    Form,
    catalogue_of,
    done,
    editing_of,
    engine_of,
    room_page,
    room_router,
    text_in,
)
from api.editor_pages.start import RECENT
from api.problems import Problem
from services_catalog.editors.checks import CheckList
from services_catalog.editors.demand import Demand
from services_catalog.editors.feedback import FeedbackList
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.messages import N_

router = room_router()

_MOST_SHOWN = 200


@router.get("/demand")
def demand_page(request: Request, editor: Editor, days: Annotated[int, Query(ge=1, le=3650)] = RECENT.days) -> Response:
    """Show what was asked in vain, per language and need, with what can be done about it."""
    demand: Demand = request.app.state.demand
    catalogue = catalogue_of(request)
    language = request.path_params["language"]
    groups = demand.open(dt.date.today() - dt.timedelta(days=days))
    needs = {one.id: one.labels.get(language, one.labels[SOURCE_LANGUAGE]) for one in catalogue.needs.values()}
    offers = suggested_offers(catalogue)
    return room_page(request, editor, "demand.html", groups=groups, needs=needs, offers=offers, days=days)


@router.post("/demand/{key}")
def settle_question(
    request: Request, editor: Editor, form: Form, key: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
) -> Response:
    """Do something about a question: an example for an offer, a synonym for a need, or nothing."""
    how = text_in(form, "how", 20)
    to = text_in(form, "need" if how == "synonym" else "offer", 80)
    if how != "nothing" and not to:
        detail = N_("Choose the offer or the need that the question belongs to.")
        raise Problem(422, N_("Something in the form is missing"), detail)
    try:
        settlement = Settlement.model_validate(
            {
                "how": how,
                "to": to if how != "nothing" else "",
                "words": text_in(form, "words", 120),
                "offer": text_in(form, "offer", 80),
                "reason": text_in(form, "reason", LONGEST_REASON),
            }
        )
    except ValidationError:
        detail = N_("Choose what is done, and write in a few words why.")
        raise Problem(422, N_("Something in the form is missing"), detail) from None
    settle(request, editor, key, settlement)
    return done(request.path_params["language"], "/demand", "settled")


@router.get("/checks")
def checks_page(request: Request, editor: Editor) -> Response:
    """Show the questions that must find an offer, and whether they do in what is published."""
    checks: CheckList = request.app.state.checks
    engine = engine_of(request)
    found = [(one, one.holds(engine)) for one in checks.all()]
    catalogue = catalogue_of(request)
    return room_page(
        request,
        editor,
        "checks.html",
        checks=sorted(found, key=lambda pair: pair[1]),
        offers=offer_names(catalogue),
        suggested=suggested_offers(catalogue),
    )


@router.post("/checks")
def change_checks(request: Request, editor: Editor, form: Form) -> Response:
    """Keep a new check, or forget one."""
    checks: CheckList = request.app.state.checks
    language = request.path_params["language"]
    if gone := text_in(form, "remove", 10):
        checks.remove(int(gone) if gone.isdigit() else 0)
        return done(language, "/checks", "check_removed")
    question, tag, offer = text_in(form, "question", 400), text_in(form, "in", 10), text_in(form, "offer", 80)
    if len(question) < 2 or tag not in LANGUAGES or not offer:
        detail = N_("Write the question, its language and the offer it must find.")
        raise Problem(422, N_("Something in the form is missing"), detail)
    editing_of(request).newest("offers", offer)
    checks.add(tag, question, offer, editor.name)
    return done(language, "/checks", "check_added")


@router.get("/feedback")
def feedback_page(request: Request, editor: Editor) -> Response:
    """Show what people said of answers and offers."""
    feedback: FeedbackList = request.app.state.feedback
    total, found = feedback.listed(dt.date.today() - RECENT, most=_MOST_SHOWN)
    counts = feedback.counts(dt.date.today() - RECENT)
    offers = offer_names(catalogue_of(request))
    return room_page(request, editor, "feedback.html", found=found, total=total, counts=counts, offers=offers)


@router.post("/feedback/{feedback_id}")
def settle_feedback(
    request: Request, editor: Editor, form: Form, feedback_id: Annotated[str, Path(max_length=32)]
) -> Response:
    """Be done with a feedback, or delete it when it holds what nobody should keep."""
    feedback: FeedbackList = request.app.state.feedback
    if text_in(form, "do", 10) == "remove":
        feedback.remove(feedback_id)
    else:
        feedback.settle(feedback_id, editor.name)
    return done(request.path_params["language"], "/feedback", "feedback_settled")
