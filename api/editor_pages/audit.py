"""Who changed what, when and why, over all records."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from api.editor_pages.room import Editor, chosen, room_page, room_router
from services_catalog.editors.audit import Audit
from services_catalog.seed import FOLDERS

router = room_router()

PER_PAGE = 50


@router.get("/audit")
def audit_page(
    request: Request,
    editor: Editor,
    kind: str = "",
    author: Annotated[str, Query(max_length=80)] = "",
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show the newest revisions of all records."""
    kind, author = chosen(kind, FOLDERS), author.strip()
    audit: Audit = request.app.state.audit
    found, total = audit.changes(kind=kind, author=author, page=page, per_page=PER_PAGE)

    def address(**changed: Any) -> str:
        now = {"kind": kind, "author": author, "page": page} | changed
        return f"?{urlencode({name: value for name, value in now.items() if value})}"

    return room_page(
        request,
        editor,
        "audit.html",
        found=found,
        kind=kind,
        author=author,
        page=page,
        pages=max(1, -(-total // PER_PAGE)),
        address=address,
    )
