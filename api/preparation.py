"""What must be there before the service can start: the catalogue's database, a trained model. Done once, then skipped."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import tarfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path

from api.learning import LearningFailed, keep_log, learning
from api.settings import Settings
from api.sites import catalogues
from api.starting import ROOT, PreparationFailed, bot_python
from services_catalog.database import DatabaseRepository
from services_catalog.errors import CatalogueError
from services_catalog.large.loading import shelves_in
from services_catalog.schema import check_file
from services_catalog.seeding import seed_database

OFFER_NAMES = ROOT / "bot" / "generated" / "offer_names.json"
#: Names another file for an installation that keeps its data elsewhere (bot/settings.py).
NAMES_VARIABLE = "VEJVISER_OFFER_NAMES"
_TRAINING_SECONDS = 600


def make_folder_of(database_url: str) -> None:
    """Make the folder a SQLite file is to stand in."""
    if database_url.startswith("sqlite:///"):
        Path(database_url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)


def prepare(settings: Settings, say: Callable[[str], None]) -> None:
    """Make the catalogue and the model where they are missing or out of date. Raises PreparationFailed."""
    say("Catalogue: checking the database …")
    try:
        settings.data_folder.mkdir(parents=True, exist_ok=True)
        for one in catalogues(settings):
            one.data_folder.mkdir(parents=True, exist_ok=True)
            make_folder_of(one.database_url)
            check_file(one.database_url)
            outcome = seed_database(one.database_url, one.seed_folder)
            say(f"Catalogue{f' of {one.municipality}' if one.municipality else ''}: {outcome.value}.")
        write_offer_names(settings)
    except CatalogueError as error:
        raise PreparationFailed(f"the catalogue could not be created: {error}") from error
    except OSError as error:
        raise PreparationFailed(f"{error.filename} could not be written: {error.strerror}.") from error
    try:
        with learning(settings) as seconds:  # beside the training: each uses one core
            train(settings, say)
    except LearningFailed as error:
        raise PreparationFailed(str(error)) from error
    say(f"Search and danger detection: learned after {seconds():.0f} s.")


def write_offer_names(settings: Settings) -> None:
    """Write the names of the published offers for the bot to recognise; it reads them when it starts."""
    names: dict[str, list[str]] = {}
    for one in catalogues(settings):
        repository = DatabaseRepository(one.database_url)
        outlines = repository.load(shelves=shelves_in(one.learned_folder, one.large_catalogue_from)).outlines
        for offer_id in outlines.published:
            # two municipalities may call an offer by one id; a name only leads the search, which is each one's own
            names[offer_id] = sorted({*outlines[offer_id].names, *names.get(offer_id, ())})
        repository.close()
    file = Path(os.environ.get(NAMES_VARIABLE) or OFFER_NAMES)
    text = json.dumps(names, ensure_ascii=False, indent=1)
    if file.exists() and file.read_text(encoding="utf-8") == text:
        return  # a full disk need not stop a start that changes nothing
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")


def train(settings: Settings, say: Callable[[str], None]) -> Path:
    """Train Rasa when what it is made of changed or the model is damaged, and return the model's file. Raises
    PreparationFailed."""
    model = (settings.data_folder / "models" / "vejviser.tar.gz").resolve()
    log = settings.data_folder / "training.log"
    if remove_damaged(model):
        say("Conversation model: the file is damaged; it is made again.")
    say("Conversation model: checking, and training if anything changed (some minutes) …")
    began = time.monotonic()
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            [str(bot_python()), "-m", "bot.train", "--output", str(model)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_TRAINING_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        keep_log(log, late.output or b"")
        raise PreparationFailed(f"training took longer than {_TRAINING_SECONDS} s; see {log}.") from None
    keep_log(log, done.stdout)
    if done.returncode or not model.exists():
        raise PreparationFailed(f"training failed with status {done.returncode}; see {log}.")
    say(f"Conversation model: ready after {time.monotonic() - began:.0f} s.")
    return model


def remove_damaged(model: Path) -> bool:
    """Remove a model that is no whole archive, and tell whether it was one: Rasa would stop at each start."""
    try:
        with gzip.open(model) as whole:
            while whole.read(1 << 20):
                pass  # at its end stands a checksum
        damaged = not tarfile.is_tarfile(model)
    except FileNotFoundError:
        return False
    except (gzip.BadGzipFile, EOFError, zlib.error):
        damaged = True
    if damaged:
        model.unlink()
    return damaged
