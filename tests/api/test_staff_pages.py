"""Pages of those who sign in: who gets in, what staff see, and that nothing of a client stays behind."""

from __future__ import annotations

import html
import logging
import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from api.login import COOKIE, CSRF_FIELD, csrf_token
from api.settings import Settings
from api.supervisor import components
from services_catalog.accounts.accounts import AccountStore, Role
from services_catalog.accounts.throttle import FREE_FOR_ACCOUNT

PASSWORD = "four words make one"
FEE, STAFF_OFFER = "kontingentstoette", "flersprogede-behandlere"
FOOTBALL = "min søn på 8 år vil gerne spille fodbold"


@pytest.fixture
def accounts(client: TestClient) -> AccountStore:
    store: AccountStore = client.app.state.accounts  # type: ignore[attr-defined]
    return store


@pytest.fixture
def browser(client: TestClient) -> TestClient:
    return TestClient(client.app, raise_server_exceptions=False, follow_redirects=False, client=("192.0.2.7", 1))


@pytest.fixture
def sign_in(browser: TestClient, accounts: AccountStore) -> Callable[..., str]:
    """Return a function that makes an account with some roles, signs it in by the form, and returns its name."""

    def new(*roles: Role) -> str:
        name = f"bo-{secrets.token_hex(6)}"
        accounts.add(name, frozenset(roles), PASSWORD)
        answer = browser.post("/en/login", data={"name": name, "password": PASSWORD})
        assert answer.status_code == 303
        return name

    return new


def send(browser: TestClient, path: str, **fields: Any) -> Any:
    """Send a form as the pages do, with the CSRF token."""
    return browser.post(path, data={CSRF_FIELD: csrf_token(browser.cookies[COOKIE]), **fields})


def hits(page: Any) -> list[str]:
    return re.findall(r'data-hit="([^"]+)"', page.text)


# --- signing in ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/en/desk", "/ar/desk/compare?offer=brobold", "/da/account"])
def test_who_is_not_signed_in_is_led_to_the_sign_in_page_and_back(
    browser: TestClient, accounts: AccountStore, path: str
) -> None:
    led = browser.get(path)
    assert led.status_code == 303
    assert led.headers["location"].startswith(f"/{path[1:3]}/login?next=")
    form = browser.get(led.headers["location"])
    wanted = html.unescape(re.search(r'name="next" value="([^"]*)"', form.text).group(1))  # type: ignore[union-attr]
    assert wanted == path
    name = f"bo-{secrets.token_hex(6)}"
    accounts.add(name, frozenset({Role.STAFF}), PASSWORD)
    signed_in = browser.post("/en/login", data={"name": name, "password": PASSWORD, "next": wanted})
    assert signed_in.headers["location"] == path
    assert browser.get(path).status_code == 200


def test_a_form_sent_too_late_leads_back_to_its_room(browser: TestClient) -> None:
    led = browser.post("/en/desk/compare", data={"q": FOOTBALL})
    assert led.headers["location"] == "/en/login?next=%2Fen%2Fdesk"


