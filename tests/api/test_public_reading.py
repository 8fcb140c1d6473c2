"""Offers and searches as other programs read them: languages, validators, 304, compression, and who may keep what."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from services_catalog.catalogue import Catalogue
from services_catalog.offer import Audience
from tests.conftest import STAFF_TOKEN

OFFER = "/api/v1/offers/muhabet"
SEARCH = "/api/v1/search?q=dansk"
STAFF = {"Authorization": f"Bearer {STAFF_TOKEN}"}


@pytest.mark.parametrize("tag", ["da", "en", "uk", "ar"])
def test_the_language_of_an_offer_is_negotiated_and_told(client: TestClient, catalogue: Catalogue, tag: str) -> None:
    accepted = client.get(OFFER, headers={"Accept-Language": f"xx, {tag};q=0.8, de;q=0.9"})
    asked = client.get(OFFER, params={"language": tag}, headers={"Accept-Language": "da"})
    assert accepted.headers["content-language"] == asked.headers["content-language"] == tag
    assert accepted.json() == asked.json()
    assert accepted.json()["name"] == catalogue.offers["muhabet"].texts[tag].name
    assert "Accept-Language" in accepted.headers["vary"]


def test_the_language_of_a_search_is_that_of_its_words_or_else_the_accepted_one(client: TestClient) -> None:
    def spoken(question: str, **headers: str) -> str:
        answer = client.get("/api/v1/search", params={"q": question}, headers=headers)
        assert answer.json()["language"] in answer.headers["content-language"].split(", ")
        return str(answer.json()["language"])

    assert spoken("Where can I learn Danish?", **{"Accept-Language": "uk"}) == "en"
    assert spoken("Muhabet", **{"Accept-Language": "uk"}) == "uk"
    assert client.get(SEARCH, params={"q": "dansk", "language": "ar"}).headers["content-language"] == "ar"


@pytest.mark.parametrize("path", [OFFER, SEARCH])
def test_a_language_nobody_speaks_here_is_refused(client: TestClient, path: str) -> None:
    answer = client.get(path, params={"q": "dansk", "language": "tlh"})
    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert wrong["field"] == "query.language"
    assert "da, en, uk, ar" in wrong["message"]


@pytest.mark.parametrize("path", [OFFER, SEARCH])
def test_a_client_that_has_the_newest_gets_304(client: TestClient, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": f'"other", {first.headers["etag"]}'})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200
    other = client.get(path, params={"q": "dansk", "language": "ar"}, headers={"If-None-Match": first.headers["etag"]})
    assert other.status_code == 200


def test_an_offer_has_a_date(client: TestClient) -> None:
    since = {"If-Modified-Since": client.get(OFFER).headers["last-modified"]}
    assert client.get(OFFER, headers=since).status_code == 304
    assert client.get(OFFER, headers={"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}).status_code == 200


def test_what_is_for_staff_or_personal_stays_out_of_shared_caches(client: TestClient, catalogue: Catalogue) -> None:
    staff_offer = next(one.id for one in catalogue.published if one.audience is Audience.STAFF)
    assert client.get(OFFER).headers["cache-control"] == "no-cache"
    assert client.get(f"/api/v1/offers/{staff_offer}").status_code == 404
    for path, headers in ((f"/api/v1/offers/{staff_offer}", STAFF), (f"{SEARCH}&role=staff", STAFF), (SEARCH, {})):
        answer = client.get(path, headers=headers)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-cache")
        assert "Authorization" in answer.headers["vary"]


@pytest.mark.parametrize("path", [OFFER, SEARCH])
def test_a_large_answer_is_compressed_and_keeps_its_tag(client: TestClient, path: str) -> None:
    packed = client.get(path, headers={"Accept-Encoding": "gzip"})
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.json() == plain.json()
    assert packed.headers["etag"] == plain.headers["etag"]
    assert "Accept-Encoding" in packed.headers["vary"]


def test_a_wrong_method_is_told_all_the_right_ones(client: TestClient) -> None:
    allowed = {"/api/v1/tokens": "GET, POST", "/api/v1/editor/records/offers/muhabet": "GET, PUT", SEARCH: "GET"}
    for path, methods in allowed.items():
        answer = client.patch(path)
        assert (answer.status_code, answer.headers["allow"]) == (405, methods)
