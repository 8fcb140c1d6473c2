"""Browse, favourites and slip pages over HTTP: who sees what, in which language, and what is kept of it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api import browse_pages
from services_catalog.accounts.roles import Role
from services_catalog.browsing import areas, in_need, visible
from services_catalog.catalogue import Catalogue
from services_catalog.languages import LANGUAGES

STAFF_OFFER = "flersprogede-behandlere"
PAGES = ["areas", "areas/leisure", "areas/find-a-club", "districts", "districts/tingbjerg", "favourites",
         "offers/kontingentstoette/slip", "slip?offer=kontingentstoette&offer=geist"]  # fmt: skip


@pytest.fixture
def staff(client: TestClient) -> Iterator[TestClient]:
    """The application as somebody of the staff sees it who is signed in."""
    accounts = client.app.state.accounts  # type: ignore[attr-defined]
    accounts.add("desk-of-the-slips", frozenset({Role.STAFF}), "correct horse battery")
    body = {"name": "desk-of-the-slips", "password": "correct horse battery"}
    assert client.post("/api/v1/login", json=body).status_code < 300
    yield client
    client.cookies.clear()


def offers_in(page: str) -> list[str]:
    return re.findall(r'data-offer="([^"]+)"', page)


def slips_in(page: str) -> list[str]:
    return re.findall(r'data-slip="([^"]+)"', page)


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_pages_are_there_in_every_language(client: TestClient, tag: str, path: str) -> None:
    response = client.get(f"/{tag}/{path}")
    assert response.status_code == 200
    assert response.headers["content-language"] == tag
    assert f'<html lang="{tag}" dir="{LANGUAGES[tag].direction}">' in response.text
    assert response.text.count("<h1") == 1
    for other in LANGUAGES:
        assert html.escape(f'href="/{other}/{path}"', quote=False) in response.text


@pytest.mark.parametrize(
    "path", ["areas/no-such-need", "districts/atlantis", "areas/a/b", f"offers/{STAFF_OFFER}/slip", "slip",
             f"slip?offer={STAFF_OFFER}", "offers/no-such-offer/slip", "areas/%3Cscript%3E"]
)  # fmt: skip
def test_what_is_not_there_is_not_found_in_the_language(client: TestClient, path: str) -> None:
    response = client.get(f"/uk/{path}")
    assert response.status_code == 404
    assert 'lang="uk"' in response.text


def test_areas_show_their_needs_and_count_what_can_be_had(client: TestClient, catalogue: Catalogue) -> None:
    page = client.get("/en/areas").text
    for area in areas(catalogue):
        assert f'data-area="{area.need.id}"' in page
        for one in area.needs:
            link = f'href="/en/areas/{one.need.id}">{html.escape(one.need.labels["en"])}</a>'.replace("&#x27;", "&#39;")
            assert f'{link} <span class="count" data-count="{one.count}"' in page


@pytest.mark.parametrize("path", ["areas/work", "areas/leisure", "districts/valby"])
def test_a_long_list_is_shown_a_page_at_a_time(client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = offers_in(client.get(f"/en/{path}").text)
    assert len(whole) > 10
    monkeypatch.setattr(browse_pages, "PER_PAGE", 7)
    found: list[str] = []
    for number in range(1, -(-len(whole) // 7) + 1):
        page = client.get(f"/en/{path}", params={"page": number} if number > 1 else {}).text
        assert len(offers_in(page)) <= 7
        assert ('rel="next"' in page) == (len(found) + 7 < len(whole))
        assert ('rel="prev"' in page) == (number > 1)
        assert f'href="/uk/{path}{f"?page={number}" if number > 1 else ""}"' in page
        found += offers_in(page)
    assert found == whole
    assert client.get(f"/en/{path}", params={"page": number + 1}).status_code == 404


def test_a_need_shows_what_can_be_had_first_and_the_rest_marked(client: TestClient, catalogue: Catalogue) -> None:
    page = client.get("/en/areas/work").text
    available, others = page.split("data-others")
    shelf = in_need(catalogue, "work")
    assert offers_in(available) == [offer.id for offer in shelf.available]
    assert offers_in(others) == [offer.id for offer in shelf.others]
    assert others.count("data-state=") == len(shelf.others)


def test_no_browse_page_shows_an_offer_for_staff(client: TestClient, catalogue: Catalogue) -> None:
    paths = [f"areas/{need}" for need in catalogue.needs] + [f"districts/{one}" for one in catalogue.districts]
    shown = {offer for path in paths for offer in offers_in(client.get(f"/da/{path}").text)}
    assert shown
    assert all(visible(catalogue.offers[offer]) for offer in shown)


def test_a_district_says_what_is_stated_and_what_is_unknown(client: TestClient) -> None:
    page = client.get("/en/districts/nordvest").text
    here, city = page.split("data-city")
    assert offers_in(here) == ["helhedsorienteret-familieindsats"]
    assert re.search(r"data-place>[^<]*Nørrebro[^<]*Bispebjerg", here)
    assert "33 66 33 66" in city
    assert "data-unclear" in city
    assert "geist" in offers_in(city.split("data-unclear")[1])


def test_kept_offers_are_drawn_in_order_and_never_cached(client: TestClient) -> None:
    body = {"offer": ["geist", "kontingentstoette", "no-such-offer", STAFF_OFFER, "geist"]}
    response = client.post("/ar/favourites", data=body)
    assert response.headers["cache-control"] == "no-store"
    assert re.findall(r'data-kept-offer="([^"]+)"', response.text) == body["offer"][:4]
    assert re.findall(r'href="(/ar/offers/[^"]+)"', response.text) == [
        "/ar/offers/geist",
        "/ar/offers/kontingentstoette",
    ]
    assert 'href="/ar/slip?offer=geist&amp;offer=kontingentstoette"' in response.text


def test_many_kept_offers_are_printed_six_at_a_time(client: TestClient, catalogue: Catalogue) -> None:
    many = [offer.id for offer in catalogue.published if visible(offer)][:13]
    page = client.post("/en/favourites", data={"offer": many}).text
    groups = [re.findall(r"offer=([^&\"]+)", html.unescape(one)) for one in re.findall(r'href="(/en/slip[^"]+)"', page)]
    assert [len(group) for group in groups] == [6, 6, 1]
    assert [one for group in groups for one in group] == many
    for group in groups:
        assert slips_in(client.get("/en/slip", params={"offer": group}).text) == group


def test_a_name_that_is_no_offer_is_only_text(client: TestClient) -> None:
    page = client.post("/en/favourites", data={"offer": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in page


def test_more_than_six_slips_are_refused_with_what_to_do(client: TestClient) -> None:
    response = client.get("/en/slip", params={"offer": [f"offer-{one}" for one in range(7)]})
    assert response.status_code == 400
    assert "6" in response.text


def test_slips_of_offers_that_are_not_there_are_left_out_and_it_says_so(client: TestClient) -> None:
    page = client.get(f"/en/slip?offer=geist&offer=no-such-offer&offer={STAFF_OFFER}&offer=geist").text
    assert slips_in(page) == ["geist"]
    assert 'data-left-out="2"' in page


def test_staff_who_are_signed_in_may_print_staff_offers(staff: TestClient) -> None:
    response = staff.get(f"/en/slip?offer={STAFF_OFFER}&offer=geist")
    assert slips_in(response.text) == [STAFF_OFFER, "geist"]
    assert response.headers["cache-control"] == "no-store"
    assert f"/offers/{STAFF_OFFER}" not in response.text
    assert response.text.count('class="slip-code"') == 1  # no code to a page that residents do not have


def test_notes_of_editors_are_on_no_slip(client: TestClient, catalogue: Catalogue) -> None:
    offer = next(one for one in catalogue.published if visible(one) and one.editor_notes)
    page = html.unescape(client.get(f"/da/offers/{offer.id}/slip").text)
    assert all(note not in page for note in offer.editor_notes)