@pytest.mark.parametrize("other", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_our_own_pages_only(browser: TestClient, accounts: AccountStore, other: str) -> None:
    assert "evil" not in browser.get("/en/login", params={"next": other}).text.split("<main")[1]
    name = accounts.add(f"bo-{secrets.token_hex(6)}", frozenset({Role.STAFF}), PASSWORD).name
    answer = browser.post("/en/login", data={"name": name, "password": PASSWORD, "next": other})
    assert answer.headers["location"] == "/en/desk"


def test_a_wrong_password_is_told_in_words_and_the_wait_after_many(browser: TestClient, accounts: AccountStore) -> None:
    name = accounts.add(f"bo-{secrets.token_hex(6)}", frozenset({Role.STAFF}), PASSWORD).name
    for _ in range(FREE_FOR_ACCOUNT):
        wrong = browser.post("/en/login", data={"name": name, "password": "wrong"})
        assert wrong.status_code == 401
        assert 'role="alert"' in wrong.text
        assert f'value="{name}"' in wrong.text
        assert COOKIE not in wrong.cookies
    waiting = browser.post("/en/login", data={"name": name, "password": PASSWORD})
    assert waiting.status_code == 429
    assert waiting.headers["retry-after"] in waiting.text


def test_a_name_that_no_database_keeps_is_refused_like_any_other(browser: TestClient) -> None:
    assert browser.post("/en/login", data={"name": "a\0b", "password": "\0"}).status_code == 401


def test_another_site_cannot_sign_somebody_in(browser: TestClient, accounts: AccountStore) -> None:
    name = accounts.add(f"bo-{secrets.token_hex(6)}", frozenset({Role.STAFF}), PASSWORD).name
    credentials = {"name": name, "password": PASSWORD}
    refused = browser.post("/en/login", data=credentials, headers={"Sec-Fetch-Site": "cross-site"})
    assert refused.status_code == 403
    assert "<h1>" in refused.text
    assert COOKIE not in refused.cookies


def test_single_sign_on_is_offered_only_where_it_is_set_up(
    browser: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "data-single-sign-on" not in browser.get("/en/login").text
    monkeypatch.setitem(browser.app.state._state, "oidc", object())  # type: ignore[attr-defined]
    assert "/auth/oidc/login?next=%2Fen%2Faccount" in browser.get("/en/login?next=/en/account").text


def test_signing_out_needs_the_token_and_ends_the_session(browser: TestClient, sign_in: Callable[..., str]) -> None:
    sign_in(Role.STAFF)
    assert browser.post("/en/logout").status_code == 403
    kept = browser.cookies[COOKIE]
    assert send(browser, "/en/logout").headers["location"] == "/en/login?out=1"
    browser.cookies.set(COOKIE, kept)
    assert browser.get("/en/desk").status_code == 303


def test_the_rooms_follow_the_roles(browser: TestClient, sign_in: Callable[..., str]) -> None:
    def rooms() -> list[str]:
        return re.findall(r'data-room="(\w+)"', browser.get("/en/account").text)

    sign_in(Role.STAFF)
    assert rooms() == ["desk", "account"]
    sign_in(Role.ADMIN)
    assert rooms()[:1] == ["desk"]
    sign_in(Role.PUBLISHER)
    assert rooms() == ["desk", "editor", "account"]
    sign_in()
    assert rooms() == ["account"]
    assert browser.get("/en/desk").status_code == 403


# --- one's own account --------------------------------------------------------------------------------------------


def test_a_password_is_changed_and_the_old_one_is_gone(
    browser: TestClient, accounts: AccountStore, sign_in: Callable[..., str]
) -> None:
    name, new = sign_in(Role.STAFF), "quite another sentence"
    mistakes = {
        "current": {"current": "wrong", "new": new, "again": new},
        "new": {"current": PASSWORD, "new": "short", "again": "short"},
        "again": {"current": PASSWORD, "new": new, "again": "something else"},
    }
    for field, fields in mistakes.items():
        answer = send(browser, "/en/account/password", **fields)
        assert answer.status_code == 422
        assert f'id="{field}-error"' in answer.text
    before = browser.cookies[COOKIE]
    done = send(browser, "/en/account/password", current=PASSWORD, new=new, again=new)
    assert done.status_code == 303
    assert browser.cookies[COOKIE] != before
    assert browser.get(done.headers["location"]).status_code == 200
    assert accounts.authenticate(name, new, "192.0.2.8").name == name


def test_a_token_is_shown_once_works_and_is_revoked(browser: TestClient, sign_in: Callable[..., str]) -> None:
    sign_in(Role.STAFF)
    made = send(browser, "/en/account/tokens", name="<b>export</b>", scopes="staff", days="30")
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    assert "<b>export" not in made.text
    secret = re.search(r"vv_[0-9a-f]{12}_[0-9a-f]{64}", made.text).group()  # type: ignore[union-attr]
    search = {"q": "tolk", "role": "staff"}
    bearer = {"Authorization": f"Bearer {secret}"}
    other = TestClient(browser.app)
    assert other.get("/api/v1/search", params=search, headers=bearer).status_code == 200
    listed = browser.get("/en/account")
    assert secret not in listed.text
    token = re.search(r'data-token="(\w+)"', listed.text).group(1)  # type: ignore[union-attr]
    assert send(browser, "/en/account/tokens/revoke", token=token).status_code == 303
    assert other.get("/api/v1/search", params=search, headers=bearer).status_code == 403
    assert send(browser, "/en/account/tokens/revoke", token=token).status_code == 404


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("token-name", {"name": "", "scopes": "staff", "days": "30"}),
        ("days", {"name": "export", "scopes": "staff", "days": "many"}),
        ("days", {"name": "export", "scopes": "staff", "days": "9999"}),
        ("scopes", {"name": "export", "scopes": "publisher", "days": "30"}),
    ],
)
def test_a_token_that_cannot_be_made_says_why(
    browser: TestClient, sign_in: Callable[..., str], field: str, fields: dict[str, str]
) -> None:
    sign_in(Role.STAFF)
    answer = send(browser, "/en/account/tokens", **fields)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text


