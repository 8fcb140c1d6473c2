"""What every page for residents shares: how it is drawn, the language at the start of its address, and what it says when
there is nothing to show."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.convertors import Convertor, register_url_convertor

from api.look import look_address
from api.page_templates import render
from services_catalog.catalogue import Catalogue
from services_catalog.errors import CatalogueUnavailable
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.localized import localizer
from services_catalog.messages import N_

_MESSAGE_LIMIT = 4000


class _LanguageConvertor(Convertor[str]):
    """The first part of a page's path: a language the service speaks."""

    regex = "|".join(LANGUAGES)

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("language", _LanguageConvertor())


def resident_page(
    request: Request, template: str, language: str, *, path: str, status: int = 200, **context: Any
) -> Response:
    """Return a page. `path` is what follows the language in its address, the same in every language. A language that the
    municipality does not answer in leads to the same page in Danish."""
    state, catalogue = request.app.state, _catalogue(request)
    spoken = catalogue.languages if catalogue else tuple(LANGUAGES)
    if language not in spoken:
        return RedirectResponse(f"/{SOURCE_LANGUAGE}{path}", 303)
    return HTMLResponse(
        render(
            template,
            language,
            {
                "question": "",
                "empty": False,
                "result": None,
                "path": path,
                "message_limit": message_limit(request),
                "languages": [LANGUAGES[tag] for tag in spoken],
                "municipality": catalogue.municipality_name if catalogue else "",
                "contact_centre": catalogue.contact_centre if catalogue else None,
                "look": look_address(state.site),
                "exit_url": state.settings.exit_url,
                **context,
            },
        ),
        status,
        headers={"Content-Language": language},
    )


def not_found_page(request: Request, language: str) -> Response:
    """Return the page that says in the right language that there is no such page."""
    return problem_page(
        request,
        language,
        404,
        N_("This page is not here"),
        N_("It may have moved, or it was never here. Tell Vejviser what you are looking for."),
    )


def unavailable_page(request: Request, language: str) -> Response:
    """Return the page for a catalogue that cannot be read."""
    return problem_page(
        request,
        language,
        503,
        N_("Vejviser cannot answer just now"),
        N_("Please try again in a few minutes."),
    )


def problem_page(request: Request, language: str, status: int, title: str, detail: str, **values: object) -> Response:
    """Return a page that says what went wrong; `values` fill the placeholders of `detail`."""
    speak = localizer(language)
    said = {"title": speak.text(title), "detail": speak.text(detail, **values)}
    return resident_page(request, "problem.html", language, path="", status=status, **said)


def message_limit(request: Request) -> int:
    """Return the longest question in characters."""
    settings = getattr(request.app.state, "settings", None)
    return int(getattr(settings, "message_limit", _MESSAGE_LIMIT))


def _catalogue(request: Request) -> Catalogue | None:
    """Return the catalogue, or None while it cannot be read."""
    try:
        found: Catalogue = request.app.state.catalogue.current.catalogue
    except CatalogueUnavailable:
        return None
    return found
