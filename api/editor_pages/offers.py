"""The list of offers: filtered, sorted, page by page, all of it in the address."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Query, Request, Response

from api.editor_pages import words
from api.editor_pages.room import Editor, chosen, room_page, room_router, working_copies_of
from api.editor_pages.start import RECENT
from services_catalog.editors.demand import Demand
from services_catalog.editors.offer_list import SORTS, Filters, listed, ordered
from services_catalog.languages import LANGUAGES
from services_catalog.offer import Publication

router = room_router()

PER_PAGE = 50


@router.get("/offers")
def offers_page(
    request: Request,
    editor: Editor,
    q: Annotated[str, Query(max_length=200)] = "",
    state: str = "",
    owner: Annotated[str, Query(max_length=200)] = "",
    overdue: bool = False,
    outdated: str = "",
    unreviewed: str = "",
    demanded: bool = False,
    sort: str = "name",
    down: bool = False,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """Show the working copies of offers; all filters must hold."""
    filters = Filters(
        words=q.strip(),
        state=Publication(state) if state in words.STATES else None,
        owner=owner.strip(),
        overdue=overdue,
        outdated=chosen(outdated, LANGUAGES),
        unreviewed=chosen(unreviewed, LANGUAGES),
        demanded=demanded,
    )
    sort = chosen(sort, SORTS, "name")
    copies = working_copies_of(request)
    found = ordered(listed(copies, filters, _lacking(request) if demanded else ()), sort, descending=down)
    owners = sorted({one.outline.owner for one in copies if one.outline.owner})
    return room_page(
        request,
        editor,
        "offers.html",
        found=found[(page - 1) * PER_PAGE : page * PER_PAGE],
        total=len(found),
        page=page,
        pages=max(1, -(-len(found) // PER_PAGE)),
        filters=filters,
        owners=owners,
        sort=sort,
        down=down,
        today=dt.date.today(),
        address=lambda **changed: _address(request, **changed),
    )


def _address(request: Request, **changed: Any) -> str:
    """Return this list with other parameters; None takes one out."""
    now = {name: value for name, value in request.query_params.items() if name != "done"} | changed
    return f"?{urlencode({name: value for name, value in now.items() if value not in (None, '', False)})}"


def _lacking(request: Request) -> set[str]:
    """Return the needs in which questions stay unanswered."""
    demand: Demand = request.app.state.demand
    return {group.need for group in demand.open(dt.date.today() - RECENT) if group.need}
