"""`vejviser users`: the commands as an administrator runs them, on a real database file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from api.cli import app
from services_catalog.accounts.accounts import AccountStore, Role
from services_catalog.accounts.tokens import TokenStore
from services_catalog.errors import AccountError, LoginRefused
from tests.conftest import ROOT

PASSWORD = "four words make one"
COMMAND = [sys.executable, "-c", "from api.cli import main; main()", "users"]

Run = Callable[..., Result]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A database that is not there yet, in a folder that is not there either."""
    return f"sqlite:///{tmp_path}/new/catalogue.db"


@pytest.fixture
def run(url: str) -> Run:
    def users(*arguments: str, typed: str = "", status: int = 0, **more: str) -> Result:
        environment = {"VEJVISER_DATABASE_URL": url} | more
        done = CliRunner().invoke(app, ["users", *arguments], input=typed, env=environment)
        assert done.exit_code == status, done.output
        return done

    return users


@pytest.fixture
def store(run: Run, url: str) -> AccountStore:
    """The accounts after the first one was made: an editor called anna."""
    run("add", "Anna", "--role", "editor", typed=f"{PASSWORD}\n")
    return AccountStore(url)


def json_of(done: Result) -> Any:
    return json.loads(done.stdout)


def test_the_first_account_is_made_on_an_empty_machine(run: Run, store: AccountStore) -> None:
    assert store.authenticate("anna", PASSWORD, "127.0.0.1").roles == {Role.EDITOR}
    made = json_of(run("add", "bo", "--role", "admin", "--role", "staff", "--json", typed=f"{PASSWORD}\r\n"))
    assert (made[0]["name"], made[0]["roles"]) == ("bo", ["admin", "staff"])
    assert [one["name"] for one in json_of(run("list", "--json"))] == ["anna", "bo"]
    assert "anna" in run("list").stdout
    assert store.authenticate("bo", PASSWORD, "127.0.0.1").name == "bo"


def test_a_mistake_names_what_is_wrong_and_changes_nothing(run: Run, store: AccountStore) -> None:
    for arguments, typed, said in (
        (("add", "anna", "--role", "staff"), PASSWORD, "already"),
        (("add", "new", "--role", "staff"), "short", "at least 12"),
        (("add", "new", "--role", "staff"), "", "at least 12"),
        (("password", "nobody"), PASSWORD, "“nobody”"),
        (("roles", "nobody", "--role", "staff"), "", "“nobody”"),
        (("revoke", "000000000000"), "", "000000000000"),
        (("link", "anna", "subject"), "", "VEJVISER_OIDC_ISSUER"),
    ):
        done = run(*arguments, typed=typed, status=1)
        assert isinstance(done.exception, AccountError)
        assert said in str(done.exception)
        assert done.stdout == ""
    assert [account.name for account in store.all()] == ["anna"]
    assert run("add", "new", "--role", "boss", typed=PASSWORD, status=2).stdout == ""


def test_a_mistake_is_told_in_one_sentence_without_a_traceback(url: str) -> None:
    environment = os.environ | {"VEJVISER_DATABASE_URL": url}
    done = subprocess.run(
        [*COMMAND, "add", "anna", "--role", "staff"], cwd=ROOT, env=environment, input="short", capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("vejviser: A password has at least 12 ")
    assert len(done.stderr.splitlines()) == 1


def test_roles_and_passwords_change_and_accounts_are_disabled(run: Run, store: AccountStore) -> None:
    run("roles", "anna", "--role", "publisher", "--role", "admin")
    assert store.get("anna").roles == {Role.PUBLISHER, Role.ADMIN}
    run("password", "anna", typed="another four words\n")
    with pytest.raises(LoginRefused):
        store.authenticate("anna", PASSWORD, "127.0.0.1")
    run("disable", "anna")
    with pytest.raises(LoginRefused):
        store.authenticate("anna", "another four words", "127.0.0.1")
    assert "disabled" in run("list").stdout
    run("disable", "anna", "--undo")
    assert store.authenticate("anna", "another four words", "127.0.0.1").name == "anna"


def test_a_token_is_printed_once_and_revoked(run: Run, store: AccountStore) -> None:
    wanted = ("token", "anna", "--name", "nightly export", "--scope", "staff", "--days", "30")
    printed = run(*wanted)
    token = printed.stdout.strip()
    found = TokenStore(store).find(token)
    assert found is not None
    assert (found.name, found.may) == ("nightly export", {Role.STAFF})
    assert token not in printed.stderr
    made = json_of(run(*wanted, "--json"))
    assert TokenStore(store).find(made["token"]) is not None
    listed = run("tokens", "anna")
    assert "nightly export" in listed.stdout
    assert token not in listed.stdout
    assert {one["id"] for one in json_of(run("tokens", "anna", "--json"))} == {found.id, made["id"]}
    run("revoke", found.id)
    assert TokenStore(store).find(token) is None
    run("token", "anna", "--name", "x", "--scope", "admin", "--days", "30", status=1)
    run("token", "anna", "--name", "x", "--scope", "staff", "--days", "367", status=1)


def test_an_account_is_linked_with_a_subject_of_the_provider(run: Run, store: AccountStore) -> None:
    issuer = "https://login.example"
    run("link", "anna", "sub-1", VEJVISER_OIDC_ISSUER=issuer)
    assert store.single_sign_on(issuer, "sub-1", "whatever", frozenset({Role.STAFF})).name == "anna"


def test_no_command_takes_a_password_as_an_argument(run: Run) -> None:
    run("add", "anna", PASSWORD, "--role", "staff", status=2)
    for command in ("add", "password"):
        assert "--password" not in run(command, "--help").stdout
        run(command, "anna", "--password", PASSWORD, status=2)


def test_at_a_terminal_the_password_is_asked_for_twice_and_not_shown(run: Run, url: str) -> None:
    inside = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)"
    terminal = subprocess.Popen(
        [sys.executable, "-c", inside, *COMMAND, "add", "anna", "--role", "staff"],
        cwd=ROOT,
        env=os.environ | {"VEJVISER_DATABASE_URL": url},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert terminal.stdin is not None
    assert terminal.stdout is not None
    shown = b""
    for asked in (b"Password: ", b"confirmation: "):
        while not shown.endswith(asked):
            letter = terminal.stdout.read(1)
            assert letter, shown
            shown += letter
        terminal.stdin.write(f"{PASSWORD}\n".encode())
        terminal.stdin.flush()
    shown += terminal.stdout.read()
    assert terminal.wait(timeout=30) == 0, shown
    assert PASSWORD.encode() not in shown
    assert AccountStore(url).authenticate("anna", PASSWORD, "127.0.0.1").name == "anna"
