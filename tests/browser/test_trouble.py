"""The network goes away, the service stumbles: the text stays, and trying again works."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from .conftest import OpenPage
from .test_conversation import QUESTIONS, ask

CHAT = re.compile(r"/api/v1/chat")


def test_a_lost_message_is_kept_and_sent_again(open_page: OpenPage) -> None:
    page = open_page("/da", expected_errors=True)
    page.route(CHAT, lambda route: route.abort())
    ask(page, QUESTIONS["da"])
    expect(page.locator(".failure")).to_be_visible()
    expect(page.locator(".message-resident")).to_contain_text(QUESTIONS["da"])
    page.unroute(CHAT)
    page.locator("[data-retry]").click()
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator(".failure")).to_have_count(0)
    expect(page.locator(".message-resident")).to_have_count(1)


def test_it_goes_on_by_itself_when_the_network_is_back(open_page: OpenPage) -> None:
    page = open_page("/uk", expected_errors=True)
    page.context.set_offline(True)
    ask(page, QUESTIONS["uk"])
    expect(page.locator(".failure")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".card").first).to_be_visible()


def test_a_stumbling_service_is_admitted_in_the_language(open_page: OpenPage) -> None:
    page = open_page("/ar", expected_errors=True)
    page.route(CHAT, lambda route: route.fulfill(status=500, content_type="application/problem+json", body="{}"))
    ask(page, QUESTIONS["ar"])
    expect(page.locator(".failure")).to_have_attribute("dir", "rtl")


@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_is_shown_in_its_own_words_and_the_message_is_kept(open_page: OpenPage, status: int) -> None:
    page = open_page("/en", expected_errors=True)

    def refuse(route: Route) -> None:
        route.fulfill(status=status, content_type="application/problem+json", json={"detail": "Please wait a little."})

    page.route(CHAT, refuse)
    ask(page, QUESTIONS["en"])
    expect(page.locator(".failure")).to_contain_text("Please wait a little.")
    page.unroute(CHAT)
    page.locator("[data-retry]").click()
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator(".message-resident")).to_have_count(1)


def test_an_empty_message_is_not_sent(open_page: OpenPage) -> None:
    page = open_page("/en")
    ask(page, "   ")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator(".message-resident")).to_have_count(0)
    page.get_by_role("textbox").type("x")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_markup_in_a_message_stays_text(open_page: OpenPage) -> None:
    page = open_page("/en")
    ask(page, "<b>learn</b> <script>alert(1)</script> danish")
    expect(page.locator(".message-resident p").last).to_have_text("<b>learn</b> <script>alert(1)</script> danish")
    assert page.locator(".message-resident b").count() == 0
