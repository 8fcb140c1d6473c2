"""Somebody comes in: the page is empty at once, the conversation is over, and Back does not bring it back."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from .axe import in_both_schemes
from .conftest import OpenPage
from .serving import EXIT, LANGUAGES
from .test_conversation import OFFER, QUESTIONS, ask
from .test_trouble import CHAT

SEARCH = f"/en/search?q={quote(QUESTIONS['en'])}&stay=1"
AWAY = re.compile(f"{EXIT}$")


def press_shift(page: Page, times: int = 3) -> None:
    for _ in range(times):
        page.keyboard.press("Shift")


def kept(page: Page) -> str:
    """Return what the tab keeps of the conversation."""
    return str(page.evaluate("sessionStorage.getItem('vejviser.conversation')"))


@pytest.mark.parametrize("tag", LANGUAGES)
def test_it_is_the_first_thing_a_keyboard_reaches_and_always_in_view(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}/offers/{OFFER}", viewport={"width": 360, "height": 740})
    page.keyboard.press("Tab")
    link = page.locator("[data-exit]")
    expect(link).to_be_focused()
    expect(link).to_have_attribute("rel", "noreferrer")
    box = link.bounding_box()
    assert box is not None
    assert min(box["width"], box["height"]) >= 44
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    expect(link).to_be_in_viewport(ratio=1)
    expect(page.locator("#leave")).to_be_visible()
    assert in_both_schemes(page) == []
    page.keyboard.press("Enter")
    page.wait_for_url(AWAY)


def test_leaving_ends_the_conversation_here_and_on_the_server(open_page: OpenPage) -> None:
    page = open_page("/en")
    ask(page, QUESTIONS["en"])
    expect(page.locator(".card").first).to_be_visible()
    session = page.evaluate("JSON.parse(sessionStorage.getItem('vejviser.conversation')).session")
    entries = page.evaluate("history.length")
    with page.expect_request(re.compile(session)) as ended:
        page.locator("[data-exit]").click()
    assert ended.value.method == "DELETE"
    page.wait_for_url(AWAY)
    assert page.evaluate("history.length") == entries
    assert kept(page) == "None"
    answer = page.request.post("/api/v1/chat", data={"session": session, "text": "ok"}).json()
    assert answer["session"] != session


def test_shift_three_times_leaves_while_an_answer_is_under_way(open_page: OpenPage) -> None:
    page = open_page("/da", expected_errors=True)
    waiting: list[Route] = []
    page.route(CHAT, lambda route: waiting.append(route))
    ask(page, QUESTIONS["da"])
    expect(page.locator(".typing")).to_be_visible()
    press_shift(page)
    page.wait_for_url(AWAY)
    assert kept(page) == "None"


def test_a_conversation_ends_on_a_page_that_does_not_show_it(open_page: OpenPage) -> None:
    page = open_page("/en")
    ask(page, QUESTIONS["en"])
    page.locator(f'h3 a[href="/en/offers/{OFFER}"]').click()
    page.wait_for_url(f"**/offers/{OFFER}")
    with page.expect_request(lambda request: request.method == "DELETE"):
        press_shift(page)
    page.wait_for_url(AWAY)
    assert kept(page) == "None"


def test_the_page_is_empty_before_the_other_one_comes(open_page: OpenPage) -> None:
    page = open_page(SEARCH)
    page.route(f"**{EXIT}", lambda route: route.fulfill(status=204))  # the other page never comes
    page.locator("[data-exit]").click()
    expect(page.locator("body > *")).to_have_count(0)
    expect(page.locator("html")).to_be_hidden()
    assert page.title() == ""
    assert page.url.endswith("/")  # the question is gone from the address too


def test_back_leads_out_again_and_coming_back_on_purpose_works(open_page: OpenPage) -> None:
    page = open_page(SEARCH)
    page.goto(f"/en/offers/{OFFER}")
    press_shift(page)
    page.wait_for_url(AWAY)
    page.go_back(wait_until="commit")
    page.wait_for_url(AWAY)
    page.goto("/en")
    expect(page.get_by_role("textbox")).to_be_visible()
    page.reload()
    expect(page.get_by_role("textbox")).to_be_visible()


@pytest.mark.parametrize(
    "keys",
    [
        ["Shift+A", "Shift+B", "Shift+C", "Shift+D"],
        ["Alt+Shift"] * 4,
        ["Control+Shift"] * 4,
        ["Shift", "Shift", "a", "Shift"],
    ],
    ids=["capitals", "layouts", "layouts too", "between"],
)
def test_writing_does_not_leave(open_page: OpenPage, keys: list[str]) -> None:
    page = open_page("/uk")
    page.get_by_role("textbox").focus()
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.down("Shift")
    for _ in range(3):  # a key held down repeats
        page.keyboard.down("Shift")
    page.keyboard.up("Shift")
    expect(page.locator("h1")).to_be_visible()


def test_slow_presses_do_not_leave(open_page: OpenPage) -> None:
    page = open_page("/en/areas")
    for _ in range(4):
        page.keyboard.press("Shift")
        page.wait_for_timeout(1100)
    expect(page.locator("h1")).to_be_visible()
    press_shift(page)
    page.wait_for_url(AWAY)


@pytest.mark.parametrize("path", [f"/ar/offers/{OFFER}", SEARCH, "/uk/nowhere", "/"])
def test_it_works_on_every_page_without_javascript(open_page: OpenPage, path: str) -> None:
    page = open_page(path, expected_errors=path == "/uk/nowhere", java_script_enabled=False)
    with page.expect_request(f"**{EXIT}") as asked:
        page.locator("[data-exit]").click()
    page.wait_for_url(AWAY)
    assert "referer" not in asked.value.headers


def test_rooms_to_sign_in_to_have_none(open_page: OpenPage) -> None:
    page = open_page("/da/login")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("[data-exit]")).to_have_count(0)
    press_shift(page, 4)
    expect(page.locator("h1")).to_be_visible()
