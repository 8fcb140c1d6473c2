"""By keyboard alone, at 400 % zoom, and as a screen reader is told: what axe-core cannot see."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from .conftest import OpenPage
from .serving import LANGUAGES
from .site import EDITORS, RESIDENTS, STAFF, UNFOLD, addresses
from .test_conversation import DANGER, QUESTIONS
from .test_layout import ZOOMED

_MOST_TABS = 60
_FOCUS_IS_SEEN = """() => {
  const node = document.activeElement, style = getComputedStyle(node);
  return node !== document.body && (parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== 'none');
}"""
#: What reaches beyond the window, unless it stands in a part that scrolls by itself and can be reached by keyboard.
_CUT_OFF = """() => [...document.querySelectorAll('body *')].filter((node) => {
  const box = node.getBoundingClientRect();
  if (!box.width || !box.height || !node.checkVisibility() || node.closest('.sr-only, .skipnav, svg')) return false;
  if (box.left >= -1 && box.right <= innerWidth + 1) return false;
  for (let around = node.parentElement; around; around = around.parentElement) {
    if (['auto', 'scroll'].includes(getComputedStyle(around).overflowX)) return false;
    if (getComputedStyle(around).clipPath !== 'none') return false;
  }
  return getComputedStyle(node).clipPath === 'none';
}).map((node) => node.outerHTML.slice(0, 140))"""
_SCROLLED_BY_MOUSE_ONLY = """() => [...document.querySelectorAll('main *')].filter((node) =>
  node.checkVisibility() && ['auto', 'scroll'].includes(getComputedStyle(node).overflowX)
  && node.scrollWidth > node.clientWidth + 1 && !node.matches('textarea, [tabindex]')
  && !node.querySelector('a, button, input, select')
).map((node) => node.outerHTML.slice(0, 140))"""


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus; wherever the focus stops on the way, it can be seen."""
    for _ in range(_MOST_TABS):
        page.keyboard.press("Tab")
        assert page.evaluate(_FOCUS_IS_SEEN), page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{_MOST_TABS} times Tab did not reach {selector}")


@pytest.mark.parametrize("tag", ["da", "ar"])
def test_the_chat_by_keyboard(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}")
    tab_to(page, ".skipnav")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    tab_to(page, "#question")
    page.keyboard.type(QUESTIONS[tag])
    tab_to(page, "[data-ask] button")
    page.keyboard.press("Enter")
    expect(page.locator(".card").first).to_be_visible()
    page.keyboard.press("Shift+Tab")  # from the button back through the field into the answer
    for _ in range(_MOST_TABS):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.message-service .card h3 a')"):
            break
    wanted = page.evaluate("document.activeElement.pathname")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{wanted}")
    expect(page.locator("h1")).to_be_visible()


