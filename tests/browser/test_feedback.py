"""What residents say of an answer is thanked for, and editors find it in their list."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from services_catalog.accounts.accounts import AccountStore, Role
from services_catalog.accounts.tokens import TokenStore

from .axe import in_both_schemes
from .conftest import OpenPage
from .serving import ENVIRONMENTS, LANGUAGES
from .test_conversation import OFFER, QUESTIONS, ask

FEEDBACK = re.compile("/api/v1/feedback")
EditorsList = Callable[[], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def editors_list(service: str) -> EditorsList:
    """Return a function that reads the list as an editor does."""
    if service not in ENVIRONMENTS:
        pytest.skip("the service was not started by the tests")
    accounts = AccountStore(ENVIRONMENTS[service]["VEJVISER_DATABASE_URL"])
    name = f"reader-{secrets.token_hex(4)}"
    accounts.add(name, frozenset({Role.EDITOR}), "four words make one")
    _, secret = TokenStore(accounts).create(name, "tests", frozenset({Role.EDITOR}), days=1)
    accounts.close()

    def read() -> list[dict[str, Any]]:
        headers = {"Authorization": f"Bearer {secret}"}
        answer = httpx.get(f"{service}/api/v1/editor/feedback", headers=headers, trust_env=False)
        return list(answer.raise_for_status().json()["feedback"])

    return read


def unlike_any_other() -> str:
    return "".join(secrets.choice("abcdef") for _ in range(12))  # no digits: they might be taken for a phone number


def press(page: Page, kind: str) -> None:
    page.locator(f"[data-feedback] button[value={kind}]").last.click()


def thanked(page: Page) -> None:
    said = page.locator("[data-feedback] [data-said]").last
    expect(said).to_have_text(re.compile(r"\S"))
    expect(said).to_have_attribute("data-thanks", said.inner_text())


@pytest.mark.parametrize("tag", LANGUAGES)
def test_something_wrong_is_told_in_words_under_an_answer(
    open_page: OpenPage, editors_list: EditorsList, tag: str
) -> None:
    words = f"{tag}: 20 30 40 50 – {unlike_any_other()}"
    page = open_page(f"/{tag}")
    ask(page, QUESTIONS[tag])
    expect(page.locator(".card").first).to_be_visible()
    press(page, "wrong")
    thanked(page)
    expect(page.locator("[data-feedback]")).to_be_focused()
    assert in_both_schemes(page) == []
    page.locator("[data-text] textarea").fill(words)
    page.locator("[data-text] button").click()
    thanked(page)
    expect(page.locator("[data-text]")).to_have_count(0)
    (found,) = [one for one in editors_list() if one["text"] == words.replace("20 30 40 50", "[☎]")]
    assert (found["kind"], found["language"], found["outcome"], found["offer"]) == ("wrong", tag, "offers", None)


def test_one_press_is_enough_and_is_not_asked_for_again(open_page: OpenPage, editors_list: EditorsList) -> None:
    before = len(editors_list())
    page = open_page("/en")
    ask(page, QUESTIONS["en"])
    expect(page.locator("[data-feedback] button").first).to_be_visible()
    with page.expect_request(FEEDBACK) as sent:
        press(page, "did_not_help")
    assert sent.value.post_data_json["question"] == QUESTIONS["en"]
    thanked(page)
    expect(page.locator("[data-choices], [data-text]")).to_have_count(0)
    page.reload()
    expect(page.locator(".card").first).to_be_visible()
    expect(page.locator("[data-feedback]")).to_have_count(0)
    assert len(editors_list()) == before + 1


def test_small_talk_is_not_asked_about(open_page: OpenPage) -> None:
    page = open_page("/en")
    expect(page.locator("main [data-feedback]")).to_have_count(0)


def test_a_feedback_that_is_lost_can_be_given_again(open_page: OpenPage) -> None:
    page = open_page(f"/uk/offers/{OFFER}", expected_errors=True)
    page.route(FEEDBACK, lambda route: route.abort())
    press(page, "helped")
    said = page.locator("[data-feedback] [data-said]")
    expect(said).to_have_text(re.compile(r"\S"))
    expect(said).to_have_attribute("data-failed", said.inner_text())
    page.unroute(FEEDBACK)
    press(page, "helped")
    thanked(page)


def test_without_javascript_a_form_says_it(open_page: OpenPage, editors_list: EditorsList) -> None:
    words = f"The address is old – {unlike_any_other()}"
    page = open_page(f"/en/offers/{OFFER}", java_script_enabled=False)
    press(page, "wrong")
    page.locator("textarea[name=text]").fill(words)
    page.locator("[data-text] button").click()
    expect(page.locator("textarea[name=text]")).to_have_count(0)
    (found,) = [one for one in editors_list() if one["text"] == words]
    assert (found["kind"], found["offer"]) == ("wrong", OFFER)
    page.locator(f'a[href="/en/offers/{OFFER}"]').click()
    expect(page.locator("[data-choices]")).to_be_visible()
    page.goto(f"/en/search?q={QUESTIONS['en']}&stay=1")
    press(page, "helped")
    expect(page.locator("h1")).to_be_visible()
    assert "/en/feedback/" in page.url
