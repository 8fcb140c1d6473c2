"""Secrets come from the environment or from files, and stand nowhere else."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from api import cli
from api.main import create_app
from api.settings import Settings, explained
from api.supervisor import components

SECRET = "nobody-but-the-three-processes-knows-this"
CALLED = {
    "internal_secret": SECRET + "1",
    "staff_tokens": SECRET + "2",
    "oidc_client_secret": SECRET + "3",
    "metrics_token": SECRET + "4",
    "redis_url": f"redis://:{SECRET}5@127.0.0.1:1/0",
    "database_url": f"postgresql://vejviser:{SECRET}6@127.0.0.1:1/none",
}


def plain(value: object) -> object:
    return value.get_secret_value() if isinstance(value, SecretStr) else value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, value in CALLED.items():
        (tmp_path / f"vejviser_{name}").write_text(value + "\n")
    return tmp_path


@pytest.mark.parametrize("variable", ["VEJVISER_SECRETS_FOLDER", "CREDENTIALS_DIRECTORY"])
def test_every_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, folder: Path, variable: str) -> None:
    monkeypatch.setenv(variable, str(folder))
    settings = Settings()
    assert {name: plain(getattr(settings, name)) for name in CALLED} == CALLED
    assert SECRET not in repr(settings) + str(settings)


def test_a_variable_goes_before_a_file(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("VEJVISER_SECRETS_FOLDER", str(folder))
    monkeypatch.setenv("VEJVISER_METRICS_TOKEN", "another")
    assert plain(Settings().metrics_token) == "another"
    assert plain(Settings(metrics_token=SecretStr("third")).metrics_token) == "third"


def test_every_setting_that_is_secret_is_kept_as_one() -> None:
    for name, field in Settings.model_fields.items():
        if any(word in name for word in ("secret", "token", "password")) and name != "secrets_folder":
            assert field.annotation is SecretStr, name
    assert not Settings.model_fields["database_url"].repr


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("VEJVISER_PORT", SECRET, "VEJVISER_PORT: "),
        ("VEJVISER_OIDC_ROLES", SECRET, "VEJVISER_OIDC_ROLES: "),
        ("VEJVISER_EXIT_URL", SECRET, "VEJVISER_EXIT_URL: "),
        ("VEJVISER_LOG_LEVEL", "debug", "VEJVISER_LOG_LEVEL: "),
        ("VEJVISER_SECRETS_FOLDER", "/nowhere/at/all", "VEJVISER_SECRETS_FOLDER: "),
    ],
    ids=["number", "json", "pattern", "choice", "folder"],
)
def test_a_setting_that_cannot_be_used_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, value: str, said: str
) -> None:
    monkeypatch.setenv(variable, value)
    monkeypatch.setattr(sys, "argv", ["vejviser", "counts"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    printed = "".join(capsys.readouterr())
    assert said in printed
    assert SECRET not in printed


def test_the_text_of_the_error_itself_has_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEJVISER_PORT", SECRET)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert SECRET not in str(caught.value)
    assert SECRET not in explained(caught.value)


def test_no_command_line_and_no_description_has_a_secret(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setenv("VEJVISER_SECRETS_FOLDER", str(folder))
    settings = Settings()
    assert SECRET not in " ".join(word for part in components(settings) for word in part.command)
    description = create_app(settings.model_copy(update={"database_url": "sqlite://"})).openapi()
    assert SECRET not in str(description)
