"""Signing in, tokens and accounts over the public door, and who may do what of all that it offers."""

from __future__ import annotations

import ipaddress
import logging
import secrets
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Form
from fastapi.testclient import TestClient

from api import problems
from api.authorization import Principal, require
from api.login import COOKIE, CSRF_FIELD, CSRF_HEADER
from services_catalog.accounts.accounts import AccountStore, Role
from tests.conftest import STAFF_TOKEN

PASSWORD = "four words make one"
STAFF_SEARCH = ("/api/v1/search", {"q": "æresrelateret konflikt", "role": "staff"})

Browser = Callable[[], TestClient]


@pytest.fixture
def browser(client: TestClient) -> Browser:
    """Return a maker of browsers: each with its own cookies and address, at the one running application."""

    def new() -> TestClient:
        address = str(ipaddress.IPv4Address(secrets.randbits(32)))
        return TestClient(client.app, raise_server_exceptions=False, client=(address, 1))

    return new


@pytest.fixture
def accounts(client: TestClient) -> AccountStore:
    store: AccountStore = client.app.state.accounts  # type: ignore[attr-defined]
    return store


@pytest.fixture
def named(accounts: AccountStore) -> Callable[..., str]:
    """Return a maker of accounts with some roles; it returns their names."""

    def new(*roles: Role) -> str:
        return accounts.add(f"bo-{secrets.token_hex(6)}", frozenset(roles), PASSWORD).name

    return new


@pytest.fixture
def signed_in(browser: Browser, named: Callable[..., str]) -> Callable[..., TestClient]:
    """Return a maker of browsers in which somebody with some roles is signed in; they send the CSRF token along."""

    def new(*roles: Role) -> TestClient:
        mine = browser()
        assert sign_in(mine, named(*roles)).status_code == 200
        return mine

    return new


def sign_in(browser: TestClient, name: str, password: str = PASSWORD) -> Any:
    answer = browser.post("/api/v1/login", json={"name": name, "password": password})
    if answer.status_code == 200:
        browser.headers[CSRF_HEADER] = answer.json()["csrf_token"]
    return answer


def name_of(browser: TestClient) -> str:
    return str(browser.get("/api/v1/me").json()["name"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def new_token(browser: TestClient, *scopes: Role, days: int = 30) -> Any:
    return browser.post("/api/v1/tokens", json={"name": "export", "scopes": scopes, "days": days})


def test_signing_in_sets_a_cookie_that_scripts_cannot_read(browser: Browser, named: Callable[..., str]) -> None:
    mine, name = browser(), named(Role.PUBLISHER)
    answer = sign_in(mine, name)
    assert answer.json()["roles"] == ["editor", "publisher", "staff"]
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"{COOKIE}=")
    assert {"httponly", "samesite=lax", "path=/", "max-age=28800"} <= set(cookie.split("; "))
    assert "secure" not in cookie.split("; ")
    assert answer.headers["cache-control"] == "no-store"
    me = mine.get("/api/v1/me").json()
    assert (me["name"], me["via"], me["csrf_token"]) == (name, "login", answer.json()["csrf_token"])
    assert mine.cookies[COOKIE] not in me["csrf_token"]


def test_over_https_the_cookie_stays_there(client: TestClient, named: Callable[..., str]) -> None:
    mine = TestClient(client.app, base_url="https://testserver")
    assert "Secure" in sign_in(mine, named(Role.STAFF)).headers["set-cookie"].split("; ")


def test_signing_out_ends_the_session_itself(signed_in: Callable[..., TestClient]) -> None:
    mine = signed_in(Role.STAFF)
    session = mine.cookies[COOKIE]
    assert mine.post("/api/v1/logout").status_code == 204
    assert COOKIE not in mine.cookies
    mine.cookies[COOKIE] = session
    assert mine.get("/api/v1/me").status_code == 401


def test_signing_in_again_ends_the_session_before(signed_in: Callable[..., TestClient]) -> None:
    mine = signed_in(Role.STAFF)
    before, name = mine.cookies[COOKIE], name_of(mine)
    sign_in(mine, name)
    assert mine.cookies[COOKIE] != before
    mine.cookies.clear()
    mine.cookies[COOKIE] = before
    assert mine.get("/api/v1/me").status_code == 401


def test_a_wrong_password_and_an_unknown_name_look_the_same(browser: Browser, named: Callable[..., str]) -> None:
    wrong, unknown = sign_in(browser(), named(Role.STAFF), "not the password"), sign_in(browser(), "nobody-at-all")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.headers["content-type"] == "application/problem+json"
    assert wrong.json() == unknown.json()
    assert "set-cookie" not in wrong.headers


def test_too_many_failures_have_to_wait(browser: Browser, named: Callable[..., str]) -> None:
    name = named(Role.STAFF)
    assert [sign_in(browser(), name, "not the password").status_code for _ in range(6)] == [401] * 5 + [429]
    late = sign_in(browser(), name)
    assert late.status_code == 429
    assert 10 <= int(late.headers["retry-after"]) <= 15
    assert late.headers["retry-after"] in late.json()["detail"]
    assert sign_in(browser(), named(Role.STAFF)).status_code == 200, "others are not kept waiting"


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
     {"Sec-Fetch-Site": "same-site", "Origin": "http://testserver"}],
)  # fmt: skip
def test_another_site_cannot_sign_somebody_in(
    browser: Browser, named: Callable[..., str], headers: dict[str, str]
) -> None:
    body = {"name": named(Role.STAFF), "password": PASSWORD}
    answer = browser().post("/api/v1/login", json=body, headers=headers)
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)


