"""Hostile messages on the real pages, in a real browser: what somebody wrote stays text, and nothing of it runs."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from lxml import html
from playwright.sync_api import Browser, Page

from services_catalog.normalize import words
from tests.browser.serving import CHROMIUM
from tests.conftest import Stack
from tests.hostile.messages import Questions, messages
from tests.hostile.pieces import MARKUP, TEMPLATES

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(not CHROMIUM.exists(), reason=f"{CHROMIUM} is not installed (apt-get install chromium)"),
]

#: How many messages are shown (200 for the full measure).
COUNT = int(os.environ.get("VEJVISER_HOSTILE_SHOWN", 40))
#: Elements that no page of ours has inside its main part, and attributes that run something.
STRANGE = """
  [...document.querySelectorAll("main script:not([src^='/static/']), main img[src=x], main iframe, main style, base, main meta,"
    + "main math, main x, main object, main embed, main svg[onload], a[href^='javascript:']")]
  .concat([...document.querySelectorAll("*")].filter((one) => one.getAttributeNames().some((name) => name.startsWith("on"))))
  .map((one) => one.outerHTML)
"""
#: Say something as a resident does, and wait until it is answered. Returns what the page shows of it.
SAY = """async (text) => {
  const log = document.querySelector('[data-log]'), form = document.querySelector('[data-ask]');
  const before = log.childElementCount;
  form.elements.q.value = text;
  form.requestSubmit();
  for (let waited = 0; waited < 10000; waited += 20) {
    if (log.childElementCount >= before + 2 && !log.querySelector('[data-part=typing]')) break;
    await new Promise(done => setTimeout(done, 20));
  }
  const asked = log.children[before];
  return {asked: asked?.textContent, answered: log.childElementCount > before + 1};
}"""


def said(questions: Questions) -> list[str]:
    """Return texts to show: those that hold markup or templates first, then some of every other kind."""
    made = (one.said for one in messages(11, questions) if one.said is not None)
    short = (text for text in made if text.strip() and len(text) <= 500 and "\0" not in text and text.isprintable())
    return list(itertools.islice(itertools.chain(MARKUP, TEMPLATES, short), COUNT))


@pytest.fixture
def page(stack: Stack, browser: Browser) -> Iterator[Page]:
    """A page in which every sign that something ran is a failure."""
    ran: list[str] = []
    context = browser.new_context(base_url=stack.base, reduced_motion="reduce")
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    opened.on("dialog", lambda dialog: ran.append(f"dialog: {dialog.message}") or dialog.dismiss())  # type: ignore
    opened.on("pageerror", lambda error: ran.append(str(error)))
    opened.on("console", lambda line: ran.append(line.text) if line.type == "error" else None)
    opened.on(
        "request", lambda one: None if one.url.startswith((stack.base, "data:", "blob:")) else ran.append(one.url)
    )
    yield opened
    context.close()
    assert ran == []


def test_a_conversation_shows_it_as_text(page: Page, questions: Questions) -> None:
    page.goto("/da")
    scripts = page.evaluate("document.scripts.length")
    for number, text in enumerate(said(questions)):
        if number % 25 == 24:  # a conversation is not longer
            page.evaluate("sessionStorage.clear()")
            page.goto("/da")
        shown: dict[str, Any] = page.evaluate(SAY, text)
        assert shown["answered"], text
        assert " ".join(text.split()) in " ".join(shown["asked"].split()), text
        assert page.evaluate(STRANGE) == [], text
    assert page.evaluate("document.scripts.length") == scripts
    assert page.url.endswith("/da")


def test_the_page_without_javascript_shows_it_as_text(page: Page, stack: Stack, questions: Questions) -> None:
    for text in said(questions)[: COUNT // 2]:
        page.goto(f"/en/search?q={quote(text)}")  # with scripts allowed: none of it may use them
        assert page.evaluate(STRANGE) == [], text
        plain = httpx.get(f"{stack.base}/en/search", params={"q": text}, follow_redirects=True, trust_env=False)
        (field,) = html.fromstring(plain.text).xpath("//textarea[@name='q']")
        assert len(field) == 0, text
        assert set(words(field.text or "")) <= set(words(text)), text
