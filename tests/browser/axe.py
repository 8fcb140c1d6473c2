"""axe-core on an open page: what it finds against WCAG 2.2, levels A and AA."""

from __future__ import annotations

import functools

from playwright.sync_api import Page

from .serving import ROOT

_SOURCE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
#: The rules whose verdict can change with the colours; all others look at structure and sizes.
_COLOUR_RULES = ["color-contrast", "link-in-text-block"]
_RUN = """only => axe.run(document, { runOnly: only, resultTypes: ['violations'] }).then(
  found => found.violations.flatMap(one => one.nodes.map(
    node => `${one.id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\\s+/g, ' ')}`)))"""


@functools.cache
def _source() -> str:
    return _SOURCE.read_text(encoding="utf-8")


def violations(page: Page, *, colours_only: bool = False) -> list[str]:
    """Return every violation on the page as it stands: the rule, the element, and what to do."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    only = {"type": "rule", "values": _COLOUR_RULES} if colours_only else {"type": "tag", "values": _RULES}
    found: list[str] = page.evaluate(_RUN, only)
    return found


def in_both_schemes(page: Page) -> list[str]:
    """Return the violations in light colours, and those of colour in dark ones: all else is the same."""
    page.emulate_media(color_scheme="light")
    found = [f"light: {one}" for one in violations(page)]
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {one}" for one in violations(page, colours_only=True)]
    page.emulate_media(color_scheme="light")
    return found
