"""The pages residents see: the chat, the same as a search page without JavaScript, and a page for each offer."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.addresses import public_address
from api.languages import preferred_language
from api.offer_page import offer_context
from api.page_templates import STATIC, blanks_in
from api.plain_words import plain_words
from api.privacy import redact
from api.resident_page import message_limit, not_found_page, resident_page, unavailable_page
from api.search import search_view
from api.timing import steps_of
from services_catalog import replies
from services_catalog.browsing import visible
from services_catalog.editors.demand import Lack
from services_catalog.errors import CatalogueUnavailable, OfferNotFound
from services_catalog.messages import N_
from services_catalog.search import Outcome

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_METHODS = ["GET", "HEAD"]
_MOST_HITS = 5

_EXAMPLES = (
    N_("Where can I learn Danish?"),
    N_("My son wants to play football, but we cannot pay"),
    N_("Who can help me find a job?"),
    N_("I feel alone and want to meet people"),
)


@router.get("/favicon.ico")
def favicon() -> Response:
    """Answer the browsers that ask for an icon without looking at the page."""
    return FileResponse(STATIC / "img" / "icon.svg", media_type="image/svg+xml")


@router.api_route("/", methods=_METHODS)
def front_page(request: Request) -> Response:
    """Show the chat in the language the browser asks for, in place, so that there is nothing to loop between."""
    response = chat_page(request, preferred_language(request))
    response.headers["Vary"] = "Accept-Language"
    return response


@router.api_route("/{language:language}", methods=_METHODS)
def chat_page(request: Request, language: str) -> Response:
    """Show the chat."""
    return resident_page(request, "chat.html", language, path="", examples=_EXAMPLES, blanks_in=blanks_in)


@router.api_route("/{language:language}/search", methods=_METHODS)
def search_page(request: Request, language: str, q: str = "", stay: bool = False) -> Response:
    """Show what a question finds. A question in another language is answered in that one, unless the resident chose
    this page's language herself (`stay`)."""
    question = redact(plain_words(q[: message_limit(request)]))
    if not question:
        return resident_page(
            request, "search.html", language, path="/search", question="", empty="q" in request.query_params
        )
    try:
        snapshot = request.app.state.catalogue.current
    except CatalogueUnavailable:
        return unavailable_page(request, language)
    with steps_of(request).step("search"):
        found = snapshot.engine.search(question, conversation=language, limit=_MOST_HITS)
    written = found.identified
    if written.sure and written.language != language and not stay:
        return RedirectResponse(f"/{written.language}/search?{urlencode({'q': question})}", 303)
    if found.outcome is Outcome.NOTHING_FOUND:
        request.app.state.lacks.note("", question, found.identified.language, found.needs, Lack.NOTHING_FOUND)
    result = search_view(found, snapshot, language)
    if result["crisis"]:
        request.app.state.metrics.crisis()
    request.app.state.counts.count("crisis" if result["crisis"] else found.outcome, language, found.needs)
    if result["hits"]:
        intro = replies.offers_found(language, len(result["hits"]), sure=result["certain"])
    else:
        intro = "" if result["crisis"] else replies.nothing_found(language, snapshot.catalogue)
    query = urlencode({"q": question, "stay": 1})
    return resident_page(
        request, "search.html", language, path=f"/search?{query}", question=question, result=result, intro=intro
    )


@router.api_route("/{language:language}/offers/{offer_id}", methods=_METHODS)
def offer_page(request: Request, language: str, offer_id: str) -> Response:
    """Show everything a resident may know of one offer. Offers for staff are not found here."""
    try:
        catalogue = request.app.state.catalogue.current.catalogue
        offer = catalogue.offer(offer_id)
    except CatalogueUnavailable:
        return unavailable_page(request, language)
    except OfferNotFound:
        return not_found_page(request, language)
    if not visible(offer):
        return not_found_page(request, language)
    context = offer_context(offer, language, catalogue, public_address(request))
    return resident_page(request, "offer.html", language, path=f"/offers/{offer.id}", **context)


@router.api_route("/{language:language}/{rest:path}", methods=_METHODS)
def missing_page(request: Request, language: str, rest: str) -> Response:
    """Say in the right language that there is no such page."""
    return not_found_page(request, language)


def mount_static(app: FastAPI, folder: Path) -> None:
    """Serve `folder` under /static; what is asked for with a mark of its content may be kept for a year."""
    app.mount("/static", _MarkedFiles(directory=folder), name="static")


class _MarkedFiles(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if scope["query_string"].startswith(b"v=") and response.status_code < 400:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        else:
            lasting = path.endswith((".woff2", ".svg"))
            response.headers["Cache-Control"] = "public, max-age=86400" if lasting else "no-cache"
        return response
