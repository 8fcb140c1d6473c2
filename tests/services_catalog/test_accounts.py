"""Accounts, their passwords, tokens and sessions, in a real database with a clock that the test turns."""

from __future__ import annotations

import datetime as dt
import ipaddress
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from services_catalog.accounts.accounts import Account, AccountStore, Role, implied
from services_catalog.accounts.sessions import LoginSessions
from services_catalog.accounts.tables import account_sessions, account_tokens, accounts, login_failures
from services_catalog.accounts.throttle import wait_after
from services_catalog.accounts.tokens import TokenStore
from services_catalog.database import reading
from services_catalog.errors import (
    AccountError,
    AccountExists,
    AccountInvalid,
    AccountNotFound,
    LoginDelayed,
    LoginRefused,
)

PASSWORD = "four words make one"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
ISSUER = "https://login.example"


@dataclass
class Clock:
    now: dt.datetime = field(default_factory=lambda: dt.datetime(2026, 11, 30, 9, 0, tzinfo=dt.UTC))

    def __call__(self) -> dt.datetime:
        return self.now

    def pass_(self, **passed: float) -> None:
        self.now += dt.timedelta(**passed)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(empty_database: str, clock: Clock) -> Iterator[AccountStore]:
    running = AccountStore(empty_database, hasher=QUICK, clock=clock)
    yield running
    running.close()


def new_name() -> str:
    """Return the name of somebody new."""
    return f"anna-{secrets.token_hex(6)}"


def new_address() -> str:
    return str(ipaddress.IPv4Address(secrets.randbits(32)))


@pytest.fixture
def editor(store: AccountStore) -> Account:
    return store.add(new_name(), frozenset({Role.EDITOR}), PASSWORD)


def fail(store: AccountStore, name: str, address: str, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(LoginRefused):
            store.authenticate(name, "not the password", address)


def test_roles_include_what_their_description_says() -> None:
    assert implied({Role.PUBLISHER}) == {Role.PUBLISHER, Role.EDITOR, Role.STAFF}
    assert implied({Role.EDITOR}) == {Role.EDITOR, Role.STAFF}
    assert implied({Role.ADMIN}) == {Role.ADMIN, Role.STAFF}
    assert implied(()) == frozenset()


def test_an_account_signs_in_with_its_password_whatever_the_case_of_its_name(store: AccountStore) -> None:
    name = new_name()
    store.add(f" {name.upper()}", frozenset({Role.STAFF, Role.ADMIN}), PASSWORD)
    account = store.authenticate(name.title(), PASSWORD, new_address())
    assert (account.name, account.roles, account.single_sign_on) == (name, {Role.STAFF, Role.ADMIN}, False)
    assert account.created.tzinfo is not None


@pytest.mark.parametrize("name", ["", "a", "two words", "х@kk.dk", "<script>", "a" * 81, "a\u202eb", "anna\nlog"])
def test_a_name_that_could_be_mistaken_is_refused(store: AccountStore, name: str) -> None:
    with pytest.raises(AccountInvalid) as refused:
        store.add(name, frozenset({Role.STAFF}), PASSWORD)
    assert refused.value.field == "name"


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 201, "my {name} is here", "{name}"])
def test_a_password_breaks_no_rule(store: AccountStore, password: str) -> None:
    name = new_name()
    with pytest.raises(AccountInvalid) as refused:
        store.add(name, frozenset({Role.STAFF}), password.format(name=name.upper()))
    assert refused.value.field == "password"
    assert name not in [account.name for account in store.all()], "nothing half-saved"


def test_a_letter_typed_in_two_parts_is_the_same_letter(store: AccountStore) -> None:
    account = store.add(new_name(), frozenset({Role.STAFF}), "gåtur på åen nu")
    assert store.authenticate(account.name, "ga\u030atur pa\u030a a\u030aen nu", new_address()) == account


def test_a_name_is_given_once(store: AccountStore, editor: Account) -> None:
    with pytest.raises(AccountExists):
        store.add(editor.name.upper(), frozenset({Role.ADMIN}), PASSWORD)
    assert store.get(editor.name).roles == {Role.EDITOR}


def test_a_refusal_never_tells_whether_there_is_such_an_account(store: AccountStore, editor: Account) -> None:
    disabled = store.add(new_name(), frozenset({Role.STAFF}), PASSWORD)
    store.set_disabled(disabled.name, True)
    texts = set()
    for name, password in ((editor.name, "wrong"), (new_name(), "wrong"), (disabled.name, PASSWORD)):
        with pytest.raises(LoginRefused) as refused:
            store.authenticate(name, password, new_address())
        texts.add(str(refused.value))
    assert len(texts) == 1


