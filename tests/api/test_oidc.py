"""Signing in with OpenID Connect, at a real provider in a process of its own."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import logging
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from api.login import COOKIE
from api.main import create_app
from api.oidc_provider import Provider
from api.settings import Settings
from services_catalog.accounts.accounts import AccountStore, Role
from tests.conftest import LEARNED, ROOT, free_port

CLIENT_SECRET = "the secret of Vejviser and the provider"
CALLBACK = "http://testserver/auth/oidc/callback"
#: By subject. Each run has names of its own, since the database may be one for all tests.
RUN = secrets.token_hex(4)
PEOPLE: dict[str, dict[str, Any]] = {
    "1-editor": {"preferred_username": f"Fatima.{RUN}", "roles": ["editor", "something else"]},
    "2-two": {"preferred_username": f"two.{RUN}", "roles": ["publisher", "admin"]},
    "3-none": {"preferred_username": f"none.{RUN}", "roles": ["cook"]},
    "4-taken": {"preferred_username": f"taken.{RUN}", "roles": ["admin"]},
    "5-arabic": {"preferred_username": "فاطمة", "email": "not an address", "roles": "staff"},
    "6-forger": {"preferred_username": f"forger.{RUN}", "roles": ["admin"]},
}


@dataclass
class Running:
    """The provider, and the browser of somebody who signs in there."""

    issuer: str

    def browser(self) -> httpx.Client:
        return httpx.Client(trust_env=False, timeout=10)

    def forge(self, **forging: Any) -> None:
        httpx.post(f"{self.issuer}/forge", json=forging, trust_env=False).raise_for_status()


@pytest.fixture(scope="module")
def provider() -> Iterator[Running]:
    node = shutil.which("node")
    if node is None or not (ROOT / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("node or its package oidc-provider is not installed: run `make setup`")
    port = free_port()
    arguments = {"port": port, "redirectUris": [CALLBACK], "clientSecret": CLIENT_SECRET, "people": PEOPLE}
    process = subprocess.Popen(
        [node, str(Path(__file__).with_name("oidc_provider.mjs")), json.dumps(arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert any("listening" in line for line in process.stdout), "the provider did not start"
        yield Running(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def honest(provider: Running) -> Iterator[Running]:
    """The provider, which a test may make forge tokens until it ends."""
    yield provider
    provider.forge()


def settings_for(database_url: str, issuer: str, **more: Any) -> Settings:
    return Settings(
        database_url=database_url,
        data_folder=LEARNED.parent,
        oidc_issuer=issuer,
        oidc_client_id="vejviser",
        oidc_client_secret=SecretStr(CLIENT_SECRET),
        **more,
    )


@pytest.fixture(scope="module")
def application(provider: Running, database_url: str) -> Iterator[TestClient]:
    app = create_app(settings_for(database_url, provider.issuer))
    with TestClient(app, raise_server_exceptions=False, follow_redirects=False) as running:
        yield running


@pytest.fixture
def mine(application: TestClient) -> TestClient:
    """A browser of its own at the application."""
    address = str(ipaddress.IPv4Address(secrets.randbits(32)))
    return TestClient(application.app, raise_server_exceptions=False, follow_redirects=False, client=(address, 1))


@pytest.fixture
def accounts(application: TestClient) -> AccountStore:
    store: AccountStore = application.app.state.accounts  # type: ignore[attr-defined]
    return store


def go_there(mine: TestClient, next_page: str | None = None) -> str:
    """Return the address of the provider that the application sends to."""
    answer = mine.get("/auth/oidc/login", params={"next": next_page} if next_page else {})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def sign_in_there(address: str, subject: str, *, cancel: bool = False) -> str:
    """Sign in at the provider as a person does, form by form, and return the address it sends back to."""
    with httpx.Client(trust_env=False, timeout=10) as browser:
        answer = browser.get(address)
        for _ in range(12):
            if answer.is_redirect:
                target = str(answer.headers["location"])
                if target.startswith(CALLBACK):
                    return target.removeprefix("http://testserver")
                answer = browser.get(answer.url.join(target))
            elif cancel:
                answer = browser.get(f"{answer.url}/abort")
            else:
                action = re.search(r'action="([^"]+)"', answer.text)
                prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
                assert action, answer.text[:2000]
                assert prompt
                form = {"prompt": prompt[1], "login": subject, "password": "any"}
                answer = browser.post(answer.url.join(action[1]), data=form)
    raise AssertionError("the provider never sent back")


def test_an_editor_signs_in_at_the_provider(mine: TestClient, provider: Running, accounts: AccountStore) -> None:
    back = mine.get(sign_in_there(go_there(mine, "/da?x=1"), "1-editor"))
    assert (back.status_code, back.headers["location"]) == (303, "/da?x=1")
    me = mine.get("/api/v1/me").json()
    assert (me["name"], me["roles"], me["via"]) == (f"fatima.{RUN}", ["editor", "staff"], "login")
    assert accounts.get(f"fatima.{RUN}").single_sign_on
    made = mine.post(
        "/api/v1/tokens",
        json={"name": "x", "scopes": ["editor"], "days": 1},
        headers={"X-CSRF-Token": me["csrf_token"]},
    )
    assert made.status_code == 201


def test_the_same_person_is_the_same_account_with_the_roles_of_today(mine: TestClient, accounts: AccountStore) -> None:
    mine.get(sign_in_there(go_there(mine), "2-two"))
    name = f"two.{RUN}"
    assert accounts.get(name).roles == {Role.PUBLISHER, Role.ADMIN}
    accounts.set_roles(name, frozenset({Role.STAFF}))
    mine.get(sign_in_there(go_there(mine), "2-two"))
    assert accounts.get(name).roles == {Role.PUBLISHER, Role.ADMIN}
    assert [one.name for one in accounts.all()].count(name) == 1


def test_what_is_sent_there_uses_pkce_state_and_nonce(mine: TestClient, provider: Running) -> None:
    first, second = (parse_qs(urlsplit(go_there(mine)).query) for _ in range(2))
    assert first["response_type"] == ["code"]
    assert first["redirect_uri"] == [CALLBACK]
    assert first["code_challenge_method"] == ["S256"]
    assert "openid" in first["scope"][0].split()
    for name in ("state", "nonce", "code_challenge"):
        assert first[name] != second[name]
    kept = mine.cookies["vejviser_oidc"]
    assert not any(value[0] in kept for value in first.values())


def test_the_cookie_of_the_way_there_is_kept_from_scripts_and_ends(mine: TestClient) -> None:
    there = mine.get("/auth/oidc/login")
    cookie = there.headers["set-cookie"].lower().split("; ")
    assert {"httponly", "samesite=lax", "path=/auth/oidc", "max-age=600"} <= set(cookie)
    assert there.headers["cache-control"] == "no-store"
    back = mine.get(sign_in_there(there.headers["location"], "1-editor"))
    assert back.status_code == 303
    assert "vejviser_oidc" not in mine.cookies


def test_a_sign_in_begun_elsewhere_is_refused(mine: TestClient, application: TestClient) -> None:
    callback = sign_in_there(go_there(mine), "1-editor")
    other = TestClient(application.app, raise_server_exceptions=False, follow_redirects=False)
    assert other.get(callback).status_code == 400, "a browser without the cookie"
    go_there(other)
    assert other.get(callback).status_code == 400, "a browser that began another sign-in"
    assert COOKIE not in other.cookies
    assert mine.get(callback.replace("state=", "state=0")).status_code == 400
    assert mine.get(callback).status_code == 303, "the one who began it"


def test_a_code_counts_once_and_only_with_its_verifier(mine: TestClient, application: TestClient) -> None:
    callback = sign_in_there(go_there(mine), "1-editor")
    kept = mine.cookies["vejviser_oidc"]
    other = TestClient(application.app, raise_server_exceptions=False, follow_redirects=False)
    state = parse_qs(urlsplit(go_there(other)).query)["state"][0]
    code = parse_qs(urlsplit(callback).query)["code"][0]
    stolen = other.get("/auth/oidc/callback", params={"code": code, "state": state})
    assert stolen.status_code == 401, "a stolen code needs the verifier of its browser"
    callback = sign_in_there(go_there(mine), "1-editor")
    kept = mine.cookies["vejviser_oidc"]
    assert mine.get(callback).status_code == 303
    mine.cookies.set("vejviser_oidc", kept, path="/auth/oidc")
    assert mine.get(callback).status_code == 401


def test_cancelling_there_signs_nobody_in(mine: TestClient) -> None:
    answer = mine.get(sign_in_there(go_there(mine), "1-editor", cancel=True))
    assert answer.status_code == 401
    assert COOKIE not in mine.cookies


@pytest.mark.parametrize(
    "forging",
    [
        {"stranger": True},
        {"algorithm": "none"},
        {"algorithm": "HS256"},
        {"algorithm": "HS256", "secret": CLIENT_SECRET},
        {"claims": {"nonce": "another"}},
        {"without": ["nonce"]},
        {"claims": {"iss": "http://evil.example"}},
        {"claims": {"aud": "another-client"}},
        {"claims": {"aud": ["vejviser", "another-client"]}},
        {"claims": {"exp": 1_700_000_000}},
        {"without": ["exp"]},
        {"without": ["sub"]},
        {"userinfo": {"sub": "1-editor"}},
    ],
    ids=str,
)
def test_a_forged_id_token_signs_nobody_in(
    mine: TestClient, honest: Running, accounts: AccountStore, forging: dict[str, Any]
) -> None:
    callback = sign_in_there(go_there(mine), "6-forger")
    honest.forge(**forging)
    answer = mine.get(callback)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert COOKIE not in mine.cookies
    assert f"forger.{RUN}" not in [one.name for one in accounts.all()]


def test_what_the_id_token_says_counts_before_userinfo(mine: TestClient, honest: Running) -> None:
    callback = sign_in_there(go_there(mine), "1-editor")
    honest.forge(claims={"roles": ["staff"]})
    assert mine.get(callback).status_code == 303
    assert mine.get("/api/v1/me").json()["roles"] == ["staff"]


def test_without_a_role_here_nobody_comes_in(mine: TestClient, accounts: AccountStore) -> None:
    answer = mine.get(sign_in_there(go_there(mine), "3-none"))
    assert answer.status_code == 401
    assert f"none.{RUN}" not in [one.name for one in accounts.all()]


def test_a_name_that_is_taken_is_not_taken_over(mine: TestClient, provider: Running, accounts: AccountStore) -> None:
    local = accounts.add(f"taken.{RUN}", frozenset({Role.STAFF}), "four words make one")
    assert mine.get(sign_in_there(go_there(mine), "4-taken")).status_code == 409
    assert COOKIE not in mine.cookies
    accounts.link(local.name, provider.issuer, "4-taken")
    assert mine.get(sign_in_there(go_there(mine), "4-taken")).status_code == 303
    assert mine.get("/api/v1/me").json()["name"] == local.name


def test_a_name_that_is_none_here_becomes_a_mark(mine: TestClient) -> None:
    mine.get(sign_in_there(go_there(mine), "5-arabic"))
    me = mine.get("/api/v1/me").json()
    assert re.fullmatch(r"oidc-[0-9a-f]{16}", me["name"])
    assert me["roles"] == ["staff"]


def test_a_disabled_account_stays_out(mine: TestClient, accounts: AccountStore) -> None:
    mine.get(sign_in_there(go_there(mine), "1-editor"))
    accounts.set_disabled(f"fatima.{RUN}", True)
    assert mine.get("/api/v1/me").status_code == 401
    assert mine.get(sign_in_there(go_there(mine), "1-editor")).status_code == 401
    accounts.set_disabled(f"fatima.{RUN}", False)


@pytest.mark.parametrize(
    "page", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\r\nX: 1", "/\t/x"]
)
def test_nobody_is_sent_to_another_site(mine: TestClient, page: str) -> None:
    back = mine.get(sign_in_there(go_there(mine, page), "1-editor"))
    assert (back.status_code, back.headers["location"]) == (303, "/")


def test_no_secret_of_a_sign_in_is_logged(mine: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    address = go_there(mine)
    kept = mine.cookies["vejviser_oidc"].partition(".")[0]
    callback = sign_in_there(address, "1-editor")
    before = caplog.text
    caplog.clear()  # what the browser at the provider wrote is not ours
    assert mine.get(callback).status_code == 303
    code = parse_qs(urlsplit(callback).query)["code"][0]
    basic = base64.b64encode(f"vejviser:{CLIENT_SECRET}".encode()).decode()
    ours = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "asyncio"))
    )
    verifier = hashlib.sha256(f"code verifier:{kept}".encode()).hexdigest()
    for secret in (kept, verifier, CLIENT_SECRET, basic, mine.cookies[COOKIE]):
        assert secret not in before + ours
    assert code not in ours


def test_without_a_provider_there_is_no_such_sign_in(client: TestClient) -> None:
    for path in ("/auth/oidc/login", "/auth/oidc/callback"):
        answer = client.get(path, follow_redirects=False)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_silent_provider_is_told_from_a_wrong_sign_in(application: TestClient, database_url: str) -> None:
    app, kept = application.app, application.app.state.oidc  # type: ignore[attr-defined]
    app.state.oidc = Provider(settings_for(database_url, f"http://127.0.0.1:{free_port()}"))  # type: ignore[attr-defined]
    try:
        answer = application.get("/auth/oidc/login")
    finally:
        app.state.oidc = kept  # type: ignore[attr-defined]
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")


@pytest.mark.parametrize(
    ("claim", "roles", "claims", "expected"),
    [
        ("roles", {}, {"roles": ["editor", "admin", "boss", 7, None]}, {"editor", "admin"}),
        ("roles", {}, {"roles": "publisher"}, {"publisher"}),
        ("roles", {}, {}, set()),
        ("roles", {}, {"roles": {"editor": True}}, set()),
        ("realm_access.roles", {}, {"realm_access": {"roles": ["staff"]}}, {"staff"}),
        ("https://kk.dk/roles", {}, {"https://kk.dk/roles": ["staff"]}, {"staff"}),
        ("groups", {"cn=red,ou=kk": "editor"}, {"groups": ["cn=red,ou=kk", "admin"]}, {"editor"}),
    ],
)
def test_claims_mean_roles_as_the_settings_say(
    claim: str, roles: dict[str, str], claims: dict[str, Any], expected: set[str]
) -> None:
    settings = Settings(oidc_issuer="https://login.example", oidc_role_claim=claim, oidc_roles=roles)  # type: ignore[arg-type]
    assert Provider(settings).roles(claims) == expected


def test_a_role_that_does_not_exist_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEJVISER_OIDC_ROLES", '{"group": "boss"}')
    with pytest.raises(ValueError, match="oidc_roles"):
        Settings()
    monkeypatch.setenv("VEJVISER_OIDC_ROLES", '{"group": "editor"}')
    assert Settings().oidc_roles == {"group": Role.EDITOR}
