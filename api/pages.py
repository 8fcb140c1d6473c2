"""The pages residents see: the chat, the same as a search page without JavaScript, and a page for each offer."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.convertors import Convertor, register_url_convertor
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.languages import preferred_language
from api.offer_page import offer_context, visible
from api.page_templates import STATIC, blanks_in, render
from api.privacy import redact
from api.search import search_view
from services_catalog import replies
from services_catalog.answers import CONTACT_CENTRE
from services_catalog.demand import Lack
from services_catalog.errors import CatalogueUnavailable, OfferNotFound
from services_catalog.languages import LANGUAGES
from services_catalog.localized import localizer
from services_catalog.messages import N_
from services_catalog.search import Outcome

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_METHODS = ["GET", "HEAD"]
_MOST_HITS = 5
_MESSAGE_LIMIT = 4000

_EXAMPLES = (
    N_("Where can I learn Danish?"),
    N_("My son wants to play football, but we cannot pay"),
    N_("Who can help me find a job?"),
    N_("I feel alone and want to meet people"),
)


class _LanguageConvertor(Convertor[str]):
    """The first part of a page's path: a language the service speaks."""

    regex = "|".join(LANGUAGES)

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("language", _LanguageConvertor())


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
    return _page(request, "chat.html", language, path="", examples=_EXAMPLES, blanks_in=blanks_in)


@router.api_route("/{language:language}/search", methods=_METHODS)
def search_page(request: Request, language: str, q: str = "", stay: bool = False) -> Response:
    """Show what a question finds. A question in another language is answered in that one, unless the resident chose
    this page's language herself (`stay`)."""
    question = redact(q.strip()[: _message_limit(request)])
    if not question:
        return _page(request, "search.html", language, path="/search", question="", empty="q" in request.query_params)
    try:
        snapshot = request.app.state.catalogue.current
    except CatalogueUnavailable:
        return _unavailable(request, language)
    found = snapshot.engine.search(question, conversation=language, limit=_MOST_HITS)
    written = found.identified
    if written.sure and written.language != language and not stay:
        return RedirectResponse(f"/{written.language}/search?{urlencode({'q': question})}", 303)
    if found.outcome is Outcome.NOTHING_FOUND:
        request.app.state.lacks.note("", question, found.identified.language, found.needs, Lack.NOTHING_FOUND)
    result = search_view(found, snapshot, language)
    if result["hits"]:
        intro = replies.offers_found(language, len(result["hits"]), sure=result["certain"])
    else:
        intro = "" if result["crisis"] else replies.nothing_found(language, snapshot.catalogue)
    query = urlencode({"q": question, "stay": 1})
    return _page(
        request, "search.html", language, path=f"/search?{query}", question=question, result=result, intro=intro
    )


@router.api_route("/{language:language}/offers/{offer_id}", methods=_METHODS)
def offer_page(request: Request, language: str, offer_id: str) -> Response:
    """Show everything a resident may know of one offer. Offers for staff are not found here."""
    try:
        catalogue = request.app.state.catalogue.current.catalogue
        offer = catalogue.offer(offer_id)
    except CatalogueUnavailable:
        return _unavailable(request, language)
    except OfferNotFound:
        return _not_found(request, language)
    if not visible(offer):
        return _not_found(request, language)
    return _page(
        request, "offer.html", language, path=f"/offers/{offer.id}", **offer_context(offer, language, catalogue)
    )


@router.api_route("/{language:language}/{rest:path}", methods=_METHODS)
def missing_page(request: Request, language: str, rest: str) -> Response:
    """Say in the right language that there is no such page."""
    return _not_found(request, language)


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


def _page(request: Request, template: str, language: str, *, path: str, status: int = 200, **context: Any) -> Response:
    """Draw a page. `path` is what follows the language in its address, the same in every language."""
    return HTMLResponse(
        render(
            template,
            language,
            {
                "question": "",
                "empty": False,
                "result": None,
                "path": path,
                "message_limit": _message_limit(request),
                "contact_centre": _contact_centre(request),
                **context,
            },
        ),
        status,
        headers={"Content-Language": language},
    )


def _not_found(request: Request, language: str) -> Response:
    return _problem(
        request,
        language,
        404,
        N_("This page is not here"),
        N_("It may have moved, or it was never here. Tell Vejviser what you are looking for."),
    )


def _unavailable(request: Request, language: str) -> Response:
    return _problem(
        request,
        language,
        503,
        N_("Vejviser cannot answer just now"),
        N_("Please try again in a few minutes."),
    )


def _problem(request: Request, language: str, status: int, title: str, detail: str) -> Response:
    speak = localizer(language)
    said = {"title": speak.text(title), "detail": speak.text(detail)}
    return _page(request, "problem.html", language, path="", status=status, **said)


def _contact_centre(request: Request) -> Any:
    """Return the contact fact that every page names, or None while the catalogue cannot be read."""
    try:
        return request.app.state.catalogue.current.catalogue.facts.get(CONTACT_CENTRE)
    except CatalogueUnavailable:
        return None


def _message_limit(request: Request) -> int:
    settings = getattr(request.app.state, "settings", None)
    return int(getattr(settings, "message_limit", _MESSAGE_LIMIT))
