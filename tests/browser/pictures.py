"""Make the pictures of the pages that the documents show: `uv run python -m tests.browser.pictures`."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from .serving import CHROMIUM, LANGUAGES, ROOT, running_service
from .signing_in import Role, account, sign_in
from .test_conversation import DANGER, OFFER, QUESTIONS

PICTURES = ROOT / "docs" / "pictures"
PHONE, LAPTOP, DESK = (
    {"width": 390, "height": 844},
    {"width": 1000, "height": 1250},
    {"width": 1280, "height": 900},
)
#: The languages of those who sign in that are shown: one of each direction.
_SIGNED_IN = ("da", "ar")


def asked(question: dict[str, str]) -> Callable[[Page, str], None]:
    """Return what asks the chat a question and waits for its answer."""

    def ask(page: Page, tag: str) -> None:
        page.locator("#question").fill(question[tag])
        page.keyboard.press("Enter")
        page.locator(".message-service").nth(1).wait_for()
        page.evaluate("document.querySelector('.message-resident').scrollIntoView()")

    return ask


def looked_up(page: Page, tag: str) -> None:
    """Ask the referral desk, and put what it finds first on the list."""
    page.locator("#q").fill(QUESTIONS[tag])
    page.locator("[data-search]").click()
    page.locator("[data-pick]").first.click()


def nothing(_page: Page, _tag: str) -> None:
    """Leave a page as it is."""


def scrolled_to(selector: str) -> Callable[[Page, str], None]:
    """Return what brings a part of the page to the top of the window."""

    def scroll(page: Page, _tag: str) -> None:
        page.locator(selector).evaluate("node => node.scrollIntoView()")

    return scroll


#: Name of the picture, address after the language, and what is done there first.
Shown = tuple[str, str, Callable[[Page, str], None]]
RESIDENTS: tuple[Shown, ...] = (
    ("chat", "", asked(QUESTIONS)),
    ("danger", "", asked(DANGER)),
    ("offer", f"/offers/{OFFER}", nothing),
    ("slip", f"/offers/{OFFER}/slip", nothing),
    ("areas", "/areas", nothing),
)
THOSE_WHO_SIGN_IN: tuple[Shown, ...] = (
    ("desk", "/desk", looked_up),
    ("compare", f"/desk/compare?offer={OFFER}&offer=bogstart", nothing),
    ("editors", "/editor", nothing),
    ("offers", "/editor/offers", nothing),
    ("editing", f"/editor/offers/{OFFER}", scrolled_to(".texts")),
    ("figures", "/editor/figures", scrolled_to("[data-chart]:nth-last-of-type(2)")),
)


def main() -> None:
    """Write a PNG for each page and language into docs/pictures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with running_service() as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for tag in ("da", "ar"):
            page = opened(chromium, address, LAPTOP)
            picture(page, tag, ("page", "", asked(QUESTIONS)), at_top=True)
            page.context.close()
        for tag in LANGUAGES:
            for shown in RESIDENTS:
                page = opened(chromium, address, PHONE)
                picture(page, tag, shown)
                page.context.close()
        name = account(address, *Role)
        for tag in _SIGNED_IN:
            page = opened(chromium, address, DESK)
            page.goto(f"/{tag}/account")
            sign_in(page, name)
            for shown in THOSE_WHO_SIGN_IN:
                picture(page, tag, shown)
            page.context.close()
        chromium.close()


def opened(chromium: Browser, address: str, window: dict[str, int]) -> Page:
    """Return an empty page in a browser of its own."""
    context = chromium.new_context(base_url=address, viewport=window, reduced_motion="reduce")  # type: ignore[arg-type]
    return context.new_page()


def picture(page: Page, tag: str, shown: Shown, *, at_top: bool = False) -> Path:
    """Open a page, do there what is shown, and write what the window shows then."""
    name, path, prepare = shown
    page.goto(f"/{tag}{path}")
    prepare(page, tag)
    page.evaluate("document.activeElement.blur()")
    if at_top:
        page.evaluate("scrollTo(0, 0)")
    page.evaluate("document.fonts.ready.then(() => true)")
    file = PICTURES / f"{name}-{tag}.png"
    page.screenshot(path=file)
    print(file.relative_to(ROOT))
    return file


if __name__ == "__main__":
    main()
