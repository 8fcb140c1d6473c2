"""The colours of a municipality, as a style sheet of its own: nothing may stand in the page itself (CSP)."""

from __future__ import annotations

import hashlib

from fastapi import APIRouter, Request, Response

from services_catalog.municipality_folder import Look, Site

router = APIRouter(include_in_schema=False)

_DARK = "@media (prefers-color-scheme: dark)"


@router.get("/look.css")
def look(request: Request) -> Response:
    """Return the municipality's colours; nothing where it has none of its own."""
    site: Site | None = request.app.state.site
    return Response(
        style_sheet(site.look) if site and site.look else "",
        media_type="text/css",
        headers={"Cache-Control": "public, max-age=86400"},
    )


def look_address(site: Site | None) -> str:
    """Return the address of the style sheet, with a mark that changes when the colours do; empty where there are none."""
    if site is None or site.look is None:
        return ""
    return f"/look.css?v={hashlib.sha256(style_sheet(site.look).encode()).hexdigest()[:10]}"


def style_sheet(colours: Look) -> str:
    """Return the custom properties of css/colours.css that a municipality sets itself."""
    light = f"--accent: {colours.accent}; --accent-strong: {colours.accent}; --fds-primary: var(--accent)"
    dark = f"--accent: {colours.accent_on_dark}; --accent-strong: {colours.accent_on_dark}"
    return f":root {{ {light} }}\n{_DARK} {{ :root {{ {dark} }} }}\n"
