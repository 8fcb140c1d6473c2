"""Translations and traces over HTTP: for editors only, saved as drafts, all of it or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.main import create_app
from api.settings import Settings
from services_catalog.accounts.accounts import Role
from services_catalog.editors.editing import Editing
from services_catalog.exchange.xliff_document import MOST_BYTES
from services_catalog.offer import Offer, TranslationState
from services_catalog.seeding import seed_database
from tests.conftest import LEARNED, STAFF_TOKEN, free_port
from tests.services_catalog.test_translations import edited
from tests.services_catalog.test_xliff import tool, translated

QUEUE = "/api/v1/editor/translations"
EXPORT = "/api/v1/editor/translations.xlf"
TRACE = "/api/v1/editor/trace"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    url = f"sqlite:///{tmp_path_factory.mktemp('translations')}/catalogue.db"
    seed_database(url)
    settings = Settings(
        database_url=url, bot_port=free_port(), staff_tokens=SecretStr(STAFF_TOKEN), data_folder=LEARNED.parent
    )
    with TestClient(create_app(settings), raise_server_exceptions=False) as running:
        running.app.state.accounts.add("edda", frozenset({Role.EDITOR}), "en lang sætning til prøven")
        _, token = running.app.state.tokens.create("edda", "tests", frozenset({Role.EDITOR}), 1)
        running.headers["Authorization"] = f"Bearer {token}"
        yield running


@pytest.fixture
def editing(client: TestClient) -> Editing:
    return client.app.state.editing  # type: ignore[attr-defined, no-any-return]


def newest(editing: Editing, offer_id: str) -> Offer:
    record = editing.newest("offers", offer_id).record
    assert isinstance(record, Offer)
    return record


def export(client: TestClient, *offers: str, language: str = "ar") -> bytes:
    response = client.get(EXPORT, params={"language": language, "offer": list(offers)})
    assert response.status_code == 200, response.text
    return response.content


def send(client: TestClient, data: bytes, **parameters: Any) -> Any:
    return client.post(QUEUE, content=data, params=parameters, headers={"Content-Type": "application/xliff+xml"})


def test_the_queue_tells_what_waits(client: TestClient) -> None:
    answer = client.get(QUEUE, params={"language": "uk"}).json()
    assert (answer["language"], answer["words"], len(answer["entries"])) == ("uk", 0, 153)
    assert answer["words_to_review"] > 10_000
    assert answer["entries"][0]["state"] == "unreviewed"
    none = client.get(QUEUE, params={"language": "uk", "state": ["outdated", "missing"]}).json()
    assert none["entries"] == []


@pytest.mark.parametrize("path", [QUEUE, EXPORT])
def test_a_language_that_nothing_is_translated_into_is_named(client: TestClient, path: str) -> None:
    for language in ("da", "xx"):
        response = client.get(path, params={"language": language})
        assert response.status_code == 422
        assert response.json()["errors"][0]["field"] == "query.language"


def test_the_export_is_a_file_to_send(client: TestClient) -> None:
    response = client.get(EXPORT, params={"language": "ar", "offer": "muhabet"})
    assert response.headers["content-type"] == "application/xliff+xml"
    assert response.headers["content-disposition"] == 'attachment; filename="vejviser-ar.xlf"'
    assert response.content.count(b"<file ") == 1
    assert client.get(EXPORT, params={"language": "ar", "offer": "no-such"}).status_code == 404


def test_what_comes_back_becomes_a_draft_with_its_author(client: TestClient, editing: Editing) -> None:
    data = tool(export(client, "geist"), translated("name", "غايست", "final"))
    before = editing.newest("offers", "geist").number
    dry = send(client, data, dry_run=True).json()
    assert (dry["dry_run"], dry["saved"], dry["offers"][0]["fields"]) == (True, 0, ["name"])
    assert editing.newest("offers", "geist").number == before
    done = send(client, data, reason="job 17").json()
    assert (done["saved"], done["offers"][0]["offer_id"]) == (1, "geist")
    saved = editing.newest("offers", "geist")
    assert (saved.state.value, saved.author, saved.reason) == ("draft", "edda", "job 17")
    assert newest(editing, "geist").texts["ar"].name == "غايست"
    public = client.get("/api/v1/offers/geist", params={"language": "ar"}).json()
    assert public["name"] != "غايست"
    assert send(client, data).json()["saved"] == 0


def test_an_import_does_not_undo_what_an_editor_has_in_draft(client: TestClient, editing: Editing) -> None:
    data = tool(export(client, "sjakket"), translated("name", "شاكت"))
    revision = editing.newest("offers", "sjakket")
    draft = newest(editing, "sjakket").model_copy(update={"owner": "Team Nord"})
    editing.save("offers", draft, author="edda", reason="owner", expected=revision.number)
    assert send(client, data).json()["saved"] == 1
    now = newest(editing, "sjakket")
    assert (now.owner, now.texts["ar"].name) == ("Team Nord", "شاكت")


def test_a_changed_danish_text_goes_round_by_its_changed_field(client: TestClient, editing: Editing) -> None:
    old = newest(editing, "fakti")
    too_early = tool(export(client, "fakti"), translated("summary", "قديم"))
    number = editing.newest("offers", "fakti").number
    editing.save("offers", edited(old, "da", summary="Et nyt sted for kvinder."), author="edda", reason="new",
                 expected=number)  # fmt: skip
    (entry,) = client.get(QUEUE, params={"language": "ar", "state": "outdated"}).json()["entries"]
    assert (entry["offer_id"], entry["outdated"], entry["words"]) == ("fakti", ["summary"], 5)

    conflict = send(client, too_early).json()
    assert conflict["saved"] == 0
    (left_out,) = conflict["offers"][0]["conflicts"]
    assert (left_out["field"], left_out["now"]) == ("summary", "Et nyt sted for kvinder.")

    data = client.get(EXPORT, params={"language": "ar", "state": "outdated"}).content
    assert f"It was: {old.texts['da'].summary}"[:40] in data.decode()
    assert send(client, tool(data, translated("summary", "مكان جديد للنساء."))).json()["saved"] == 1
    texts = newest(editing, "fakti").texts
    assert (texts["ar"].summary, texts["ar"].state) == ("مكان جديد للنساء.", TranslationState.UNREVIEWED)
    assert texts["uk"].state is TranslationState.OUTDATED


def test_one_wrong_unit_stops_the_whole_file(client: TestClient, editing: Editing) -> None:
    data = tool(export(client, "kringlebakken", "perspektiv"), translated("name", "اسم"))
    wrong = data[::-1].replace(b'"eman"=di', b'"eman2"=di', 1)[::-1]
    assert wrong != data
    before = newest(editing, "kringlebakken")
    response = send(client, wrong)
    assert (response.status_code, response.headers["content-type"]) == (422, "application/problem+json")
    (error,) = response.json()["errors"]
    assert re.fullmatch(r"perspektiv:\d+: 2name", error["field"])
    assert newest(editing, "kringlebakken") == before


def test_a_file_in_another_language_is_refused_on_request(client: TestClient) -> None:
    assert send(client, export(client, "muhabet"), language="uk").status_code == 422


@pytest.mark.parametrize("data", [b"", b"<a", b"\xff\xfe\x00", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
def test_what_is_no_xliff_is_a_clear_problem(client: TestClient, data: bytes) -> None:
    response = send(client, data)
    assert response.status_code == 422
    assert response.json()["errors"][0]["message"]


def test_a_whole_language_fits_and_too_much_does_not(client: TestClient) -> None:
    whole = client.get(EXPORT, params={"language": "en"}).content
    assert len(whole) > 64 * 1024
    assert send(client, whole, dry_run=True).json() == {"dry_run": True, "saved": 0, "offers": []}
    assert send(client, b"<" * (MOST_BYTES + 1)).status_code == 413


def test_an_offer_is_traced_to_document_and_page(client: TestClient) -> None:
    trace = client.get(f"{TRACE}/offers/muhabet").json()
    documents = {one["document"] for one in trace["sources"]}
    assert "001_92da3fdfa6725589.txt" in documents
    (cost,) = [one for one in trace["sources"] if one["supports"] == ["cost"]]
    assert (cost["quote"], cost["address"]) == ("Alt er gratis.", "https://www.muhabet.dk/?page_id=129")
    assert client.get(f"{TRACE}/offers/no-such").status_code == 404


def test_documents_pages_and_policies_are_traced_to_offers(client: TestClient) -> None:
    document = client.get(f"{TRACE}/documents/004_139553ee05667919.txt").json()
    assert document["offers"] == 1
    assert all(one["quote"] for one in document["resting"])
    page = client.get(f"{TRACE}/documents/https%3A%2F%2Fwww.muhabet.dk%2F%3Fpage_id%3D129").json()
    assert {one["via"] for one in page["resting"] if one["kind"] == "offer"} == {"muhabet-who", "muhabet-cost"}
    policy = client.get(f"{TRACE}/policies/handleplan-mod-partnervold").json()
    assert policy["resting"][0]["section"]
    (latest, *_) = client.get(f"{TRACE}/policies", params={"ending": 2026}).json()
    assert (latest["year"], len(latest["offers"])) == (2026, 106)


@pytest.mark.parametrize("path", ["documents/nothing.txt", "policies/nothing", "policies/001_92da3fdfa6725589.txt"])
def test_a_source_nobody_knows_is_not_found(client: TestClient, path: str) -> None:
    response = client.get(f"{TRACE}/{path}")
    assert (response.status_code, response.headers["content-type"]) == (404, "application/problem+json")


def test_the_description_names_the_file_that_is_sent(client: TestClient) -> None:
    operation = client.get("/api/v1/openapi.json").json()["paths"][QUEUE]["post"]
    assert list(operation["requestBody"]["content"]) == ["application/xliff+xml"]
