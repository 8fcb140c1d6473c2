"""What a first visit costs: at most 150 kB over the wire, fonts aside, and nobody else is asked for anything."""

from __future__ import annotations

import pytest
from playwright.sync_api import Response

from .conftest import OpenPage
from .serving import LANGUAGES
from .test_conversation import OFFER, QUESTIONS

MOST_WEIGHT = 150_000  # bytes


def weights(open_page: OpenPage, path: str) -> dict[str, int]:
    """Return what each answer of a first visit weighs in bytes, headers and body as they were sent; fonts are left out."""
    page = open_page("about:blank")
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(path, wait_until="networkidle")
    sizes = {one.url: one.request.sizes() for one in answers if one.request.resource_type != "font"}
    return {url: size["responseHeadersSize"] + size["responseBodySize"] for url, size in sizes.items()}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_first_visit_is_light(open_page: OpenPage, tag: str) -> None:
    """That nobody else is asked is seen by `open_page` itself, on every page of every test."""
    for path in ("", f"/search?q={QUESTIONS[tag]}&stay=1", f"/offers/{OFFER}", f"/offers/{OFFER}/slip", "/areas"):
        found = weights(open_page, f"/{tag}{path}")
        print(f"/{tag}{path[:12]}: {sum(found.values()) / 1000:.0f} kB in {len(found)} answers")
        assert len(found) >= 6
        assert sum(found.values()) <= MOST_WEIGHT, found


def test_what_is_large_is_compressed(open_page: OpenPage) -> None:
    page = open_page("about:blank")
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto("/da", wait_until="networkidle")
    texts = [one for one in answers if one.request.resource_type in {"document", "stylesheet", "script"}]
    large = [one for one in texts if len(one.body()) > 2_000]
    assert large
    assert [one.url for one in large if one.headers.get("content-encoding") not in {"gzip", "br"}] == []