@pytest.mark.parametrize("headers", [{"Origin": "http://testserver"}, {"Sec-Fetch-Site": "same-origin"}])
def test_our_own_pages_can(browser: Browser, named: Callable[..., str], headers: dict[str, str]) -> None:
    body = {"name": named(Role.STAFF), "password": PASSWORD}
    assert browser().post("/api/v1/login", json=body, headers=headers).status_code == 200


@pytest.mark.parametrize("token", [None, "", "0" * 64, "é"])
def test_a_change_without_the_csrf_token_is_refused(signed_in: Callable[..., TestClient], token: str | None) -> None:
    mine = signed_in(Role.STAFF)
    mine.headers.pop(CSRF_HEADER)
    headers = {} if token is None else {CSRF_HEADER.encode(): token.encode()}
    body = {"name": "export", "scopes": ["staff"], "days": 1}
    assert mine.post("/api/v1/tokens", json=body, headers=headers).status_code == 403
    assert mine.post("/api/v1/logout", headers=headers).status_code == 403
    assert mine.get("/api/v1/tokens").json() == []


def test_the_csrf_token_of_another_session_is_refused(signed_in: Callable[..., TestClient]) -> None:
    mine, hers = signed_in(Role.STAFF), signed_in(Role.STAFF)
    mine.headers[CSRF_HEADER] = hers.headers[CSRF_HEADER]
    assert new_token(mine, Role.STAFF).status_code == 403


@pytest.fixture
def form(client: TestClient) -> TestClient:
    """A page with a form, as later pages have them, beside the running application."""
    app = FastAPI()
    app.state = client.app.state  # type: ignore[attr-defined]
    problems.install(app)

    @app.post("/form")
    def form(principal: Annotated[Principal, Depends(require(Role.EDITOR))], text: Annotated[str, Form()]) -> str:
        return f"{principal.name}: {text}"

    return TestClient(app)


@pytest.mark.parametrize("files", [None, {"picture": b"a picture"}])
def test_a_form_carries_the_csrf_token_in_a_field(
    form: TestClient, signed_in: Callable[..., TestClient], files: dict[str, bytes] | None
) -> None:
    mine = signed_in(Role.EDITOR)
    form.cookies = mine.cookies
    token = mine.headers[CSRF_HEADER]
    sent = form.post("/form", data={"text": "مرحبا", CSRF_FIELD: token}, files=files)
    assert sent.json() == f"{name_of(mine)}: مرحبا"
    assert form.post("/form", data={"text": "x", CSRF_FIELD: "guess"}, files=files).status_code == 403
    assert form.post("/form", data={"text": "x"}, files=files).status_code == 403


