"""A real browser on the real pages. Every page that a test opens must stay quiet and keep to itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from .serving import CHROMIUM, ENVIRONMENTS, running_service
from .signing_in import Role, account, sign_in

expect.set_options(timeout=15_000)  # milliseconds: the first question also waits for the language models


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM.exists():
                item.add_marker(pytest.mark.skip(reason=f"{CHROMIUM} is not installed (apt-get install chromium)"))


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """The address of a running service."""
    with running_service() as address:
        yield address


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(service: str, browser: Browser) -> Iterator[OpenPage]:
    """Return a function that opens a path in a new browser context.

    Its options are those of Playwright's `new_context`, and `expected_errors` for a test that breaks something itself.
    A console error, a script error, or a request to anybody else fails the test.
    """
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_path(path: str, *, expected_errors: bool = False, **options: object) -> Page:
        context = browser.new_context(base_url=service, reduced_motion="reduce", **options)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: _stays_home(request, service, troubles))
        if not expected_errors:
            page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(path)
        return page

    yield open_path
    for context in contexts:
        context.close()
    assert troubles == []


@pytest.fixture
def signed_in(open_page: OpenPage, service: str) -> OpenPage:
    """Return `open_page` for somebody who may do everything, and signs in on the way."""
    if service not in ENVIRONMENTS:
        pytest.skip("the service was not started by the tests")
    name = account(service, *Role)

    def opened(path: str, **options: object) -> Page:
        page = open_page(path, **options)
        sign_in(page, name)
        return page

    return opened


@pytest.fixture(scope="session")
def feedback(service: str) -> str:
    """The id of a feedback that says something is wrong, so that its page asks what."""
    given = {"kind": "wrong", "language": "da"}
    answer = httpx.post(f"{service}/api/v1/feedback", json=given, trust_env=False)
    return str(answer.raise_for_status().json()["id"])


def _stays_home(request: Request, service: str, troubles: list[str]) -> None:
    if not request.url.startswith((f"{service}/", "data:", "blob:")):
        troubles.append(f"asked a third party: {request.url}")
