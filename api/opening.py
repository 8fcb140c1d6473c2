"""The filled catalogue database, for commands that read or change what is there."""

from __future__ import annotations

from services_catalog.database import DatabaseRepository, migrate
from services_catalog.errors import CatalogueUnavailable


def filled_repository(url: str) -> DatabaseRepository:
    """Return the repository at an address, brought to the newest schema. Raises CatalogueUnavailable when it cannot be
    opened or nobody has filled it yet."""
    migrate(url)
    repository = DatabaseRepository(url)
    if repository.version() == 0:
        raise CatalogueUnavailable("The catalogue is still empty: run `vejviser init` first.")
    return repository
