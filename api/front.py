"""The page of an installation's own address: in which municipality do you live? Asked once, then remembered by the browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from api import failures, health, proxies, requests, security
from api.languages import preferred_language
from api.metrics_page import metrics_of
from api.page_templates import STATIC, render
from api.pages import mount_static
from api.settings import Settings
from api.sites import Served
from services_catalog.languages import LANGUAGES

COOKIE = "municipality"
_REMEMBERED_SECONDS = 365 * 24 * 3600


def create_front(settings: Settings, municipalities: tuple[Served, ...], apps: Mapping[str, FastAPI]) -> FastAPI:
    """Return the application that answers where no municipality does."""
    front = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    front.state.settings = settings
    router = APIRouter()
    by_slug = {one.slug: one for one in municipalities}

    @router.get("/health/live")
    def live() -> health.Alive:
        return health.live()

    @router.get("/health/ready")
    async def ready(response: Response) -> dict[str, object]:
        """Tell of each municipality which parts are ready. A new one without offers does not keep the others from being
        served: 503 only when none is ready."""
        found = {slug: await health.readiness_of(app.state) for slug, app in apps.items()}
        parts = found.values()
        some = any(one.status == "ready" for one in parts)
        response.status_code = 200 if some else 503
        return {
            "status": "ready" if some else "not_ready",
            "catalogue": any(one.catalogue for one in parts),
            "conversation": all(one.conversation for one in parts),
            "municipalities": found,
        }

    @router.get("/")
    def choose(request: Request, change: Annotated[bool, Query()] = False) -> Response:
        known = by_slug.get(request.cookies.get(COOKIE, ""))
        if known is not None and not change:
            return RedirectResponse(address_of(known, request), 303, headers={"Cache-Control": "no-store"})
        tag = preferred_language(request)
        page = render("front.html", tag, {"municipalities": municipalities, "languages": tuple(LANGUAGES.values())})
        return HTMLResponse(
            page, headers={"Content-Language": tag, "Cache-Control": "no-store", "Vary": "Accept-Language"}
        )

    @router.get("/choose/{slug}")
    def chosen(request: Request, slug: str) -> Response:
        one = by_slug.get(slug)
        if one is None:
            return RedirectResponse("/?change=1", 303)
        response = RedirectResponse(address_of(one, request), 303, headers={"Cache-Control": "no-store"})
        response.set_cookie(
            COOKIE, slug, _REMEMBERED_SECONDS, httponly=True, samesite="lax", secure=request.url.scheme == "https"
        )
        return response

    front.include_router(router)
    front.include_router(metrics_of(apps))
    mount_static(front, STATIC)
    failures.install(front)
    security.install(front)
    requests.install(front)
    proxies.install(front)
    return front


def address_of(one: Served, request: Request) -> str:
    """Return where the pages of a municipality are."""
    if one.settings.public_url:
        return one.settings.public_url.rstrip("/") + "/"
    port = f":{request.url.port}" if request.url.port else ""
    return f"{request.url.scheme}://{one.site.hosts[0]}{port}/"
