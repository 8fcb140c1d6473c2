"""`GET /api/v1/search` keeps the public contract."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from tests.conftest import STAFF_TOKEN

HIT = {"id", "name", "danish_name", "summary", "language", "available", "availability", "score", "why", "eligibility",
       "translation", "assured_on", "url"}  # fmt: skip


def test_a_question_is_answered_as_the_contract_says(client: TestClient) -> None:
    answer = client.get("/api/v1/search", params={"q": "بدي اتعلم دنماركي"}).json()
    assert {"query", "language", "direction", "outcome", "crisis", "hits"} <= set(answer)
    assert (answer["language"], answer["direction"], answer["outcome"], answer["crisis"]) == (
        "ar",
        "rtl",
        "offers",
        None,
    )
    for hit in answer["hits"]:
        assert set(hit) >= HIT
        assert set(hit["eligibility"]) == {"meets", "fails", "unknown"}
        assert hit["language"] == "ar"
        assert hit["translation"] == "unreviewed"
        assert hit["url"] == f"/ar/offers/{hit['id']}"
        assert hit["why"]


def test_a_crisis_is_answered_with_steps_and_fitting_offers(client: TestClient) -> None:
    answer = client.get("/api/v1/search", params={"q": "min kæreste slår mig"}).json()
    assert answer["outcome"] == "crisis"
    assert answer["crisis"]["category"] == "partner_violence"
    assert [step["phone"] for step in answer["crisis"]["steps"]][:2] == ["112", "1888"]


def test_nothing_found_has_no_hits(client: TestClient) -> None:
    answer = client.get("/api/v1/search", params={"q": "where do I pay my parking fine"}).json()
    assert (answer["outcome"], answer["hits"]) == ("nothing_found", [])


@pytest.mark.parametrize("question", ["", "   ", "🙂🙂", "/restart", "<script>alert(1)</script>", "\u202e\u0000"])
def test_an_odd_question_gets_an_answer(client: TestClient, question: str) -> None:
    response = client.get("/api/v1/search", params={"q": question})
    assert response.status_code == 200


def test_age_given_beside_the_question_counts(client: TestClient) -> None:
    answer = client.get("/api/v1/search", params={"q": "betaling af kontingent", "age": 40, "limit": 10}).json()
    hits = {hit["id"]: hit for hit in answer["hits"]}
    assert hits["kontingentstoette"]["eligibility"]["fails"]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"language": "xx"}, "query.language"),
        ({"age": "old"}, "query.age"),
        ({"limit": 1000}, "query.limit"),
        ({"district": "atlantis"}, "query.district"),
        ({"situation": "bored"}, "query.situation"),
    ],
)
def test_a_wrong_parameter_is_named_in_a_problem_detail(
    client: TestClient, parameters: dict[str, str], field: str
) -> None:
    response = client.get("/api/v1/search", params={"q": "dansk"} | parameters)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert field in [one["field"] for one in response.json()["errors"]]


def test_problems_speak_the_callers_language(client: TestClient) -> None:
    titles = {
        tag: client.get("/api/v1/offers/nothing", headers={"Accept-Language": tag}).json()["title"]
        for tag in ("da", "en", "uk", "ar")
    }
    assert len(set(titles.values())) == 4


def test_staff_search_needs_a_staff_token(client: TestClient) -> None:
    parameters = {"q": "æresrelateret konflikt, rådgivning til sagsbehandler", "role": "staff"}
    assert client.get("/api/v1/search", params=parameters).status_code == 401
    wrong = client.get("/api/v1/search", params=parameters, headers={"Authorization": "Bearer guess"})
    assert wrong.status_code == 403
    right = client.get("/api/v1/search", params=parameters, headers={"Authorization": f"Bearer {STAFF_TOKEN}"})
    assert "etnisk-konsulentteam" in [hit["id"] for hit in right.json()["hits"]]


def test_one_offer_is_told_with_its_sources(client: TestClient) -> None:
    offer = client.get("/api/v1/offers/muhabet", params={"language": "uk"}).json()
    assert offer["language"] == "uk"
    assert offer["danish_name"]
    assert any(contact["phone"] for contact in offer["contacts"])
    assert all(contact["seen_on"] for contact in offer["contacts"])
    assert offer["sources"][0]["quote"]


def test_a_staff_offer_does_not_exist_for_residents(client: TestClient) -> None:
    assert client.get("/api/v1/offers/etnisk-konsulentteam").status_code == 404
    assert client.get("/api/v1/offers/no-such-offer").status_code == 404


def test_every_operation_is_described(client: TestClient) -> None:
    description = client.get("/api/v1/openapi.json").json()
    operations = [one for path in description["paths"].values() for one in path.values()]
    assert operations
    assert all(one.get("description") or one.get("summary") for one in operations)
    assert not [path for path in description["paths"] if path.startswith("/internal")]


def test_internal_addresses_are_closed(client: TestClient) -> None:
    assert client.post("/internal/find", json={"text": "dansk", "language": "da"}).status_code == 403
    opened = client.post(
        "/internal/find", json={"text": "dansk", "language": "da"}, headers={"X-Vejviser-Secret": "inside"}
    )
    assert opened.status_code == 200
