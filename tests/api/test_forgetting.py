"""A person who asks that what is known of her be deleted gets just that, also while Rasa is away."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from api.forgetting import asks_to_forget


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
