"""Bars and columns as inline SVG without a style of its own: classes colour them (css/editor.css), and every word and
number stands beside them as text, so that they grow with the reader's letters and turn with her script.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

#: The width and height of a drawing in its own units; it is stretched to its place.
_WIDTH, _HEIGHT = 1000.0, 100.0
_RECT = Markup('<rect class="s{}" x="{:.2f}" y="{:.2f}" width="{:.2f}" height="{:.2f}"/>')
_SVG = Markup('<svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true" focusable="false">{}</svg>')


def bar(values: Sequence[float | None], longest: float, *, rtl: bool = False) -> Markup:
    """Return one bar of parts side by side, as long as their sum is of `longest`; it begins where the script does. Parts
    that are not shown (None) have no length."""
    parts, start = Markup(""), 0.0
    for number, value in enumerate(values):
        width = _share(value, longest) * _WIDTH
        if width:
            parts += _RECT.format(number, _WIDTH - start - width if rtl else start, 0, width, _HEIGHT)
        start += width
    return _SVG.format(parts)


def columns(series: Sequence[Sequence[float | None]], highest: float, *, rtl: bool = False) -> Markup:
    """Return a column for each place in the series, the series on top of each other; `highest` reaches the top."""
    count = max((len(values) for values in series), default=0)
    step = _WIDTH / max(count, 1)
    parts = Markup("")
    for place in range(count):
        x, top = (count - 1 - place if rtl else place) * step, _HEIGHT
        for number, values in enumerate(series):
            height = _share(values[place], highest) * _HEIGHT
            if height:
                top -= height
                parts += _RECT.format(number, x + step * 0.1, top, step * 0.8, height)
    return _SVG.format(parts)


def swatch(number: int) -> Markup:
    """Return the colour of a series for a legend."""
    return _SVG.format(_RECT.format(number, 0, 0, _WIDTH, _HEIGHT))


def _share(value: float | None, whole: float) -> float:
    return min(value / whole, 1.0) if value and whole > 0 else 0.0
