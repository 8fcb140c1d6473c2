"""`/sitemap.xml`, its parts and `/robots.txt`: every page that a search engine should know, in every language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Annotated
from xml.sax.saxutils import escape

from fastapi import APIRouter, Path, Request, Response

from api.addresses import public_address
from api.catalogue_service import Snapshot
from api.conditional import conditional
from api.problems import Problem
from services_catalog.catalogue import Catalogue
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.messages import N_

router = APIRouter(include_in_schema=False)

_METHODS = ["GET", "HEAD"]
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_XHTML = "http://www.w3.org/1999/xhtml"
_QUOTES = {'"': "&quot;"}
_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'
#: So many addresses stand in one file. The protocol allows 50,000 and 50 MB; a fifth of that is written in a moment.
MOST_ADDRESSES = 10_000


@router.api_route("/sitemap.xml", methods=_METHODS)
def sitemap(request: Request) -> Response:
    """List the chat and every published offer for residents, each with its other languages; where these are many, the files
    that list them (sitemaps.org, 0.9)."""
    snapshot: Snapshot = request.app.state.catalogue.current
    catalogue, address = snapshot.catalogue, public_address(request)
    parts = parts_of(catalogue)
    body = pages_of(catalogue, parts[0], address) if len(parts) == 1 else index_of(catalogue, parts, address)
    return conditional(request, Response(body, media_type="application/xml"), modified=snapshot.since)


@router.api_route("/sitemap-{number}.xml", methods=_METHODS)
def sitemap_part(request: Request, number: Annotated[int, Path(ge=1, le=1_000_000)]) -> Response:
    """List one part of the pages, counted from 1."""
    snapshot: Snapshot = request.app.state.catalogue.current
    parts = parts_of(snapshot.catalogue)
    if number > len(parts):
        raise Problem(
            404,
            N_("This was not found"),
            N_("There is nothing with the identifier “{identity}” here."),
            identity=str(number),
        )
    body = pages_of(snapshot.catalogue, parts[number - 1], public_address(request))
    return conditional(request, Response(body, media_type="application/xml"), modified=snapshot.since)


@router.api_route("/robots.txt", methods=_METHODS)
def robots(request: Request) -> Response:
    """Keep robots to the pages: what somebody searched for is no page (RFC 9309)."""
    kept_out = ["/api/", "/auth/", *(f"/{tag}/search" for tag in LANGUAGES)]
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in kept_out), ""]
    body = "\n".join([*lines, f"Sitemap: {public_address(request)}/sitemap.xml", ""])
    return conditional(request, Response(body, media_type="text/plain"))


#: Stands among the offers for the chat.
_CHAT = ""


def parts_of(catalogue: Catalogue) -> list[list[str]]:
    """Return the ids of the offers that search engines are told of, with `_CHAT` before them, as many together as one file may
    list."""
    many = max(1, MOST_ADDRESSES // len(LANGUAGES))

    def parts() -> list[list[str]]:
        pages = [_CHAT, *(one for one in catalogue.outlines.published if catalogue.outlines[one].visible)]
        return [pages[begin : begin + many] for begin in range(0, len(pages), many)]

    return catalogue.once(("sitemap", many), parts)


def pages_of(catalogue: Catalogue, part: Iterable[str], address: str) -> bytes:
    """Return a sitemap of one part as XML. `address` is scheme and host; `lastmod` is when an offer was last published, left
    out where nobody knows."""
    listed = "".join(_urls(catalogue, one, address) for one in part)
    return f'{_DECLARATION}<urlset xmlns="{_SITEMAP}" xmlns:xhtml="{_XHTML}">{listed}</urlset>'.encode()


def index_of(catalogue: Catalogue, parts: Sequence[Sequence[str]], address: str) -> bytes:
    """Return the index of a sitemap in several files, each with the last publication in it."""

    def last_changes() -> list[dt.datetime | None]:
        known = catalogue.modified
        return [max((known[one] for one in part if one in known), default=None) for part in parts]

    listed = "".join(
        f"<sitemap><loc>{escape(address, _QUOTES)}/sitemap-{number}.xml</loc>{_lastmod(changed)}</sitemap>"
        for number, changed in enumerate(catalogue.once(("sitemap dates", len(parts)), last_changes), 1)
    )
    return f'{_DECLARATION}<sitemapindex xmlns="{_SITEMAP}">{listed}</sitemapindex>'.encode()


def _urls(catalogue: Catalogue, offer_id: str, address: str) -> str:
    """Return a page in each language, each with the others."""
    path = "" if offer_id == _CHAT else f"/offers/{offer_id}"
    default = "/" if offer_id == _CHAT else f"/{SOURCE_LANGUAGE}{path}"
    places = {tag: escape(f"{address}/{tag}{path}", _QUOTES) for tag in LANGUAGES}
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang="{tag}" href="{place}"/>'
        for tag, place in (*places.items(), ("x-default", escape(f"{address}{default}", _QUOTES)))
    )
    changed = _lastmod(catalogue.modified.get(offer_id))
    return "".join(f"<url><loc>{place}</loc>{changed}{links}</url>" for place in places.values())


def _lastmod(moment: dt.datetime | None) -> str:
    return f"<lastmod>{moment.astimezone(dt.UTC).isoformat(timespec='seconds')}</lastmod>" if moment else ""
