"""The JSON-LD of an offer's page is data: a browser neither runs it nor reports it as against the policy."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

_LISTEN = "document.addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.violatedDirective))"


@pytest.mark.parametrize("language", ["da", "ar"])
def test_an_offer_is_described_to_machines_within_the_policy(open_page: Callable[..., Page], language: str) -> None:
    page = open_page(f"/{language}")
    page.add_init_script(_LISTEN)
    answer = page.goto(f"/{language}/offers/muhabet")  # a console error fails the test
    assert answer is not None
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    written = page.locator('script[type="application/ld+json"]').all_text_contents()
    assert len(written) == 1
    described = json.loads(written[0])
    assert described["@type"] == "GovernmentService"
    assert described["name"] == page.locator("h1").inner_text()
    assert described["url"] == page.url
    page.evaluate("() => new Promise(done => setTimeout(done, 100))")  # reports come after the load


def test_what_cannot_be_had_is_not_described_as_a_service(open_page: Callable[..., Page]) -> None:
    page = open_page("/da/offers/bogstart")
    assert page.locator("h1").count() == 1
    assert page.locator('script[type="application/ld+json"]').count() == 0
