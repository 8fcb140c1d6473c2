"""Slips to show at the counter: one offer or a few, in Danish beside the resident's language, with a code back to the page."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

import segno
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.addresses import public_address
from api.login import signed_in
from api.resident_page import not_found_page, problem_page, resident_page, unavailable_page
from services_catalog.accounts.roles import Role
from services_catalog.browsing import visible
from services_catalog.catalogue import Catalogue
from services_catalog.errors import CatalogueUnavailable
from services_catalog.messages import N_
from services_catalog.offer import Publication
from services_catalog.slips import MOST, Slip, slips, titles

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_METHODS = ["GET", "HEAD"]
#: From how many characters of known facts on a slip is printed in a smaller size, to fit on one A4 page.
_LONG = 500


@router.api_route("/{language:language}/offers/{offer_id}/slip", methods=_METHODS)
def offer_slip(request: Request, language: str, offer_id: str) -> Response:
    """Show one offer as a slip."""
    return _slip_page(request, language, [offer_id], path=f"/offers/{offer_id}/slip")


@router.api_route("/{language:language}/slip", methods=_METHODS)
def several_slips(request: Request, language: str, offer: Annotated[list[str], Query()] = []) -> Response:  # noqa: B006
    """Show a few offers as slips, in the order asked for. Those that are not there are left out, and the page says so."""
    asked = list(dict.fromkeys(offer))
    if len(asked) > MOST:
        title, detail = N_("Too many offers for one page"), N_("Choose at most {most} offers at a time.")
        return problem_page(request, language, 400, title, detail, most=MOST)
    return _slip_page(request, language, asked, path=f"/slip?{urlencode({'offer': asked}, doseq=True)}")


def _slip_page(request: Request, language: str, asked: list[str], *, path: str) -> Response:
    try:
        catalogue: Catalogue = request.app.state.catalogue.current.catalogue
    except CatalogueUnavailable:
        return unavailable_page(request, language)
    account = signed_in(request)
    staff = account is not None and Role.STAFF in account.may
    shown = [catalogue.offers[one] for one in asked if one in catalogue.offers]
    shown = [one for one in shown if visible(one) or (staff and one.publication is Publication.PUBLISHED)]
    if not shown:
        return not_found_page(request, language)
    response = resident_page(
        request,
        "resident/slip.html",
        language,
        path=path,
        slips=[_drawn(one, language, public_address(request)) for one in slips(shown, language, catalogue)],
        titles=titles(language),
        left_out=len(asked) - len(shown),
        back=f"/{language}/offers/{shown[0].id}" if path.startswith("/offers/") else None,
    )
    if account is not None:
        response.headers["Cache-Control"] = "no-store"
    return response


def _drawn(slip: Slip, language: str, address: str) -> dict[str, Any]:
    """Return a slip with the address of its page and the code for it, None for what residents have no page of. A long one
    is printed smaller."""
    page = f"{address}/{language}/offers/{slip.offer.id}" if visible(slip.offer) else None
    return {"slip": slip, "page": page, "code": qr_code(page) if page else None, "long": _length(slip) > _LONG}


def _length(slip: Slip) -> int:
    return sum(max(len(row.text.danish), len(row.text.own)) for row in slip.facts)


def qr_code(address: str) -> str:
    """Return a QR code as an image in a `data:` address, dark on light in every colour scheme."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(border=2, dark="#000", light="#fff", scale=4))
