"""Who gets in where: every route of the running application, as it lists them itself, for everybody who may come."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from lxml import html
from pydantic import SecretStr

from api.login import COOKIE, CSRF_FIELD, CSRF_HEADER, csrf_token
from api.main import create_app
from api.settings import Settings
from services_catalog.accounts.accounts import AccountStore
from services_catalog.accounts.roles import Role, implied
from services_catalog.accounts.tokens import TokenStore
from services_catalog.seeding import seed_database
from tests.conftest import LEARNED, STAFF_TOKEN, free_port

PASSWORD = "four words make one"
ROUTES: dict[str, list[str]] = yaml.safe_load(Path(__file__).with_name("routes.yml").read_text(encoding="utf-8"))
RULES = {route: rule for rule, routes in ROUTES.items() for route in routes}
#: Routes that know who comes; of those that everybody may take, nothing but the answer is asked.
GUARDED = {route: rule for route, rule in RULES.items() if rule not in ("everybody", "sign_in")}
#: What stands for the parts of an address: what is there, where there is something to be had.
PARTS = {
    "language": "en", "kind": "offers", "record_id": "brobold", "offer_id": "brobold", "number": "1", "name": "greeting",
    "target": "ar", "district_id": "noerrebro", "need_id": "learn-danish", "rest": "nothing/here",
}  # fmt: skip
REFUSED = {401, 403}


@dataclass(frozen=True)
class Caller:
    """Somebody with what they show: a login cookie, a token, or nothing. `roles` is what it opens."""

    name: str
    roles: frozenset[Role]
    cookie: bool = False
    token: str | None = None


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('access')}/catalogue.db"
    seed_database(url)
    return url


@pytest.fixture(scope="module")
def running(database: str) -> Iterator[TestClient]:
    """A running application with an account for each role."""
    settings = Settings(
        database_url=database,
        bot_port=free_port(),
        data_folder=LEARNED.parent,
        relearn_after=3600,
        staff_tokens=SecretStr(STAFF_TOKEN),
        internal_secret=SecretStr("inside"),
    )
    application = create_app(settings)
    with TestClient(application) as running:
        for role in Role:
            application.state.accounts.add(role.value, frozenset({role}), PASSWORD)
        yield running


@pytest.fixture(scope="module")
def app(running: TestClient) -> FastAPI:
    return running.app  # type: ignore[return-value]


Browser = Callable[..., TestClient]


@pytest.fixture(scope="module")
def browser(running: TestClient) -> Browser:
    """Return a maker of browsers at the one running application; they follow no redirects."""

    def new(**options: Any) -> TestClient:
        made = TestClient(running.app, raise_server_exceptions=False, follow_redirects=False, **options)
        made.portal = running.portal  # the line to Rasa belongs to the loop that runs
        return made

    return new


def routes_of(app: FastAPI) -> set[str]:
    """Return every route of an application: method and path; HEAD goes with GET."""
    found = set()
    for one in iter_route_contexts(app.routes):
        path = getattr(one, "path", None) or one.original_route.path  # type: ignore[attr-defined]
        methods = getattr(one, "methods", None) or getattr(one.original_route, "methods", None) or {"GET"}
        found |= {f"{method} {path}" for method in methods if method != "HEAD" or "GET" not in methods}
    return found


def send(browser: Browser, caller: Caller, route: str, *, csrf: str | None = "right") -> Any:
    """Send a request that says as little as it can, and return the answer. `csrf` is the token that goes with it: the right
    one, another one, or none."""
    method, path = route.split(" ", 1)
    address = re.sub(r"\{(\w+)[^}]*\}", lambda part: PARTS.get(part[1], "x"), path)
    headers = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
    client = browser()
    app: Any = client.app
    if caller.cookie:
        session = app.state.logins.start(app.state.accounts.get(caller.name))  # anew: some routes end it
        client.cookies[COOKIE] = session
        if csrf is not None:
            headers[CSRF_HEADER] = csrf_token(session) if csrf == "right" else csrf
    body = {} if "/api/" in path or "/internal/" in path else None
    return client.request(method, address, headers=headers, json=body if method != "GET" else None)


def is_page(route: str) -> bool:
    return "{language:language}" in route and "/internal/" not in route


def expected(rule: str, route: str, caller: Caller) -> set[int] | None:
    """Return the statuses a caller must get, None for any but a refusal. The one place that says who may do what."""
    nobody = {303} if is_page(route) else {401}
    if rule in ("internal", "metrics"):
        return {403}
    if not caller.cookie and (caller.token is None or is_page(route)):
        return nobody  # pages take no tokens
    if caller.token and not caller.roles:
        return {403}  # a wrong token is not nobody's
    if rule == "in_person":
        return None if caller.cookie else {403}
    if rule == "signed_in":
        return None
    return None if Role(rule) in implied(caller.roles) else {403}


def test_every_route_has_a_rule_and_every_rule_a_route(app: FastAPI) -> None:
    assert routes_of(app) - set(RULES) == set(), "say in routes.yml who may take it"
    assert set(RULES) - routes_of(app) == set(), "gone: take it out of routes.yml"


def test_the_description_says_the_same(app: FastAPI) -> None:
    rules = {re.sub(r":\w+\}", "}", route): rule for route, rule in RULES.items()}
    for path, operations in app.openapi()["paths"].items():
        for method, operation in operations.items():
            scopes = {scope for way in operation.get("security", ()) for scopes in way.values() for scope in scopes}
            rule = rules[f"{method.upper()} {path}"]
            assert bool(operation.get("security")) == (rule not in ("everybody", "sign_in")), path
            assert scopes == ({rule} if rule in set(Role) else set()), path


def callers(browser: Browser, app: FastAPI) -> list[Caller]:
    tokens: TokenStore = app.state.tokens
    found = [Caller("nobody", frozenset()), Caller("a resident", frozenset(), token=_chat_session(browser()))]
    for role in Role:
        roles = frozenset({role})
        found.append(Caller(role.value, roles, cookie=True))
        found.append(Caller(role.value, roles, token=tokens.create(role.value, "matrix", roles, days=1)[1]))
    staff_token = Caller("the staff token of the settings", frozenset({Role.STAFF}), token=STAFF_TOKEN)
    return [*found, staff_token, *(Caller(why, frozenset(), token=token) for why, token in _dead_tokens(app))]


def _chat_session(resident: TestClient) -> str:
    return str(resident.post("/api/v1/chat", json={"text": "hej"}).json()["session"])


def _dead_tokens(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Yield tokens of somebody who could do everything, and that open nothing any more."""
    accounts: AccountStore = app.state.accounts
    everything = frozenset(Role)
    for why in ("expired", "revoked", "disabled", "wrong"):
        name = accounts.add(f"{why}-{secrets.token_hex(4)}", everything, PASSWORD).name
        past = AccountStore(str(app.state.settings.database_url), clock=lambda: dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        token, secret = (TokenStore(past) if why == "expired" else app.state.tokens).create(
            name, why, everything, days=1
        )
        past.close()
        if why == "revoked":
            app.state.tokens.revoke(token.id, name)
        if why == "disabled":
            accounts.set_disabled(name, True)
        yield why, secret[:-1] + ("0" if secret[-1] != "0" else "1") if why == "wrong" else secret


def test_everybody_gets_in_where_they_may_and_nowhere_else(browser: Browser, app: FastAPI) -> None:
    wrong = []
    for caller in callers(browser, app):
        for route, rule in GUARDED.items():
            answer, wanted = send(browser, caller, route), expected(rule, route, caller)
            status, led = answer.status_code, "/login?next=" in answer.headers.get("location", "")
            let_in = status not in REFUSED and status < 500 and not led
            if not (let_in if wanted is None else status in wanted and led == (wanted == {303})):
                way = "cookie" if caller.cookie else "token" if caller.token else "nothing"
                wrong.append(f"{caller.name} with {way}: {route}: {status}, not {wanted or 'let in'}")
    assert wrong == []


def test_what_is_for_everybody_asks_nobody_who_they_are(browser: Browser) -> None:
    for caller in (Caller("nobody", frozenset()), Caller("admin", frozenset({Role.ADMIN}), cookie=True)):
        for route in ROUTES["everybody"]:
            status = send(browser, caller, route).status_code
            assert status not in REFUSED, f"{caller.name}: {route}: {status}"
            assert status < 500, f"{caller.name}: {route}: {status}"


def test_a_change_with_the_cookie_needs_the_token_of_its_session(browser: Browser, app: FastAPI) -> None:
    account = app.state.accounts.add(f"all-{secrets.token_hex(4)}", frozenset(Role), PASSWORD)
    caller = Caller(account.name, frozenset(Role), cookie=True)
    another = csrf_token(app.state.logins.start(account))
    changes = [one for one, rule in GUARDED.items() if not one.startswith("GET ") and rule != "internal"]
    assert len(changes) > 30
    wrong = [
        f"{route} with {csrf!r}: {status}"
        for route in changes
        for csrf in (None, "", "0" * 64, another, csrf_token(""))
        if (status := send(browser, caller, route, csrf=csrf).status_code) != 403
    ]
    assert wrong == []


@pytest.mark.parametrize("ended", ["ended", "expired", "idle", "disabled", "invented"])
def test_a_session_that_is_over_opens_nothing(
    browser: Browser, app: FastAPI, ended: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts: AccountStore = app.state.accounts
    account = accounts.add(f"gone-{secrets.token_hex(4)}", frozenset(Role), PASSWORD)
    session = app.state.logins.start(account) if ended != "invented" else secrets.token_urlsafe(32)
    client = browser(cookies={COOKIE: session}, headers={CSRF_HEADER: csrf_token(session)})
    if ended == "ended":
        app.state.logins.end(session)
    if ended == "disabled":
        accounts.set_disabled(account.name, True)
    if ended in ("expired", "idle"):
        assert client.get("/api/v1/me").status_code == 200
        later = accounts.clock() + dt.timedelta(hours=9 if ended == "expired" else 2)
        monkeypatch.setattr(accounts, "clock", lambda: later)
    assert client.get("/api/v1/me").status_code == 401
    assert client.get("/en/editor").status_code == 303


def test_every_form_carries_the_token_and_goes_where_a_rule_stands(browser: Browser, app: FastAPI) -> None:
    account = app.state.accounts.add(f"all-{secrets.token_hex(4)}", frozenset(Role), PASSWORD)
    session = app.state.logins.start(account)
    client = browser(cookies={COOKIE: session})
    pages = [one.split(" ")[1] for one in RULES if one.startswith("GET ") and is_page(one)]
    forms = 0
    for path in pages:
        page = client.get(re.sub(r"\{(\w+)[^}]*\}", lambda part: PARTS.get(part[1], "x"), path))
        if "html" not in page.headers.get("content-type", ""):
            continue
        for form in html.fromstring(page.text).iter("form"):
            if form.get("method", "get").lower() == "get":
                continue
            forms += 1
            targets = [form.get("action") or path, *form.xpath(".//@formaction")]
            for target in targets:
                rule = _rule_of("POST", target.split("?")[0])
                assert rule is not None, f"{path}: a form goes to {target}"
                if rule not in ("everybody", "sign_in"):
                    assert form.xpath(f".//input[@name='{CSRF_FIELD}']/@value") == [csrf_token(session)], (path, target)
    assert forms > 20


def _rule_of(method: str, address: str) -> str | None:
    for route, rule in RULES.items():
        wanted, path = route.split(" ", 1)
        pattern = re.sub(r"\\{\w+(:path)?[^}]*\\}", lambda part: ".*" if part[1] else "[^/]*", re.escape(path))
        if wanted == method and re.fullmatch(pattern, address):
            return rule
    return None


# --- one's own, and what belongs to others -------------------------------------------------------------------------

SignedIn = Callable[..., TestClient]


@pytest.fixture
def signed_in(browser: Browser, app: FastAPI) -> SignedIn:
    """Return a maker of browsers in which somebody new with some roles is signed in; they send the CSRF token along."""

    def new(*roles: Role) -> TestClient:
        account = app.state.accounts.add(f"bo-{secrets.token_hex(4)}", frozenset(roles), PASSWORD)
        session = app.state.logins.start(account)
        return browser(cookies={COOKIE: session}, headers={CSRF_HEADER: csrf_token(session)})

    return new


def name_of(browser: TestClient) -> str:
    return str(browser.get("/api/v1/me").json()["name"])


def test_a_token_is_seen_and_revoked_by_its_owner_alone(signed_in: SignedIn) -> None:
    mine, hers = signed_in(Role.STAFF), signed_in(Role.ADMIN, Role.PUBLISHER)
    made = mine.post("/api/v1/tokens", json={"name": "export", "scopes": ["staff"], "days": 1}).json()
    assert hers.get("/api/v1/tokens").json() == []
    assert made["id"] not in hers.get("/en/account").text
    assert hers.delete(f"/api/v1/tokens/{made['id']}").status_code == 404
    assert hers.post("/en/account/tokens/revoke", data={"token": made["id"]}).status_code == 404
    assert [one["id"] for one in mine.get("/api/v1/tokens").json()] == [made["id"]]


def test_an_account_is_changed_by_administrators_and_its_password_by_its_owner(signed_in: SignedIn) -> None:
    admin, staff = signed_in(Role.ADMIN), signed_in(Role.STAFF)
    own, other = name_of(admin), name_of(staff)
    assert admin.patch(f"/api/v1/users/{own}", json={"roles": ["publisher"]}).status_code == 403
    assert admin.patch(f"/api/v1/users/{other}", json={"roles": ["editor"]}).status_code == 200
    for path, body in ((f"users/{own}", {"disabled": True}), (f"users/{own}/password", {"password": "one two three"})):
        method = "post" if path.endswith("password") else "patch"
        assert staff.request(method, f"/api/v1/{path}", json=body).status_code == 403


def test_a_draft_is_shared_by_editors_and_hidden_from_everybody_else(signed_in: SignedIn, browser: Browser) -> None:
    mine, hers, staff, admin = (signed_in(one) for one in (Role.EDITOR, Role.EDITOR, Role.STAFF, Role.ADMIN))
    address = "/api/v1/editor/records/offers/brobold"
    read = mine.get(address)
    marked = f"Mærket {secrets.token_hex(4)}"
    record = read.json()["record"]
    record["texts"]["da"]["summary"] = marked
    saved = mine.put(address, json={"reason": "a test", "record": record}, headers={"If-Match": read.headers["ETag"]})
    assert saved.status_code == 200, saved.text
    assert marked in hers.get(address).text
    # who saw the older one does not undo it
    stale = hers.put(address, json={"reason": "x", "record": record}, headers={"If-Match": read.headers["ETag"]})
    assert stale.status_code == 412
    for other in (staff, admin, browser()):
        assert other.get(address).status_code in REFUSED
        assert marked not in other.get("/api/v1/offers/brobold").text + other.get("/da/offers/brobold").text
    tag = {"If-Match": saved.headers["ETag"]}
    for step in ("publish", "archive", "rollback"):
        body = {"reason": "x", "revision": 1} if step == "rollback" else {"reason": "x"}
        assert mine.post(f"{address}/{step}", json=body, headers=tag).status_code == 403
        form = {"do": step, "reason": "x", "revision": saved.headers["ETag"].strip('"'), "to": "1"}
        assert mine.post("/en/editor/offers/brobold/step", data=form).status_code == 403


def test_feedback_is_added_to_by_who_gave_it_and_read_by_editors(browser: Browser, signed_in: SignedIn) -> None:
    given = browser().post("/api/v1/feedback", json={"kind": "wrong", "language": "da"}).json()["id"]
    stranger = browser()
    guess = given[:-1] + ("0" if given[-1] != "0" else "1")
    assert stranger.put(f"/api/v1/feedback/{guess}/text", json={"text": "x"}).status_code == 404
    assert stranger.get(f"/api/v1/feedback/{given}").status_code in (404, 405), "the words go in, never out"
    assert given in signed_in(Role.EDITOR).get("/api/v1/editor/feedback").text


def test_a_conversation_is_forgotten_by_who_knows_its_id(browser: Browser) -> None:
    client = browser()
    mine = client.post("/api/v1/chat", json={"text": "dansk kursus"}).json()["session"]
    for guess in (mine[:-1], mine.swapcase(), f"{mine}x"):
        assert client.delete(f"/api/v1/chat/{guess}").status_code == 204
        assert client.post("/api/v1/chat", json={"text": "hej", "session": guess}).json()["session"] not in (
            mine,
            guess,
        )
    assert client.post("/api/v1/chat", json={"text": "hej", "session": mine}).json()["session"] == mine
    client.delete(f"/api/v1/chat/{mine}")
    assert client.post("/api/v1/chat", json={"text": "hej", "session": mine}).json()["session"] != mine


def test_what_staff_said_is_not_gone_on_with_by_others(browser: Browser) -> None:
    staff = browser(headers={"Authorization": f"Bearer {STAFF_TOKEN}"})
    session = staff.post("/api/v1/chat", json={"text": "dansk kursus"}).json()["session"]
    assert browser().post("/api/v1/chat", json={"text": "hej", "session": session}).json()["session"] != session
