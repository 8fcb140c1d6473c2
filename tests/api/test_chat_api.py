"""`POST /api/v1/chat` while Rasa is away: never empty, honest about it, and the guards of the public door hold."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from tests.conftest import STAFF_TOKEN


def say(client: TestClient, text: str, **more: str) -> dict[str, object]:
    response = client.post("/api/v1/chat", json={"text": text} | more)
    assert response.status_code == 200, response.text
    return dict(response.json())


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hvor kan min søn spille fodbold gratis", "da"),
        ("where can my son play football for free", "en"),
        ("де мій син може безкоштовно грати у футбол", "uk"),
        ("وين ابني يلعب كرة قدم ببلاش", "ar"),
    ],
)
def test_without_rasa_the_answer_comes_from_search_and_says_so(client: TestClient, text: str, language: str) -> None:
    answer = say(client, text)
    assert (answer["degraded"], answer["language"], answer["outcome"]) == (True, language, "offers")
    assert answer["offers"]
    assert answer["messages"][0]["text"]


def test_without_rasa_a_crisis_is_answered_in_full(client: TestClient) -> None:
    answer = say(client, "jeg vil tage mit eget liv")
    assert answer["outcome"] == "crisis"
    assert answer["crisis"]["category"] == "suicide"
    assert "112" in answer["messages"][0]["text"]
    assert answer["degraded"] is False


def test_a_crisis_said_again_does_not_repeat_the_whole_block(client: TestClient) -> None:
    first = say(client, "min mand slår mig")
    second = say(client, "min mand slår mig stadig", session=str(first["session"]))
    assert len(str(second["messages"])) < len(str(first["messages"]))
    assert second["crisis"]["steps"]


@pytest.mark.parametrize("text", ["", "   ", "😀😀", "?!…", "/"])
def test_a_message_without_words_is_asked_for_words(client: TestClient, text: str) -> None:
    assert say(client, text)["outcome"] == "clarify"


def test_too_long_a_message_is_refused_clearly(client: TestClient) -> None:
    response = client.post("/api/v1/chat", json={"text": "hjælp " * 1000}, headers={"Accept-Language": "uk"})
    assert response.status_code == 413
    assert "4000" in response.json()["detail"]


def test_the_client_does_not_choose_the_session_id(client: TestClient) -> None:
    assert say(client, "dansk", session="mine")["session"] != "mine"


def test_a_session_goes_on_and_keeps_the_language(client: TestClient) -> None:
    first = say(client, "Шукаю курси данської мови")
    second = say(client, "ok", session=str(first["session"]))
    assert second["session"] == first["session"]
    assert second["language"] == "uk"


def test_a_fifth_language_is_answered_in_all_four(client: TestClient) -> None:
    answer = say(client, "Gdzie mogę zapisać mojego syna do przedszkola w przyszłym tygodniu")
    text = str(answer["messages"])
    assert answer["outcome"] == "clarify"
    assert len(answer["quick_replies"]) == 4
    assert all(script in text for script in ("dansk", "English", "українськ", "العربية"))


@pytest.mark.parametrize("body", [{}, {"text": 5}, {"text": "x", "sender": "me"}, [], "text"])
def test_a_wrong_body_is_a_problem_detail(client: TestClient, body: object) -> None:
    response = client.post("/api/v1/chat", json=body)
    assert response.status_code == 422
    assert response.json()["errors"]


def test_a_huge_body_is_refused_before_it_is_read(client: TestClient) -> None:
    response = client.post("/api/v1/chat", content=b"x" * 200_000, headers={"Content-Type": "application/json"})
    assert response.status_code == 413


def test_a_wrong_staff_token_is_refused_and_a_right_one_shows_staff_offers(client: TestClient) -> None:
    body = {"text": "æresrelateret konflikt, hvem kan rådgive mig som sagsbehandler"}
    assert client.post("/api/v1/chat", json=body, headers={"Authorization": "Bearer no"}).status_code == 403
    answer = client.post("/api/v1/chat", json=body, headers={"Authorization": f"Bearer {STAFF_TOKEN}"}).json()
    assert "etnisk-konsulentteam" in [offer["id"] for offer in answer["offers"]]


def test_a_forgotten_conversation_is_gone(client: TestClient) -> None:
    session = str(say(client, "Шукаю роботу")["session"])
    assert client.delete(f"/api/v1/chat/{session}").status_code == 204
    assert say(client, "ok", session=session)["session"] != session


def test_the_service_tells_which_parts_are_ready(client: TestClient) -> None:
    ready = client.get("/health/ready")
    assert ready.status_code == 200
    assert ready.json() | {"version": 0} == {"status": "ready", "catalogue": True, "conversation": False, "version": 0}
    assert client.get("/health/live").json() == {"status": "alive"}