# --- the desk -----------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(browser: TestClient, sign_in: Callable[..., str]) -> Callable[..., Any]:
    """Return a function that asks the desk, signed in as staff."""
    sign_in(Role.STAFF)

    def ask(path: str = "/en/desk", **fields: Any) -> Any:
        return send(browser, path, **fields)

    return ask


def test_staff_see_staff_offers_and_internal_notes(desk: Callable[..., Any], client: TestClient) -> None:
    page = desk(q="tolk", audience="staff", availability="")
    assert STAFF_OFFER in hits(page)
    offer = client.app.state.catalogue.current.catalogue.offer(STAFF_OFFER)  # type: ignore[attr-defined]
    assert html.escape(offer.editor_notes[0], quote=False)[:30] in html.unescape(page.text).replace("&#34;", '"')
    assert 'data-audience="staff"' in page.text
    assert f"/en/offers/{STAFF_OFFER}" not in page.text  # residents have no page of it


def test_verdicts_for_the_client_described(desk: Callable[..., Any]) -> None:
    def verdicts(**fields: str) -> list[str]:
        article = desk(**fields).text.split(f'data-hit="{FEE}"')[1].split("</article>")[0]
        return re.findall(r'data-verdict="(\w+)"', article)

    assert "meets" in verdicts(q=FOOTBALL, shown="80")
    assert "fails" in verdicts(q="kontingentstøtte", age="40", shown="80")
    assert set(verdicts(q="kontingentstøtte", shown="80")) == {"unknown"}


def test_a_search_without_words_browses(desk: Callable[..., Any]) -> None:
    page = desk(need="housing", availability="")
    assert len(hits(page)) >= 3
    assert hits(page) == hits(desk(need="housing", availability="", district="no-such-place", situation="nonsense"))


def test_more_are_shown_when_asked(desk: Callable[..., Any]) -> None:
    first = hits(desk(availability=""))
    assert hits(desk(availability="", shown="16"))[:8] == first
    assert len(hits(desk(availability="", shown="16"))) == 16


@pytest.mark.parametrize("age", ["forty", "-3", "121", "1e2", "９９９"])
def test_an_age_that_is_none_is_told_beside_the_field(desk: Callable[..., Any], age: str) -> None:
    page = desk(q=FOOTBALL, age=age)
    assert page.status_code == 422
    assert 'id="age-error"' in page.text
    assert not hits(page)
    assert FOOTBALL in page.text


def test_someone_in_danger_is_answered_first(desk: Callable[..., Any]) -> None:
    page = desk(q="Klientens mand slår hende, og hun er bange")
    assert page.text.index('class="crisis"') < page.text.index("data-hit")
    assert "tel:112" in page.text


def test_markup_in_a_question_is_text(desk: Callable[..., Any]) -> None:
    page = desk(q='"><script>alert(1)</script> dansk')
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;alert" in page.text


def test_a_list_grows_and_shrinks_without_javascript(desk: Callable[..., Any]) -> None:
    def listed(page: Any) -> list[str]:
        return re.findall(r'<input type="hidden" name="pick" value="([^"]+)">', page.text)

    assert listed(desk(q=FOOTBALL, pick=FEE, add="brobold")) == [FEE, "brobold"]
    assert listed(desk(q=FOOTBALL, pick=[FEE, "brobold"], drop=FEE)) == ["brobold"]
    assert listed(desk(q="", pick=["no-such-offer", FEE, FEE])) == [FEE]


