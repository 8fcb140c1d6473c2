"""Pages for those who sign in: who may see them, and what each of them is drawn with.

Where the API answers with a JSON problem, a page leads to the sign-in page or says in words what is missing.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from api.authorization import Principal, Via
from api.languages import preferred_language
from api.login import CSRF_FIELD, check_csrf, csrf_given, csrf_token_of, signed_in
from api.problems import Problem
from api.resident_page import resident_page
from services_catalog.accounts.roles import Role
from services_catalog.localized import localizer
from services_catalog.messages import N_

_SAFE_METHODS = frozenset({"GET", "HEAD"})


class Answered(Exception):
    """A request for a page that is answered already, with another page or the way there."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


def install(app: FastAPI) -> None:
    """Let `page_role` answer in the place of a page."""

    @app.exception_handler(Answered)
    async def _answered(_request: Request, answer: Answered) -> Response:
        return answer.response


def page_role(role: Role | None = None) -> Callable[[Request], Awaitable[Principal]]:
    """Return a dependency for pages: it lets those pass who are signed in and have a role (None: any), and tells who it is.

    Others are sent to the sign-in page and come back to the page afterwards, or, after a form, to the room it stood in.
    Who lacks the role, or sends a form without its CSRF token, gets a page that says so (403).
    """

    async def allowed(request: Request) -> Principal:
        account = await run_in_threadpool(signed_in, request)
        if account is None:
            raise Answered(RedirectResponse(_sign_in_address(request), 303, headers={"Cache-Control": "no-store"}))
        principal = Principal(account.name, account.may, Via.LOGIN)
        try:
            await request.app.state.limits.require("account", account.name)
            check_csrf(request, await csrf_given(request))
            if role is not None and role not in principal.roles:
                detail = N_("This takes the role “{role}”.")
                raise Problem(403, N_("You may not do this"), detail, role=role.value)
        except Problem as problem:
            raise Answered(await run_in_threadpool(problem_page, request, principal, problem)) from None
        return principal

    return allowed


def private_page(
    request: Request,
    principal: Principal | None,
    template: str,
    *,
    path: str | None = None,
    status: int = 200,
    **context: Any,
) -> Response:
    """Return a page that no cache keeps and no search engine lists, in the language of its address.

    Templates extend `account/base.html`; they are drawn with who is signed in (`principal`, None for nobody), the names of
    all her `roles`, and what every form needs (`csrf_field`, `csrf_token`). `path` is where the page stands in the other
    languages, without the language: give it when the address of the request takes only forms.
    """
    language = page_language(request)
    response = resident_page(
        request,
        template,
        language,
        path=request.url.path.removeprefix(f"/{language}") if path is None else path,
        status=status,
        principal=principal,
        roles=frozenset(role.value for role in principal.roles) if principal else frozenset(),
        csrf_field=CSRF_FIELD,
        csrf_token=csrf_token_of(request),
        **context,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def problem_page(request: Request, principal: Principal | None, problem: Problem) -> Response:
    """Return a problem as a page, in words, with its status and headers."""
    say = localizer(page_language(request)).text
    said = {"title": say(problem.title), "detail": say(problem.detail, **problem.values)}
    response = private_page(request, principal, "account/problem.html", path="", status=problem.status, **said)
    response.headers.update(problem.headers or {})
    return response


def page_language(request: Request) -> str:
    """Return the language a page is in: that of its address."""
    language: str = request.path_params.get("language") or preferred_language(request)
    return language


def _sign_in_address(request: Request) -> str:
    path, query = request.url.path, f"?{request.url.query}" if request.url.query else ""
    room = "/".join(path.split("/")[:3])  # where a form stood: its own address cannot be come back to
    wanted = path + query if request.method in _SAFE_METHODS else room
    return f"/{page_language(request)}/login?{urlencode({'next': wanted})}"