def test_staff_search_opens_with_every_way_of_signing_in(
    browser: Browser, signed_in: Callable[..., TestClient]
) -> None:
    path, parameters = STAFF_SEARCH
    mine = signed_in(Role.STAFF)
    token = new_token(mine, Role.STAFF).json()["token"]
    assert browser().get(path, params=parameters).status_code == 401
    assert browser().get(path, params=parameters, headers=bearer("guess")).status_code == 403
    for right in (STAFF_TOKEN, token):
        assert browser().get(path, params=parameters, headers=bearer(right)).status_code == 200
    assert mine.get(path, params=parameters).status_code == 200
    assert mine.get(path, params=parameters, headers=bearer("guess")).status_code == 403, "the token counts first"


def test_a_staff_token_of_the_settings_opens_staff_and_nothing_else(browser: Browser) -> None:
    me = browser().get("/api/v1/me", headers=bearer(STAFF_TOKEN))
    assert (me.json()["roles"], me.json()["via"], me.json()["csrf_token"]) == (["staff"], "staff_token", None)
    assert browser().get("/api/v1/users", headers=bearer(STAFF_TOKEN)).status_code == 403
    assert browser().get("/api/v1/tokens", headers=bearer(STAFF_TOKEN)).status_code == 403


def test_a_token_is_shown_once_and_works_until_it_is_revoked(
    browser: Browser, signed_in: Callable[..., TestClient]
) -> None:
    mine = signed_in(Role.ADMIN)
    made = new_token(mine, Role.ADMIN)
    assert made.status_code == 201
    script, token = browser(), made.json()["token"]
    assert script.get("/api/v1/users", headers=bearer(token)).status_code == 200
    listed = mine.get("/api/v1/tokens")
    assert [one["id"] for one in listed.json()] == [made.json()["id"]]
    assert listed.json()[0]["last_used"]
    assert token not in listed.text
    assert signed_in(Role.ADMIN).delete(f"/api/v1/tokens/{made.json()['id']}").status_code == 404, "not hers"
    assert mine.delete(f"/api/v1/tokens/{made.json()['id']}").status_code == 204
    assert script.get("/api/v1/users", headers=bearer(token)).status_code == 403


def test_a_token_makes_no_tokens_and_no_scope_its_owner_lacks(
    browser: Browser, signed_in: Callable[..., TestClient]
) -> None:
    mine = signed_in(Role.EDITOR)
    refused = new_token(mine, Role.PUBLISHER)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body.scopes")
    script = browser()
    script.headers.update(bearer(new_token(mine, Role.EDITOR).json()["token"]))
    assert new_token(script, Role.STAFF).status_code == 403
    assert (
        script.post("/api/v1/me/password", json={"current": PASSWORD, "new": "another four words"}).status_code == 403
    )


@pytest.mark.parametrize("days", [0, 367, -1, "soon", None])
def test_a_token_lasts_at_most_a_year(signed_in: Callable[..., TestClient], days: Any) -> None:
    refused = new_token(signed_in(Role.STAFF), Role.STAFF, days=days)
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["errors"]] == ["body.days"]


