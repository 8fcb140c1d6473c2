"""Favourites stay in the browser, are there only after the heart was pressed, and go when they are removed."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from .axe import in_both_schemes
from .conftest import OpenPage
from .serving import LANGUAGES

FIRST, SECOND = "kontingentstoette", "geist"


def stored(page: Page) -> str | None:
    text: str | None = page.evaluate("localStorage.getItem('vejviser.favourites')")
    return text


def save(page: Page, tag: str, offer: str) -> None:
    page.goto(f"/{tag}/offers/{offer}")
    page.locator("[data-keep] button").click()
    expect(page.locator("[data-keep] button")).to_have_attribute("aria-pressed", "true")


def test_nothing_is_saved_before_the_heart_is_pressed_and_nothing_after_it_is_released(open_page: OpenPage) -> None:
    page = open_page(f"/en/offers/{FIRST}")
    heart = page.locator("[data-keep] button")
    expect(heart).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("localStorage.length") == 0
    expect(page.locator("#keep-note")).to_be_visible()
    said = page.locator("[data-keep] [role=status]")
    expect(said).to_have_text("")
    heart.focus()
    page.keyboard.press("Enter")
    assert stored(page) == f'["{FIRST}"]'
    expect(said).not_to_have_text("")
    page.reload()
    expect(heart).to_have_attribute("aria-pressed", "true")
    heart.click()
    expect(heart).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("localStorage.length") == 0
    assert page.context.cookies() == []


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_list_shows_them_in_the_language_and_lets_them_go(open_page: OpenPage, tag: str) -> None:
    page = open_page("/da")
    save(page, "da", FIRST)
    save(page, tag, SECOND)
    page.locator("[data-all-kept]").click()
    rows = page.locator("[data-kept-offer]")
    expect(rows).to_have_count(2)
    expect(rows.first.locator("a")).to_have_attribute("href", f"/{tag}/offers/{FIRST}")
    assert in_both_schemes(page) == []
    slip = page.locator(f'a[href^="/{tag}/slip"]')
    expect(slip).to_have_attribute("href", f"/{tag}/slip?offer={FIRST}&offer={SECOND}")
    rows.first.locator("[data-remove]").click()
    expect(rows).to_have_count(1)
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("[data-kept-status]")).not_to_have_text("")
    assert stored(page) == f'["{SECOND}"]'
    page.locator("[data-remove-all]").click()
    expect(rows).to_have_count(0)
    expect(page.locator("[data-kept-none]")).to_be_visible()
    assert stored(page) is None
    assert in_both_schemes(page) == []


def test_they_are_printed_as_slips(open_page: OpenPage) -> None:
    page = open_page("/en")
    save(page, "en", FIRST)
    save(page, "en", SECOND)
    page.goto("/en/favourites")
    page.locator('a[href^="/en/slip"]').click()
    expect(page.locator("[data-slip]")).to_have_count(2)


def test_an_offer_that_is_gone_can_be_removed(open_page: OpenPage) -> None:
    page = open_page("/en/favourites")
    page.evaluate("localStorage.setItem('vejviser.favourites', '[\"gone-for-good\"]')")
    page.reload()
    expect(page.locator("[data-kept-offer] a")).to_have_count(0)
    page.locator("[data-remove]").click()
    assert stored(page) is None


def test_a_failure_says_so_and_loses_nothing(open_page: OpenPage) -> None:
    page = open_page("/en", expected_errors=True)
    save(page, "en", FIRST)
    page.route(
        re.compile("/favourites"), lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    page.goto("/en/favourites")
    status = page.locator("[data-kept-status]")
    expect(status).to_have_text(status.get_attribute("data-failed") or "?")
    assert stored(page) == f'["{FIRST}"]'


@pytest.mark.parametrize("rubbish", ["{", "7", "[1, null]", '"x"'])
def test_rubbish_in_the_browser_is_no_list(open_page: OpenPage, rubbish: str) -> None:
    page = open_page("/en/favourites")
    page.evaluate("text => localStorage.setItem('vejviser.favourites', text)", rubbish)
    page.reload()
    expect(page.locator("[data-kept-none]")).to_be_visible()


def test_a_browser_that_saves_nothing_says_so(open_page: OpenPage) -> None:
    page = open_page("/en")
    page.add_init_script("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }")
    page.goto(f"/en/offers/{FIRST}")
    page.locator("[data-keep] button").click()
    expect(page.locator("[data-keep] button")).to_have_attribute("aria-pressed", "false")
    expect(page.locator("[data-keep] [role=status]")).not_to_have_text("")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_without_javascript_the_page_says_what_it_needs(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}/favourites", java_script_enabled=False)
    expect(page.locator("noscript p")).to_be_visible()
    page.goto(f"/{tag}/offers/{FIRST}")
    expect(page.locator("[data-keep]")).to_be_hidden()
    expect(page.locator("[data-read-aloud]")).to_be_hidden()
    expect(page.locator("[data-print]")).to_be_hidden()
