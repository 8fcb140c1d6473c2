"""Starting: clear sentences and a status of 1 when something is missing; loopback only; files that agree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from bot import serve, train
from bot.settings import BOT, HOST, ROOT, SettingError, Settings, model_file

SECRET = "0123456789abcdef"


def test_without_a_secret_it_does_not_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("VEJVISER_BOT_SECRET", raising=False)
    assert serve.main([]) == 1
    assert "VEJVISER_BOT_SECRET" in capsys.readouterr().err


def test_without_a_model_it_does_not_start(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(os, "environ", {**os.environ, "VEJVISER_BOT_SECRET": SECRET})
    assert serve.main(["--model", str(tmp_path)]) == 1
    assert "bot.train" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["", "0", "70000", "http", "٥٠٠٥", "-1"])
def test_a_port_that_is_none_is_named(port: str) -> None:
    with pytest.raises(SettingError, match="VEJVISER_BOT_PORT"):
        Settings.read({"VEJVISER_BOT_PORT": port})


def test_the_newest_model_of_a_folder_is_taken(tmp_path: Path) -> None:
    for age, name in enumerate(("b.tar.gz", "a.tar.gz")):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (age, age))
    assert model_file(tmp_path).name == "a.tar.gz"
    assert model_file(tmp_path / "b.tar.gz").name == "b.tar.gz"


def test_the_bot_has_no_public_door() -> None:
    assert HOST == "127.0.0.1"
    assert list(yaml.safe_load((BOT / "credentials.yml").read_text())) == ["bot.channel.VejviserChannel"]
    for name in ("endpoints.yml", "endpoints.redis.yml"):
        assert "event_broker" not in yaml.safe_load((BOT / name).read_text())


@pytest.mark.parametrize(
    ("redis", "store", "lock"),
    [
        (None, "bot.stores.BoundedTrackerStore", "bot.stores.PromptLockStore"),
        ("redis://h:1/0", "bot.redis_stores.CompactRedisTrackerStore", "bot.redis_stores.PromptRedisLockStore"),
    ],
)
def test_endpoints_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, redis: str | None, store: str, lock: str
) -> None:
    monkeypatch.setenv("VEJVISER_ACTIONS_URL", "unset")
    monkeypatch.setenv("VEJVISER_REDIS_URL", "")
    read = serve.endpoints(Settings(5005, Path(), "http://127.0.0.1:5999/webhook", redis))
    assert read.action.url == "http://127.0.0.1:5999/webhook"
    assert (read.tracker_store.type, read.lock_store.type) == (store, lock)
    assert read.tracker_store.url == redis
    assert read.event_broker is None


def test_every_intent_has_one_rule_and_every_rule_its_intent_and_action() -> None:
    domain = {}
    for path in (BOT / "domain").glob("*.yml"):
        domain |= yaml.safe_load(path.read_text(encoding="utf-8"))
    rules = yaml.safe_load((ROOT / "data" / "rules" / "rules.yml").read_text(encoding="utf-8"))["rules"]
    intents = [next(iter(entry)) for entry in domain["intents"]]
    assert sorted(rule["steps"][0]["intent"] for rule in rules) == sorted(intents)
    assert {rule["steps"][1]["action"] for rule in rules} == set(domain["actions"])


def test_the_models_inputs_are_noticed(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("one")
    before = train.fingerprint(tmp_path)
    assert train.fingerprint(tmp_path) == before
    (tmp_path / "a.yml").write_text("two")
    assert train.fingerprint(tmp_path) != before


def test_training_without_examples_fails_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert train.main(["--nlu", str(tmp_path), "--output", str(tmp_path / "m.tar.gz")]) == 1
    assert "no examples" in capsys.readouterr().err
