"""`/sitemap.xml` and `/robots.txt`: what search engines are told of."""

from __future__ import annotations

import dataclasses
import datetime as dt
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient

from api import sitemap
from api.main import create_app
from api.settings import Settings
from api.sitemap import pages_of, parts_of
from services_catalog.catalogue import Catalogue
from services_catalog.offer import Audience, Publication

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}
TAGS = ("da", "en", "uk", "ar")
NOW = dt.datetime(2026, 11, 30, 10, 0, 0, 700_000, tzinfo=dt.UTC)


def pages(data: bytes) -> dict[str, ET.Element]:
    found = ET.fromstring(data).findall("s:url", NAMES)  # noqa: S314 - our own
    addresses = [one.findtext("s:loc", namespaces=NAMES) for one in found]
    assert len(set(addresses)) == len(addresses)
    return dict(zip(map(str, addresses), found, strict=True))


def listed(catalogue: Catalogue) -> bytes:
    (part,) = parts_of(catalogue)
    return pages_of(catalogue, part, "https://vejviser.example")


def test_every_published_offer_for_residents_is_listed_in_every_language(
    client: TestClient, catalogue: Catalogue
) -> None:
    answer = client.get("/sitemap.xml")
    assert answer.headers["content-type"] == "application/xml"
    listed = pages(answer.content)
    offers = [one.id for one in catalogue.published if one.audience is not Audience.STAFF]
    assert listed.keys() == {f"http://testserver/{tag}{path}" for tag in TAGS
                             for path in ("", *(f"/offers/{one}" for one in offers))}  # fmt: skip
    for address, page in listed.items():
        links = {link.get("hreflang"): link.get("href") for link in page.findall("x:link", NAMES)}
        assert set(links) == {*TAGS, "x-default"}
        assert address in links.values()
        assert {links[tag] for tag in TAGS} <= listed.keys()
    for address in [*listed][:: len(listed) // 9]:
        assert client.get(address).status_code == 200


def test_what_is_not_for_residents_or_not_published_is_not_listed(catalogue: Catalogue) -> None:
    changes = [{"audience": Audience.STAFF}, {"publication": Publication.DRAFT}, {"publication": Publication.ARCHIVED}]
    for change in changes:
        hidden = catalogue.offers["muhabet"].model_copy(update=change)
        changed = dataclasses.replace(catalogue, offers={**catalogue.offers, "muhabet": hidden})
        assert not any("muhabet" in address for address in pages(listed(changed)))


def test_the_last_change_is_the_last_publication(catalogue: Catalogue) -> None:
    changed = dataclasses.replace(catalogue, modified={"muhabet": NOW})
    said = {address: page.findtext("s:lastmod", namespaces=NAMES) for address, page in pages(listed(changed)).items()}
    assert {address: moment for address, moment in said.items() if moment} == {
        f"https://vejviser.example/{tag}/offers/muhabet": "2026-11-30T10:00:00+00:00" for tag in TAGS
    }


def test_what_is_too_much_for_one_file_stands_in_several(
    client: TestClient, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As sitemaps.org 0.9 has it: an index of files, none with more than so many addresses, each page in one of them."""
    whole = pages(client.get("/sitemap.xml").content).keys()
    monkeypatch.setattr(sitemap, "MOST_ADDRESSES", 100)
    answer = client.get("/sitemap.xml")
    index = ET.fromstring(answer.content)  # noqa: S314 - our own
    assert index.tag == f"{{{NAMES['s']}}}sitemapindex"
    files = [str(one.findtext("s:loc", namespaces=NAMES)) for one in index.findall("s:sitemap", NAMES)]
    assert files[0] == "http://testserver/sitemap-1.xml"
    found: list[str] = []
    for file in files:
        part = client.get(file)
        assert part.headers["content-type"] == "application/xml"
        assert len(pages(part.content)) <= 100
        found += pages(part.content)
    assert len(found) == len(set(found))
    assert set(found) == whole
    assert client.get(f"/sitemap-{len(files) + 1}.xml").status_code == 404
    dated = dataclasses.replace(catalogue, modified={"muhabet": NOW})
    told = sitemap.index_of(dated, parts_of(dated), "https://vejviser.example").decode()
    assert told.count("<lastmod>2026-11-30T10:00:00+00:00</lastmod>") == 1


@pytest.mark.parametrize("path", ["/sitemap.xml", "/robots.txt"])
def test_a_robot_that_has_the_newest_gets_304(client: TestClient, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert client.head(path).headers["etag"] == first.headers["etag"]
    if "last-modified" in first.headers:
        since = {"If-Modified-Since": first.headers["last-modified"]}
        assert client.get(path, headers=since).status_code == 304


def test_robots_are_told_of_the_sitemap_and_kept_from_questions(client: TestClient) -> None:
    lines = client.get("/robots.txt").text.splitlines()
    assert "Sitemap: http://testserver/sitemap.xml" in lines
    assert {"User-agent: *", "Disallow: /api/", *(f"Disallow: /{tag}/search" for tag in TAGS)} <= set(lines)


def test_the_address_residents_see_is_the_one_of_the_settings(client: TestClient) -> None:
    app = create_app(Settings(public_url="https://vejviser.example/"))
    for part in ("catalogue", "admission", "limits"):
        setattr(app.state, part, getattr(client.app.state, part))  # type: ignore[attr-defined]
    other = TestClient(app)
    assert "Sitemap: https://vejviser.example/sitemap.xml" in other.get("/robots.txt").text
    assert "https://vejviser.example/ar/offers/muhabet" in pages(other.get("/sitemap.xml").content)
    assert '"url": "https://vejviser.example/ar/offers/muhabet"' in other.get("/ar/offers/muhabet").text