def test_compare_has_headers_for_rows_and_columns(desk: Callable[..., Any], browser: TestClient) -> None:
    page = desk("/en/desk/compare", q=FOOTBALL, pick=[FEE, STAFF_OFFER, "brobold", "kringlebakken"])
    assert re.findall(r'data-compared="([^"]+)"', page.text) == [FEE, STAFF_OFFER, "brobold"]
    assert "data-left-out" in page.text
    rows = page.text.split("<tbody>")[1].split("</tbody>")[0].split("<tr")[1:]
    assert all('<th scope="row">' in row and row.count("<td>") == 3 for row in rows)
    assert 'data-verdict="meets"' in page.text
    assert 'name="q" value="' + FOOTBALL in page.text  # the way back
    for_nobody = browser.get("/en/desk/compare", params={"offer": [FEE, "brobold"]})
    assert 'data-verdict="meets"' not in for_nobody.text
    assert 'data-verdict="unknown"' in for_nobody.text
    assert browser.get("/en/desk/compare?offer=nothing").status_code == 404


def test_without_a_list_the_first_found_are_compared(desk: Callable[..., Any]) -> None:
    found = hits(desk(q=FOOTBALL))[:3]
    page = desk("/en/desk/compare", q=FOOTBALL, found=found)
    assert re.findall(r'data-compared="([^"]+)"', page.text) == found


def test_the_slip_is_in_the_clients_language_and_without_staff_offers(desk: Callable[..., Any]) -> None:
    def slip(**fields: Any) -> str:
        return str(desk("/da/desk/slip", q=FOOTBALL, **fields).headers["location"])

    assert slip(pick=[FEE, STAFF_OFFER, "brobold"], client="ar") == f"/ar/slip?offer={FEE}&offer=brobold"
    assert slip(pick=FEE, spoken="uk") == f"/uk/slip?offer={FEE}"
    assert slip(pick=FEE, spoken="tr") == f"/da/slip?offer={FEE}"
    assert desk("/da/desk/slip", pick=STAFF_OFFER).status_code == 422
    assert desk("/da/desk/slip").status_code == 422


def test_a_form_without_its_token_is_refused_in_words(browser: TestClient, sign_in: Callable[..., str]) -> None:
    sign_in(Role.STAFF)
    for path in ("/en/desk", "/en/desk/compare", "/en/desk/slip", "/en/account/tokens"):
        refused = browser.post(path, data={"q": FOOTBALL})
        assert refused.status_code == 403
        assert refused.headers["content-type"].startswith("text/html")


def test_a_question_in_the_address_is_not_looked_at(browser: TestClient, sign_in: Callable[..., str]) -> None:
    sign_in(Role.STAFF)
    page = browser.get("/en/desk", params={"q": FOOTBALL, "pick": FEE})
    assert not hits(page)
    assert FOOTBALL not in page.text.split("<main")[1]
    assert f'name="pick" value="{FEE}"' in page.text


def test_nothing_of_the_client_stays_behind(
    desk: Callable[..., Any], database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    def kept() -> set[str]:
        engine, tables = sa.create_engine(database_url), sa.MetaData()
        tables.reflect(engine)
        with engine.connect() as connection:
            return {
                f"{table.name} {tuple(row)}"
                for table in tables.sorted_tables
                if table.name != "account_sessions"  # notes when a session was last used
                for row in connection.execute(sa.select(table))
            }

    caplog.set_level(logging.DEBUG)
    before = kept()
    for answer in (
        desk(q="zebrafink xqzt i Valby, cpr 010190-1234", age="8", pick=FEE),
        desk("/en/desk/compare", q="zebrafink", pick=FEE),
        desk("/en/desk/slip", q="zebrafink", pick=FEE),
    ):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "set-cookie" not in answer.headers
        assert "010190" not in answer.text
    assert kept() == before
    assert "zebrafink" not in caplog.text


def test_the_service_writes_no_access_log(tmp_path: Any) -> None:
    api = next(one for one in components(Settings(data_folder=tmp_path)) if one.name == "api")
    assert "--no-access-log" in api.command


@pytest.mark.parametrize("tag", ["da", "en", "uk", "ar"])
def test_every_page_speaks_every_language(browser: TestClient, sign_in: Callable[..., str], tag: str) -> None:
    assert f'lang="{tag}"' in browser.get(f"/{tag}/login").text
    sign_in(Role.STAFF)
    for page in (browser.get(f"/{tag}/desk"), browser.get(f"/{tag}/account"), send(browser, f"/{tag}/desk", q="dansk")):
        assert page.status_code == 200
        assert page.headers["content-language"] == tag
        assert page.headers["cache-control"] == "no-store"
