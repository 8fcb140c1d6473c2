"""What somebody gets who is turned away before her request reached anything: a page where she asked for one, else a problem."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from api.page_authorization import problem_page
from api.problems import Problem, problem_response
from services_catalog.languages import LANGUAGES


async def refusal(request: Request, problem: Problem) -> Response:
    """Return the problem, in the language of the address or the caller's."""
    if request.url.path.split("/")[1] in LANGUAGES:
        return await run_in_threadpool(problem_page, request, None, problem)
    return problem_response(request, problem)
