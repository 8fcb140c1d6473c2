"""The accessibility statement, in the form that Danish law asks for.

Act no. 692 of 8 June 2018 on the accessibility of public sector bodies' websites and mobile applications, section 4; the
form is the model of Commission Implementing Decision (EU) 2018/1523.
"""

from __future__ import annotations

import datetime as dt

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.languages import preferred_language
from api.resident_page import resident_page

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

#: When what the statement says was last tested. Review it with every change of the pages, at least once a year.
REVIEWED_ON = dt.date(2026, 11, 30)
_METHODS = ["GET", "HEAD"]


@router.api_route("/{language:language}/accessibility", methods=_METHODS)
def accessibility_page(request: Request, language: str) -> Response:
    """Say how accessible the pages are, how that was tested, and whom to tell when something cannot be used."""
    return resident_page(
        request, "resident/accessibility.html", language, path="/accessibility", reviewed_on=REVIEWED_ON
    )


@router.api_route("/was", methods=_METHODS)
def short_address(request: Request) -> Response:
    """Lead to the statement from the short address that every Danish public website has (order no. 904 of 2019)."""
    address = f"/{preferred_language(request)}/accessibility"
    return RedirectResponse(address, 307, headers={"Vary": "Accept-Language"})
