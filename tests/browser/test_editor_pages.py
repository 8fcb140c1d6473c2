"""The editors' room in a real browser: writing with and without a script, on a phone, by keyboard, in every language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from services_catalog.accounts.accounts import AccountStore, Role

from .axe import in_both_schemes
from .conftest import OpenPage
from .serving import ENVIRONMENTS, LANGUAGES

PASSWORD = "four words make one"
OFFER = "kontingentstoette"
ROOMS = (
    "", "/offers?overdue=1", f"/offers/{OFFER}", "/offers/new", f"/offers/{OFFER}/revisions", f"/offers/{OFFER}/revisions/1",
    "/translations?to=uk", "/demand", "/checks", "/feedback", "/figures",
    "/sources?name=integrations-og-medborgerskabspolitik-2023-26", f"/sources/offers/{OFFER}", "/launch",
    "/records?kind=needs", "/records/needs/learn-danish", "/exchange", "/audit", "/users",
)  # fmt: skip
AsSomebody = Callable[..., Page]


@pytest.fixture(scope="session")
def cookie(service: str) -> str:
    """The login cookie of one who may do everything."""
    store = AccountStore(ENVIRONMENTS[service]["VEJVISER_DATABASE_URL"])
    store.add("paula", frozenset({Role.PUBLISHER, Role.ADMIN}), PASSWORD)
    store.close()
    signed_in = httpx.post(f"{service}/api/v1/login", json={"name": "paula", "password": PASSWORD}, trust_env=False)
    return signed_in.cookies["vejviser_login"]


@pytest.fixture
def paula(open_page: OpenPage, cookie: str) -> AsSomebody:
    """Return a function that opens a page of the room for one who is signed in."""
    cookies = [
        {"name": "vejviser_login", "value": cookie, "domain": "127.0.0.1", "path": "/", "expires": -1,
         "httpOnly": True, "secure": False, "sameSite": "Lax"}
    ]  # fmt: skip

    def open_signed_in(path: str, **options: object) -> Page:
        return open_page(path, storage_state={"cookies": cookies, "origins": []}, **options)

    return open_signed_in


def field(page: Page, name: str) -> str:
    return page.locator(f'[id="{name}"]').input_value()


def test_the_preview_follows_what_is_typed_and_a_question_is_tried_in_place(paula: AsSomebody) -> None:
    page = paula("/da/editor/offers/brobold")
    question = "Hvor kan min datter spille kvidditch på kost?"
    page.locator("[data-do-preview]").click()
    card = page.locator('[data-preview="uk"] .card-heading')
    expect(card).to_be_visible()
    name = page.locator('[id="texts.uk.name"]')
    name.fill("Футбол <b>для дівчат</b>")
    expect(page.locator('[data-mend="texts.uk.name"]')).to_be_visible()
    name.fill("Футбол для дівчат > 9 років")
    expect(card).to_have_text("Футбол для дівчат > 9 років")
    examples = page.locator('[id="texts.da.examples"]')
    examples.fill(f"{examples.input_value()}\n{question}")
    page.locator("#questions").fill(question)
    page.locator("[data-do-try]").click()
    own = page.locator('[data-trial] [data-move="brobold"] td')
    expect(own.nth(0)).to_have_text("–")
    expect(own.nth(1)).to_have_text("1")
    assert page.url.endswith("/editor/offers/brobold"), "nothing was loaded again"
    assert in_both_schemes(page) == []
    assert field(page, "texts.uk.name") == "Футбол для дівчат > 9 років"


def test_from_a_change_to_the_residents_page_by_keyboard_alone(paula: AsSomebody) -> None:
    page = paula("/en/editor/offers/kringlebakken")
    page.locator('[id="texts.en.summary"]').focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("A house for mothers.")
    page.locator("#reason").focus()
    page.keyboard.type("shorter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("[data-done]")).to_be_visible()
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "in_review")
    page.locator("[data-steps] summary").press("Enter")
    page.locator("#step-reason").focus()
    page.keyboard.type("good")
    page.locator('button[value="publish"]').press("Enter")
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "published")
    page.goto("/en/offers/kringlebakken")
    expect(page.locator("main")).to_contain_text("A house for mothers.")


def test_what_is_wrong_is_read_first_and_leads_to_its_field(paula: AsSomebody) -> None:
    page = paula("/en/editor/offers/geist", expected_errors=True)
    page.locator('[id="texts.ar.name"]').fill("")
    page.locator('[id="texts.ar.summary"]').fill("نص جديد")
    page.locator("#reason").fill("a test")
    page.locator('button[value="save"]').click()
    summary = page.locator("[data-errors]")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    expect(page.locator('[id="texts.ar.name"]')).to_be_focused()
    assert field(page, "texts.ar.summary") == "نص جديد"
    assert in_both_schemes(page) == []


@pytest.mark.parametrize(("script", "offer"), [(False, "nexus"), (True, "muhabet")])
def test_the_second_of_two_editors_sees_both_versions(paula: AsSomebody, script: bool, offer: str) -> None:
    hers = paula(f"/en/editor/offers/{offer}", java_script_enabled=script, expected_errors=True)
    his = paula(f"/en/editor/offers/{offer}", java_script_enabled=script)
    his.locator("#owner").fill("paula")
    his.locator("#reason").fill("mine now")
    his.locator('button[value="save"]').click()
    expect(his.locator("[data-done]")).to_be_visible()
    hers.locator('[id="texts.en.name"]').fill("Written meanwhile")
    hers.locator("#reason").fill("a better name")
    hers.locator('button[value="save"]').click()
    expect(hers.locator("[data-conflict]")).to_be_visible()
    expect(hers.locator('[data-theirs] [data-field-changed="owner"] ins')).to_contain_text("paula")
    expect(hers.locator('[data-yours] [data-field-changed="texts.en.name"]')).to_be_visible()
    assert field(hers, "texts.en.name") == "Written meanwhile"
    assert field(hers, "owner") == "paula"
    if script:
        expect(hers.locator("[data-conflict]")).to_be_focused()
        assert in_both_schemes(hers) == []
    hers.locator('button[value="save"]').click()
    expect(hers.locator("[data-done]")).to_be_visible()
    hers.locator("[data-do-preview]").click()
    expect(hers.locator('[data-preview="en"] .card-heading')).to_have_text("Written meanwhile")


def test_on_a_phone_the_languages_are_tabs(paula: AsSomebody) -> None:
    page = paula(f"/ar/editor/offers/{OFFER}", viewport={"width": 360, "height": 740})
    tabs = page.get_by_role("tab")
    expect(tabs).to_have_count(len(LANGUAGES))
    expect(page.locator('[id="texts.da.name"]')).to_be_visible()
    expect(page.locator('[id="texts.en.name"]')).to_be_hidden()
    tabs.first.focus()
    page.keyboard.press("ArrowLeft")  # the next one, from right to left
    expect(tabs.nth(1)).to_be_focused()
    expect(page.locator('[id="texts.en.name"]')).to_be_visible()
    expect(page.locator('[id="texts.da.name"]')).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert in_both_schemes(page) == []


def test_at_400_percent_nothing_is_cut_off_and_without_a_script_every_language_is_there(paula: AsSomebody) -> None:
    page = paula(f"/da/editor/offers/{OFFER}", viewport={"width": 320, "height": 256}, java_script_enabled=False)
    for tag in LANGUAGES:
        expect(page.locator(f'[id="texts.{tag}.name"]')).to_be_visible()
    for path in ("", "/offers", "/figures", "/exchange", "/users"):
        page = paula(f"/uk/editor{path}", viewport={"width": 320, "height": 256})
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_side_by_side_the_same_fields_stand_on_one_line(paula: AsSomebody) -> None:
    page = paula(f"/da/editor/offers/{OFFER}", viewport={"width": 1400, "height": 900})
    for name in ("summary", "who", "examples"):
        tops = {round(page.locator(f'[id="texts.{tag}.{name}"]').bounding_box()["y"]) for tag in LANGUAGES}  # type: ignore[index]
        assert max(tops) - min(tops) <= 2, name
    lefts = [page.locator(f'[id="texts.{tag}.who"]').bounding_box()["x"] for tag in LANGUAGES]  # type: ignore[index]
    assert lefts == sorted(lefts)


def test_a_file_is_checked_and_then_saved_without_choosing_it_again(paula: AsSomebody, tmp_path: Path) -> None:
    page = paula("/da/editor/translations?to=uk")
    with page.expect_download() as coming:
        page.locator("[data-download]").click()
    file = tmp_path / "uk.xlf"
    text = coming.value.path().read_text(encoding="utf-8")
    file.write_text(text.replace(">Geist<", ">Гайст<", 2).replace(">Гайст<", ">Geist<", 1), encoding="utf-8")
    page.locator("#file").set_input_files(file)
    page.locator('button[value="check"]').click()
    expect(page.locator("[data-saved]")).to_have_attribute("data-saved", "")
    page.locator('button[value="save"]').click()
    expect(page.locator("[data-saved]")).not_to_have_attribute("data-saved", "")


def test_leaving_with_unsaved_words_is_asked_about(paula: AsSomebody) -> None:
    page = paula("/da/editor/offers/brobold")
    page.locator('[id="texts.da.name"]').press_sequentially("x")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.locator('[data-to="audit"]').click(no_wait_after=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert page.url.endswith("/editor/offers/brobold")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_no_page_of_the_room_breaks_a_rule_of_wcag(paula: AsSomebody, tag: str) -> None:
    page = paula(f"/{tag}/editor")
    for room in ROOMS:
        page.goto(f"/{tag}/editor{room}")
        assert page.locator("h1").count() == 1, room
        assert page.locator("html").get_attribute("dir") == LANGUAGES[tag]
        assert in_both_schemes(page) == [], room
