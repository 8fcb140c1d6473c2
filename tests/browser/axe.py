"""axe-core on an open page: what it finds against WCAG 2.2, levels A and AA."""

from __future__ import annotations

import functools

from playwright.sync_api import Page

from .serving import ROOT

_SOURCE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_RUN = """rules => axe.run(document, { runOnly: { type: 'tag', values: rules }, resultTypes: ['violations'] }).then(
  found => found.violations.flatMap(one => one.nodes.map(
    node => `${one.id}: ${node.target.join(' ')}: ${node.failureSummary.replace(/\\s+/g, ' ')}`)))"""


@functools.cache
def _source() -> str:
    return _SOURCE.read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Return every violation on the page as it stands: the rule, the element, and what to do."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    found: list[str] = page.evaluate(_RUN, _RULES)
    return found


def in_both_schemes(page: Page) -> list[str]:
    """Return the violations in light and in dark colours."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {one}" for one in violations(page)]
    page.emulate_media(color_scheme="light")
    return found
