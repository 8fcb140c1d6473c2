"""What must be there before the service can start: the catalogue's database, a trained model. Done once, then skipped."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from api.settings import Settings
from services_catalog.errors import CatalogueError
from services_catalog.seeding import seed_database

ROOT = Path(__file__).resolve().parent.parent
#: What the model is made of; when any of it changes, Rasa is trained anew.
_MODEL_INPUTS = ("bot/config.yml", "bot/domain", "bot/components", "bot/gazetteers", "bot/uv.lock", "data")
_TRAINING_SECONDS = 600


class PreparationFailed(Exception):
    """Something needed could not be made; the text is one sentence that says what and what to do."""


def prepare(settings: Settings, say: Callable[[str], None]) -> None:
    """Make the catalogue and the model where they are missing or out of date. Raises PreparationFailed."""
    settings.data_folder.mkdir(parents=True, exist_ok=True)
    say("Catalogue: checking the database …")
    try:
        outcome = seed_database(settings.database_url)
    except CatalogueError as error:
        raise PreparationFailed(f"the catalogue could not be created: {error}") from error
    say(f"Catalogue: {outcome.value}.")
    train(settings, say)


def bot_python() -> Path:
    """Return the interpreter of the bot's own environment. Raises PreparationFailed when it is not there."""
    python = ROOT / "bot" / ".venv" / "bin" / "python"
    if not python.exists():
        raise PreparationFailed("the bot's environment is missing: run `make setup`.")
    return python


def train(settings: Settings, say: Callable[[str], None]) -> Path:
    """Train Rasa when what it is made of changed, and return the model's file. Raises PreparationFailed."""
    folder = settings.data_folder / "models"
    model = folder / f"{_inputs_digest()[:16]}.tar.gz"
    if model.exists():
        say("Conversation model: up to date.")
        return model
    folder.mkdir(parents=True, exist_ok=True)
    say("Conversation model: training, about a minute …")
    began = time.monotonic()
    command = [
        str(bot_python()), "-m", "rasa", "train", "--config", "bot/config.yml", "--domain", "bot/domain", "--data", "data",
        "--out", str(folder.resolve()), "--fixed-model-name", model.name.removesuffix(".tar.gz"),
    ]  # fmt: skip
    log = settings.data_folder / "training.log"
    with log.open("wb") as output:
        try:
            done = subprocess.run(  # noqa: S603 - our own command
                command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, timeout=_TRAINING_SECONDS, check=False,
                env=os.environ | {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"},
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise PreparationFailed(f"training took longer than {_TRAINING_SECONDS} s; see {log}.") from None
    if done.returncode or not model.exists():
        raise PreparationFailed(f"training failed with status {done.returncode}; see {log}.")
    for older in folder.glob("*.tar.gz"):
        if older != model:
            older.unlink()
    say(f"Conversation model: trained in {time.monotonic() - began:.0f} s.")
    return model


def _inputs_digest() -> str:
    digest = hashlib.sha256()
    for name in _MODEL_INPUTS:
        path = ROOT / name
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            if file.is_file() and file.suffix in (".yml", ".py", ".lock"):
                digest.update(str(file.relative_to(ROOT)).encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()
