"""Every state a record was ever saved in: what changed, word by word, and the way back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Query, Request, Response

from api.editor_pages.changes import marked_changes
from api.editor_pages.room import Editor, catalogue_of, editing_of, room_page, room_router
from api.editor_pages.steps import address_of
from services_catalog.errors import RecordNotFound

router = room_router()

_Number = Annotated[int, Path(ge=1, le=1_000_000_000)]


@router.get("/{kind:kind}/{record_id}/revisions")
def revisions_page(request: Request, editor: Editor, kind: str, record_id: str) -> Response:
    """Show every revision, the newest first, and what the working copy has that is not public."""
    history = editing_of(request).history(kind, record_id)
    published = getattr(catalogue_of(request), kind).get(record_id)
    return room_page(
        request,
        editor,
        "revisions.html",
        kind=kind,
        history=history,
        edit=address_of(kind, record_id),
        waiting=marked_changes(published, history[0].record) if published is not None else None,
    )


@router.get("/{kind:kind}/{record_id}/revisions/{number}")
def revision_page(
    request: Request,
    editor: Editor,
    kind: str,
    record_id: str,
    number: _Number,
    against: Annotated[int | None, Query(ge=1, le=1_000_000_000)] = None,
) -> Response:
    """Show what changed in one revision, against the one before or another, and offer to take it up again."""
    history = editing_of(request).history(kind, record_id)
    numbered = {one.number: one for one in history}
    if number not in numbered or (against is not None and against not in numbered):
        raise RecordNotFound(kind, record_id, number)
    other = numbered.get(against if against is not None else number - 1)
    return room_page(
        request,
        editor,
        "revision.html",
        kind=kind,
        shown=numbered[number],
        other=other,
        history=history,
        newest=history[0],
        edit=address_of(kind, record_id),
        changes=marked_changes(other.record if other else None, numbered[number].record),
    )
