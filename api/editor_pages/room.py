"""What every page of the editors' room shares: who may open it, its frame, its forms, and how it says what went wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.convertors import Convertor, register_url_convertor
from starlette.datastructures import FormData, UploadFile

from api.authorization import Principal
from api.editor_pages import words
from api.page_authorization import page_role, private_page
from api.problems import Problem
from services_catalog.accounts.roles import Role
from services_catalog.catalogue import Catalogue
from services_catalog.editors.editing import Editing
from services_catalog.editors.offer_list import Copy, WorkingCopies
from services_catalog.errors import CatalogueError
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.messages import N_
from services_catalog.searching import Search
from services_catalog.seed import FOLDERS

#: The rooms, in the order of the menu: address, name, role.
ROOMS = (
    ("", N_("What waits"), "editor"),
    ("offers", N_("Offers"), "editor"),
    ("translations", N_("Translations"), "editor"),
    ("demand", N_("Unanswered questions"), "editor"),
    ("checks", N_("Checks"), "editor"),
    ("figures", N_("Figures"), "editor"),
    ("sources", N_("Sources and policies"), "editor"),
    ("records", N_("Other records"), "editor"),
    ("exchange", N_("Import and export"), "editor"),
    ("audit", N_("Who changed what"), "editor"),
    ("users", N_("Accounts"), "admin"),
)
LONGEST_REASON = 400


class _KindConvertor(Convertor[str]):
    """The part of an address that names a kind of record."""

    regex = "|".join(FOLDERS)

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("kind", _KindConvertor())


class RoomRoute(APIRoute):
    """A route of the room: what goes wrong is the same problem as in the API, drawn as a page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def drawn(request: Request) -> Response:
            try:
                return await handler(request)
            except (Problem, CatalogueError, RequestValidationError) as error:
                return await _as_page(request, error)

        return drawn


def room_router() -> APIRouter:
    """Return a router for one room."""
    return APIRouter(
        prefix="/{language:language}/editor",
        include_in_schema=False,
        default_response_class=HTMLResponse,
        route_class=RoomRoute,
    )


async def _form(request: Request) -> FormData:
    return await request.form()


Editor = Annotated[Principal, Depends(page_role(Role.EDITOR))]
Publisher = Annotated[Principal, Depends(page_role(Role.PUBLISHER))]
Admin = Annotated[Principal, Depends(page_role(Role.ADMIN))]
#: What was sent. Name it after who sends it, whose role is looked at before anything is read.
Form = Annotated[FormData, Depends(_form)]


def room_page(
    request: Request, principal: Principal, template: str, *, path: str | None = None, status: int = 200, **context: Any
) -> Response:
    """Return a page of the room. `path` is where it stands in the other languages when that is not its own address."""
    query = f"?{request.url.query}" if request.url.query and path is None else ""
    language = request.path_params["language"]
    shown = path if path is not None else request.url.path.removeprefix(f"/{language}") + query
    return private_page(
        request,
        principal,
        f"editor/{template}",
        path=shown,
        status=status,
        rooms=ROOMS,
        words=words,
        done=words.DONE.get(request.query_params.get("done", "")),
        **context,
    )


def done(language: str, path: str, what: str, **more: str) -> Response:
    """Return the way to a page of the room after something was done there (one of `words.DONE`)."""
    return RedirectResponse(f"/{language}/editor{path}?{urlencode({'done': what, **more})}", 303)


def text_in(form: FormData | Mapping[str, Any], name: str, longest: int = 1000) -> str:
    """Return what stands in a field of a form, without what no database keeps and without spaces around it."""
    given = form.get(name, "")
    return given.replace("\x00", "").replace("\r\n", "\n").strip()[:longest] if isinstance(given, str) else ""


def reason_in(form: FormData) -> str:
    """Return why something is done. Raises Problem 422 when nothing was written."""
    reason = text_in(form, "reason", LONGEST_REASON)
    if not reason:
        raise Problem(422, N_("Something in the form is missing"), N_("Write in a few words why you do this."))
    return reason


def number_in(form: FormData, name: str) -> int:
    """Return a whole number of a form, such as the revision that was seen. Raises Problem 422."""
    given = text_in(form, name, 10)
    if not (given.isascii() and given.isdigit()):
        raise Problem(422, N_("Something in the form is missing"), N_("The form is not whole. Load the page again."))
    return int(given)


def file_in(form: FormData, name: str) -> UploadFile:
    """Return a file of a form. Raises Problem 422 when none was chosen."""
    given = form.get(name)
    if not isinstance(given, UploadFile) or not given.filename:
        raise Problem(422, N_("Something in the form is missing"), N_("Choose a file first."))
    return given


def chosen(given: str, among: Mapping[str, Any], otherwise: str = "") -> str:
    """Return a value when it is one of those that may be chosen."""
    return given if given in among else otherwise


def target_language(given: str) -> str:
    """Return a language that is translated into; the first of them when another is given."""
    targets = [tag for tag in LANGUAGES if tag != SOURCE_LANGUAGE]
    return given if given in targets else targets[0]


def catalogue_of(request: Request) -> Catalogue:
    """Return what is published now. Raises CatalogueUnavailable."""
    catalogue: Catalogue = request.app.state.catalogue.current.catalogue
    return catalogue


def engine_of(request: Request) -> Search:
    """Return the search engine of what is published now. Raises CatalogueUnavailable."""
    engine: Search = request.app.state.catalogue.current.engine
    return engine


def working_copies_of(request: Request) -> list[Copy]:
    """Return what editors work on of every offer, in outline."""
    copies: WorkingCopies = request.app.state.working_copies
    return copies.all(catalogue_of(request))


def editing_of(request: Request) -> Editing:
    """Return the working copies of the catalogue."""
    editing: Editing = request.app.state.editing
    return editing


async def _as_page(request: Request, error: Exception) -> Response:
    handlers = request.app.exception_handlers
    handler = next(handlers[kind] for kind in type(error).__mro__ if kind in handlers)
    answer = await handler(request, error)
    problem = json.loads(answer.body)
    principal = await page_role()(request)
    status = answer.status_code
    return room_page(request, principal, "problem.html", path="/editor", status=status, problem=problem)
