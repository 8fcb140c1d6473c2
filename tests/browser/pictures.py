"""Make the pictures of the pages that the documents show: `uv run python tests/browser/pictures.py`."""

from __future__ import annotations

import argparse

from playwright.sync_api import sync_playwright
from serving import CHROMIUM, ROOT, running_service

PICTURES = ROOT / "docs" / "pictures"
QUESTIONS = {
    "da": "Min søn vil til fodbold, men vi kan ikke betale kontingentet",
    "ar": "ابني يريد أن يلعب كرة القدم ولا نستطيع دفع اشتراك النادي",
}


def main() -> None:
    """Write page-da.png and page-ar.png: the chat with a question and its answer, as on a small laptop."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with running_service() as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for tag, question in QUESTIONS.items():
            page = chromium.new_page(viewport={"width": 1000, "height": 1250}, reduced_motion="reduce")
            page.goto(f"{address}/{tag}")
            page.get_by_role("textbox").fill(question)
            page.keyboard.press("Enter")
            page.locator(".card").first.wait_for()
            page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
            page.evaluate("document.fonts.ready")
            picture = PICTURES / f"page-{tag}.png"
            page.screenshot(path=picture)
            print(picture.relative_to(ROOT))
        chromium.close()


if __name__ == "__main__":
    main()
