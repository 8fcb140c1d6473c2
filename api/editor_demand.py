"""`/api/v1/editor/demand` and `/checks`: what residents asked in vain, and the questions that must find an offer."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from api.editor_records import Editor, Reason
from api.editor_views import CheckView, RevisionView, check_view, revision_view
from api.openapi import problems
from api.privacy import redact
from services_catalog.editors.checks import CheckList
from services_catalog.editors.demand import Demand, Lack
from services_catalog.editors.editing import Editing
from services_catalog.editors.improving import add_example, add_synonym
from services_catalog.offer import LanguageTag
from services_catalog.searching import Search

router = APIRouter(prefix="/api/v1/editor", tags=["editor"])

Key = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="A question's id in the list.")]


class AskedView(BaseModel):
    """A question that enough people asked."""

    id: str
    outcome: Lack
    question: str
    times: int
    last_day: dt.date


class GroupView(BaseModel):
    """What one need lacks in one language. `need` is empty where the questions named none."""

    language: str
    need: str
    times: int
    questions: list[AskedView]


class NewCheck(BaseModel):
    """A question that must find an offer."""

    model_config = ConfigDict(extra="forbid")
    language: LanguageTag
    question: Annotated[str, Field(min_length=2, max_length=400)]
    offer: Annotated[str, Field(max_length=80)]


class Settlement(BaseModel):
    """What is done about a question: an example question for an offer, a synonym for a need, or nothing.

    `to` is the id of the offer or the need; `offer` is the offer the question must find from now on.
    """

    model_config = ConfigDict(extra="forbid")
    how: Literal["example", "synonym", "nothing"]
    to: Annotated[str, Field(max_length=80)] = ""
    words: Annotated[str, Field(max_length=120, description="The synonym; the question itself otherwise.")] = ""
    offer: Annotated[str, Field(max_length=80)] = ""
    reason: Reason


class SettledView(BaseModel):
    """The draft that was made, to be handed in and published, and the check that will be asked at each publication."""

    draft: RevisionView | None
    check: CheckView | None


@router.get("/demand", summary="What was asked in vain")
def list_demand(
    request: Request, _editor: Editor, days: Annotated[int, Query(ge=1, le=3650, description="How far back.")] = 90
) -> list[GroupView]:
    """Return what was asked in vain, per language and need, the most asked first. Small numbers are left out."""
    groups = _demand(request).open(dt.date.today() - dt.timedelta(days=days))
    return [
        GroupView(
            language=group.language,
            need=group.need,
            times=group.times,
            questions=[
                AskedView(id=one.id, outcome=one.outcome, question=one.text, times=one.times, last_day=one.last_day)
                for one in group.questions
            ],
        )
        for group in groups
    ]


@router.post("/demand/{key}/settle", summary="Do something about a question", responses=problems(404, 412))
def settle(request: Request, editor: Editor, key: Key, settlement: Settlement) -> SettledView:
    """Do something about a question: its words go into a draft, the question becomes a check, and it leaves the list."""
    language, question = _demand(request).question(key)
    draft = None
    editing: Editing = request.app.state.editing
    who = {"author": editor.name, "reason": settlement.reason}
    if settlement.how == "example":
        draft = add_example(editing, settlement.to, language, question, **who)
    elif settlement.how == "synonym":
        draft = add_synonym(editing, settlement.to, language, settlement.words or question, **who)
    target = settlement.offer or (settlement.to if settlement.how == "example" else "")
    check = None
    if target:
        editing.newest("offers", target)
        made = _checks(request).add(language, question, target, editor.name)
        check = check_view(made, holds=made.holds(_engine(request)))
    _demand(request).settle(key, editor.name)
    return SettledView(draft=revision_view(draft) if draft else None, check=check)


@router.get("/checks", summary="Questions that must find an offer")
def list_checks(request: Request, _editor: Editor) -> list[CheckView]:
    """Return every check and whether it holds in what is published now."""
    engine = _engine(request)
    return [check_view(one, holds=one.holds(engine)) for one in _checks(request).all()]


@router.post("/checks", status_code=201, summary="Keep a check", responses=problems(404))
def add_check(request: Request, editor: Editor, check: NewCheck) -> CheckView:
    """Keep a question that must find an offer; it is asked at each publication."""
    request.app.state.editing.newest("offers", check.offer)
    made = _checks(request).add(check.language, redact(check.question), check.offer, editor.name)
    return check_view(made, holds=made.holds(_engine(request)))


@router.delete("/checks/{check_id}", status_code=204, summary="Forget a check", responses=problems(404))
def remove_check(request: Request, _editor: Editor, check_id: Annotated[int, Path(ge=1, le=1_000_000_000)]) -> None:
    """Forget a check."""
    _checks(request).remove(check_id)


def _demand(request: Request) -> Demand:
    demand: Demand = request.app.state.demand
    return demand


def _checks(request: Request) -> CheckList:
    checks: CheckList = request.app.state.checks
    return checks


def _engine(request: Request) -> Search:
    engine: Search = request.app.state.catalogue.current.engine
    return engine
