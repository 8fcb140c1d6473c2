"""Charts where a picture says more than a list, each with its table."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query, Request, Response
from markupsafe import Markup

from api.charts import bar, columns, swatch
from api.editor_pages import words
from api.editor_pages.room import Editor, catalogue_of, room_page, room_router
from services_catalog.catalogue import Catalogue
from services_catalog.editors.figures import Figures, Freshness, Result, completeness, freshness
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE, direction_of
from services_catalog.localized import Localizer, localizer
from services_catalog.messages import N_
from services_catalog.offer import TranslationState

router = room_router()

_MOST_NEEDS = 25
_RESULTS = {
    Result.FOUND: N_("Found"),
    Result.ASKED_BACK: N_("Asked back"),
    Result.DANGER: N_("Somebody in danger"),
    Result.NOT_FOUND: N_("Not found"),
}
_FRESH = {
    Freshness.LATER: N_("Later"),
    Freshness.SOON: N_("Within 90 days"),
    Freshness.OVERDUE: N_("Overdue"),
    Freshness.NO_DAY: N_("No day is set"),
}
_TRANSLATED = (
    TranslationState.REVIEWED,
    TranslationState.UNREVIEWED,
    TranslationState.OUTDATED,
    TranslationState.MISSING,
)

Value = int | None


@dataclass(frozen=True)
class Chart:
    """A chart: `rows` are its lines with their values in the order of `series`, and the picture of each; `picture` is drawn
    once for all of them instead."""

    id: str
    title: str
    series: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Value]]]
    bars: Sequence[Markup] = ()
    picture: Markup | None = None
    highest: int = 0

    @property
    def empty(self) -> bool:
        return not any(value or value is None for _, values in self.rows for value in values)


@router.get("/figures")
def figures_page(request: Request, editor: Editor, days: Annotated[int, Query(ge=1, le=366)] = 30) -> Response:
    """Show what was asked and found in the last days, and how the catalogue stands today."""
    language = request.path_params["language"]
    speak, rtl = localizer(language), direction_of(language) == "rtl"
    figures: Figures = request.app.state.figures
    catalogue = catalogue_of(request)
    today = dt.date.today()
    first = today - dt.timedelta(days=days - 1)
    charts = [
        _daily(figures, first, today, speak, rtl),
        _results(figures, first, speak, rtl),
        *_needs(figures, first, catalogue, speak, rtl),
        _freshness(catalogue, today, speak, rtl),
        _completeness(catalogue, speak, rtl),
    ]
    return room_page(request, editor, "figures.html", charts=charts, days=days, swatch=swatch)


def _daily(figures: Figures, first: dt.date, today: dt.date, speak: Localizer, rtl: bool) -> Chart:
    daily = figures.daily(first, today)
    series = [daily.languages[tag] for tag in LANGUAGES]
    rows = [(speak.date(day), [values[place] for values in series]) for place, day in enumerate(daily.days)]
    highest = max(sum(value or 0 for value in values) for _, values in rows)
    names = [language.native_name for language in LANGUAGES.values()]
    title = speak.text(N_("Questions per day and language"))
    return Chart("daily", title, names, rows, picture=columns(series, highest, rtl=rtl), highest=highest)


def _results(figures: Figures, first: dt.date, speak: Localizer, rtl: bool) -> Chart:
    found = figures.results(first)
    rows = [(LANGUAGES[tag].native_name, [counts[one] for one in _RESULTS]) for tag, counts in found.items()]
    return _bars(
        "results", N_("What questions came to"), [speak.text(one) for one in _RESULTS.values()], rows, speak, rtl
    )


def _needs(figures: Figures, first: dt.date, catalogue: Catalogue, speak: Localizer, rtl: bool) -> list[Chart]:
    """Return the needs that were asked beside the offers there are, and the needs without any."""
    found = figures.needs(first, catalogue)

    def name(need: str) -> str:
        labels = catalogue.needs[need].labels
        return labels.get(speak.language.tag, labels[SOURCE_LANGUAGE])

    asked = [(name(one.need), [one.asked, one.offers]) for one in found if one.asked != 0][:_MOST_NEEDS]
    without: list[tuple[str, list[Value]]] = [(name(one.need), [one.asked]) for one in found if not one.offers]
    series = [speak.text(N_("Times asked")), speak.text(N_("Offers people can have"))]
    pair = [max((values[place] or 0 for _, values in asked), default=0) for place in (0, 1)]
    drawn = [
        Markup("{}{}").format(bar([values[0]], pair[0], rtl=rtl), bar([0, values[1]], pair[1], rtl=rtl))
        for _, values in asked
    ]
    title = speak.text(N_("Needs asked, and offers there are"))
    return [
        Chart("needs", title, series, asked, bars=drawn),
        _bars("lacking", N_("Needs without any offer that people can have"), series[:1], without, speak, rtl),
    ]


def _freshness(catalogue: Catalogue, today: dt.date, speak: Localizer, rtl: bool) -> Chart:
    counts = freshness(catalogue, today)
    rows: list[tuple[str, list[Value]]] = [
        (speak.text(N_("Published offers")), [counts[one] for one in _FRESH]),
    ]
    names = [speak.text(one) for one in _FRESH.values()]
    return _bars("freshness", N_("When offers must be looked at again"), names, rows, speak, rtl)


def _completeness(catalogue: Catalogue, speak: Localizer, rtl: bool) -> Chart:
    rows: list[tuple[str, list[Value]]] = [
        (LANGUAGES[tag].native_name, [counts[state] for state in _TRANSLATED])
        for tag, counts in completeness(catalogue).items()
    ]
    names = [speak.text(words.TRANSLATIONS[state]) for state in _TRANSLATED]
    return _bars("completeness", N_("How far the texts are translated"), names, rows, speak, rtl)


def _bars(
    id_: str, title: str, series: Sequence[str], rows: Sequence[tuple[str, Any]], speak: Localizer, rtl: bool
) -> Chart:
    longest = max((sum(value or 0 for value in values) for _, values in rows), default=0)
    return Chart(id_, speak.text(title), series, rows, bars=[bar(values, longest, rtl=rtl) for _, values in rows])
