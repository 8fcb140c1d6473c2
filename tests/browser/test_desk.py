"""The referral desk in a browser: two hands on the keyboard, nothing left behind, nobody kept out."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

from services_catalog.accounts.accounts import Role

from .axe import in_both_schemes
from .conftest import OpenPage
from .serving import LANGUAGES
from .signing_in import account, sign_in

FOOTBALL = "søn 8 år fodbold, få penge"
FEE = "kontingentstoette"
MOST_SECONDS, MOST_PRESSES = 20.0, 50
_TYPIST = 120  # milliseconds between two keys: 100 words a minute

Desk = Callable[..., Page]


@pytest.fixture
def desk(open_page: OpenPage, service: str) -> Desk:
    """Return a function that opens an empty desk, signed in as staff."""

    def opened(tag: str = "en", **options: object) -> Page:
        page = open_page(f"/{tag}/desk", **options)
        sign_in(page, account(service, Role.STAFF))
        expect(page.locator("#q")).to_be_focused()
        return page

    return opened


def ask(page: Page, question: str) -> None:
    page.locator("#q").fill(question)
    page.keyboard.press("Enter")
    page.locator("[data-hit]").first.wait_for()


def listed(page: Page) -> list[str]:
    return [str(one.get_attribute("data-listed")) for one in page.locator("[data-listed]").all()]


class Hands:
    """Presses keys as fast as somebody who types well, and counts them."""

    def __init__(self, page: Page) -> None:
        self._page, self.presses, self._began = page, 0, time.monotonic()

    def press(self, *keys: str) -> None:
        for key in keys:
            if len(key) == 1:
                self._page.keyboard.type(key)
            else:
                self._page.keyboard.press(key)
            self._page.wait_for_timeout(_TYPIST)
            self.presses += 1

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began


def test_from_an_empty_desk_to_a_printed_slip_by_keyboard(desk: Desk, tmp_path: Path) -> None:
    page = desk("da")
    page.locator("[data-new-client]").focus()
    hands = Hands(page)
    hands.press("/", *FOOTBALL, "Enter")
    expect(page.locator("[data-focus]")).to_be_focused()
    hands.press("ArrowDown", "p", "ArrowDown", "ArrowDown", "p")
    expect(page.locator("[data-listed]")).to_have_count(2)
    hands.press("c")
    expect(page.locator("[data-compared]")).to_have_count(2)
    hands.press("Escape")
    expect(page.locator("[data-focus]")).to_be_focused()
    with page.context.expect_page() as opening:
        hands.press("s")
    slip = opening.value
    expect(slip.locator("[data-slip]")).to_have_count(2)
    printed = tmp_path / "slip.pdf"
    hands.presses += 1  # the browser's own Ctrl+P
    slip.pdf(path=printed)
    print(f"{hands.presses} key presses, {hands.seconds:.1f} s")
    assert printed.read_bytes().startswith(b"%PDF")
    assert hands.presses <= MOST_PRESSES
    assert hands.seconds < MOST_SECONDS
    assert listed(page) == [str(one.get_attribute("data-slip")) for one in slip.locator("[data-slip]").all()]


def test_a_slip_without_a_list_is_for_the_offer_in_focus(desk: Desk) -> None:
    page = desk()
    ask(page, FOOTBALL)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate("document.activeElement.dataset.hit")
    with page.context.expect_page() as opening:
        page.keyboard.press("s")
    assert opening.value.url.endswith(f"/en/slip?offer={chosen}")
    assert listed(page) == [chosen]


def test_tab_goes_through_what_is_found(desk: Desk) -> None:
    page = desk()
    ask(page, FOOTBALL)
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.closest('[data-hit]')?.dataset.hit"))
    assert len(seen) >= 3
    page.keyboard.press("p")  # wherever the focus is inside an offer
    assert listed(page) == [page.evaluate("document.activeElement.closest('[data-hit]').dataset.hit")]


def test_shortcuts_can_be_switched_off_and_stay_off(desk: Desk) -> None:
    page = desk()
    ask(page, FOOTBALL)
    page.locator("[data-shortcuts] summary").click()
    page.locator("[data-shortcuts-on]").uncheck(force=True)
    page.locator("[data-hit]").first.focus()
    page.keyboard.press("p")
    page.keyboard.press("/")
    assert listed(page) == []
    expect(page.locator("[data-hit]").first).to_be_focused()
    page.reload()
    expect(page.locator("[data-shortcuts-on]")).not_to_be_checked()
    assert page.evaluate("Object.keys(localStorage).length + sessionStorage.length") == 1


def test_letters_that_are_typed_are_no_shortcuts(desk: Desk) -> None:
    page = desk()
    ask(page, FOOTBALL)
    page.keyboard.press("/")
    page.keyboard.type("psc/")
    assert listed(page) == []
    expect(page.locator("#q")).to_have_value("psc/")


def test_nothing_of_a_client_stays_in_the_browser(desk: Desk) -> None:
    page, asked = desk(), list[Request]()
    page.on("request", lambda request: asked.append(request))
    ask(page, FOOTBALL)
    page.locator("[data-pick]").first.click()
    page.keyboard.press("c")
    expect(page.locator("[data-compared]")).to_have_count(1)
    assert not [one.url for one in asked if "fodbold" in one.url or "?" in one.url.replace("?v=", "")]
    assert page.evaluate("history.length") == 3  # about:blank, the sign-in page, the desk
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.goto("/en/desk")
    expect(page.locator("#q")).to_be_empty()
    assert listed(page) == []


def test_filters_alone_browse_and_say_what_was_left_out(desk: Desk) -> None:
    page = desk()
    page.locator("[data-filters] > summary").click()
    page.locator("#age").fill("40")
    page.locator("#fit").select_option("possible")
    page.locator("[data-search]").click()
    expect(page.locator("[data-left-out]")).to_be_visible()
    expect(page.locator("[data-client] .badge")).to_have_count(1)
    before = page.locator("[data-hit]").count()
    page.locator("[data-more]").click()
    expect(page.locator("[data-hit]").nth(before)).to_be_focused()


def test_the_same_question_in_another_language_of_the_desk(desk: Desk) -> None:
    page = desk("en")
    ask(page, FOOTBALL)
    page.locator("[data-pick]").first.click()
    chosen = listed(page)
    page.locator(".languages a[lang=ar]").click()
    page.wait_for_url("**/ar/desk")
    expect(page.locator("#q")).to_have_value(FOOTBALL)
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert listed(page) == chosen


def test_the_list_can_be_copied_as_a_link_in_the_clients_language(desk: Desk) -> None:
    page = desk("da")
    ask(page, FOOTBALL)
    page.locator(f'[data-hit="{FEE}"] [data-pick]').click()
    page.locator("#client").select_option("uk")
    expect(page.locator("[data-slip-link]")).to_have_attribute("href", f"/uk/slip?offer={FEE}")
    page.locator("[data-drop]").click()
    expect(page.locator("[data-link]")).to_be_hidden()
    expect(page.locator(f'[data-hit="{FEE}"] [data-pick]')).to_have_attribute("aria-pressed", "false")


def test_everything_works_without_javascript(desk: Desk) -> None:
    page = desk("en", java_script_enabled=False)
    ask(page, FOOTBALL)
    page.locator(f'[data-pick="{FEE}"]').click()
    assert listed(page) == [FEE]
    page.locator("[data-compare]").click()
    expect(page.locator("[data-compared]")).to_have_count(1)
    page.locator("[data-back]").click()
    expect(page.locator("#q")).to_have_value(FOOTBALL)
    with page.context.expect_page() as opening:
        page.locator("[data-slip]").click()
    opening.value.wait_for_url(f"**/en/slip?offer={FEE}")


def test_a_lost_connection_loses_nothing(desk: Desk) -> None:
    page = desk("en", expected_errors=True)
    ask(page, FOOTBALL)
    page.context.set_offline(True)
    page.locator("#q").fill("dansk")
    page.keyboard.press("Enter")
    expect(page.locator("[data-failed]")).to_be_visible()
    page.context.set_offline(False)
    page.locator("#q").press("Enter")
    expect(page.locator("[data-failed]")).to_be_hidden()
    expect(page.locator("[data-focus]")).to_be_focused()
    expect(page.locator("#q")).to_have_value("dansk")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_nothing_keeps_anybody_out(desk: Desk, tag: str) -> None:
    page = desk(tag, viewport={"width": 320, "height": 640})
    problems = in_both_schemes(page)
    page.locator("[data-filters] > summary").click()
    ask(page, "Klientens mand slår hende, hun vil lære dansk")
    page.locator("[data-pick]").first.click()
    page.locator("[data-hit] summary").first.click()
    page.locator("[data-shortcuts] > summary").click()
    problems += in_both_schemes(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("[data-compare]").click()
    page.locator("[data-compared]").wait_for()
    problems += in_both_schemes(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert problems == []
