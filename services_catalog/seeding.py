"""Fill the database from the seed files, once, and again only when the files changed and nobody published since."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from services_catalog.database import DatabaseRepository, migrate
from services_catalog.errors import RecordInvalid
from services_catalog.seed import SEED_FOLDER, read_catalogue, seed_digest
from services_catalog.validation import validate


class SeedOutcome(StrEnum):
    """What filling the database came to."""

    FILLED = "filled"
    UNCHANGED = "unchanged"
    EDITED = "edited here since it was filled, and kept"


def seed_database(url: str, folder: Path = SEED_FOLDER, *, force: bool = False) -> SeedOutcome:
    """Bring the database at `url` to the newest schema and fill it. Raises RecordInvalid, CatalogueUnavailable."""
    migrate(url)
    repository = DatabaseRepository(url)
    try:
        digest = seed_digest(folder)
        filled_from = repository.seed_digest()
        if not force and repository.version() > 0 and filled_from in (digest, None):
            return SeedOutcome.EDITED if filled_from is None else SeedOutcome.UNCHANGED
        catalogue = read_catalogue(folder)
        problems = validate(catalogue)
        if problems:
            raise RecordInvalid(problems)
        repository.replace(catalogue, seed_digest=digest)
        return SeedOutcome.FILLED
    finally:
        repository.close()
