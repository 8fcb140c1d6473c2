"""The editors' API: drafts, conflicts, publications seen by another worker, checks and demand, on both databases."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from services_catalog.accounts.accounts import AccountStore, Role
from services_catalog.catalogue import Catalogue
from services_catalog.database import DatabaseRepository
from services_catalog.editors.demand import Lack
from tests.conftest import LEARNED, free_port

OFFER = "/api/v1/editor/records/offers/brobold"
REASON = {"reason": "a test"}


@pytest.fixture
def worker(empty_database: str, catalogue: Catalogue) -> Iterator[Callable[[], TestClient]]:
    """A maker of workers: applications of their own over one filled database."""
    repository = DatabaseRepository(empty_database)
    repository.replace(catalogue)
    repository.close()
    running: list[TestClient] = []

    def start() -> TestClient:
        settings = Settings(
            database_url=empty_database, bot_port=free_port(), data_folder=LEARNED.parent, relearn_after=3600
        )
        client = TestClient(create_app(settings), raise_server_exceptions=False)
        running.append(client.__enter__())
        return running[-1]

    yield start
    for client in running:
        client.__exit__(None, None, None)


@pytest.fixture
def desk(worker: Callable[[], TestClient]) -> TestClient:
    """A worker, with a publisher's token sent along."""
    client = worker()
    client.headers["Authorization"] = f"Bearer {token(client, Role.PUBLISHER)}"
    return client


def token(client: TestClient, role: Role) -> str:
    accounts: AccountStore = client.app.state.accounts  # type: ignore[attr-defined]
    name = f"anna-{role.value}"
    accounts.add(name, frozenset({role}), "four words make one")
    _, secret = client.app.state.tokens.create(name, "tests", frozenset({role}), days=1)  # type: ignore[attr-defined]
    return str(secret)


def save(client: TestClient, address: str, body: dict[str, Any], tag: str | None) -> Any:
    headers = {"If-Match": tag} if tag else {"If-None-Match": "*"}
    return client.put(address, json={"record": body, **REASON}, headers=headers)


def publish(client: TestClient, address: str, body: dict[str, Any], tag: str | None) -> Any:
    tag = save(client, address, body, tag).headers["ETag"]
    tag = client.post(f"{address}/submit", json=REASON, headers={"If-Match": tag}).headers["ETag"]
    return client.post(f"{address}/publish", json=REASON, headers={"If-Match": tag})


def test_an_edit_goes_from_draft_to_the_residents_of_every_worker(
    worker: Callable[[], TestClient], desk: TestClient
) -> None:
    other = worker()
    read = desk.get(OFFER)
    body, tag = read.json()["record"], read.headers["ETag"]
    assert (tag, read.json()["state"]) == ('"1"', "published")
    body["texts"]["da"]["examples"].append("Hvor kan min datter spille kvidditch på kost?")
    question = {"q": "kvidditch på kost i en klub", "language": "da"}
    before = other.get("/api/v1/search", params=question).json()
    assert "brobold" not in [hit["id"] for hit in before["hits"]]
    answer = publish(desk, OFFER, body, tag)
    published = time.monotonic()
    assert answer.status_code == 200, answer.text
    assert answer.json()["revision"]["state"] == "published"
    while "brobold" not in [hit["id"] for hit in other.get("/api/v1/search", params=question).json()["hits"]]:
        assert time.monotonic() - published < 10, "another worker never heard of it"
        time.sleep(0.02)
    assert "brobold" in [hit["id"] for hit in desk.get("/api/v1/search", params=question).json()["hits"]]


def test_the_second_of_two_editors_gets_both_versions(desk: TestClient) -> None:
    read = desk.get(OFFER)
    body, tag = read.json()["record"], read.headers["ETag"]
    mine = body | {"owner": "Anna"}
    theirs = body | {"owner": "Bent"}
    assert save(desk, OFFER, theirs, tag).status_code == 200
    refused = save(desk, OFFER, mine, tag)
    problem = refused.json()
    assert refused.status_code == 412
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["ETag"] == '"2"'
    assert problem["newest"]["record"]["owner"] == "Bent"
    assert problem["newest"]["changes"] == [{"field": "owner", "before": None, "after": "Bent"}]
    assert problem["yours"]["changes"] == [{"field": "owner", "before": None, "after": "Anna"}]
    assert save(desk, OFFER, mine, refused.headers["ETag"]).status_code == 200


