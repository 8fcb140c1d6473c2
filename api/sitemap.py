"""`/sitemap.xml` and `/robots.txt`: every page that a search engine should know, in every language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from fastapi import APIRouter, Request, Response

from api.addresses import public_address
from api.catalogue_service import Snapshot
from api.conditional import conditional
from services_catalog.browsing import visible
from services_catalog.catalogue import Catalogue
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE

router = APIRouter(include_in_schema=False)

_METHODS = ["GET", "HEAD"]
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
ET.register_namespace("", _SITEMAP)
ET.register_namespace("xhtml", _XHTML)


@router.api_route("/sitemap.xml", methods=_METHODS)
def sitemap(request: Request) -> Response:
    """List the chat and every published offer for residents, each with its other languages (sitemaps.org, 0.9)."""
    snapshot: Snapshot = request.app.state.catalogue.current
    body = sitemap_of(snapshot.catalogue, public_address(request))
    return conditional(request, Response(body, media_type="application/xml"), modified=snapshot.since)


@router.api_route("/robots.txt", methods=_METHODS)
def robots(request: Request) -> Response:
    """Keep robots to the pages: what somebody searched for is no page (RFC 9309)."""
    kept_out = ["/api/", "/auth/", *(f"/{tag}/search" for tag in LANGUAGES)]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in kept_out), ""]
    body = "\n".join([*lines, f"Sitemap: {public_address(request)}/sitemap.xml", ""])
    return conditional(request, Response(body, media_type="text/plain"))


def sitemap_of(catalogue: Catalogue, address: str) -> bytes:
    """Return the sitemap as XML. `address` is scheme and host; `lastmod` is when an offer was last published, left out
    where nobody knows."""
    root = ET.Element(f"{{{_SITEMAP}}}urlset")
    for path, default, modified in _pages(catalogue):
        for tag in LANGUAGES:
            page = ET.SubElement(root, f"{{{_SITEMAP}}}url")
            ET.SubElement(page, f"{{{_SITEMAP}}}loc").text = f"{address}/{tag}{path}"
            if modified is not None:
                lastmod = ET.SubElement(page, f"{{{_SITEMAP}}}lastmod")
                lastmod.text = modified.astimezone(dt.UTC).isoformat(timespec="seconds")
            for other, place in [*((one, f"/{one}{path}") for one in LANGUAGES), ("x-default", default)]:
                ET.SubElement(
                    page, f"{{{_XHTML}}}link", {"rel": "alternate", "hreflang": other, "href": f"{address}{place}"}
                )
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _pages(catalogue: Catalogue) -> Iterator[tuple[str, str, dt.datetime | None]]:
    """Yield what follows the language in the address of a page, where those go who speak none of ours, and its last change."""
    yield "", "/", None
    for offer in catalogue.published:
        if visible(offer):
            path = f"/offers/{offer.id}"
            yield path, f"/{SOURCE_LANGUAGE}{path}", catalogue.modified.get(offer.id)
