"""Signing in and out in a browser, and one's own account: by keyboard, in words, without violations."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from services_catalog.accounts.accounts import Role
from services_catalog.accounts.throttle import FREE_FOR_ACCOUNT

from .axe import in_both_schemes
from .conftest import OpenPage
from .serving import LANGUAGES
from .signing_in import PASSWORD, account, sign_in


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_in_and_out_again(open_page: OpenPage, service: str, javascript: bool) -> None:
    page = open_page("/en/account", java_script_enabled=javascript)
    expect(page).to_have_url(re.compile("/en/login"))
    sign_in(page, account(service, Role.STAFF))
    expect(page).to_have_url(re.compile("/en/account$"))
    page.locator("[data-sign-out]").click()
    expect(page.locator("[data-signed-out]")).to_be_visible()
    page.goto("/en/desk")
    expect(page).to_have_url(re.compile("/en/login"))


def test_what_was_wrong_is_said_and_how_long_to_wait(open_page: OpenPage, service: str) -> None:
    page, name = open_page("/en/login", expected_errors=True), account(service, Role.STAFF)
    for _ in range(FREE_FOR_ACCOUNT):
        page.locator("#name").fill(name)
        page.locator("#password").fill("not the password")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.locator("#name")).to_have_value(name)
        expect(page.locator("#password")).to_be_empty()
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(re.compile(r"\d+ seconds"))


def test_a_token_is_shown_once_and_ready_to_copy(open_page: OpenPage, service: str) -> None:
    page = open_page("/en/account")
    sign_in(page, account(service, Role.PUBLISHER))
    page.locator("#token-name").fill("nightly export")
    page.locator("#scope-staff").check(force=True)
    page.locator("[data-new-token] button").click()
    expect(page.locator("#secret")).to_have_value(re.compile("^vv_"))
    expect(page.locator("#secret")).to_be_focused()
    page.goto("/en/account")
    expect(page.locator("#secret")).to_have_count(0)
    page.locator("[data-token] button").click()
    expect(page.locator("[data-token]")).to_have_count(0)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_nothing_keeps_anybody_out(open_page: OpenPage, service: str, tag: str) -> None:
    page = open_page(f"/{tag}/login", viewport={"width": 320, "height": 640})
    problems = in_both_schemes(page)
    sign_in(page, account(service, Role.PUBLISHER, Role.ADMIN))
    page.goto(f"/{tag}/account")
    assert page.locator("html").get_attribute("dir") == LANGUAGES[tag]
    page.locator("#token-name").fill("x")
    page.locator("#scope-editor").check(force=True)
    page.locator("[data-new-token] button").click()
    problems += in_both_schemes(page)
    assert problems == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_error_stands_beside_its_field(open_page: OpenPage, service: str) -> None:
    page = open_page("/en/account", expected_errors=True)
    sign_in(page, account(service, Role.STAFF))
    for field, text in (("current", PASSWORD), ("new", "short"), ("again", "short")):
        page.locator(f"#{field}").fill(text)
    page.locator("[data-password] button").click()
    field = page.locator("#new")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#new-error")).to_be_visible()
    assert in_both_schemes(page) == []
