"""Directions that are right, nothing cut off on a small phone or at 400 % zoom, and pages that weigh little."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .conftest import OpenPage
from .serving import LANGUAGES
from .test_conversation import DANGER, OFFER, QUESTIONS, ask

PHONE = {"width": 360, "height": 740}
ZOOMED = {"width": 320, "height": 256}  # a window of 1280 × 1024 at 400 % (WCAG 2.2, 1.4.10)

_OUTSIDE = """() => [...document.querySelectorAll('body *')].filter(node => {
  const box = node.getBoundingClientRect();
  if (!box.width || !box.height || node.closest('.sr-only, .skipnav, .form-label, .form-hint')) return false;
  return box.left < -0.5 || box.right > innerWidth + 0.5;
}).map(node => node.outerHTML.slice(0, 120))"""

_READ_FROM_LEFT = """node => {
  const text = node.firstChild, range = document.createRange();
  const at = place => {
    range.setStart(text, place);
    range.setEnd(text, place + 1);
    return range.getBoundingClientRect().left;
  };
  return at(0) < at(text.length - 1);
}"""


def pages_of(tag: str) -> list[str]:
    return [f"/{tag}", f"/{tag}/search?q={QUESTIONS[tag]}", f"/{tag}/search?q={DANGER[tag]}", f"/{tag}/offers/{OFFER}"]


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("window", [PHONE, ZOOMED], ids=["phone", "zoom"])
def test_nothing_is_wider_than_the_window(open_page: OpenPage, tag: str, window: dict[str, int]) -> None:
    page = open_page(f"/{tag}", viewport=window)
    for path in pages_of(tag):
        page.goto(path)
        _fits(page)
    page.goto(f"/{tag}")
    for question in (QUESTIONS[tag], DANGER[tag]):
        before = page.locator(".message-service").count()
        ask(page, question)
        expect(page.locator(".message-service")).to_have_count(before + 1)
    _fits(page)


def _fits(page: Page) -> None:
    assert page.evaluate(_OUTSIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_pages_have_their_direction(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}")
    for path in pages_of(tag):
        page.goto(path)
        root = page.locator("html")
        expect(root).to_have_attribute("lang", tag)
        expect(root).to_have_attribute("dir", LANGUAGES[tag])
    wordmark, languages = page.locator(".wordmark").bounding_box(), page.locator(".languages").bounding_box()
    assert wordmark is not None
    assert languages is not None
    assert (wordmark["x"] < languages["x"]) == (LANGUAGES[tag] == "ltr")


def test_numbers_are_not_mirrored_in_arabic(open_page: OpenPage) -> None:
    page = open_page("/ar")
    ask(page, DANGER["ar"])
    expect(page.locator(".crisis")).to_be_visible()
    numbers = page.locator("main bdi[dir=ltr]:not([lang]), footer bdi[dir=ltr]")
    assert numbers.count() >= 3
    for number in numbers.all():
        assert number.evaluate(_READ_FROM_LEFT), number.inner_text()


def test_danish_stands_apart_in_arabic(open_page: OpenPage) -> None:
    page = open_page(f"/ar/offers/{OFFER}")
    name = page.locator(".counter bdi")
    expect(name).to_have_attribute("lang", "da")
    expect(name).to_have_attribute("dir", "ltr")
    expect(name).to_have_text("Kontingentstøtteordning")
    for quote in page.locator(".quote").all():
        expect(quote).to_have_attribute("lang", "da")


def test_arabic_letters_are_not_clipped(open_page: OpenPage) -> None:
    page = open_page("/ar")
    for text in page.locator("h1, h2:not(.sr-only), main p, .reply, .button").all():
        if text.is_visible():
            assert text.evaluate(
                "node => node.scrollHeight <= node.clientHeight + 1 || getComputedStyle(node).overflowY === 'visible'"
            )


def test_targets_are_large_enough(open_page: OpenPage) -> None:
    page = open_page("/da", viewport=PHONE)
    for target in page.locator("button:visible, .reply, .languages a").all():
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44, target.inner_text()