def test_the_sixth_attempt_waits_and_the_wait_grows(store: AccountStore, editor: Account, clock: Clock) -> None:
    fail(store, editor.name, new_address(), 5)
    waits = []
    for _ in range(8):
        with pytest.raises(LoginDelayed) as delayed:
            store.authenticate(editor.name, PASSWORD, new_address())
        waits.append(delayed.value.seconds)
        clock.pass_(seconds=delayed.value.seconds)
        fail(store, editor.name, new_address())
    assert waits == [15, 30, 60, 120, 240, 480, 900, 900]


def test_after_the_wait_the_right_password_counts_and_forgets_the_failures(
    store: AccountStore, editor: Account, clock: Clock
) -> None:
    fail(store, editor.name, new_address(), 5)
    clock.pass_(seconds=15)
    assert store.authenticate(editor.name, PASSWORD, new_address()) == editor
    fail(store, editor.name, new_address(), 4)
    assert store.authenticate(editor.name, PASSWORD, new_address()) == editor


def test_an_address_waits_after_twenty_failures_with_any_names(store: AccountStore, editor: Account) -> None:
    network = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}"
    for number in range(20):
        fail(store, new_name(), f"{network}::{number:x}")
    with pytest.raises(LoginDelayed):
        store.authenticate(editor.name, PASSWORD, f"{network}::ffff")
    assert store.authenticate(editor.name, PASSWORD, new_address()) == editor, "others are not kept waiting"


def test_a_clock_that_was_a_day_ahead_locks_nobody_out(store: AccountStore, editor: Account, clock: Clock) -> None:
    address = new_address()
    clock.pass_(days=1)
    fail(store, editor.name, address, 5)
    clock.pass_(days=-1)
    assert store.authenticate(editor.name, PASSWORD, address) == editor
    fail(store, editor.name, address, 5)  # and failures count again at once
    with pytest.raises(LoginDelayed) as delayed:
        store.authenticate(editor.name, PASSWORD, address)
    assert delayed.value.seconds == 15


def test_a_day_later_failures_are_forgotten(store: AccountStore, editor: Account, clock: Clock) -> None:
    fail(store, editor.name, new_address(), 5)
    clock.pass_(days=1, seconds=1)
    fail(store, editor.name, new_address(), 4)
    assert store.authenticate(editor.name, PASSWORD, new_address()) == editor


def test_many_attempts_at_once_gain_nothing(store: AccountStore, editor: Account) -> None:
    address = new_address()

    def attempt(_number: int) -> type[AccountError]:
        try:
            store.authenticate(editor.name, "not the password", address)
        except AccountError as error:
            return type(error)
        raise AssertionError("signed in with a wrong password")

    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(attempt, range(24)))
    assert outcomes.count(LoginRefused) == 5
    assert outcomes.count(LoginDelayed) == 19


def test_the_wait_has_an_end() -> None:
    assert wait_after(4, 5) == 0
    assert wait_after(10_000, 5) == 900


def test_a_hash_with_old_parameters_is_renewed_at_the_next_login(
    store: AccountStore, editor: Account, empty_database: str
) -> None:
    stronger = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)
    newer = AccountStore(empty_database, hasher=stronger, clock=store.clock)
    before = kept_hash(store, editor)
    assert newer.authenticate(editor.name, PASSWORD, new_address()) == editor
    newer.close()
    assert stronger.check_needs_rehash(before)
    assert not stronger.check_needs_rehash(kept_hash(store, editor))
    assert store.authenticate(editor.name, PASSWORD, new_address()) == editor


def test_the_hash_is_argon2id_by_the_recommended_parameters(empty_database: str) -> None:
    usual = AccountStore(empty_database)
    account = usual.add(new_name(), frozenset({Role.STAFF}), PASSWORD)
    assert kept_hash(usual, account).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    usual.close()


def kept_hash(store: AccountStore, account: Account) -> str:
    with reading(store.engine) as connection:
        query = sa.select(accounts.c.password_hash).where(accounts.c.name == account.name)
        return str(connection.execute(query).scalar_one())


def test_a_new_password_ends_sessions_and_the_waiting(store: AccountStore, editor: Account) -> None:
    sessions = LoginSessions(store)
    session = sessions.start(editor)
    fail(store, editor.name, new_address(), 5)
    store.set_password(editor.name, "another four words")
    assert sessions.find(session) is None
    assert store.authenticate(editor.name, "another four words", new_address()) == editor
    fail(store, editor.name, new_address())