@pytest.mark.parametrize("tag", ["da", "ar"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_the_search_by_keyboard(open_page: OpenPage, tag: str, scripts: bool) -> None:
    page = open_page(f"/{tag}/search", java_script_enabled=scripts)
    if scripts:
        tab_to(page, "#question")
    else:
        page.locator("#question").focus()
    page.keyboard.type(QUESTIONS[tag])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".card").first).to_be_visible()
    if scripts:
        tab_to(page, ".card h3 a")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/{tag}/offers/*")


@pytest.mark.parametrize("tag", ["da", "ar"])
def test_residents_at_400_percent(open_page: OpenPage, feedback: str, tag: str) -> None:
    page = open_page(f"/{tag}", expected_errors=True, viewport=ZOOMED)
    assert [one for path in addresses(RESIDENTS, tag, feedback=feedback) for one in lost(page, path)] == []


@pytest.mark.parametrize("tag", ["da", "ar"])
def test_those_who_sign_in_at_400_percent(signed_in: OpenPage, tag: str) -> None:
    page = signed_in(f"/{tag}/account", viewport=ZOOMED)
    assert [one for path in addresses(STAFF | EDITORS, tag) for one in lost(page, path)] == []


def lost(page: Page, path: str) -> list[str]:
    """Return what a page loses, or lets nobody reach, in the window as it is; with all of it unfolded."""
    page.goto(path)
    page.evaluate(UNFOLD)
    found = page.evaluate(_CUT_OFF) + [f"by mouse only: {one}" for one in page.evaluate(_SCROLLED_BY_MOUSE_ONLY)]
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("the page scrolls sideways")
    return [f"{path}: {one}" for one in found]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_a_screen_reader_is_told_of_the_chat(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}")
    page.get_by_role("textbox").fill(QUESTIONS[tag])
    page.keyboard.press("Enter")
    expect(page.locator(".card").first).to_be_visible()
    page.get_by_role("textbox").fill(DANGER[tag])
    page.keyboard.press("Enter")
    expect(page.locator(".crisis")).to_be_visible()
    nodes = tree(page)
    assert [role for role, _ in nodes if role in {"banner", "main", "contentinfo"}] == ["banner", "main", "contentinfo"]
    assert [role for role, _ in nodes if role == "log"] == ["log"]
    assert [name for role, name in nodes if role in _NAMED and not name] == []
    told = [at for at, (role, _) in enumerate(nodes) if role in {"log", "search", "contentinfo"}]
    assert [nodes[at][0] for at in told] == ["log", "search", "contentinfo"]  # what was said, then the field
    inside = nodes[told[0] : told[1]]
    assert sum(role == "article" for role, _ in inside) >= 5  # a greeting, two questions, two answers
    speakers = page.locator(".log > .message > .sender").all_inner_texts()
    you, machine = speakers[1], speakers[0]
    assert speakers == [machine, you, machine, you, machine]
    assert you != machine
    words = " ".join(name for _, name in inside)
    assert words.index(QUESTIONS[tag][:20]) < words.index(DANGER[tag])
    links = [name for role, name in inside if role == "link"]
    assert len([name for name in links if "112" in name]) >= 1
    buttons = [name for role, name in inside if role == "button"]
    assert len(buttons) >= 3  # did it help?
    field = next(name for role, name in nodes if role == "textbox")
    assert field == page.locator("label[for=question]").inner_text()


_NAMED = {"link", "button", "textbox", "navigation", "log", "heading", "image"}


def tree(page: Page) -> list[tuple[str, str]]:
    """Return role and name of what Chromium tells a screen reader, in the order of reading."""
    found: list[dict[str, Any]] = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    nodes = {one["nodeId"]: one for one in found}
    order, waiting = [], [found[0]["nodeId"]]
    while waiting:
        node = nodes[waiting.pop()]
        if not node.get("ignored"):
            order.append((str(node["role"]["value"]), str(node.get("name", {}).get("value", ""))))
        waiting += [one for one in reversed(node.get("childIds", [])) if one in nodes]
    return order


def test_the_live_region_is_polite_and_names_itself(open_page: OpenPage) -> None:
    page = open_page("/da")
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    log = next(one for one in nodes if one.get("role", {}).get("value") == "log")
    said = {one["name"]: one["value"].get("value") for one in log["properties"]}
    assert said["live"] == "polite"
    assert not said.get("busy")
    assert log["name"]["value"]


def test_the_statement_says_what_the_law_asks_for(open_page: OpenPage) -> None:
    page = open_page("/was", locale="uk-UA")
    assert page.url.endswith("/uk/accessibility")
    parts = [one.get_attribute("data-statement") for one in page.locator("[data-statement]").all()]
    assert parts == ["status", "lacks", "tested", "contact", "enforcement"]
    expect(page.locator("[data-statement=contact] .phone")).to_have_attribute("href", "tel:+4533663366")
    expect(page.locator("[data-statement=tested] time")).to_have_attribute("datetime", "2026-11-30")
    page.locator('[data-statement=contact] button[value="wrong"]').click()
    text = page.locator("[data-statement=contact] textarea")
    expect(text).to_be_visible()
    text.fill("The map: I cannot reach it by keyboard")
    page.locator("[data-statement=contact] [data-text] button").click()
    expect(text).to_be_hidden()
