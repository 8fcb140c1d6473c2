"""The records around the offers (needs, contact facts, organisations …), each as YAML in one field."""

from __future__ import annotations

from typing import Any

from fastapi import Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from api.authorization import Principal
from api.editor_pages.changes import marked_changes
from api.editor_pages.room import (
    LONGEST_REASON,
    Editor,
    Form,
    chosen,
    done,
    editing_of,
    number_in,
    room_page,
    room_router,
    text_in,
)
from services_catalog.editors.revisions import Revision, record_id_of
from services_catalog.errors import RecordInvalid, RevisionConflict
from services_catalog.exchange.exporting import to_yaml
from services_catalog.field_errors import said
from services_catalog.localized import localizer
from services_catalog.messages import N_
from services_catalog.offer import Record
from services_catalog.seed import FOLDERS
from services_catalog.yaml_records import Lines, load_records

router = room_router()

_LONGEST = 200_000
_OTHERS = tuple(kind for kind in FOLDERS if kind != "offers")


@router.get("/records")
def records_page(request: Request, editor: Editor, kind: str = Query("facts", max_length=20)) -> Response:
    """Show the working copies of one kind of record."""
    kind = chosen(kind, dict.fromkeys(_OTHERS), "facts")
    found = list(editing_of(request).working_copies(kind))
    return room_page(request, editor, "records.html", kind=kind, kinds=_OTHERS, found=found)


@router.get("/records/{kind:kind}/{record_id}")
def record_page(request: Request, editor: Editor, kind: str, record_id: str) -> Response:
    """Show one record as editors work on it."""
    if kind == "offers":
        return RedirectResponse(f"/{request.path_params['language']}/editor/offers/{record_id}", 303)
    newest = editing_of(request).newest(kind, record_id)
    return _record_page(request, editor, newest, to_yaml(newest.record))


@router.post("/records/{kind:kind}/{record_id}")
def save_record(request: Request, editor: Editor, form: Form, kind: str, record_id: str) -> Response:
    """Save what was typed as a draft. It is kept, whatever is wrong with it."""
    editing = editing_of(request)
    newest = editing.newest(kind, record_id)
    typed, reason = text_in(form, "yaml", _LONGEST), text_in(form, "reason", LONGEST_REASON)
    seen = number_in(form, "revision")
    record, problems = _read(kind, record_id, typed)
    if not reason:
        problems.append(localizer(request.path_params["language"]).text(N_("Write in a few words why you do this.")))
    if record is None or problems:
        more = {"problems": problems, "reason": reason, "seen": seen}
        return _record_page(request, editor, newest, typed, status=422, **more)
    try:
        editing.save(kind, record, author=editor.name, reason=reason, expected=seen)
    except RevisionConflict:
        newest = editing.newest(kind, record_id)
        before = next((one.record for one in editing.history(kind, record_id) if one.number == seen), None)
        conflict = {"theirs": marked_changes(before, newest.record), "yours": marked_changes(before, record)}
        return _record_page(request, editor, newest, typed, status=409, conflict=conflict, reason=reason)
    return done(request.path_params["language"], f"/records/{kind}/{record_id}", "saved")


def _record_page(
    request: Request, editor: Principal, newest: Revision, typed: str, *, status: int = 200, **more: Any
) -> Response:
    path = f"/editor/records/{newest.kind}/{newest.id}"
    context = {"seen": newest.number, "problems": [], "conflict": None, "reason": "", **more}
    return room_page(request, editor, "record.html", path=path, status=status, newest=newest, typed=typed, **context)


def _read(kind: str, record_id: str, typed: str) -> tuple[Record | None, list[str]]:
    """Return the record that was typed; None with what is wrong, each with its line."""
    data = typed.encode()
    try:
        values = load_records("", data)
        record = FOLDERS[kind][1].model_validate(values[0] if len(values) == 1 else values)
    except RecordInvalid as error:
        return None, [f"{one.line}: {one.message}" for one in error.problems]
    except ValidationError as error:
        lines = Lines(data)
        return None, [
            f"{lines.of(0, one['loc'])}: {'.'.join(map(str, one['loc']))}: {said(one)}" for one in error.errors()
        ]
    if record_id_of(record) != record_id:
        return None, [f"id: {record_id}"]
    return record, []