def test_an_unknown_account_is_named(store: AccountStore) -> None:
    for change in (
        lambda: store.get("no-such-account"),
        lambda: store.set_roles("no-such-account", frozenset({Role.STAFF})),
        lambda: store.set_password("no-such-account", PASSWORD),
        lambda: store.set_disabled("no-such-account", True),
        lambda: TokenStore(store).all("no-such-account"),
    ):
        with pytest.raises(AccountNotFound, match="no-such-account"):
            change()


def test_a_session_ends_after_an_hour_of_rest_and_after_eight_hours(
    store: AccountStore, editor: Account, clock: Clock
) -> None:
    sessions = LoginSessions(store)
    resting, busy = sessions.start(editor), sessions.start(editor)
    for _ in range(15):
        clock.pass_(minutes=31)
        assert sessions.find(busy) == editor
    assert sessions.find(resting) is None
    clock.pass_(minutes=20)
    assert sessions.find(busy) is None, "eight hours have passed"


def test_ending_a_session_ends_that_one_only(store: AccountStore, editor: Account) -> None:
    sessions = LoginSessions(store)
    ended, other = sessions.start(editor), sessions.start(editor)
    sessions.end(ended)
    assert (sessions.find(ended), sessions.find(other)) == (None, editor)
    assert sessions.find("made up") is None


def test_disabling_ends_sessions_and_rests_tokens_at_once_for_every_worker(
    store: AccountStore, editor: Account, empty_database: str
) -> None:
    another_worker = AccountStore(empty_database, hasher=QUICK, clock=store.clock)
    session = LoginSessions(store).start(editor)
    _, token = TokenStore(store).create(editor.name, "export", frozenset({Role.STAFF}), 30)
    assert LoginSessions(another_worker).find(session) == editor
    store.set_disabled(editor.name, True)
    assert LoginSessions(another_worker).find(session) is None
    assert TokenStore(another_worker).find(token) is None
    store.set_disabled(editor.name, False)
    assert LoginSessions(another_worker).find(session) is None, "an ended session does not come back"
    assert TokenStore(another_worker).find(token) is not None
    another_worker.close()


def test_a_token_opens_its_scopes_as_long_as_its_owner_has_them(store: AccountStore, editor: Account) -> None:
    tokens = TokenStore(store)
    made, secret = tokens.create(editor.name, "export", frozenset({Role.EDITOR}), 30)
    found = tokens.find(secret)
    assert found is not None
    assert (found.id, found.may) == (made.id, {Role.EDITOR, Role.STAFF})
    store.set_roles(editor.name, frozenset({Role.ADMIN}))
    found = tokens.find(secret)
    assert found is not None
    assert found.may == {Role.STAFF}, "what the owner lost, the token lost"


def test_a_token_has_its_form_and_ends_on_its_day(store: AccountStore, editor: Account, clock: Clock) -> None:
    tokens = TokenStore(store)
    made, secret = tokens.create(editor.name, "export", frozenset({Role.STAFF}), 2)
    assert secret.startswith(f"vv_{made.id}_")
    assert len(secret.rpartition("_")[2]) == 64, "256 bits"
    clock.pass_(days=1, hours=23)
    assert tokens.find(secret) is not None
    assert [one.last_used for one in tokens.all(editor.name)] == [dt.date(2026, 12, 2)]
    clock.pass_(hours=1)
    assert tokens.find(secret) is None
    assert [one.id for one in tokens.all(editor.name)] == [made.id], "its owner still sees it"


def test_only_the_whole_token_counts(store: AccountStore, editor: Account) -> None:
    tokens = TokenStore(store)
    _, secret = tokens.create(editor.name, "export", frozenset({Role.STAFF}), 30)
    last = "0" if secret[-1] != "0" else "1"
    for wrong in (secret[:-1] + last, secret[:-1], secret + "0", secret.upper(), f"{secret}\n", "vv_", ""):
        assert tokens.find(wrong) is None


@pytest.mark.parametrize(
    ("name", "scopes", "days", "wrong"),
    [
        ("export", {Role.PUBLISHER}, 30, "scopes"),
        ("export", {Role.STAFF, Role.ADMIN}, 30, "scopes"),
        ("export", set(), 30, "scopes"),
        ("export", {Role.STAFF}, 0, "days"),
        ("export", {Role.STAFF}, 367, "days"),
        ("  ", {Role.STAFF}, 30, "name"),
    ],
)
def test_a_token_never_opens_more_or_longer_than_allowed(
    store: AccountStore, editor: Account, name: str, scopes: set[Role], days: int, wrong: str
) -> None:
    with pytest.raises(AccountInvalid) as refused:
        TokenStore(store).create(editor.name, name, frozenset(scopes), days)
    assert refused.value.field == wrong
    assert TokenStore(store).all(editor.name) == []