def test_saving_without_saying_what_was_changed_is_refused(desk: TestClient) -> None:
    body = desk.get(OFFER).json()["record"]
    assert desk.put(OFFER, json={"record": body, **REASON}).status_code == 428
    for tag in ("latest", '"٣"', '""'):
        refused = desk.put(OFFER, json={"record": body, **REASON}, headers={"If-Match": tag.encode()})
        assert refused.status_code == 422, tag
    assert desk.put(OFFER, json={"record": body, **REASON}, headers={"If-None-Match": "*"}).status_code == 412


def test_bad_records_name_the_field_and_nothing_is_saved(desk: TestClient) -> None:
    read = desk.get(OFFER)
    body, tag = read.json()["record"], read.headers["ETag"]
    wrong = {
        "body.record.kind": body | {"kind": "wish"},
        "body.record.colour": body | {"colour": "red"},
        "body.record.id": body | {"id": "another"},
        "body.record.review_by": body | {"review_by": "soon"},
        "body.record.texts.da.name": body | {"texts": body["texts"] | {"da": body["texts"]["da"] | {"name": ""}}},
    }
    for field, record in wrong.items():
        refused = save(desk, OFFER, record, tag)
        assert refused.status_code == 422
        assert [one["field"] for one in refused.json()["errors"]] == [field]
    assert desk.get(OFFER).headers["ETag"] == tag


def test_what_would_break_the_catalogue_is_not_published(desk: TestClient) -> None:
    read = desk.get(OFFER)
    body, tag = read.json()["record"], read.headers["ETag"]
    body["texts"]["en"]["summary"] = "Football <script>alert(1)</script> for girls"
    body["parent"] = "brobold"
    refused = publish(desk, OFFER, body, tag)
    assert refused.status_code == 422
    assert {one["field"].rsplit(": ")[-1] for one in refused.json()["errors"]} == {"parent", "texts.en.summary"}
    assert desk.get("/api/v1/offers/brobold").json()["parent"] != "brobold"


def test_steps_in_the_wrong_order_are_refused(desk: TestClient) -> None:
    read = desk.get(OFFER)
    refused = desk.post(f"{OFFER}/publish", json=REASON, headers={"If-Match": read.headers["ETag"]})
    assert (refused.status_code, refused.json()["state"]) == (409, "published")


def test_every_revision_can_be_read_compared_and_taken_back(desk: TestClient) -> None:
    read = desk.get(OFFER)
    body, tag = read.json()["record"], read.headers["ETag"]
    answer = publish(desk, OFFER, body | {"owner": "Anna"}, tag)
    revisions = desk.get(f"{OFFER}/revisions").json()
    assert [(one["number"], one["state"], one["author"]) for one in revisions] == [
        (4, "published", "anna-publisher"),
        (3, "in_review", "anna-publisher"),
        (2, "draft", "anna-publisher"),
        (1, "published", "seed"),
    ]
    change = {"field": "owner", "before": None, "after": "Anna"}
    assert change in desk.get(f"{OFFER}/revisions/2").json()["changes"]
    assert change in desk.get(f"{OFFER}/revisions/4", params={"against": 1}).json()["changes"]
    assert desk.get(f"{OFFER}/revisions/9").status_code == 404
    back = desk.post(f"{OFFER}/rollback", json={"number": 1, **REASON}, headers={"If-Match": answer.headers["ETag"]})
    assert back.status_code == 200
    assert desk.get(OFFER).json()["record"] == body


def test_lists_are_filtered(desk: TestClient) -> None:
    read = desk.get(OFFER)
    body, tag = read.json()["record"], read.headers["ETag"]
    yesterday = (dt.date.today() - dt.timedelta(days=1)).isoformat()
    body["texts"]["da"]["summary"] += " Nu også om søndagen."
    save(desk, OFFER, body | {"owner": "Anna", "review_by": yesterday}, tag)

    def ids(**query: str) -> list[str]:
        found = desk.get("/api/v1/editor/records/offers", params=query).json()
        return [one["id"] for one in found["records"]]

    for query in ({"state": "draft"}, {"owner": "Anna"}, {"overdue": "true"}, {"outdated": "ar"}):
        assert ids(**query) == ["brobold"], query
    assert "brobold" not in ids(unreviewed="ar", per_page="500")
    assert desk.get("/api/v1/editor/records/offers", params={"outdated": "tlh"}).status_code == 422
    assert desk.get("/api/v1/editor/records/houses").status_code == 422


