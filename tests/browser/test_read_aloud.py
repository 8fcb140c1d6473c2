"""Reading aloud: only with a voice of the page's language that is on the device itself, and it can be stopped.

Chromium on a server has no voices: the test gives it some, in the place where a device has its own.
"""

from __future__ import annotations

from playwright.sync_api import Page, expect

from .conftest import OpenPage

PATH = "/ar/offers/kontingentstoette"
_VOICES = """
const own = { voices: [], spoken: [] };
window.own = own;
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
const synthesis = Object.assign(new EventTarget(), {
  getVoices: () => own.voices,
  speak: (utterance) => { own.spoken.push(utterance); },
  cancel: () => { own.spoken.at(-1)?.onend?.(); },
});
Object.defineProperty(window, "speechSynthesis", { value: synthesis });
"""


def with_voices(page: Page, *voices: tuple[str, bool]) -> None:
    """Give the device voices: language, and whether it speaks on the device itself."""
    found = [{"lang": lang, "localService": local} for lang, local in voices]
    page.evaluate(
        "voices => { own.voices = voices; speechSynthesis.dispatchEvent(new Event('voiceschanged')); }", found
    )


def opened(open_page: OpenPage) -> Page:
    page = open_page("/ar")
    page.add_init_script(_VOICES)
    page.goto(PATH)
    return page


def spoken(page: Page) -> list[str]:
    texts: list[str] = page.evaluate("own.spoken.map(one => one.text)")
    return texts


def finish(page: Page) -> None:
    """Let the device come to the end of what it is saying."""
    page.evaluate("own.spoken.at(-1).onend()")


def test_there_is_no_button_without_a_voice_of_the_language_on_the_device(open_page: OpenPage) -> None:
    page = opened(open_page)
    button = page.locator("[data-read-aloud]")
    expect(button).to_be_hidden()
    with_voices(page, ("en-GB", True), ("ar-SA", False))  # a voice that is not on the device would send the text away
    expect(button).to_be_hidden()
    with_voices(page, ("ar_EG", True))
    expect(button).to_be_visible()


def test_it_reads_the_facts_one_after_the_other_each_in_its_language(open_page: OpenPage) -> None:
    page = opened(open_page)
    with_voices(page, ("da-DK", True), ("ar-SA", True))
    page.locator("[data-start]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-stop]")).to_be_focused()
    expected = page.locator("[data-read]").count()
    for at in range(1, expected + 1):
        assert len(spoken(page)) == at
        finish(page)
    assert spoken(page)[0] == page.locator("h1").inner_text().strip()
    languages = page.evaluate("own.spoken.map(one => [one.lang, one.voice.lang])")
    assert ["da", "da-DK"] in languages
    assert all(voice.startswith(language) for language, voice in languages)
    expect(page.locator("[data-start]")).to_be_focused()
    expect(page.locator("[data-reading]")).to_have_count(0)


def test_danish_is_left_out_where_the_device_cannot_say_it(open_page: OpenPage) -> None:
    page = opened(open_page)
    with_voices(page, ("ar-SA", True))
    page.locator("[data-start]").click()
    while page.locator("[data-reading]").count():
        finish(page)
    assert "Kontingentstøtteordning" not in spoken(page)
    assert len(spoken(page)) == page.locator("[data-read]").count() - 1


def test_it_stops_when_told_and_when_the_page_is_left(open_page: OpenPage) -> None:
    page = opened(open_page)
    with_voices(page, ("ar-SA", True))
    page.locator("[data-start]").click()
    page.locator("[data-stop]").click()
    expect(page.locator("[data-start]")).to_be_visible()
    assert len(spoken(page)) == 1
    page.locator("[data-start]").click()
    assert len(spoken(page)) == 2
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    expect(page.locator("[data-start]")).to_be_visible()
    assert len(spoken(page)) == 2
