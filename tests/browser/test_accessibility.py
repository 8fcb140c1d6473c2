"""axe-core on every page of every audience, by the routes of the application: no violation of WCAG 2.2 A or AA.

The chat, the desk and the feedback have tests of their states of their own, beside their journeys.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from api.main import create_app

from .axe import in_both_schemes
from .conftest import OpenPage
from .serving import LANGUAGES
from .site import EDITORS, RESIDENTS, STAFF, UNFOLD, addresses, routes_of_pages
from .test_conversation import OFFER, QUESTIONS


def look_at(page: Page, path: str) -> list[str]:
    """Open a page, unfold all of it, and return its violations with the address."""
    page.goto(path)
    assert page.locator("h1").count() == 1, path
    page.evaluate(UNFOLD)
    return [f"{path}: {one}" for one in in_both_schemes(page)]


def test_every_page_is_looked_at() -> None:
    """A new page comes into the table of `site.py`, and with it under the tests below."""
    assert routes_of_pages(create_app()) == {*RESIDENTS, *STAFF, *EDITORS}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_pages_for_residents(open_page: OpenPage, feedback: str, tag: str) -> None:
    page = open_page(f"/{tag}/accessibility", expected_errors=True)  # one of the pages is a 404
    assert [one for path in addresses(RESIDENTS, tag, feedback=feedback) for one in look_at(page, path)] == []


@pytest.mark.parametrize("tag", ["da", "ar"])
def test_pages_for_staff(signed_in: OpenPage, tag: str) -> None:
    page = signed_in(f"/{tag}/account")
    found = [one for path in addresses(STAFF, tag) for one in look_at(page, path)]
    page.goto(f"/{tag}/desk")
    page.locator("#q").fill(QUESTIONS[tag])
    page.locator("[data-search]").click()
    page.locator("[data-hit]").first.wait_for()
    page.evaluate(UNFOLD)
    assert found + in_both_schemes(page) == []


@pytest.mark.parametrize("tag", ["da", "ar"])
def test_pages_for_editors(signed_in: OpenPage, tag: str) -> None:
    page = signed_in(f"/{tag}/account")
    assert [one for path in addresses(EDITORS, tag) for one in look_at(page, path)] == []


def test_the_editors_form_with_what_is_wrong_and_a_preview(signed_in: OpenPage) -> None:
    page = signed_in("/ar/editor/offers/new")
    page.locator("[data-do-preview]").click()
    page.locator("[data-preview-place] h2").or_(page.locator("[data-errors]")).first.wait_for()
    found = in_both_schemes(page)
    page.goto(f"/ar/editor/offers/{OFFER}")
    page.locator("#questions").fill(QUESTIONS["ar"])
    page.locator("[data-do-try]").click()
    expect(page.locator("[data-trials] > *").first).to_be_visible(timeout=60_000)
    page.locator("[data-do-preview]").click()
    page.locator("[data-preview-place] h2").first.wait_for()
    assert found + in_both_schemes(page) == []


def test_every_page_leads_to_the_statement(signed_in: OpenPage) -> None:
    page = signed_in("/en/account")
    for path in (
        "/en",
        "/en/slip",
        "/en/areas",
        "/en/login",
        "/en/account",
        "/en/desk",
        "/en/editor",
        "/en/editor/users",
    ):
        page.request.get(path)
        page.set_content(page.request.get(path).text())
        assert page.locator("footer [data-accessibility]").get_attribute("href") == "/en/accessibility", path


def test_axe_sees_what_it_looks_for(open_page: OpenPage) -> None:
    page = open_page("/da/accessibility")
    page.evaluate("""() => {
      document.querySelector('main').innerHTML = '<h1>x</h1><input><p>pale only in the dark</p>';
      document.querySelector('main p').style.color = '#333';
    }""")
    found = [one.split(":")[:2] for one in in_both_schemes(page)]
    assert found == [["light", " label"], ["dark", " color-contrast"]]
