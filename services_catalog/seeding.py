"""Fill the database from the seed files, once, and again only when the files changed and nobody published since."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from pathlib import Path

from services_catalog.added_texts import added_records
from services_catalog.database import DatabaseRepository, migrate
from services_catalog.errors import RecordInvalid
from services_catalog.seed import SEED_FOLDER, is_seed, kind_of, read_catalogue, seed_files
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


def seed_digest(folder: Path) -> str:
    """Return a hash of every seed file, by name and content, with those of added languages."""
    digest = hashlib.sha256()
    files = seed_files(folder)
    for name in filter(kind_of, files.names):
        digest.update(name.encode())
        digest.update(files.read(name))
    for _, _, name, file in added_records(kind_of) if is_seed(folder) else ():
        digest.update(name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
