"""How soon a first visit can be used on a slow connection: `uv run python -m benchmarks.first_visit`.

The connection is Lighthouse's slow 4G (150 ms a round trip, 1.6 Mbit/s down, 750 kbit/s up), simulated in Chromium; the
processor is not slowed down, and setting up the encrypted connection is not counted. "Shown" is the first contentful paint.
"Usable" is when it is shown and its scripts ran (`DOMContentLoaded` waits for modules), so that a question can be typed and
sent. Fonts may still be on their way.
"""

from __future__ import annotations

import argparse
import statistics

from playwright.sync_api import Browser, sync_playwright

from tests.browser.serving import CHROMIUM, LANGUAGES, running_service

LATENCY, DOWN, UP = 150, 1_600_000 / 8, 750_000 / 8  # milliseconds, bytes a second
_TIMES = """() => {
  const [visit] = performance.getEntriesByType('navigation');
  const [shown] = performance.getEntriesByName('first-contentful-paint');
  const painted = shown?.startTime ?? visit.loadEventEnd;
  return [painted, Math.max(painted, visit.domContentLoadedEventEnd), visit.loadEventEnd];
}"""


def main() -> None:
    """Print the times and the weight of the chat's first visit in each language."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", type=int, default=5, help="visits for each language; the median is printed")
    visits = max(1, parser.parse_args().visits)
    with running_service() as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        print("page  shown   usable  all with fonts  (seconds, median of", visits, "visits)")
        for tag in LANGUAGES:
            times = [_visit(chromium, f"{address}/{tag}") for _ in range(visits)]
            shown, usable, loaded = (statistics.median(column) / 1000 for column in zip(*times, strict=True))
            print(f"/{tag}   {shown:5.2f}   {usable:5.2f}   {loaded:5.2f}")
        chromium.close()


def _visit(chromium: Browser, address: str) -> tuple[float, float, float]:
    """Return when a visit with an empty cache shows something, can be used, and has everything, in milliseconds."""
    context = chromium.new_context()
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": LATENCY, "downloadThroughput": DOWN, "uploadThroughput": UP},
    )
    page.goto(address, wait_until="load")
    page.wait_for_function("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
    shown, usable, loaded = page.evaluate(_TIMES)
    context.close()
    return shown, usable, loaded


if __name__ == "__main__":
    main()
