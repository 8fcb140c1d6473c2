"""Every page of the application, by audience: the addresses at which tests look at it, and whether any is missing here."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from .test_conversation import DANGER, OFFER, QUESTIONS

#: Opens what is folded on a page, so that all of it is looked at.
UNFOLD = "document.querySelectorAll('details').forEach(one => { one.open = true; })"
_LANGUAGE = "/{language:language}"
#: Answers that no person looks at, by the beginning of their path: for machines, files, and ways to other pages.
_NO_PAGES = (
    "/api/",
    "/hsds",
    "/health/",
    "/internal/",
    "/auth/",
    "/sitemap.xml",
    "/sitemap-{number}.xml",
    "/robots.txt",
    "/favicon.ico",
    "/look.css",
    "/metrics",
    "/was",
)
_FILES = (f"{_LANGUAGE}/editor/translations/{{target}}.xlf", f"{_LANGUAGE}/editor/exchange/export")
_OTHER = "bogstart"
#: What the words of a test are replaced with in an address: see `addresses`.
_QUESTION, _DANGER, _FEEDBACK = "{question}", "{danger}", "{feedback}"

#: Route, and addresses after the language.
RESIDENTS = {
    "/": (),  # the chat, in the browser's language: the same page as the next
    _LANGUAGE: ("",),
    f"{_LANGUAGE}/search": ("/search", "/search?q=", _QUESTION, _DANGER, "/search?q=qxzqxz&stay=1"),
    f"{_LANGUAGE}/offers/{{offer_id}}": (f"/offers/{OFFER}",),
    f"{_LANGUAGE}/offers/{{offer_id}}/slip": (f"/offers/{OFFER}/slip",),
    f"{_LANGUAGE}/slip": (f"/slip?offer={OFFER}&offer={_OTHER}",),
    f"{_LANGUAGE}/areas": ("/areas",),
    f"{_LANGUAGE}/areas/{{need_id}}": ("/areas/leisure",),
    f"{_LANGUAGE}/districts": ("/districts",),
    f"{_LANGUAGE}/districts/{{district_id}}": ("/districts/valby",),
    f"{_LANGUAGE}/favourites": ("/favourites",),
    f"{_LANGUAGE}/feedback/{{feedback_id}}": (_FEEDBACK,),
    f"{_LANGUAGE}/accessibility": ("/accessibility",),
    f"{_LANGUAGE}/{{rest:path}}": ("/not-here",),
    f"{_LANGUAGE}/login": ("/login", "/login?out=1"),
}
#: For those who are signed in.
STAFF = {
    f"{_LANGUAGE}/account": ("/account",),
    f"{_LANGUAGE}/desk": ("/desk",),
    f"{_LANGUAGE}/desk/compare": (f"/desk/compare?offer={OFFER}&offer={_OTHER}",),
}
_EDITOR = f"{_LANGUAGE}/editor"
EDITORS = {
    _EDITOR: ("/editor",),
    f"{_EDITOR}/offers": ("/editor/offers", "/editor/offers?q=qxzqxz"),
    f"{_EDITOR}/offers/{{offer_id}}": (f"/editor/offers/{OFFER}", "/editor/offers/new"),
    f"{_EDITOR}/{{kind:kind}}/{{record_id}}/revisions": (f"/editor/offers/{OFFER}/revisions",),
    f"{_EDITOR}/{{kind:kind}}/{{record_id}}/revisions/{{number}}": (f"/editor/offers/{OFFER}/revisions/1",),
    f"{_EDITOR}/records": ("/editor/records",),
    f"{_EDITOR}/records/{{kind:kind}}/{{record_id}}": ("/editor/records/facts/koebenhavns-kommune-main-phone",),
    f"{_EDITOR}/translations": ("/editor/translations?to=ar",),
    f"{_EDITOR}/demand": ("/editor/demand",),
    f"{_EDITOR}/checks": ("/editor/checks",),
    f"{_EDITOR}/feedback": ("/editor/feedback",),
    f"{_EDITOR}/figures": ("/editor/figures",),
    f"{_EDITOR}/sources": ("/editor/sources",),
    f"{_EDITOR}/sources/offers/{{offer_id}}": (f"/editor/sources/offers/{OFFER}",),
    f"{_EDITOR}/launch": ("/editor/launch",),
    f"{_EDITOR}/exchange": ("/editor/exchange",),
    f"{_EDITOR}/audit": ("/editor/audit",),
    f"{_EDITOR}/users": ("/editor/users",),
}


def routes_of_pages(app: FastAPI) -> set[str]:
    """Return the route of every page that a browser can open."""
    return {
        route.path
        for route in iter_route_contexts(app.routes)
        if route.path and "GET" in (route.methods or ()) and not route.path.startswith(_NO_PAGES)
    } - set(_FILES)


def addresses(
    pages: dict[str, tuple[str, ...]], tag: str, *, feedback: str = "", leave: Iterable[str] = ()
) -> list[str]:
    """Return the addresses of pages in a language. `feedback` is the id of one; `leave` names addresses to leave out."""
    filled = {
        _QUESTION: f"/search?{urlencode({'q': QUESTIONS[tag], 'stay': 1})}",
        _DANGER: f"/search?{urlencode({'q': DANGER[tag], 'stay': 1})}",
        _FEEDBACK: f"/feedback/{feedback}",
    }
    return [f"/{tag}{filled.get(one, one)}" for several in pages.values() for one in several if one not in set(leave)]
