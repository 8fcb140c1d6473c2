"""A slip at the counter: Danish on the left and the own language beside it, on a phone, on paper, and with large text."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .axe import in_both_schemes
from .conftest import OpenPage
from .serving import LANGUAGES
from .test_conversation import OFFER
from .test_layout import _OUTSIDE, PHONE, ZOOMED

#: The offer with the longest texts of the catalogue.
LONGEST = "danskuddannelse"
_TWICE = "document.documentElement.style.fontSize = '125%'"  # the design system begins at 62.5 %


def fits(page: Page) -> None:
    assert page.evaluate(_OUTSIDE) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def pages_on_paper(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


@pytest.mark.parametrize("tag", LANGUAGES)
def test_both_languages_stand_beside_each_other_in_their_direction(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}/offers/{OFFER}", java_script_enabled=False)
    page.locator(f'a[href="/{tag}/offers/{OFFER}/slip"]').click()
    expect(page.locator(".slip-name bdi")).to_have_text("Kontingentstøtteordning")
    for pair in page.locator("[data-fact], .slip-say, .slip-question").all():
        danish, own = pair.locator("> [lang=da]"), pair.locator(f"> [lang={tag}]")
        expect(danish).to_have_attribute("dir", "ltr")
        if tag == "da":
            expect(pair.locator("> *")).to_have_count(1)
            continue
        expect(own).to_have_attribute("dir", LANGUAGES[tag])
        left, right = danish.bounding_box(), own.bounding_box()
        assert left is not None
        assert right is not None
        assert left["x"] + left["width"] <= right["x"]
    assert page.locator("[data-fact]").count() + page.locator(".slip-question").count() == 8
    assert page.locator(".slip-code").evaluate("image => image.complete && image.naturalWidth > 0")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_longest_slip_fits_on_one_page_of_paper(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}/offers/{LONGEST}/slip")
    assert pages_on_paper(page) == 1


@pytest.mark.parametrize("tag", LANGUAGES)
def test_nothing_is_lost_on_a_phone_at_400_percent_and_with_text_twice_as_large(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}/offers/{LONGEST}/slip", viewport=PHONE)
    for path in (f"/{tag}/offers/{LONGEST}/slip", f"/{tag}/offers/{LONGEST}"):
        page.goto(path)
        for window in (PHONE, ZOOMED):
            page.set_viewport_size(window)  # type: ignore[arg-type]
            fits(page)
        page.set_viewport_size({"width": 1280, "height": 900})
        before = page.locator("h1").evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
        page.evaluate(_TWICE)
        assert page.locator("h1").evaluate("node => parseFloat(getComputedStyle(node).fontSize)") > 1.5 * before
        fits(page)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_slip_and_offer_page_are_accessible(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}/slip?offer={OFFER}&offer=bogstart&offer=gone")
    assert in_both_schemes(page) == []
    page.goto(f"/{tag}/offers/{LONGEST}")
    page.locator("details summary").click()
    assert in_both_schemes(page) == []


def test_paper_is_white_and_has_nothing_to_press(open_page: OpenPage) -> None:
    page = open_page(f"/da/offers/{LONGEST}", color_scheme="dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)" != dark
    assert page.locator("main p").first.evaluate("node => getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    for hidden in (".top", ".bottom", ".offer-actions", "[data-exit]"):
        expect(page.locator(hidden).first).to_be_hidden()
    expect(page.locator(".quote").first).to_be_visible()  # what the words rest on is printed too


def test_the_print_button_prints(open_page: OpenPage) -> None:
    page = open_page(f"/en/offers/{OFFER}/slip")
    page.evaluate("window.print = () => { document.title = 'printed' }")
    page.locator("[data-print]").click()
    expect(page).to_have_title("printed")
