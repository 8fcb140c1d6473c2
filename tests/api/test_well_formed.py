"""NUL and half characters are refused before they reach a database, on both databases and in every place of a request."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from services_catalog.accounts.accounts import Role
from services_catalog.catalogue import Catalogue
from services_catalog.database import DatabaseRepository
from tests.conftest import LEARNED, free_port

EDITOR = "/api/v1/editor"


@pytest.fixture
def desk(empty_database: str, catalogue: Catalogue) -> Iterator[TestClient]:
    """An application over one filled database, at which a publisher is signed in who is an administrator too."""
    repository = DatabaseRepository(empty_database)
    repository.replace(catalogue)
    repository.close()
    settings = Settings(
        database_url=empty_database, bot_port=free_port(), data_folder=LEARNED.parent, relearn_after=3600
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as running:
        state, roles = running.app.state, frozenset({Role.PUBLISHER, Role.ADMIN})  # type: ignore[attr-defined]
        state.accounts.add("anna", roles, "four words make one")
        _, secret = state.tokens.create("anna", "tests", roles, days=1)
        running.headers["Authorization"] = f"Bearer {secret}"
        yield running


def send(client: TestClient, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "If-Match": '"1"'}
    return client.request(method, path, content=data, headers=headers)


def test_they_are_refused_wherever_they_stand(desk: TestClient) -> None:
    reason = {"reason": "a\0b"}
    half = {"reason": "a\ud83d", "record": {}}
    requests = {
        "path.name": ("PATCH", "/api/v1/users/a%00b", {"disabled": True}),
        "path.record_id": ("GET", f"{EDITOR}/records/offers/a%00b", None),
        "path.offer_id": ("GET", f"{EDITOR}/trace/offers/%00", None),
        "query.owner": ("GET", f"{EDITOR}/records/offers?owner=a%00", None),
        "body.name": ("POST", "/api/v1/login", {"name": "a\0", "password": "x"}),
        "body.password": ("POST", "/api/v1/users/anna/password", {"password": "four words\0 make one"}),
        "body.reason": ("POST", f"{EDITOR}/records/offers/brobold/submit", reason),
        "body.question": ("POST", f"{EDITOR}/checks", {"language": "da", "question": "a\0b", "offer": "brobold"}),
        "body.record.texts.da.name": (
            "PUT", f"{EDITOR}/records/offers/brobold", {"reason": "x", "record": {"texts": {"da": {"name": "\0"}}}}
        ),
        "body.record.limits.1": (
            "PUT", f"{EDITOR}/records/offers/brobold", {"reason": "x", "record": {"limits": ["a", "\0"]}}
        ),
        "body": ("PUT", f"{EDITOR}/records/offers/brobold", {"reason": "x", "record": {}, "a\0": 1}),
    }  # fmt: skip
    for field, (method, path, body) in requests.items():
        refused = send(desk, method, path, body)
        assert refused.status_code == 422, (field, refused.text)
        assert [one["field"] for one in refused.json()["errors"]] == [field]
    assert send(desk, "PUT", f"{EDITOR}/records/offers/brobold", half).status_code == 422
    assert desk.get(f"{EDITOR}/records/offers/brobold").headers["etag"] == '"1"'


def test_a_resident_gets_an_answer_all_the_same(desk: TestClient) -> None:
    del desk.headers["Authorization"]
    assert desk.get("/api/v1/search", params={"q": "dansk\0"}).status_code == 200
    assert send(desk, "POST", "/api/v1/chat", {"text": "dansk\0kurser"}).status_code == 200
    assert send(desk, "POST", "/api/v1/chat", {"text": "danskkurser \ud83d"}).status_code == 200, "half a smiley"
    refused = send(desk, "POST", "/api/v1/chat", {"text": "x", "\ud83d": 1})
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert refused.json()["errors"]


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "1" * 400])
def test_a_number_without_bounds_is_no_cost(desk: TestClient, number: str) -> None:
    read = desk.get(f"{EDITOR}/records/offers/brobold").json()["record"]
    cost = {"kind": "paid", "source": read["sources"][0]["id"], "amount": "AMOUNT"}
    body = json.dumps({"reason": "x", "record": read | {"cost": cost}}).replace('"AMOUNT"', number)
    headers = {"Content-Type": "application/json", "If-Match": '"1"'}
    refused = desk.put(f"{EDITOR}/records/offers/brobold", content=body, headers=headers)
    assert refused.status_code == 422
    assert "body.record.cost.amount" in [one["field"] for one in refused.json()["errors"]]
