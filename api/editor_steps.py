"""`/api/v1/editor/records/…/<step>`: hand in, publish, archive, roll back, restore, vouch for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.authorization import Principal, require
from api.editor_records import Editor, IfMatch, Kind, Reason, RecordId
from api.editor_views import CheckView, RevisionView, check_view, conflict, entity_tag, expected_number, revision_view
from api.moments import Written
from api.openapi import problems, tagged
from services_catalog.accounts.accounts import Role
from services_catalog.editors.editing import Editing
from services_catalog.editors.publishing import Published, Publishing, Target
from services_catalog.editors.revisions import Revision
from services_catalog.errors import RevisionConflict

router = APIRouter(prefix="/api/v1/editor/records/{kind}/{record_id}", tags=["editor"])

Publisher = Annotated[Principal, Depends(require(Role.PUBLISHER))]

#: What any step may be answered.
_ANSWERS = tagged() | problems(404, 409, 412, 428)


class Step(BaseModel):
    """Why a step is taken."""

    model_config = ConfigDict(extra="forbid")
    reason: Reason


class StepBack(Step):
    """Which revision to go back to, and why."""

    number: Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)]


class Assurance(Step):
    """Until when somebody vouches for an offer."""

    review_by: Annotated[dt.date, Written, Field(examples=["2027-11-30"])]


class PublishedView(BaseModel):
    """A publication: the catalogue's version now, the revision, and the checks that fail as they did before."""

    version: int
    revision: RevisionView
    failing_checks: list[CheckView]


@router.post("/submit", summary="Hand in a draft for review", responses=_ANSWERS)
def submit(
    request: Request,
    response: Response,
    editor: Editor,
    kind: Kind,
    record_id: RecordId,
    step: Step,
    if_match: IfMatch = None,
) -> RevisionView:
    """Hand a draft in for review."""
    expected = expected_number(if_match, None)
    return _edited(
        response,
        lambda: _editing(request).submit(kind, record_id, author=editor.name, reason=step.reason, expected=expected),
    )


@router.post("/restore", summary="Take up an earlier revision as a draft", responses=_ANSWERS)
def restore(
    request: Request, response: Response, editor: Editor, kind: Kind, record_id: RecordId, step: StepBack,
    if_match: IfMatch = None,
) -> RevisionView:  # fmt: skip
    """Make an earlier revision the newest draft again."""
    expected = expected_number(if_match, None)
    who = {"author": editor.name, "reason": step.reason}
    return _edited(response, lambda: _editing(request).restore(kind, record_id, step.number, expected=expected, **who))


@router.post("/assure", summary="Vouch for an offer", responses=_ANSWERS)
def assure(
    request: Request, response: Response, editor: Editor, kind: Kind, record_id: RecordId, step: Assurance,
    if_match: IfMatch = None,
) -> RevisionView:  # fmt: skip
    """Save, as a draft, that you vouch for an offer as of today, and when that is due again."""
    expected = expected_number(if_match, None)
    who = {"author": editor.name, "reason": step.reason}
    return _edited(
        response,
        lambda: _editing(request).assure(kind, record_id, review_by=step.review_by, expected=expected, **who),
    )


@router.post("/publish", summary="Make a record public", responses=_ANSWERS)
def publish(
    request: Request, response: Response, publisher: Publisher, kind: Kind, record_id: RecordId, step: Step,
    if_match: IfMatch = None,
) -> PublishedView:  # fmt: skip
    """Make a record in review public, checked against every rule and every check."""
    target = Target(kind, record_id, expected_number(if_match, None))
    who = {"author": publisher.name, "reason": step.reason}
    return _published(response, lambda: _publishing(request).publish([target], **who))


@router.post("/archive", summary="Take out of what is public", responses=_ANSWERS)
def archive(
    request: Request, response: Response, publisher: Publisher, kind: Kind, record_id: RecordId, step: Step,
    if_match: IfMatch = None,
) -> PublishedView:  # fmt: skip
    """Take a record out of what is public. One that another record needs stays."""
    target = Target(kind, record_id, expected_number(if_match, None))
    who = {"author": publisher.name, "reason": step.reason}
    return _published(response, lambda: _publishing(request).archive([target], **who))


@router.post("/rollback", summary="Publish an earlier revision again", responses=_ANSWERS)
def roll_back(
    request: Request, response: Response, publisher: Publisher, kind: Kind, record_id: RecordId, step: StepBack,
    if_match: IfMatch = None,
) -> PublishedView:  # fmt: skip
    """Make an earlier revision public again, at once."""
    expected = expected_number(if_match, None)
    who = {"author": publisher.name, "reason": step.reason}
    return _published(
        response, lambda: _publishing(request).roll_back(kind, record_id, step.number, expected=expected, **who)
    )


def _editing(request: Request) -> Editing:
    editing: Editing = request.app.state.editing
    return editing


def _publishing(request: Request) -> Publishing:
    publishing: Publishing = request.app.state.publishing
    return publishing


def _edited(response: Response, step: Callable[[], Revision]) -> RevisionView:
    revision = _unless_conflict(step)
    response.headers["ETag"] = entity_tag(revision)
    return revision_view(revision)


def _published(response: Response, step: Callable[[], Published]) -> PublishedView:
    done = _unless_conflict(step)
    response.headers["ETag"] = entity_tag(done.revisions[0])
    return PublishedView(
        version=done.version,
        revision=revision_view(done.revisions[0]),
        failing_checks=[check_view(one, holds=False) for one in done.failing],
    )


def _unless_conflict(step: Callable[[], Any]) -> Any:
    try:
        return step()
    except RevisionConflict as error:
        raise conflict(error, None, None) from None
