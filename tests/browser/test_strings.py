"""Arabic pages: no Danish word without isolation, no phone number mirrored, no letter cut off."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from .conftest import OpenPage
from .site import EDITORS, RESIDENTS, STAFF, UNFOLD, addresses
from .test_conversation import DANGER, QUESTIONS, ask

#: Latin words that stand in one sentence with Arabic ones, and not in a `bdi` (nor are an id or a key to press).
_DANISH_IN_ARABIC = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement;
    if (!/[A-Za-zÀ-ɏ]{2}/.test(node.data) || parent.closest('bdi, code, kbd, .code, .sr-only, svg')) continue;
    if (parent.closest('script, style, template, noscript, textarea, option, datalist')) continue;
    let block = parent;
    while (getComputedStyle(block).display === 'inline') block = block.parentElement;
    const sentence = block.cloneNode(true);
    sentence.querySelectorAll('.sr-only').forEach((one) => one.remove());
    if (/[\\u0600-\\u06ff]/.test(sentence.textContent)) found.push(node.data.trim().slice(0, 90));
  }
  return [...new Set(found)];
}"""
#: Phone numbers whose first digit is not the leftmost.
_MIRRORED = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.checkVisibility() || node.parentElement.closest('textarea, option')) continue;
    for (const match of node.data.matchAll(/\\d{2}(?:[ \\u00a0]\\d{2}){3}/g)) {
      const left = (place) => {
        const range = document.createRange();
        range.setStart(node, place);
        range.setEnd(node, place + 1);
        return range.getClientRects()[0]?.left ?? 0;
      };
      if (left(match.index) >= left(match.index + match[0].length - 1)) found.push(match[0]);
    }
  }
  return found;
}"""
#: Boxes that cut off what they hold. What is only for screen readers is meant to be cut off.
_CLIPPED = """() => [...document.querySelectorAll(
  'h1, h2, h3, button, .button, .reply, .card, .message-body, th, td, dt, dd, summary, label, legend, .badge, .alert',
)]
  .filter((node) => node.checkVisibility() && !node.closest('.sr-only') && node.clientHeight > 2)
  .filter((node) => {
    const style = getComputedStyle(node);
    const high = style.overflowY !== 'visible' && node.scrollHeight > node.clientHeight + 1;
    const wide = style.overflowX !== 'visible' && node.scrollWidth > node.clientWidth + 1;
    const range = document.createRange();
    range.selectNodeContents(node);
    const words = range.getBoundingClientRect(), box = node.getBoundingClientRect();
    const counts = style.display !== 'inline' && !node.querySelector('.sr-only, input');
    return high || wide || (counts && words.height > box.height + 1);
  }).map((node) => `${node.tagName}.${node.className}: ${node.textContent.trim().slice(0, 60)}`)"""
_CHECKS = {"Danish": _DANISH_IN_ARABIC, "mirrored": _MIRRORED, "clipped": _CLIPPED}
_PHONE = {"width": 360, "height": 740}


def problems(page: Page, path: str) -> list[str]:
    """Unfold all of a page, and return what is wrong with its Arabic."""
    page.evaluate(UNFOLD)
    return [f"{path}: {name}: {one}" for name, check in _CHECKS.items() for one in page.evaluate(check)]


def test_residents(open_page: OpenPage, feedback: str) -> None:
    page = open_page("/ar", expected_errors=True, viewport=_PHONE)
    found = []
    for path in addresses(RESIDENTS, "ar", feedback=feedback):
        page.goto(path)
        found += problems(page, path)
    page.goto("/ar")
    for number, question in enumerate((QUESTIONS["ar"], "كورس دنماركي", DANGER["ar"]), start=2):
        ask(page, question)
        page.locator(".message-service").nth(number - 1).wait_for()
    found += problems(page, "chat")
    assert found == []


@pytest.mark.parametrize("pages", [STAFF, EDITORS], ids=["staff", "editors"])
def test_those_who_sign_in(signed_in: OpenPage, pages: dict[str, tuple[str, ...]]) -> None:
    page = signed_in("/ar/account", viewport={"width": 1280, "height": 900})
    found = []
    for path in addresses(pages, "ar"):
        page.goto(path)
        found += problems(page, path)
    assert found == []


def test_the_checks_see_what_they_look_for(open_page: OpenPage) -> None:
    page = open_page("/ar")
    page.evaluate("""() => {
      document.body.innerHTML = '<h1>مرحبا بكم</h1><p>اتصل بـ Borgerservice على 33 66 33 66</p><p>نص <bdi>Bogstart</bdi></p>';
      Object.assign(document.querySelector('h1').style, { overflow: 'hidden', height: '10px' });
    }""")
    assert [one.split(": ")[1] for one in problems(page, "made")] == ["Danish", "mirrored", "clipped"]
