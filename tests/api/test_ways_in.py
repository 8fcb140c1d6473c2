"""On every way in personal data is taken out before anything is done with the words."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.bot_client import BotUnavailable
from services_catalog.accounts.accounts import AccountStore, Role
from services_catalog.accounts.tokens import TokenStore

PRIVATE = ("010190-1234", "22 33 44 55", "Qvistdorf", "Nørrebrogade 45")
SAID = "jeg hedder Qvistdorf og bor på Nørrebrogade 45, cpr 010190-1234, tlf 22 33 44 55, hvor kan jeg lære dansk"
LEFT = "jeg hedder […] og bor på [⌂], cpr [#], tlf [☎], hvor kan jeg lære dansk"


def app_of(client: TestClient) -> FastAPI:
    app = client.app
    assert isinstance(app, FastAPI)
    return app


def test_what_goes_to_rasa_is_free_of_it(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []

    async def keep(_conversation: str, text: str, *_more: Any) -> dict[str, Any]:
        sent.append(text)
        raise BotUnavailable("refused")

    monkeypatch.setattr(app_of(client).state.bot, "send", keep)
    assert client.post("/api/v1/chat", json={"text": SAID}).status_code == 200
    assert sent == [LEFT]


@pytest.mark.parametrize("path", ["/da/search", "/en/search", "/api/v1/search", "/hsds/services"])
def test_no_search_shows_it_again_and_no_page_is_kept(client: TestClient, path: str) -> None:
    asked = {"search" if path.startswith("/hsds") else "q": SAID}
    answer = client.get(path, params=asked, follow_redirects=False)
    assert answer.status_code in (200, 303)
    shown = answer.text + answer.headers.get("location", "")
    assert not any(one in shown or one.replace(" ", "+") in shown for one in PRIVATE)
    if path.endswith("/search") and not path.startswith("/api"):
        assert answer.headers["cache-control"] == "no-store"


def test_a_question_that_an_editor_keeps_is_free_of_it(client: TestClient) -> None:
    accounts: AccountStore = app_of(client).state.accounts
    tokens: TokenStore = app_of(client).state.tokens
    name = f"eva-{secrets.token_hex(4)}"
    accounts.add(name, frozenset({Role.EDITOR}), "four words make one")
    _, token = tokens.create(name, "a test", frozenset({Role.EDITOR}), days=1)
    body = {"language": "da", "question": SAID, "offer": "danskuddannelse"}
    answer = client.post("/api/v1/editor/checks", json=body, headers={"Authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json().get("question")) == (201, LEFT)
