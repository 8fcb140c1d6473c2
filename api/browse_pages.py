"""Looking around without a question: offers by life area and need, by part of the city, and those kept in the browser."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from api.offer_page import offer_link
from api.paging import PER_PAGE, Pages
from api.resident_page import not_found_page, resident_page, unavailable_page
from services_catalog import browsing
from services_catalog.answers import whom_to_ask
from services_catalog.catalogue import Catalogue
from services_catalog.errors import CatalogueUnavailable
from services_catalog.explain import described
from services_catalog.languages import SOURCE_LANGUAGE
from services_catalog.localized import localizer
from services_catalog.offer import Offer
from services_catalog.records import District, Need
from services_catalog.slips import MOST

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

_METHODS = ["GET", "HEAD"]
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
#: Most kept offers that are listed; more than anybody keeps.
_MOST_KEPT = 100


@router.api_route("/{language:language}/areas", methods=_METHODS)
def areas_page(request: Request, language: str) -> Response:
    """Show every life area with its needs and how many offers there are for each."""
    catalogue = _catalogue(request)
    if catalogue is None:
        return unavailable_page(request, language)
    shown = [
        _numbered(area.need, area.count, "areas", language)
        | {"needs": [_numbered(one.need, one.count, "areas", language) for one in area.needs]}
        for area in browsing.areas(catalogue)
    ]
    return resident_page(request, "resident/areas.html", language, path="/areas", areas=shown)


@router.api_route("/{language:language}/areas/{need_id}", methods=_METHODS)
def area_page(request: Request, language: str, need_id: str, page: PageNumber = 1) -> Response:
    """Show the offers for a need, or for a life area with everything below it, a page at a time."""
    catalogue = _catalogue(request)
    if catalogue is None:
        return unavailable_page(request, language)
    if need_id not in catalogue.needs:
        return not_found_page(request, language)
    area, shelf = browsing.area_of(catalogue, need_id), browsing.in_need(catalogue, need_id)
    pages = Pages(page, (len(shelf.available), len(shelf.others)), PER_PAGE)
    if page > pages.number:
        return not_found_page(request, language)
    return resident_page(
        request,
        "resident/area.html",
        language,
        **_turning(f"/areas/{need_id}", pages),
        id=need_id,
        name=_label(catalogue.needs[need_id], language),
        area=_numbered(area.need, area.count, "areas", language),
        needs=[_numbered(one.need, one.count, "areas", language) for one in area.needs],
        available=_links(pages.cut(0, shelf.available), language),
        others=_links(pages.cut(1, shelf.others), language),
        whom_to_ask=whom_to_ask(language, catalogue),
    )


@router.api_route("/{language:language}/districts", methods=_METHODS)
def districts_page(request: Request, language: str) -> Response:
    """Show every part of the city with the smaller ones in it."""
    catalogue = _catalogue(request)
    if catalogue is None:
        return unavailable_page(request, language)
    shown = [_district_view(one, language) for one in browsing.district_counts(catalogue)]
    return resident_page(request, "resident/districts.html", language, path="/districts", districts=shown)


@router.api_route("/{language:language}/districts/{district_id}", methods=_METHODS)
def district_page(request: Request, language: str, district_id: str, page: PageNumber = 1) -> Response:
    """Show what there is for the people of one part of the city: stated for it first, then for everybody; a page at a time."""
    catalogue = _catalogue(request)
    if catalogue is None:
        return unavailable_page(request, language)
    if district_id not in catalogue.districts:
        return not_found_page(request, language)
    shelf = browsing.in_district(catalogue, district_id)
    city = [offers for _, offers in shelf.city]
    pages = Pages(page, tuple(map(len, (shelf.here, shelf.others, *city, shelf.unclear))), PER_PAGE)
    if page > pages.number:
        return not_found_page(request, language)
    by_area = [
        {"name": _label(need, language), "offers": _links(pages.cut(number, offers), language)}
        for number, (need, offers) in enumerate(shelf.city, 2)
    ]
    return resident_page(
        request,
        "resident/district.html",
        language,
        **_turning(f"/districts/{district_id}", pages),
        name=_label(catalogue.districts[district_id], language),
        here=_stated(pages.cut(0, shelf.here), district_id, language, catalogue),
        others=_stated(pages.cut(1, shelf.others), district_id, language, catalogue),
        city=[area for area in by_area if area["offers"]],
        unclear=_links(pages.cut(2 + len(city), shelf.unclear), language),
        whom_to_ask=whom_to_ask(language, catalogue),
    )


@router.api_route("/{language:language}/favourites", methods=_METHODS)
def favourites_page(request: Request, language: str) -> Response:
    """Show the page on which js/favourites.js lists what the browser has kept."""
    return resident_page(request, "resident/favourites.html", language, path="/favourites", kept=None, slips=[])


@router.post("/{language:language}/favourites")
async def kept_offers(request: Request, language: str) -> Response:
    """Draw the kept offers that a browser names, in its order. Nothing about them is noted: they come in the body, so
    that no log has them, and go into no cache."""
    catalogue = _catalogue(request)
    if catalogue is None:
        return unavailable_page(request, language)
    named = list(dict.fromkeys(str(one) for one in (await request.form()).getlist("offer")))[:_MOST_KEPT]
    known = [one for one in named if one in catalogue.offers and browsing.visible(catalogue.offers[one])]
    kept = [offer_link(catalogue.offers[one], language) if one in known else {"id": one, "name": None} for one in named]
    groups = [known[at : at + MOST] for at in range(0, len(known), MOST)]
    slips = [f"/{language}/slip?{urlencode({'offer': group}, doseq=True)}" for group in groups]
    response = resident_page(request, "resident/favourites.html", language, path="/favourites", kept=kept, slips=slips)
    response.headers["Cache-Control"] = "no-store"
    return response


def _catalogue(request: Request) -> Catalogue | None:
    """Return the catalogue, or None while it cannot be read."""
    try:
        catalogue: Catalogue = request.app.state.catalogue.current.catalogue
    except CatalogueUnavailable:
        return None
    return catalogue


def _label(record: Need | District, language: str) -> str:
    return record.labels.get(language) or record.labels[SOURCE_LANGUAGE]


def _numbered(record: Need | District, count: int, room: str, language: str) -> dict[str, Any]:
    counted = localizer(language).plural("{count} offer", "{count} offers", count)
    return {
        "id": record.id,
        "name": _label(record, language),
        "url": f"/{language}/{room}/{record.id}",
        "count": count,
        "counted": counted,
    }


def _district_view(one: browsing.DistrictCount, language: str) -> dict[str, Any]:
    parts = [_district_view(part, language) for part in one.parts]
    return _numbered(one.district, one.count, "districts", language) | {"parts": parts}


def _links(offers: Iterable[Offer], language: str) -> list[dict[str, Any]]:
    return [offer_link(offer, language) for offer in offers]


def _stated(found: Iterable[Offer], district_id: str, language: str, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Return links with all the places their offers are for, not only the one that is looked at."""

    def place(offer: Offer) -> str:
        tied = replace(browsing.place_of(offer, district_id, catalogue), said=())
        return ", ".join(described([tied], language, catalogue))

    return [offer_link(offer, language) | {"place": place(offer)} for offer in found]


def _turning(path: str, pages: Pages) -> dict[str, Any]:
    """Return what a page of a long list needs to lead to the others."""
    here = f"{path}?page={pages.page}" if pages.page > 1 else path
    return {"path": here, "page": pages.page, "pages": pages.number, "address": lambda page: f"?page={page}"}
