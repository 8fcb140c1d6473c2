"""The chat in all its states: waiting, offline, coming back; what a screen reader is told; what the browser keeps."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from .axe import in_both_schemes
from .conftest import OpenPage
from .serving import LANGUAGES
from .test_conversation import DANGER, OFFER, QUESTIONS, ask
from .test_trouble import CHAT

ADDRESS = "Skaffervej 6, 2400 København NV"

#: Counts what a polite live region would say: each text added to the log.
_LISTEN = """() => {
  window.heard = [];
  new MutationObserver(changes => changes.forEach(change => change.addedNodes.forEach(
    node => heard.push([node.className, node.textContent.trim()])))).observe(
      document.querySelector('[role=log]'), { childList: true, subtree: true });
}"""
#: Whether some of what has the focus can be seen (WCAG 2.2, 2.4.11).
_SEEN = """() => {
  const node = document.activeElement, box = node.getBoundingClientRect();
  const rows = Array.from({ length: 9 }, (_, row) => box.top + box.height * (row + .5) / 9);
  const seen = top => node.contains(document.elementFromPoint(box.left + box.width / 2, top));
  return node === document.body || rows.some(seen);
}"""
_KEPT = """async () => ({
  local: { ...localStorage }, session: Object.keys(sessionStorage), cookies: document.cookie,
  databases: (await indexedDB.databases()).length, caches: (await caches.keys()).length,
})"""


def answer_with(page: Page, **changes: Any) -> None:
    """Let the service answer, and change the first offer of what it says."""

    def change(route: Route) -> None:
        response = route.fetch()
        body = response.json()
        body["offers"][0] |= changes
        route.fulfill(response=response, json=body)

    page.route(CHAT, change)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_state_is_accessible(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}", expected_errors=True)
    assert in_both_schemes(page) == []
    held: list[Route] = []
    page.route(CHAT, lambda route: held.append(route))
    ask(page, QUESTIONS[tag])
    expect(page.locator(".typing")).to_be_visible()
    assert in_both_schemes(page) == []
    held[0].abort()
    expect(page.locator(".failure")).to_be_visible()
    assert in_both_schemes(page) == []
    page.unroute(CHAT)
    answer_with(page, phone="33663366", address=ADDRESS, overdue_since="2024-01-31", translation="outdated",
                availability="planned", availability_note="2027?", unknown=["?"])  # fmt: skip
    page.locator("[data-retry]").click()
    expect(page.locator(".card").first).to_be_visible()
    page.unroute(CHAT)
    ask(page, DANGER[tag])
    expect(page.locator(".crisis")).to_be_visible()
    ask(page, "?")
    expect(page.locator(".message-service")).to_have_count(4)
    assert in_both_schemes(page) == []


def test_waiting_is_said_once_and_then_the_answer(open_page: OpenPage) -> None:
    page = open_page("/en")
    page.evaluate(_LISTEN)
    held: list[Route] = []
    page.route(CHAT, lambda route: held.append(route))
    ask(page, QUESTIONS["en"])
    expect(page.locator(".typing")).to_be_visible()
    page.wait_for_timeout(1500)
    field = page.get_by_role("textbox")
    expect(field).to_be_focused()
    field.fill("another thought")
    page.keyboard.press("Enter")  # not yet: the text stays in the field
    expect(field).to_have_value("another thought")
    held[0].continue_()
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator(".typing")).to_have_count(0)
    expect(field).to_be_focused()
    heard = [name for name, _ in page.evaluate("heard")]
    assert heard == ["message message-resident", "typing", "message message-service"]


def test_a_button_keeps_the_focus_where_the_conversation_is(open_page: OpenPage) -> None:
    page = open_page("/en")
    ask(page, "Gdzie mogę zapisać mojego syna do przedszkola w przyszłym tygodniu")
    reply = page.locator("[data-part=replies] button")
    expect(reply).to_have_count(4)
    reply.first.press("Enter")
    expect(page.locator(".message-resident").last).to_be_focused()
    expect(page.locator(".message-service")).to_have_count(3)
    expect(page.locator(".message-resident").last).to_be_focused()


@pytest.mark.parametrize("height", [740, 400])
def test_what_has_the_focus_is_never_covered(open_page: OpenPage, height: int) -> None:
    page = open_page("/en", viewport={"width": 360, "height": height})
    ask(page, QUESTIONS["en"])
    expect(page.locator(".card").first).to_be_visible()
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    for direction in ("Tab", "Shift+Tab"):
        for _ in range(40):
            page.keyboard.press(direction)
            assert page.evaluate(_SEEN), page.evaluate("document.activeElement.outerHTML")


def test_every_message_says_who_speaks_and_in_which_language(open_page: OpenPage) -> None:
    page = open_page("/da")
    ask(page, DANGER["ar"])
    expect(page.locator(".crisis")).to_be_visible()
    for message in page.locator(".message").all()[1:]:
        expect(message).to_have_attribute("lang", "ar")
        expect(message).to_have_attribute("dir", "rtl")
        expect(message.locator(".sender")).not_to_be_empty()
    calls = page.locator(".message-service").last.locator(".call bdi")
    assert calls.count() >= 2
    for number in calls.all():
        expect(number).to_have_attribute("dir", "ltr")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_card_says_what_is_old_unknown_and_where_to_go(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}")
    answer_with(page, phone="33663366", address=ADDRESS, overdue_since="2024-01-31", assured_on="2023-05-01",
                translation="unreviewed", danish_name="Sjakket")  # fmt: skip
    ask(page, QUESTIONS[tag])
    card = page.locator(".card").first
    expect(card.locator(".danish bdi[lang=da]")).to_have_text("Sjakket")
    expect(card.locator(".notes > span")).to_have_count(3)
    expect(card.locator("[data-date=overdue_since]")).to_have_attribute("datetime", "2024-01-31")
    expect(card.locator("[data-date=overdue_since]")).to_contain_text("2024")
    expect(card.locator(".fit-unknown li").first).not_to_be_empty()
    expect(card.locator(".call")).to_have_attribute("href", "tel:+4533663366")
    where = card.locator(".map")
    expect(where.locator("bdi[lang=da]")).to_have_text(ADDRESS)
    expect(where).to_have_attribute(
        "href", "https://www.openstreetmap.org/search?query=Skaffervej%206%2C%202400%20K%C3%B8benhavn%20NV"
    )
    expect(where).to_have_attribute("rel", "noreferrer")


def test_no_map_is_offered_where_no_source_states_an_address(open_page: OpenPage) -> None:
    page = open_page("/en")
    ask(page, QUESTIONS["en"])
    expect(page.locator(f'.card:has(h3 a[href="/en/offers/{OFFER}"])')).to_be_visible()
    expect(page.locator(f'.card:has(h3 a[href="/en/offers/{OFFER}"]) .map')).to_have_count(0)
    page.goto("/en/search?q=Sjakket&stay=1")
    expect(page.locator('.card:has(h3 a[href="/en/offers/sjakket"]) .map')).to_be_visible()


def test_the_link_is_copied_and_that_is_said(open_page: OpenPage, service: str) -> None:
    page = open_page("/uk", permissions=["clipboard-read", "clipboard-write"])
    page.evaluate("Object.defineProperty(navigator, 'share', { value: undefined })")
    ask(page, QUESTIONS["uk"])
    card = page.locator(f'.card:has(h3 a[href="/uk/offers/{OFFER}"])')
    card.locator("[data-share]").click()
    said = card.get_by_role("status")
    expect(said).to_have_text(re.compile(r"\S"))
    assert page.evaluate("navigator.clipboard.readText()") == f"{service}/uk/offers/{OFFER}"


def test_what_the_device_shares_is_the_page_of_the_offer(open_page: OpenPage, service: str) -> None:
    page = open_page(f"/en/search?q={QUESTIONS['en']}&stay=1")
    page.evaluate("Object.defineProperty(navigator, 'share', { value: async data => { window.shared = data; } })")
    page.locator(f'.card:has(h3 a[href="/en/offers/{OFFER}"]) [data-share]').click()
    page.wait_for_function("window.shared")
    assert page.evaluate("shared") == {"url": f"{service}/en/offers/{OFFER}"}


def test_without_network_the_text_waits_and_is_sent_when_it_is_back(open_page: OpenPage) -> None:
    page = open_page("/uk", expected_errors=True)
    page.context.set_offline(True)
    ask(page, QUESTIONS["uk"])
    expect(page.locator(".failure [data-offline]")).to_be_visible()
    page.locator("[data-retry]").click()
    expect(page.locator(".failure [data-offline]")).to_be_visible()
    expect(page.locator(".message-resident")).to_have_count(1)
    page.context.set_offline(False)
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator(".failure")).to_have_count(0)
    expect(page.locator(".message-resident")).to_have_count(1)
    ask(page, DANGER["uk"])
    expect(page.locator(".crisis")).to_be_visible()


def test_a_message_that_was_not_answered_outlives_a_reload(open_page: OpenPage) -> None:
    page = open_page("/da", expected_errors=True)
    page.route(CHAT, lambda route: route.abort())
    ask(page, QUESTIONS["da"])
    expect(page.locator(".failure")).to_be_visible()
    page.unroute(CHAT)
    page.reload()
    expect(page.locator(".message-resident")).to_contain_text(QUESTIONS["da"])
    expect(page.locator(".card").first).to_be_visible()
    assert page.evaluate("document.activeElement === document.body")


def test_starting_over_drops_an_answer_under_way(open_page: OpenPage) -> None:
    page = open_page("/en", expected_errors=True)
    ask(page, QUESTIONS["en"])
    expect(page.locator(".card").first).to_be_visible()
    held: list[Route] = []
    page.route(CHAT, lambda route: held.append(route))
    ask(page, "And for girls?")
    expect(page.locator(".typing")).to_be_visible()
    page.locator("[data-restart]").click()
    page.unroute(CHAT)
    expect(page.locator(".message")).to_have_count(1)
    expect(page.locator(".failure, .typing")).to_have_count(0)
    assert page.evaluate("sessionStorage.length") == 0


def test_the_browser_keeps_nothing_but_the_session_of_the_tab(open_page: OpenPage) -> None:
    page = open_page("/en")
    ask(page, QUESTIONS["en"])
    expect(page.locator(".card").first).to_be_visible()
    page.locator("[data-feedback] button").first.click()
    expect(page.locator("[data-feedback] [data-said]").last).to_have_text(re.compile(r"\S"))
    page.goto(f"/en/offers/{OFFER}")
    page.goto(f"/en/search?q={QUESTIONS['en']}&stay=1")
    assert page.evaluate(_KEPT) == {
        "local": {}, "session": ["vejviser.conversation"], "cookies": "", "databases": 0, "caches": 0,
    }  # fmt: skip
    assert page.context.cookies() == []
