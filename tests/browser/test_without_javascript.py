"""The same form without JavaScript: a search page that answers, helps in danger, and refuses honestly."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import OpenPage
from .serving import LANGUAGES
from .test_conversation import DANGER, OFFER, QUESTIONS


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_search_finds_the_offer(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}", java_script_enabled=False)
    page.get_by_role("textbox").fill(QUESTIONS[tag])
    page.locator("form button[type=submit]").click()
    assert page.url.split("?")[0].endswith(f"/{tag}/search")
    expect(page.locator(f'h3 a[href="/{tag}/offers/{OFFER}"]')).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_value(QUESTIONS[tag])


@pytest.mark.parametrize("tag", LANGUAGES)
def test_danger_is_answered_first(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}", java_script_enabled=False)
    page.get_by_role("textbox").fill(DANGER[tag])
    page.locator("form button[type=submit]").click()
    expect(page.locator(".results > *").first).to_have_class("crisis")
    expect(page.locator('.crisis a[href="tel:112"]').first).to_be_visible()


def test_a_question_in_another_language_gets_a_page_in_it(open_page: OpenPage) -> None:
    page = open_page("/da", java_script_enabled=False)
    page.get_by_role("textbox").fill(QUESTIONS["ar"])
    page.locator("form button[type=submit]").click()
    assert page.locator("html").get_attribute("lang") == "ar"
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    expect(page.locator(".card").first).to_be_visible()


def test_nothing_found_says_whom_to_call(open_page: OpenPage) -> None:
    page = open_page("/en/search?q=How+do+I+repair+a+submarine+engine&stay=1", java_script_enabled=False)
    expect(page.locator(".card")).to_have_count(0)
    expect(page.locator(".results")).to_contain_text("33 66 33 66")
    expect(page.locator('#person a[href="tel:+4533663366"]')).to_be_visible()


def test_an_empty_question_is_answered_with_a_hint(open_page: OpenPage) -> None:
    page = open_page("/en/search?q=", java_script_enabled=False)
    expect(page.get_by_role("alert")).to_be_visible()


def test_markup_is_shown_as_text(open_page: OpenPage) -> None:
    page = open_page("/en/search?q=%3Cimg+src%3Dx+onerror%3Dalert(1)%3E+learn+danish&stay=1")
    expect(page.get_by_role("textbox")).to_have_value("learn danish")
    assert page.locator("main img").count() == 0


def test_personal_numbers_do_not_come_back(open_page: OpenPage) -> None:
    page = open_page("/da/search?q=Mit+cpr+er+010190-1234,+jeg+vil+lære+dansk&stay=1", java_script_enabled=False)
    assert "010190" not in page.content()


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("path", ["offers/no-such-offer", "nowhere", "offers/x/y"])
def test_what_is_not_there_says_so_in_the_language(open_page: OpenPage, tag: str, path: str) -> None:
    page = open_page("/da")
    response = page.request.get(f"/{tag}/{path}")
    assert response.status == 404
    assert f'lang="{tag}"' in response.text()


def test_staff_offers_are_not_shown_to_residents(open_page: OpenPage) -> None:
    page = open_page("/da")
    assert page.request.get("/da/offers/flersprogede-behandlere").status == 404
