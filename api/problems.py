"""Errors as RFC 9457 problem details, in the caller's language."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.languages import preferred_language
from services_catalog.connections import NotSaved
from services_catalog.errors import (
    AccountError,
    AccountExists,
    AccountInvalid,
    AccountNotFound,
    CatalogueUnavailable,
    LoginDelayed,
    LoginRefused,
    OfferNotFound,
    PublicationRefused,
    RecordInvalid,
    RecordNotFound,
    StateRefused,
)
from services_catalog.localized import localizer
from services_catalog.messages import N_

MEDIA_TYPE = "application/problem+json"
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


class Problem(Exception):
    """A refusal with a status, a title and what to do about it.

    `title` and `detail` are messages of the gettext catalogue; `values` fill their placeholders. `errors` names the
    fields that were wrong; `members` go into the body beside the standard ones (RFC 9457, 3.2).
    """

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        errors: Sequence[dict[str, str]] = (),
        headers: dict[str, str] | None = None,
        members: Any = None,
        **values: object,
    ) -> None:
        super().__init__(title)
        self.language: str | None = None
        self.members: dict[str, Any] = members or {}
        self.status, self.title, self.detail = status, title, detail
        self.errors, self.headers, self.values = list(errors), headers, values

    def spoken(self, language: str) -> Problem:
        """Return the problem, to be said in a language that is known better than from the request."""
        self.language = language
        return self


_TITLES = {
    400: N_("The request could not be understood"),
    401: N_("Please sign in"),
    403: N_("You may not do this"),
    404: N_("This was not found"),
    405: N_("This address does not take that method"),
    412: N_("Somebody else saved first"),
    409: N_("This does not fit with what is there"),
    413: N_("The request is too large"),
    422: N_("Something in the request is wrong"),
    429: N_("Too many requests"),
    500: N_("Something went wrong here"),
    503: N_("The service is not ready"),
    507: N_("Nothing can be saved just now"),
}

_ACCOUNT_STATUS = {
    AccountInvalid: 422,
    AccountNotFound: 404,
    AccountExists: 409,
    LoginRefused: 401,
    LoginDelayed: 429,
}


class _ProblemResponse(JSONResponse):
    def render(self, content: Any) -> bytes:
        # what was wrong may be half a character, and may stand in the name of a field
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


#: What to do first, by the step that was refused.
_STEPS = {
    "handed in": N_("Only a draft can be handed in for review. Save a draft first."),
    "published": N_("Only what was handed in for review can be published. Hand it in first."),
    "archived": N_("It is archived already."),
}


def problem_response(request: Request, problem: Problem) -> JSONResponse:
    """Return the problem as JSON in the language the caller prefers."""
    language = problem.language or preferred_language(request)
    _ = localizer(language).text
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": _(problem.title),
        "status": problem.status,
        "detail": _(problem.detail, **problem.values),
        "instance": request.url.path,
    }
    if problem.errors:
        body["errors"] = problem.errors
    body |= problem.members
    return _ProblemResponse(
        body,
        problem.status,
        headers={"Content-Language": language, **(problem.headers or {})},
        media_type=MEDIA_TYPE,
    )


def unexpected(request: Request) -> JSONResponse:
    """Return what is said of a mistake of ours: nothing of the mistake."""
    detail = N_("The mistake is ours and has been noted. Please try again.")
    return problem_response(request, Problem(500, _TITLES[500], detail))


def _methods_of(request: Request) -> list[str]:
    """Return the methods an address takes, those of all its routes (RFC 9110, 10.2.1)."""
    return [
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL for route in request.app.router.routes
        )
    ]


def install(app: FastAPI) -> None:
    """Turn every error of the application into a problem detail."""

    @app.exception_handler(Problem)
    async def _problem(request: Request, problem: Problem) -> JSONResponse:
        return problem_response(request, problem)

    @app.exception_handler(RequestValidationError)
    async def _validation(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {"field": ".".join(str(part) for part in one["loc"]), "message": str(one["msg"])} for one in error.errors()
        ]
        detail = N_("See `errors` for the fields that are wrong and why.")
        return problem_response(request, Problem(422, _TITLES[422], detail, errors=errors))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        title = _TITLES.get(error.status_code, _TITLES[400])
        headers = dict(error.headers or {})
        if error.status_code == 405:
            headers["Allow"] = ", ".join(_methods_of(request))
        return problem_response(request, Problem(error.status_code, title, title, headers=headers or None))

    @app.exception_handler(OfferNotFound)
    async def _no_offer(request: Request, error: OfferNotFound) -> JSONResponse:
        detail = N_("There is no offer with the id “{offer_id}”.")
        return problem_response(request, Problem(404, _TITLES[404], detail, offer_id=error.offer_id))

    @app.exception_handler(RecordNotFound)
    async def _no_record(request: Request, error: RecordNotFound) -> JSONResponse:
        detail = N_("Among the {kind} there is nothing with the id “{record_id}”, or not that revision of it.")
        return problem_response(request, Problem(404, _TITLES[404], detail, kind=error.kind, record_id=error.record_id))

    @app.exception_handler(StateRefused)
    async def _state(request: Request, error: StateRefused) -> JSONResponse:
        return problem_response(
            request,
            Problem(409, N_("This step is not possible now"), _STEPS[error.step], members={"state": error.state}),
        )

    @app.exception_handler(PublicationRefused)
    async def _unpublished(request: Request, error: PublicationRefused) -> JSONResponse:
        errors = [{"field": f"{one.path}: {one.field}", "message": one.message} for one in error.problems]
        broken = [
            {"id": one.id, "language": one.language, "question": one.question, "offer": one.offer_id}
            for one in error.broken
        ]
        detail = N_(
            "Nothing was published: see `errors` for the rules and `broken_checks` for the checks it would break."
        )
        return problem_response(
            request, Problem(422, _TITLES[422], detail, errors=errors, members={"broken_checks": broken})
        )

    @app.exception_handler(RecordInvalid)
    async def _invalid(request: Request, error: RecordInvalid) -> JSONResponse:
        errors = [{"field": f"{one.path}:{one.line}: {one.field}", "message": one.message} for one in error.problems]
        detail = N_("See `errors` for the fields that are wrong and why.")
        return problem_response(request, Problem(422, _TITLES[422], detail, errors=errors))

    @app.exception_handler(AccountError)
    async def _account(request: Request, error: AccountError) -> JSONResponse:
        status = _ACCOUNT_STATUS[type(error)]
        errors = [{"field": f"body.{error.field}", "message": str(error)}] if isinstance(error, AccountInvalid) else ()
        headers = {"Retry-After": str(error.seconds)} if isinstance(error, LoginDelayed) else None
        return problem_response(
            request, Problem(status, _TITLES[status], error.message, errors=errors, headers=headers, **error.values)
        )

    @app.exception_handler(NotSaved)
    async def _not_saved(request: Request, error: NotSaved) -> JSONResponse:
        if error.no_room:
            detail = N_("There is no room left, and nothing was saved. Please tell whoever looks after Vejviser.")
            return problem_response(request, Problem(507, _TITLES[507], detail))
        detail = N_("The catalogue cannot be reached just now. Look whether your change was saved, and try again.")
        return problem_response(request, Problem(503, _TITLES[503], detail, headers={"Retry-After": "5"}))

    @app.exception_handler(CatalogueUnavailable)
    async def _unavailable(request: Request, _error: CatalogueUnavailable) -> JSONResponse:
        detail = N_("The catalogue cannot be read just now. Please try again in a moment.")
        return problem_response(request, Problem(503, _TITLES[503], detail, headers={"Retry-After": "5"}))

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, _error: Exception) -> JSONResponse:
        return unexpected(request)
