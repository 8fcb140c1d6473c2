"""A person who asks that what is known of her be deleted gets just that, also while Rasa is away."""

from __future__ import annotations

import httpx
import pytest
from fastapi.testclient import TestClient

from api.forgetting import asks_to_forget
from tests.conftest import Stack


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Slet alt hvad du ved om mig", "da"),
        ("kan du slette det hele, tak", "da"),
        ("delete what you know about me", "en"),
        ("Please forget everything!", "en"),
        ("видали все, що знаєш про мене", "uk"),
        ("забудьте все, будь ласка", "uk"),
        ("احذف كل ما تعرفه عني", "ar"),
        ("امسح المحادثة لو سمحت", "ar"),
    ],
)
def test_what_is_known_is_forgotten_at_once_and_in_the_same_language(
    client: TestClient, text: str, language: str
) -> None:
    assert asks_to_forget(text)
    first = client.post("/api/v1/chat", json={"text": "hvor kan min søn på 8 spille fodbold"}).json()
    reply = client.post("/api/v1/chat", json={"text": text, "session": first["session"]}).json()
    assert (reply["outcome"], reply["language"], reply["degraded"]) == ("reset", language, False)
    assert reply["session"] != first["session"]
    later = client.post("/api/v1/chat", json={"text": "ok", "session": first["session"]}).json()
    assert later["session"] not in (first["session"], reply["session"])
    going_on = client.post("/api/v1/chat", json={"text": "ok", "session": reply["session"]}).json()
    assert (going_on["session"], going_on["language"]) == (reply["session"], language)


@pytest.mark.parametrize(
    "text",
    [
        "jeg vil gerne glemme alt det her og lære noget nyt",
        "how do I delete my profile at the job centre",
        "my husband deletes everything on my phone",
        "він видалив усе з мого телефону",
        "زوجي حذف كل شي من تلفوني",
        "glem",
    ],
)
def test_other_messages_are_not_taken_for_it(text: str) -> None:
    assert not asks_to_forget(text)


@pytest.mark.stack
@pytest.mark.parametrize(
    ("need", "forget", "follow_up"),
    [
        ("min søn på 8 vil spille fodbold", "slet alt hvad du ved om mig", "hvad koster det?"),
        ("ابني عمره ٨ وبدو كرة قدم", "احذف كل ما تعرفه عني", "كم سعرها؟"),
        ("мій син 8 років хоче футбол", "видали все, що знаєш про мене", "скільки це коштує?"),
        ("my son is 8 and wants football", "please erase the things I told you earlier", "what does it cost?"),
    ],
    ids=["da", "ar", "uk", "en"],
)
def test_after_it_a_question_about_what_was_shown_knows_nothing(
    stack: Stack, need: str, forget: str, follow_up: str
) -> None:
    first = stack.chat(need)
    assert first["offers"]
    assert first["remembered"]
    reset = stack.chat(forget, str(first["session"]))
    assert (reset["outcome"], reset["language"]) == ("reset", first["language"])
    for session in (reset["session"], first["session"]):
        later = stack.chat(follow_up, str(session))
        assert (later["about"], later["offers"], later["remembered"]) == (None, [], [])


@pytest.mark.stack
def test_after_a_conversation_was_ended_its_id_knows_nothing(stack: Stack) -> None:
    first = stack.chat("my son is 8 and wants football")
    assert stack.chat("what does it cost?", str(first["session"]))["about"]
    ended = httpx.delete(f"{stack.base}/api/v1/chat/{first['session']}", timeout=15, trust_env=False)
    assert ended.status_code == 204
    later = stack.chat("what does it cost?", str(first["session"]))
    assert later["session"] != first["session"]
    assert later["about"] is None
