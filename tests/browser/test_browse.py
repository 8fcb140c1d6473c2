"""Looking around by topic and by part of the city, with and without JavaScript, in every language and size."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .axe import in_both_schemes
from .conftest import OpenPage
from .serving import LANGUAGES
from .test_layout import PHONE, ZOOMED
from .test_slip import _TWICE, fits

PATHS = ["areas", "areas/leisure", "districts", "districts/tingbjerg"]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_from_the_front_page_to_an_offer_by_topic_without_javascript(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}", java_script_enabled=False)
    page.locator(f'main a[href="/{tag}/areas"]').click()
    need = page.locator(f'a[href="/{tag}/areas/afford-leisure"]')
    counted = int(need.locator("xpath=following-sibling::*[1]").get_attribute("data-count") or 0)
    need.click()
    expect(page.locator("[data-available] [data-offer]")).to_have_count(counted)
    page.locator(f'[data-available] a[href="/{tag}/offers/kontingentstoette"]').click()
    expect(page.locator(".facts")).to_be_visible()
    assert page.locator("html").get_attribute("dir") == LANGUAGES[tag]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_from_the_footer_to_a_part_of_the_city_and_back_by_crumbs(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}/offers/kontingentstoette", java_script_enabled=False)
    page.locator(f'footer a[href="/{tag}/districts"]').click()
    page.locator('[data-district="tingbjerg"] > a').click()
    expect(page.locator("[data-here] [data-offer]")).to_have_count(1)
    expect(page.locator("[data-others] [data-state]")).to_have_count(1)
    assert page.locator("[data-city] [data-offer]").count() > 20
    page.locator(f'.breadcrumbs a[href="/{tag}/districts"]').click()
    expect(page.locator('[data-district="valby"]')).to_be_visible()


@pytest.mark.parametrize("tag", LANGUAGES)
def test_pages_are_accessible_and_fit_every_window(open_page: OpenPage, tag: str) -> None:
    page = open_page(f"/{tag}/areas")
    for path in PATHS:
        page.set_viewport_size({"width": 1280, "height": 900})
        page.goto(f"/{tag}/{path}")
        assert in_both_schemes(page) == []
        for window in (PHONE, ZOOMED):
            page.set_viewport_size(window)  # type: ignore[arg-type]
            fits(page)
        page.set_viewport_size({"width": 1280, "height": 900})
        page.evaluate(_TWICE)
        fits(page)
