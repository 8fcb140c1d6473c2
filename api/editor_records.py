"""`/api/v1/editor/records`: read and save what editors work on, with every revision of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from api.authorization import Principal, require
from api.editor_views import (
    RecordView,
    RevisionView,
    conflict,
    entity_tag,
    expected_number,
    record_view,
    revision_view,
)
from api.languages import Spoken
from api.openapi import problems, tagged
from api.problems import Problem
from services_catalog.accounts.accounts import Role
from services_catalog.editors.editing import Editing
from services_catalog.editors.revisions import record_id_of
from services_catalog.errors import RecordNotFound, RevisionConflict
from services_catalog.field_errors import said
from services_catalog.messages import N_
from services_catalog.offer import Publication, Record, TranslationState
from services_catalog.seed import FOLDERS

router = APIRouter(prefix="/api/v1/editor/records", tags=["editor"])

Kind = Annotated[
    str,
    Path(
        pattern=f"^({'|'.join(FOLDERS)})$",
        description="What sort of record.",
        json_schema_extra={"enum": list(FOLDERS)},
        examples=["offers"],
    ),
]
RecordId = Annotated[str, Path(max_length=80, examples=["kontingentstoette"])]
Editor = Annotated[Principal, Depends(require(Role.EDITOR))]
IfMatch = Annotated[str | None, Header(description="The ETag of the revision you changed.")]
IfNoneMatch = Annotated[str | None, Header(description="`*` when the record is new.")]
Reason = Annotated[str, Field(min_length=1, max_length=400, examples=["The club told us of a new address"])]


class Draft(BaseModel):
    """A record as an editor wants it, and why."""

    model_config = ConfigDict(extra="forbid")
    record: dict[str, Any]
    reason: Reason


class RecordList(BaseModel):
    """One page of the working copies of a kind."""

    total: int
    page: int
    per_page: int
    records: list[RevisionView]


@router.get("/{kind}", summary="Records of a kind")
def list_records(
    request: Request,
    _editor: Editor,
    kind: Kind,
    state: Annotated[Publication | None, Query(description="Only what stands there in the editors' work.")] = None,
    owner: Annotated[str | None, Query(max_length=200, description="Only offers of this owner.")] = None,
    overdue_only: Annotated[bool, Query(alias="overdue", description="Only offers due to be vouched for.")] = False,
    outdated: Annotated[Spoken | None, Query(description="Only offers outdated in this language.")] = None,
    unreviewed: Annotated[Spoken | None, Query(description="Only offers nobody has reviewed in this language.")] = None,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=500)] = 100,
) -> RecordList:
    """Return the newest revision of each record of a kind, filtered; all filters must hold."""
    begin, end = (page - 1) * per_page, page * per_page
    if kind != "offers":
        asked_of_offers = owner is not None or overdue_only or outdated is not None or unreviewed is not None
        copies = _editing(request).working_copies(kind)
        records = [one for one in copies if not asked_of_offers and state in (None, one.state)]
        total, shown = len(records), records[begin:end]
    else:
        offers = [
            one.id
            for one in request.app.state.working_copies.all(request.app.state.catalogue.current.catalogue)
            if state in (None, one.state)
            and owner in (None, one.outline.owner)
            and (not overdue_only or one.overdue())
            and (outdated is None or one.state_in(outdated) is TranslationState.OUTDATED)
            and (unreviewed is None or one.state_in(unreviewed) is TranslationState.UNREVIEWED)
        ]
        total, shown = len(offers), [_editing(request).newest(kind, one) for one in offers[begin:end]]
    return RecordList(total=total, page=page, per_page=per_page, records=[revision_view(one) for one in shown])


@router.get("/{kind}/{record_id}", summary="What editors work on", responses=tagged() | problems(404))
def read_record(request: Request, response: Response, _editor: Editor, kind: Kind, record_id: RecordId) -> RecordView:
    """Return what editors work on, with the ETag to send back when saving, and what differs from what is published."""
    newest = _editing(request).newest(kind, record_id)
    response.headers["ETag"] = entity_tag(newest)
    return record_view(newest, _published(request, kind, record_id))


@router.put(
    "/{kind}/{record_id}",
    summary="Save a draft",
    responses=tagged() | {201: {"description": "The record is new.", "model": RecordView}} | problems(412, 428),
)
def save_record(
    request: Request,
    response: Response,
    editor: Editor,
    kind: Kind,
    record_id: RecordId,
    draft: Annotated[Draft, Body()],
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> RecordView:
    """Save a draft behind the revision you have seen. Residents see it once it is published."""
    expected = expected_number(if_match, if_none_match)
    record = _valid(kind, draft.record)
    if record_id_of(record) != record_id:
        detail = N_(
            "The record says it is “{inside}”, the address says “{outside}”. An id never changes: make a new record."
        )
        raise Problem(422, N_("Something in the request is wrong"), detail, inside=record_id_of(record), outside=record_id,
                      errors=[{"field": "body.record.id", "message": "not the id of the address"}])  # fmt: skip
    editing = _editing(request)
    seen = _seen(editing, kind, record_id, expected)
    try:
        saved = editing.save(kind, record, author=editor.name, reason=draft.reason, expected=expected)
    except RevisionConflict as error:
        raise conflict(error, record, seen) from None
    response.status_code = 201 if expected == 0 else 200
    response.headers["ETag"] = entity_tag(saved)
    return record_view(saved, seen)


@router.get("/{kind}/{record_id}/revisions", summary="Revisions of a record", responses=problems(404))
def list_revisions(request: Request, _editor: Editor, kind: Kind, record_id: RecordId) -> list[RevisionView]:
    """Return every revision, the newest first."""
    return [revision_view(one) for one in _editing(request).history(kind, record_id)]


@router.get("/{kind}/{record_id}/revisions/{number}", summary="One revision, and what changed", responses=problems(404))
def read_revision(
    request: Request,
    _editor: Editor,
    kind: Kind,
    record_id: RecordId,
    number: Annotated[int, Path(ge=1, le=1_000_000_000)],
    against: Annotated[int | None, Query(ge=1, le=1_000_000_000, description="Compare with this one.")] = None,
) -> RecordView:
    """Return one revision and what changed in it, against the one before or another."""
    history = {one.number: one for one in _editing(request).history(kind, record_id)}
    if number not in history or (against is not None and against not in history):
        raise RecordNotFound(kind, record_id, number)
    other = history.get(against if against is not None else number - 1)
    return record_view(history[number], other.record if other else None)


def _editing(request: Request) -> Editing:
    editing: Editing = request.app.state.editing
    return editing


def _published(request: Request, kind: str, record_id: str) -> Record | None:
    published: Record | None = getattr(request.app.state.catalogue.current.catalogue, kind).get(record_id)
    return published


def _seen(editing: Editing, kind: str, record_id: str, expected: int) -> Record | None:
    """Return the record as the editor saw it; None when that revision is not there."""
    try:
        return next((one.record for one in editing.history(kind, record_id) if one.number == expected), None)
    except RecordNotFound:
        return None


def _valid(kind: str, body: dict[str, Any]) -> Record:
    try:
        return FOLDERS[kind][1].model_validate(body)
    except ValidationError as error:
        errors = [
            {"field": ".".join(("body.record", *map(str, one["loc"]))), "message": said(one)} for one in error.errors()
        ]
        detail = N_("See `errors` for the fields that are wrong and why.")
        raise Problem(422, N_("Something in the request is wrong"), detail, errors=errors) from None
