"""Every answer of `/hsds` keeps HSDS 3.0 and 3.1, and what this API promises beside the schemas."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest
from fastapi.testclient import TestClient
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from api import hsds_examples as examples
from services_catalog.catalogue import Catalogue
from services_catalog.hsds.objects import TAXONOMIES, identifier
from services_catalog.offer import Audience
from tests.conftest import SHARED, STAFF_TOKEN

SCHEMAS = SHARED / "hsds"
VERSIONS = ("3.0", "3.1")
PAGE = {"total_items", "total_pages", "page_number", "page", "per_page", "size", "first_page", "last_page", "empty",
        "contents"}  # fmt: skip
LISTS = {
    "services": "service_list",
    "organizations": "organization_list",
    "service_at_locations": "service_at_location_list",
    "taxonomies": "taxonomy",
    "taxonomy_terms": "taxonomy_term",
}
FULL = {"services": "service", "organizations": "organization", "service_at_locations": "service_at_location"}
STAFF = {"Authorization": f"Bearer {STAFF_TOKEN}"}

needs_schemas = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the HSDS schemas are not beside the project")


@cache
def validator(version: str, name: str) -> jsonschema.Draft202012Validator:
    folder = SCHEMAS / version
    registry: Registry[Any] = Registry().with_resources(
        (path.name, Resource.from_contents(json.loads(path.read_text()), default_specification=DRAFT202012))
        for path in (folder / f"{one}.json" for one in ("taxonomy", "taxonomy_term"))
    )
    schema = json.loads((folder / f"{name}.json").read_text())
    return jsonschema.Draft202012Validator(schema, registry=registry, format_checker=jsonschema.FormatChecker())


def check(name: str, *bodies: Any) -> None:
    for version in VERSIONS:
        for body in bodies:
            error = jsonschema.exceptions.best_match(validator(version, name).iter_errors(body))
            assert error is None, f"{name} under {version}: {error.json_path}: {error.message}"


def get(client: TestClient, path: str, **parameters: Any) -> Any:
    response = client.get(f"/hsds/{path}", params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


def ids(page: dict[str, Any]) -> list[str]:
    return [one["id"] for one in page["contents"]]


def values(body: Any) -> Iterator[Any]:
    if isinstance(body, dict | list):
        for one in body.values() if isinstance(body, dict) else body:
            yield one
            yield from values(one)


@needs_schemas
@pytest.mark.parametrize("language", ["da", "en", "uk", "ar"])
@pytest.mark.parametrize("path", LISTS)
def test_lists_are_valid_in_every_language(client: TestClient, path: str, language: str) -> None:
    page = get(client, path, language=language, per_page=500)
    assert set(page) == PAGE
    assert page["size"] == page["total_items"] == len(page["contents"]) > 0
    check(LISTS[path], *page["contents"])


@needs_schemas
@pytest.mark.parametrize("path", FULL)
def test_full_lists_are_valid(client: TestClient, path: str) -> None:
    page = get(client, path, full=True, per_page=500, language="ar")
    check(FULL[path], *page["contents"])


@needs_schemas
def test_minimal_services_and_full_services_of_organizations_are_valid(client: TestClient) -> None:
    check("service_list", *get(client, "services", minimal=True)["contents"])
    check("organization", *get(client, "organizations", full_service=True, per_page=500)["contents"])


@needs_schemas
@pytest.mark.parametrize("path", LISTS)
def test_single_objects_are_valid_and_the_same_as_in_lists(client: TestClient, path: str) -> None:
    for listed in get(client, path, per_page=10)["contents"]:
        body = get(client, f"{path}/{listed['id']}")
        check(FULL.get(path, LISTS[path]), body)
        assert (body["id"], body.get("name")) == (listed["id"], listed.get("name"))


@needs_schemas
def test_the_examples_of_the_description_are_valid() -> None:
    check("service_list", examples.SERVICE)
    check("service", examples.FULL_SERVICE)
    check("organization_list", examples.ORGANIZATION)
    check("organization", examples.FULL_ORGANIZATION)
    check("service_at_location_list", examples.AT_LOCATION)
    check("service_at_location", examples.AT_LOCATION)
    check("taxonomy", examples.TAXONOMY)
    check("taxonomy_term", examples.TERM, examples.FULL_TERM)
    assert set(examples.page(examples.SERVICE)) == PAGE


def test_nothing_empty_is_sent(client: TestClient) -> None:
    for path in LISTS:
        contents = get(client, path, full=True, per_page=500)["contents"]
        assert [one for one in values(contents) if one in (None, "", [], {})] == []


def test_every_operation_has_a_summary_a_description_and_an_example(client: TestClient) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    operations = {path: item["get"] for path, item in paths.items() if path.startswith("/hsds")}
    assert len(operations) == 11
    for path, operation in operations.items():
        assert operation["summary"], path
        assert operation["description"], path
        assert operation["responses"]["200"]["content"]["application/json"]["example"], path


def test_the_root_says_what_is_served(client: TestClient) -> None:
    for path in ("/hsds", "/hsds/"):
        root = client.get(path, follow_redirects=False).json()
        assert root["version"] == "3.0"
        assert client.get(root["openapi_url"]).json()["openapi"].startswith("3.")


def test_identifiers_are_uuids_made_of_our_ids(client: TestClient, catalogue: Catalogue) -> None:
    shown = {one.id for one in catalogue.published if one.audience is not Audience.STAFF}
    assert set(ids(get(client, "services", minimal=True))) == {identifier("service", one) for one in shown}
    assert identifier("service", "muhabet") == "754e64fd-0b04-5d25-a70d-a5091c69da7e"
    assert uuid.UUID(identifier("organization", "bif")).version == 5


def test_pages_hold_everything_once(client: TestClient) -> None:
    total = get(client, "services")["total_items"]
    found: list[str] = []
    for number in range(1, -(-total // 20) + 1):
        page = get(client, "services", page=number, per_page=20)
        assert (page["page"], page["page_number"], page["per_page"]) == (number, number, 20)
        assert (page["first_page"], page["last_page"]) == (number == 1, number == page["total_pages"])
        assert page["size"] == len(page["contents"])
        found += ids(page)
    assert len(found) == len(set(found)) == total
    beyond = get(client, "services", page=1000)
    assert (beyond["empty"], beyond["contents"], beyond["total_items"]) == (True, [], total)


def test_staff_services_need_a_staff_token(client: TestClient, catalogue: Catalogue) -> None:
    hidden = next(one.id for one in catalogue.published if one.audience is Audience.STAFF)
    path = f"/hsds/services/{identifier('service', hidden)}"
    assert client.get(path).status_code == 404
    assert client.get(path, headers={"Authorization": "Bearer guess"}).status_code == 403
    answer = client.get(path, headers=STAFF)
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "private, no-cache")
    assert identifier("service", hidden) not in client.get("/hsds/organizations?full=true&per_page=500").text


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("identity", ["1ceaa6c2-6e68-4510-b77b-5de345b1b0d2", "muhabet", "%00", "a" * 300])
def test_what_is_not_there_is_a_problem(client: TestClient, path: str, identity: str) -> None:
    response = client.get(f"/hsds/{path}/{identity}")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"format": "xml"}, "query.format"),
        ({"format": "ndjson"}, "query.format"),
        ({"language": "xx"}, "query.language"),
        ({"page": 0}, "query.page"),
        ({"per_page": 100_000}, "query.per_page"),
        ({"taxonomy_term_id": "needs"}, "query.taxonomy_term_id"),
        ({"modified_after": "yesterday"}, "query.modified_after"),
        ({"minimum_age": -1}, "query.minimum_age"),
        ({"postcode": "2200"}, "query.postcode"),
        ({"proximity": "500"}, "query.proximity"),
    ],
)
def test_a_wrong_parameter_is_named(client: TestClient, parameters: dict[str, Any], field: str) -> None:
    response = client.get("/hsds/service_at_locations", params=parameters)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert [one["field"] for one in response.json()["errors"]] == [field]


def test_filters_narrow_to_what_the_services_say(client: TestClient) -> None:
    every = {one["id"]: one for one in get(client, "services", full=True, per_page=500)["contents"]}
    some = next(one for one in every.values() if len(one.get("attributes", ())) > 2 and "last_modified" in one)
    term = some["attributes"][0]["taxonomy_term"]
    meets = {
        ("taxonomy_term_id", term["id"]): lambda one: term["id"]
        in [link["taxonomy_term_id"] for link in one.get("attributes", ())],
        ("taxonomy_id", identifier("taxonomy", "districts")): lambda one: identifier("taxonomy", "districts")
        in [link["taxonomy_term"]["taxonomy_id"] for link in one.get("attributes", ())],
        ("organization_id", some["organization_id"]): lambda one: one["organization_id"] == some["organization_id"],
        ("modified_after", "2023-05-01"): lambda one: one.get("last_modified", "") >= "2023-05-01",
        ("minimum_age", 18): lambda one: one.get("minimum_age", -1) >= 18,
        ("maximum_age", 17): lambda one: one.get("maximum_age", 999) <= 17,
    }  # fmt: skip
    for (name, value), rule in meets.items():
        found = get(client, "services", minimal=True, **{name: value})
        wanted = {identity for identity, one in every.items() if rule(one)}
        assert wanted, name
        assert set(ids(found)) == wanted, name


def test_filters_hold_together(client: TestClient) -> None:
    one = {"organization_id": identifier("organization", "bif")}
    other = {"taxonomy_term_id": identifier("taxonomy_term", "needs", "danish-course")}
    first, second = (set(ids(get(client, "services", minimal=True, **given))) for given in (one, other))
    both = set(ids(get(client, "services", minimal=True, **one, **other)))
    assert both == first & second
    assert both
    assert both < first
    searched = ids(get(client, "services", search="lære dansk", minimal=True))
    narrowed = ids(get(client, "services", search="lære dansk", minimal=True, **one))
    assert narrowed == [identity for identity in searched if identity in first]


@pytest.mark.parametrize("question", ["بدي اتعلم دنماركي", "вивчити данську", "lære dansk", "Muhabet"])
def test_search_is_the_search_of_the_catalogue(client: TestClient, question: str) -> None:
    hits = client.get("/api/v1/search", params={"q": question, "limit": 50}).json()["hits"]
    wanted = [identifier("service", hit["id"]) for hit in hits if hit["score"] >= hits[0]["score"] / 10]
    assert ids(get(client, "services", search=question)) == wanted


def test_search_for_what_is_not_here_finds_nothing(client: TestClient) -> None:
    page = get(client, "services", search="where do I pay my parking fine")
    assert (page["total_items"], page["total_pages"], page["empty"]) == (0, 0, True)
    assert (page["first_page"], page["last_page"]) == (True, True)


def test_places_are_searched_by_their_service(client: TestClient) -> None:
    (place,) = [one for one in get(client, "service_at_locations", search="Muhabet", full=True)["contents"]
                if one["service_id"] == identifier("service", "muhabet")]  # fmt: skip
    assert place["location"]["addresses"][0]["postal_code"] == "2200"
    assert place["service"]["phones"]


def test_terms_form_a_tree(client: TestClient) -> None:
    tops = get(client, "taxonomy_terms", taxonomy_id=identifier("taxonomy", "needs"), top_only=True, per_page=500)
    assert not [one for one in tops["contents"] if "parent_id" in one]
    below = get(client, "taxonomy_terms", parent_id=identifier("taxonomy_term", "needs", "learn-danish"), language="en")
    assert "danish-course" in [one["code"] for one in below["contents"]]
    assert all(one["description"].endswith(f" › {one['name']}") for one in below["contents"])
    found = get(client, "taxonomy_terms", search="FREE danish", language="en")
    assert "danish-course" in [one["code"] for one in found["contents"]]
    assert get(client, "taxonomies")["total_items"] == len(TAXONOMIES)


def test_an_organization_shows_its_services(client: TestClient) -> None:
    body = get(client, f"organizations/{identifier('organization', 'bif')}")
    assert identifier("service", "danskuddannelse") in [one["id"] for one in body["services"]]
    assert body["parent_organization_id"] == identifier("organization", "koebenhavns-kommune")
    full = get(client, f"organizations/{identifier('organization', 'bif')}", full_service=True)
    assert any("attributes" in one for one in full["services"])


def test_what_only_old_pages_say_is_marked_as_old(client: TestClient) -> None:
    service = get(client, f"services/{identifier('service', 'diversity-works')}", language="en")
    assert "2013" in service["phones"][0]["description"]
    assert "2013" in service["service_at_locations"][0]["description"]


def test_an_offer_that_cannot_be_had_is_not_active(client: TestClient, catalogue: Catalogue) -> None:
    for listed in get(client, "services", per_page=500)["contents"]:
        if listed["status"] != "active":
            assert listed["alert"]
    assert {one["status"] for one in get(client, "services", per_page=500)["contents"]} == {
        "active",
        "inactive",
        "defunct",
    }