def test_an_overdue_offer_says_so_and_stands_a_little_lower(desk: TestClient) -> None:
    question = {"q": "fodbold for piger med anden baggrund end dansk", "language": "da"}
    before = desk.get("/api/v1/search", params=question).json()["hits"][0]
    assert before["overdue_since"] is None
    read = desk.get(OFFER)
    yesterday = (dt.date.today() - dt.timedelta(days=1)).isoformat()
    publish(desk, OFFER, read.json()["record"] | {"review_by": yesterday}, read.headers["ETag"])
    after = next(hit for hit in desk.get("/api/v1/search", params=question).json()["hits"] if hit["id"] == "brobold")
    assert after["overdue_since"] == yesterday
    assert "skulle have været" in desk.get("/da/search", params={"q": question["q"], "stay": 1}).text


def test_a_question_asked_in_vain_by_enough_people_becomes_an_example_and_a_check(desk: TestClient) -> None:
    demand = desk.app.state.demand  # type: ignore[attr-defined]
    question = "hvor kan man spille kvidditch på kost"
    for times in range(1, 6):
        assert desk.get("/api/v1/editor/demand").json() == []
        demand.count(question, "da", ["find-a-club"], Lack.NOTHING_FOUND)
        with desk.app.state.catalogue._repository.engine.connect() as connection:  # type: ignore[attr-defined]
            stored = connection.exec_driver_sql("SELECT times, question FROM demand").one()
        assert tuple(stored) == (times, question if times == 5 else None)
    (group,) = desk.get("/api/v1/editor/demand").json()
    assert (group["language"], group["need"], group["times"]) == ("da", "find-a-club", 5)
    (asked,) = group["questions"]
    settled = desk.post(
        f"/api/v1/editor/demand/{asked['id']}/settle", json={"how": "example", "to": "brobold", **REASON}
    ).json()
    assert settled["draft"]["state"] == "draft"
    assert settled["check"]["holds"] is False
    assert desk.get("/api/v1/editor/demand").json() == []
    tag = f'"{settled["draft"]["number"]}"'
    tag = desk.post(f"{OFFER}/submit", json=REASON, headers={"If-Match": tag}).headers["ETag"]
    done = desk.post(f"{OFFER}/publish", json=REASON, headers={"If-Match": tag}).json()
    assert done["failing_checks"] == []
    (check,) = desk.get("/api/v1/editor/checks").json()
    assert (check["question"], check["offer"], check["holds"]) == (question, "brobold", True)
    # from now on nobody takes that answer away by mistake
    first = {"If-Match": desk.get(OFFER).headers["ETag"]}
    refused = desk.post(f"{OFFER}/rollback", json={"number": 1, **REASON}, headers=first)
    assert refused.status_code == 422
    assert [one["question"] for one in refused.json()["broken_checks"]] == [question]
    assert desk.delete(f"/api/v1/editor/checks/{check['id']}").status_code == 204
    assert desk.post(f"{OFFER}/rollback", json={"number": 1, **REASON}, headers=first).status_code == 200


def test_a_synonym_from_the_list_is_found(desk: TestClient) -> None:
    demand = desk.app.state.demand  # type: ignore[attr-defined]
    for _ in range(5):
        demand.count("kostesport", "da", [], Lack.NOTHING_FOUND)
    ((asked,),) = [group["questions"] for group in desk.get("/api/v1/editor/demand").json()]
    settled = desk.post(
        f"/api/v1/editor/demand/{asked['id']}/settle", json={"how": "synonym", "to": "find-a-club", **REASON}
    ).json()
    need = "/api/v1/editor/records/needs/find-a-club"
    tag = f'"{settled["draft"]["number"]}"'
    tag = desk.post(f"{need}/submit", json=REASON, headers={"If-Match": tag}).headers["ETag"]
    assert desk.post(f"{need}/publish", json=REASON, headers={"If-Match": tag}).status_code == 200
    assert desk.get("/api/v1/search", params={"q": "kostesport", "language": "da"}).json()["outcome"] == "offers"


def test_a_page_that_finds_nothing_is_counted_without_its_words(desk: TestClient) -> None:
    for _ in range(4):
        desk.get("/da/search", params={"q": "hvor lejer man en elefant", "stay": 1})
    deadline = time.monotonic() + 5
    repository = desk.app.state.catalogue._repository  # type: ignore[attr-defined]
    stored: list[Any] = []
    while time.monotonic() < deadline and [row[0] for row in stored] != [4]:
        with repository.engine.connect() as connection:
            stored = list(connection.exec_driver_sql("SELECT times, question, language FROM demand"))
        time.sleep(0.05)
    assert [tuple(row) for row in stored] == [(4, None, "da")]
