"""What an offer rests on, what rests on a document, page or policy, which policies end, and what must be confirmed before
the catalogue goes live."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import Annotated

from fastapi import Query, Request, Response

from api.editor_pages.room import Editor, catalogue_of, room_page, room_router
from api.trace import offer_trace, source_trace
from services_catalog.editors.launch_check import TITLES, crisis_steps, launch_check
from services_catalog.editors.trace import NoSuchSource, documents, ending

router = room_router()


@router.get("/sources")
def sources_page(
    request: Request,
    editor: Editor,
    name: Annotated[str, Query(max_length=500)] = "",
    year: Annotated[int | None, Query(alias="ending", ge=1990, le=2100)] = None,
) -> Response:
    """Show what rests on a document, page or policy, and the policies whose period ends."""
    catalogue = catalogue_of(request)
    trace = None
    if name.strip():
        with contextlib.suppress(NoSuchSource):
            trace = source_trace(catalogue, name.strip())
    year = year or dt.date.today().year
    return room_page(
        request,
        editor,
        "sources.html",
        name=name.strip(),
        trace=trace,
        year=year,
        ending=ending(catalogue, year),
        documents=documents(catalogue),
        policies=catalogue.policies,
    )


@router.get("/sources/offers/{offer_id}")
def offer_sources_page(request: Request, editor: Editor, offer_id: str) -> Response:
    """Show what a published offer rests on, word for word."""
    catalogue = catalogue_of(request)
    return room_page(
        request,
        editor,
        "offer_sources.html",
        trace=offer_trace(catalogue, catalogue.offer(offer_id)),
        policies=catalogue.policies,
    )


@router.get("/launch")
def launch_page(request: Request, editor: Editor) -> Response:
    """Show what a person must confirm before the catalogue goes live, what would do most harm first."""
    items = launch_check(catalogue_of(request), crisis_steps(), dt.date.today())
    return room_page(request, editor, "launch.html", items=items, titles=TITLES)
