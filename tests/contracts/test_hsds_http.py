"""Languages, validators, 304 and reading from other sites, as HTTP has them."""

from __future__ import annotations

import datetime as dt
from email.utils import format_datetime, parsedate_to_datetime

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import Headers

from api.conditional import unchanged
from services_catalog.catalogue import Catalogue
from services_catalog.hsds.datasets import Dataset, Datasets
from services_catalog.hsds.entries import Filter
from services_catalog.hsds.objects import identifier
from services_catalog.offer import Offer
from tests.conftest import STAFF_TOKEN

SERVICE = f"/hsds/services/{identifier('service', 'muhabet')}"
NOW = dt.datetime(2026, 11, 30, 10, 0, 0, 700_000, tzinfo=dt.UTC)


@pytest.mark.parametrize("tag", ["da", "en", "uk", "ar"])
def test_the_language_is_negotiated_and_told(client: TestClient, catalogue: Catalogue, tag: str) -> None:
    accepted = client.get(SERVICE, headers={"Accept-Language": f"xx, {tag};q=0.8, de;q=0.9"})
    asked = client.get(SERVICE, params={"language": tag}, headers={"Accept-Language": "da"})
    assert accepted.headers["content-language"] == asked.headers["content-language"] == tag
    assert accepted.json() == asked.json()
    assert accepted.json()["name"] == catalogue.offers["muhabet"].texts[tag].name
    assert "Accept-Language" in accepted.headers["vary"]


def without_language(catalogue: Catalogue, offer_id: str, tag: str) -> Offer:
    offer = catalogue.offers[offer_id]
    return offer.model_copy(update={"texts": {name: texts for name, texts in offer.texts.items() if name != tag}})


def test_a_missing_translation_is_shown_in_danish_and_said_so(catalogue: Catalogue) -> None:
    offers = dict(catalogue.offers) | {"muhabet": without_language(catalogue, "muhabet", "ar")}
    partly = Catalogue(**{**vars_of(catalogue), "offers": offers})
    services = Dataset(partly, "ar", since=NOW).services
    muhabet = services[identifier("service", "muhabet")]
    assert muhabet.languages == {"da"}
    danish = Dataset(catalogue, "da", since=NOW).services[identifier("service", "muhabet")]
    assert muhabet.full == danish.full
    assert services[identifier("service", "danskuddannelse")].languages == {"ar"}


def vars_of(catalogue: Catalogue) -> dict[str, object]:
    return {name: getattr(catalogue, name) for name in Catalogue.__dataclass_fields__}


def test_a_client_that_has_the_newest_gets_304(client: TestClient) -> None:
    first = client.get(SERVICE)
    tag, date = first.headers["etag"], first.headers["last-modified"]
    for headers in ({"If-None-Match": tag}, {"If-None-Match": f'"other", {tag}'}, {"If-None-Match": "*"},
                    {"If-Modified-Since": date}):  # fmt: skip
        again = client.get(SERVICE, headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert "content-type" not in again.headers
    for headers in ({"If-None-Match": '"other"'}, {"If-None-Match": '"other"', "If-Modified-Since": date},
                    {"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}, {"If-Modified-Since": "soon"}):  # fmt: skip
        assert client.get(SERVICE, headers=headers).status_code == 200
    assert client.get(SERVICE, params={"language": "ar"}, headers={"If-None-Match": tag}).status_code == 200


def test_lists_have_tags_of_their_own(client: TestClient) -> None:
    tags = {
        client.get("/hsds/services", params=parameters).headers["etag"]
        for parameters in ({}, {"page": 2}, {"language": "en"}, {"full": True}, {"minimal": True})
    }
    assert len(tags) == 5
    assert client.get("/hsds/services").headers["etag"] in tags
    roots = {client.get("/hsds/", params={"language": tag}).headers["etag"] for tag in ("da", "ar")}
    assert len(roots) == 2, "the language told is a part of what is tagged"


def test_dates_count_in_whole_seconds() -> None:
    told = format_datetime(NOW, usegmt=True)
    assert parsedate_to_datetime(told) < NOW
    assert unchanged(Headers({"if-modified-since": told}), 'W/"a"', NOW)
    assert not unchanged(Headers({"if-modified-since": told}), 'W/"a"', NOW + dt.timedelta(seconds=1))
    assert not unchanged(Headers({"if-modified-since": told}), 'W/"a"', None)
    assert unchanged(Headers({"if-none-match": '"a"'}), 'W/"a"', None)


def test_a_new_catalogue_is_a_new_date_and_is_made_once(catalogue: Catalogue) -> None:
    moments = iter([NOW, NOW, NOW + dt.timedelta(hours=1)])
    datasets = Datasets(clock=lambda: next(moments))
    first = datasets.of(catalogue, "da")
    assert datasets.of(catalogue, "da") is first
    assert datasets.of(catalogue, "da", staff=True) is not first
    newer = Catalogue(**vars_of(catalogue))
    assert datasets.of(newer, "da").since == first.since + dt.timedelta(hours=1)


def test_the_moment_of_publication_is_the_moment_of_change(catalogue: Catalogue) -> None:
    published = Catalogue(**{**vars_of(catalogue), "modified": {"muhabet": NOW}})
    entries = Dataset(published, "da", since=NOW).services
    muhabet = entries[identifier("service", "muhabet")]
    assert muhabet.full["last_modified"] == "2026-11-30T10:00:00.700Z"
    found = [one for one in entries.values() if Filter(modified_after=NOW).lets(one.facets)]
    assert found == [muhabet]
    assert not Filter(modified_after=NOW + dt.timedelta(milliseconds=1)).lets(muhabet.facets)


@pytest.mark.parametrize("path", ["/hsds/services", SERVICE, "/api/v1/search?q=dansk", "/api/v1/offers/muhabet"])
def test_pages_of_other_sites_may_read(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Origin": "https://example.org"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    assert client.options(path, headers=asked).status_code == 200
    for more in ({"Access-Control-Request-Method": "POST"}, {"Access-Control-Request-Headers": "authorization"}):
        assert client.options(path, headers=asked | more).status_code == 400


@pytest.mark.parametrize("path", ["/health/live", "/da", "/hsdsx", "/api/v1/searching", "/internal/find"])
def test_nothing_else_is_opened(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Origin": "https://example.org"})
    assert "access-control-allow-origin" not in answer.headers


def test_answers_for_staff_are_kept_apart(client: TestClient) -> None:
    open_, staff = (
        client.get("/hsds/services", params={"minimal": True}, headers=headers)
        for headers in ({}, {"Authorization": f"Bearer {STAFF_TOKEN}"})
    )
    assert staff.json()["total_items"] > open_.json()["total_items"]
    assert staff.headers["etag"] != open_.headers["etag"]
    assert "Authorization" in open_.headers["vary"]
