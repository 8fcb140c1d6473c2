"""A resident asks in her own language, gets cards, and comes back to the conversation."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Stack

from .conftest import OpenPage
from .serving import LANGUAGES

OFFER = "kontingentstoette"
QUESTIONS = {
    "da": "Min søn vil til fodbold, men vi kan ikke betale kontingentet",
    "en": "My son wants to play football but we can't pay the kontingent",
    "uk": "Син хоче на футбол, а грошей на внесок немає",
    "ar": "ابني يريد أن يلعب كرة القدم ولا نستطيع دفع اشتراك النادي",
}
DANGER = {
    "da": "Min mand slår mig, og jeg er bange",
    "en": "My husband hits me and I am afraid",
    "uk": "Чоловік мене б'є, мені страшно",
    "ar": "زوجي يضربني وأنا خائفة",
}


def ask(page: Page, text: str) -> None:
    page.get_by_role("textbox").fill(text)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_question_is_answered_with_cards_in_its_language(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}")
    ask(page, QUESTIONS[tag])
    answer = page.locator(".message-service").last
    expect(answer.locator(".card").first).to_be_visible()
    expect(answer).to_have_attribute("lang", tag)
    expect(answer).to_have_attribute("dir", LANGUAGES[tag])
    card = answer.locator(".card", has=page.locator(f'h3 a[href="/{tag}/offers/{OFFER}"]'))
    expect(card).to_be_visible()
    expect(card.locator(".fit-why li").first).not_to_be_empty()
    if tag == "da":
        expect(card.locator(".danish")).to_have_count(0)
    else:
        expect(card.locator('.danish bdi[lang="da"]')).to_have_text("Kontingentstøtteordning")


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_offer_page_and_the_way_back(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}")
    ask(page, QUESTIONS[tag])
    page.locator(f'h3 a[href="/{tag}/offers/{OFFER}"]').click()
    page.wait_for_url(f"**/{tag}/offers/{OFFER}")
    assert page.locator("html").get_attribute("dir") == LANGUAGES[tag]
    assert page.locator(".facts dt").count() >= 3
    page.go_back()
    expect(page.locator(".message-resident")).to_have_text(re.compile(re.escape(QUESTIONS[tag])))
    expect(page.locator(f'h3 a[href="/{tag}/offers/{OFFER}"]')).to_be_visible()


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_person_in_danger_sees_numbers_first(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}")
    ask(page, DANGER[tag])
    block = page.locator(".message-service").last.locator(".message-body > *").first
    expect(block).to_have_class("crisis")
    expect(block.locator('a[href="tel:112"]').first).to_be_visible()
    expect(block.locator('a[href="tel:1888"]').first).to_be_visible()


def test_an_answer_in_another_language_than_the_page_is_whole(open_page: OpenPage) -> None:
    page = open_page("/da")
    ask(page, QUESTIONS["ar"])
    answer = page.locator(".message-service").last
    expect(answer.locator(".card").first).to_be_visible()
    expect(answer).to_have_attribute("dir", "rtl")
    page.goto("/ar")
    same_page = page.locator("template[data-blanks=ar]").evaluate(
        "node => node.content.querySelector('.message-service .sender').textContent"
    )
    page.goto("/da")
    expect(page.locator(".message-service").last.locator(".sender")).to_have_text(same_page)


def test_the_conversation_is_forgotten_when_asked(open_page: OpenPage) -> None:
    page = open_page("/da")
    ask(page, QUESTIONS["da"])
    expect(page.locator(".card").first).to_be_visible()
    page.locator("[data-restart]").click()
    expect(page.locator(".message-resident")).to_have_count(0)
    page.reload()
    expect(page.locator(".message-resident")).to_have_count(0)
    assert page.evaluate("sessionStorage.length + localStorage.length") == 0


def test_a_suggestion_asks_its_question(open_page: OpenPage) -> None:
    page = open_page("/en")
    suggestion = page.locator("[data-suggestions] a").first
    words = suggestion.inner_text()
    suggestion.click()
    expect(page.locator(".message-resident")).to_contain_text(words)
    expect(page.locator(".message-service").nth(1)).to_be_visible()
    expect(page.locator(".message-resident")).to_be_focused()


def test_everything_by_keyboard_and_the_focus_stays(open_page: OpenPage) -> None:
    page = open_page("/da")
    page.keyboard.press("Tab")  # the way out comes first
    page.keyboard.press("Tab")
    expect(page.locator(".skipnav")).to_be_focused()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "question":
            break
    page.keyboard.type("dansk")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("om aftenen")
    page.keyboard.press("Enter")
    expect(page.locator(".message-service").nth(1)).to_be_visible()
    expect(page.get_by_role("textbox")).to_be_focused()
    expect(page.locator(".message-resident p").last).to_have_text("dansk\nom aftenen")


def test_the_log_is_announced_politely(open_page: OpenPage) -> None:
    page = open_page("/uk")
    log = page.get_by_role("log")
    expect(log).to_have_attribute("aria-live", "polite")
    assert log.get_attribute("aria-labelledby") == "log-title"


def test_the_front_page_takes_the_browsers_language_in_place(open_page: OpenPage) -> None:
    page = open_page("/", locale="uk-UA")
    assert page.locator("html").get_attribute("lang") == "uk"
    assert page.url.endswith("/")
    page = open_page("/", locale="fr-FR")
    assert page.locator("html").get_attribute("lang") == "da"


FACTS = {
    "da": "min søn er 8 og vil spille fodbold, vi bor i Valby",
    "en": "my son is 8 and wants to play football, we live in Valby",
    "uk": "моєму сину 8 років, хоче грати у футбол, ми живемо у Вальбю",
    "ar": "ابني عمره 8 سنوات وبدو يلعب كرة قدم، ساكنين بفالبي",
}


@pytest.mark.stack
@pytest.mark.parametrize("tag", LANGUAGES)
def test_what_is_remembered_can_be_taken_back_with_a_button(stack: Stack, browser: Browser, tag: str) -> None:
    page = browser.new_context(base_url=stack.base, reduced_motion="reduce").new_page()
    page.goto(f"/{tag}")
    ask(page, FACTS[tag])
    facts = page.locator("[data-part=remembered] button")
    expect(facts.first).to_be_visible()
    before = facts.count()
    assert before >= 2
    facts.first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".message-service")).to_have_count(3)
    expect(facts).to_have_count(before - 1)
    page.context.close()
