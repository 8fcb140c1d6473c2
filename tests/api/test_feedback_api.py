"""`/api/v1/feedback`: what people say arrives in the editors' list, without them; forms do the same. On both databases."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from services_catalog.accounts.accounts import Role
from services_catalog.catalogue import Catalogue
from services_catalog.database import DatabaseRepository, create_engine, reading
from services_catalog.editors import feedback as feedback_module
from services_catalog.editors.feedback import FeedbackList, Kind
from services_catalog.errors import RecordNotFound
from tests.api.test_editor_api import token
from tests.conftest import LEARNED, free_port

FEEDBACK, LIST = "/api/v1/feedback", "/api/v1/editor/feedback"
OFFER = "kontingentstoette"
UNKNOWN = "0" * 32


@pytest.fixture
def service(empty_database: str, catalogue: Catalogue) -> Iterator[TestClient]:
    repository = DatabaseRepository(empty_database)
    repository.replace(catalogue)
    repository.close()
    settings = Settings(
        database_url=empty_database, bot_port=free_port(), data_folder=LEARNED.parent, relearn_after=3600
    )
    with TestClient(create_app(settings), raise_server_exceptions=False, follow_redirects=False) as running:
        yield running


def editors_list(service: TestClient, **query: str) -> dict[str, Any]:
    if "editor" not in vars(service):
        service.editor = {"Authorization": f"Bearer {token(service, Role.EDITOR)}"}  # type: ignore[attr-defined]
    answer = service.get(LIST, params=query, headers=service.editor)  # type: ignore[attr-defined]
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def give(service: TestClient, **said: str) -> str:
    answer = service.post(FEEDBACK, json={"kind": "wrong", "language": "da", **said})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_feedback_arrives_in_the_editors_list_without_the_person(service: TestClient, empty_database: str) -> None:
    said = {"kind": "wrong", "language": "uk", "offer": OFFER, "outcome": "offers", "question": "де грати у футбол"}
    feedback_id = give(service, **said, text="Мій номер 20 30 40 50, а телефон центру не той")
    assert editors_list(service) == {
        "total": 1,
        "page": 1,
        "per_page": 100,
        "counts": {"helped": 0, "did_not_help": 0, "wrong": 1},
        "feedback": [
            {
                "id": feedback_id,
                "day": dt.date.today().isoformat(),
                "kind": "wrong",
                "language": "uk",
                "offer": OFFER,
                "outcome": "offers",
                "text": "Мій номер [☎], а телефон центру не той",
                "settled_by": None,
            }
        ],
    }
    engine = create_engine(empty_database)
    with reading(engine) as connection:
        stored = str(connection.execute(sa.text("SELECT * FROM feedback")).mappings().one())
    engine.dispose()
    assert "testclient" not in stored
    assert "футбол" not in stored


def test_words_can_be_added_once_to_what_is_wrong(service: TestClient) -> None:
    wrong, helped = give(service), give(service, kind="helped")

    def add(feedback_id: str, text: str) -> int:
        return int(service.put(f"{FEEDBACK}/{feedback_id}/text", json={"text": text}).status_code)

    assert add(wrong, "Jeg hedder Fatima Hansen. Prisen er forkert.") == 204
    assert add(wrong, "Something else") == 404
    assert add(helped, "Very much") == 404
    assert add(UNKNOWN, "Who am I?") == 404
    texts = {one["id"]: one["text"] for one in editors_list(service)["feedback"]}
    assert texts == {wrong: "Jeg hedder […]. Prisen er forkert.", helped: None}


def test_the_list_is_filtered_paged_settled_and_deleted(service: TestClient) -> None:
    first, second = give(service, offer=OFFER), give(service, kind="helped", language="ar")
    editors_list(service)
    editor = service.editor  # type: ignore[attr-defined]

    def ids(**query: str) -> list[str]:
        return [one["id"] for one in editors_list(service, **query)["feedback"]]

    assert (ids(kind="wrong"), ids(language="ar"), ids(offer=OFFER)) == ([first], [second], [first])
    assert sorted(ids(per_page="1", page="1") + ids(per_page="1", page="2")) == sorted([first, second])
    assert service.post(f"{LIST}/{first}/settle", headers=editor).status_code == 204
    assert (ids(), ids(settled="true")) == ([second], [first])
    assert editors_list(service, settled="true")["feedback"][0]["settled_by"] == "anna-editor"
    assert service.put(f"{FEEDBACK}/{first}/text", json={"text": "too late"}).status_code == 404
    assert service.delete(f"{LIST}/{first}", headers=editor).status_code == 204
    assert service.delete(f"{LIST}/{first}", headers=editor).status_code == 404
    assert service.post(f"{LIST}/{UNKNOWN}/settle", headers=editor).status_code == 404
    assert editors_list(service)["counts"] == {"helped": 1, "did_not_help": 0, "wrong": 0}


WRONG = {
    "kind": "nice", "language": "xx", "outcome": "magic", "text": "x" * 501, "question": "x" * 4001, "session": "abc",
}  # fmt: skip


def test_a_wrong_feedback_is_refused_by_its_field(service: TestClient) -> None:
    for field, value in [*WRONG.items(), ("text", "a\0b")]:
        answer = service.post(FEEDBACK, json={"kind": "wrong", "language": "da", field: value})
        assert answer.status_code == 422, field
        assert answer.headers["content-type"] == "application/problem+json"
        assert f"body.{field}" in [one["field"] for one in answer.json()["errors"]]
    for offer in ("no-such-offer", "etnisk-konsulentteam"):  # the other is for staff
        answer = service.post(FEEDBACK, json={"kind": "wrong", "language": "da", "offer": offer})
        assert answer.status_code == 404
    assert editors_list(service)["total"] == 0


def test_no_more_is_kept_than_people_give_in_a_day(service: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feedback_module, "MOST_A_DAY", 2)
    give(service), give(service)
    answer = service.post(FEEDBACK, json={"kind": "helped", "language": "da"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    page = service.post("/en/feedback", data={"kind": "helped", "language": "en"})
    assert (page.status_code, page.headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert editors_list(service)["total"] == 2


def lacks(address: str, *, at_least: int) -> list[tuple[Any, ...]]:
    """Return what was counted as asked in vain: language, outcome, need, times. The counting happens aside."""
    engine, end = create_engine(address), time.monotonic() + 5
    counted: list[tuple[Any, ...]] = []
    while len(counted) < at_least and time.monotonic() < end:
        with reading(engine) as connection:
            rows = connection.execute(sa.text("SELECT language, outcome, need, times FROM demand ORDER BY language"))
            counted = [tuple(row) for row in rows]
        time.sleep(0.02)
    engine.dispose()
    return counted


def test_a_need_that_was_not_helped_is_counted_as_asked_in_vain(service: TestClient, empty_database: str) -> None:
    asked = "Hvor kan jeg lære dansk om aftenen?"
    give(service, kind="helped", question=asked)
    give(service, kind="did_not_help")
    give(service, kind="did_not_help", question="qwrtz")  # names no need
    give(service, kind="did_not_help", question=asked)
    ((language, outcome, need, times),) = lacks(empty_database, at_least=1)
    assert (language, outcome, times) == ("da", "corrected", 1)
    assert need


def test_a_form_does_the_same_and_thanks(service: TestClient) -> None:
    page = service.get(f"/en/offers/{OFFER}").text
    assert 'action="/en/feedback"' in page
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    answer = service.post("/en/feedback", data={**fields, "kind": "wrong"})
    assert answer.status_code == 303
    thanks = answer.headers["location"]
    assert 'name="text"' in service.get(thanks).text
    lines = "x" * 240 + "\r\n" + "y" * 258  # 500 characters as a browser counts them
    assert service.post(thanks, data={"text": lines}).status_code == 303
    assert 'name="text"' not in service.get(thanks).text
    (one,) = editors_list(service)["feedback"]
    assert (one["offer"], one["kind"], one["language"]) == (OFFER, "wrong", "en")
    assert one["text"] == lines.replace("\r\n", "\n")


def test_a_form_from_another_site_or_about_nothing_is_refused(service: TestClient) -> None:
    said = {"kind": "wrong", "language": "da"}
    assert service.post("/da/feedback", data=said, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert service.post("/da/feedback", data=said | {"offer": "no-such-offer"}).status_code == 404
    assert service.get(f"/da/feedback/{UNKNOWN}").status_code == 404
    assert editors_list(service)["total"] == 0


def test_the_question_of_a_search_page_goes_along_with_its_form(service: TestClient, empty_database: str) -> None:
    page = service.get("/da/search", params={"q": "Hvor kan jeg lære dansk om aftenen?", "stay": 1}).text
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    assert service.post("/da/feedback", data={**fields, "kind": "did_not_help"}).status_code == 303
    assert [row[1] for row in lacks(empty_database, at_least=1)] == ["corrected"]
    (one,) = editors_list(service)["feedback"]
    assert (one["outcome"], one["offer"]) == ("offers", None)


def test_a_list_of_its_own(empty_database: str) -> None:
    """What the pages of editors call without HTTP."""
    engine = create_engine(empty_database)
    kept = FeedbackList(engine)
    one = kept.add(Kind.WRONG, "da", text=f" {'x' * 600} ")
    assert kept.find(one.id) == one
    assert one.text == "x" * 500
    yesterday = one.day - dt.timedelta(days=1)
    assert kept.listed(yesterday, settled=None) == (1, [one])
    assert kept.listed(one.day + dt.timedelta(days=1)) == (0, [])
    with pytest.raises(RecordNotFound):
        kept.find(UNKNOWN)
    engine.dispose()