def test_a_token_is_revoked_by_its_owner_or_an_administrator(store: AccountStore, editor: Account) -> None:
    tokens = TokenStore(store)
    first, first_secret = tokens.create(editor.name, "export", frozenset({Role.STAFF}), 30)
    second, second_secret = tokens.create(editor.name, "import", frozenset({Role.EDITOR}), 30)
    with pytest.raises(AccountNotFound):
        tokens.revoke(first.id, "somebody-else")
    tokens.revoke(first.id, editor.name)
    assert tokens.find(first_secret) is None
    assert tokens.find(second_secret) is not None
    tokens.revoke(second.id)
    assert tokens.find(second_secret) is None


def test_a_subject_of_a_provider_gets_one_account_and_its_roles_from_there(store: AccountStore) -> None:
    name, subject = new_name(), secrets.token_hex(8)
    first = store.single_sign_on(ISSUER, subject, name, frozenset({Role.EDITOR}))
    assert (first.name, first.single_sign_on, first.roles) == (name, True, {Role.EDITOR})
    again = store.single_sign_on(ISSUER, subject, "renamed-there", frozenset({Role.PUBLISHER}))
    assert (again.name, again.roles) == (name, {Role.PUBLISHER})
    fail(store, name, new_address())


def test_a_subject_without_a_role_is_refused_and_loses_what_it_had(store: AccountStore) -> None:
    name, subject = new_name(), secrets.token_hex(8)
    with pytest.raises(LoginRefused):
        store.single_sign_on(ISSUER, subject, name, frozenset())
    with pytest.raises(AccountNotFound):
        store.get(name)
    store.single_sign_on(ISSUER, subject, name, frozenset({Role.EDITOR}))
    _, token = TokenStore(store).create(name, "export", frozenset({Role.EDITOR}), 30)
    with pytest.raises(LoginRefused):
        store.single_sign_on(ISSUER, subject, name, frozenset())
    assert TokenStore(store).find(token) is None


def test_a_disabled_subject_stays_out(store: AccountStore) -> None:
    name, subject = new_name(), secrets.token_hex(8)
    store.single_sign_on(ISSUER, subject, name, frozenset({Role.EDITOR}))
    store.set_disabled(name, True)
    with pytest.raises(LoginRefused):
        store.single_sign_on(ISSUER, subject, name, frozenset({Role.EDITOR}))


def test_nobody_takes_over_an_account_by_its_name_at_a_provider(store: AccountStore, editor: Account) -> None:
    subject = secrets.token_hex(8)
    with pytest.raises(AccountExists):
        store.single_sign_on(ISSUER, subject, editor.name, frozenset({Role.ADMIN}))
    assert store.get(editor.name).roles == {Role.EDITOR}
    store.link(editor.name, ISSUER, subject)
    linked = store.single_sign_on(ISSUER, subject, "anything", frozenset({Role.PUBLISHER}))
    assert (linked.name, linked.roles) == (editor.name, {Role.PUBLISHER})
    assert store.authenticate(editor.name, PASSWORD, new_address()).name == editor.name
    other = store.add(new_name(), frozenset({Role.STAFF}), PASSWORD)
    with pytest.raises(AccountExists):
        store.link(other.name, ISSUER, subject)


def test_the_database_holds_no_secret(store: AccountStore, editor: Account) -> None:
    session = LoginSessions(store).start(editor)
    _, token = TokenStore(store).create(editor.name, "export", frozenset({Role.STAFF}), 30)
    fail(store, "the-password-in-the-wrong-field", new_address())
    with reading(store.engine) as connection:
        kept = "\n".join(
            str(connection.execute(sa.select(table)).all())
            for table in (accounts, account_tokens, account_sessions, login_failures)
        )
    assert editor.name in kept
    for secret in (PASSWORD, session, token, token.rpartition("_")[2], "the-password-in-the-wrong-field"):
        assert secret not in kept


def test_an_error_of_the_database_quotes_no_parameters(store: AccountStore, editor: Account) -> None:
    row = {"name": editor.name, "password_hash": "the-hash", "roles": "", "disabled": False, "created": store.clock()}
    with pytest.raises(sa.exc.IntegrityError) as broken, store.engine.begin() as connection:
        connection.execute(sa.insert(accounts).values(row))
    assert "the-hash" not in str(broken.value)