def test_an_administrator_looks_after_accounts(browser: Browser, signed_in: Callable[..., TestClient]) -> None:
    admin, name = signed_in(Role.ADMIN), f"ny-{secrets.token_hex(4)}@kk.dk"
    new = {"name": name.upper(), "password": PASSWORD, "roles": ["editor", "staff"]}
    made = admin.post("/api/v1/users", json=new)
    assert (made.status_code, made.json()["name"], made.json()["roles"]) == (201, name, ["editor", "staff"])
    assert "password" not in made.text
    assert admin.post("/api/v1/users", json=new).status_code == 409
    hers = browser()
    sign_in(hers, name)
    assert admin.patch(f"/api/v1/users/{name}", json={"roles": ["publisher"]}).json()["roles"] == ["publisher"]
    assert "publisher" in hers.get("/api/v1/me").json()["roles"], "at once, in the session she has"
    assert admin.patch(f"/api/v1/users/{name}", json={"disabled": True}).json()["disabled"] is True
    assert hers.get("/api/v1/me").status_code == 401
    assert sign_in(hers, name).status_code == 401
    admin.patch(f"/api/v1/users/{name}", json={"disabled": False})
    assert admin.post(f"/api/v1/users/{name}/password", json={"password": "brand new words"}).status_code == 204
    assert sign_in(hers, name, "brand new words").status_code == 200
    assert name in [user["name"] for user in admin.get("/api/v1/users").json()]


def test_an_administrator_cannot_lock_the_last_one_out(signed_in: Callable[..., TestClient]) -> None:
    admin = signed_in(Role.ADMIN)
    name = name_of(admin)
    for change in ({"roles": ["staff"]}, {"disabled": True}):
        assert admin.patch(f"/api/v1/users/{name.upper()}", json=change).status_code == 403
    assert admin.get("/api/v1/users").status_code == 200


@pytest.mark.parametrize(
    ("change", "field"),
    [({"password": "short"}, "body.password"), ({"name": "two words"}, "body.name"), ({"roles": ["boss"]}, "body.roles.0"),
     ({"roles": []}, "body.roles"), ({"is_admin": True}, "body.is_admin"), ({"password": ["x"]}, "body.password")],
)  # fmt: skip
def test_a_wrong_field_of_a_new_account_is_named(
    signed_in: Callable[..., TestClient], change: dict[str, Any], field: str
) -> None:
    new = {"name": f"x{secrets.token_hex(4)}", "password": PASSWORD, "roles": ["staff"]} | change
    answer = signed_in(Role.ADMIN).post("/api/v1/users", json=new)
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


def test_ones_own_password_is_changed_with_the_old_one(browser: Browser, signed_in: Callable[..., TestClient]) -> None:
    mine, other = signed_in(Role.STAFF), browser()
    name = name_of(mine)
    sign_in(other, name)
    wrong = mine.post("/api/v1/me/password", json={"current": "not the password", "new": "another four words"})
    assert wrong.status_code == 401
    right = mine.post("/api/v1/me/password", json={"current": PASSWORD, "new": "another four words"})
    assert right.status_code == 200
    assert other.get("/api/v1/me").status_code == 401, "the other sessions have ended"
    assert mine.get("/api/v1/me").json()["csrf_token"] == right.json()["csrf_token"]
    assert sign_in(browser(), name).status_code == 401
    assert sign_in(browser(), name, "another four words").status_code == 200


def test_no_secret_is_logged_or_told(
    browser: Browser, signed_in: Callable[..., TestClient], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    mine = signed_in(Role.ADMIN)
    token = new_token(mine, Role.STAFF).json()["token"]
    wrong_token = token[:-4] + "0000"
    answers = [
        browser().get("/api/v1/me", headers=bearer(wrong_token)),
        browser().post("/api/v1/login", json={"name": "x", "password": f"{PASSWORD}!"}),
        browser().post("/api/v1/login", json={"name": "x", "password": {"is": f"{PASSWORD}!"}}),
        browser().post("/api/v1/login", json={"name": "x", "password": f"{PASSWORD}!" * 20}),
        browser().post("/api/v1/login", content=f'{{"password": "{PASSWORD}!"', headers={"content-type": "application/json"}),
        mine.post("/api/v1/users", json={"name": "?", "password": f"{PASSWORD}!", "roles": ["staff"]}),
    ]  # fmt: skip
    assert [one.status_code for one in answers] == [403, 401, 422, 422, 422, 422]
    told = caplog.text + "".join(one.text for one in answers)
    for secret in (
        PASSWORD,
        token,
        wrong_token,
        token.rpartition("_")[2],
        mine.cookies[COOKIE],
        mine.headers[CSRF_HEADER],
    ):
        assert secret not in told
