"""The filled catalogue database, for commands that read or change what is there."""

from __future__ import annotations

from api.settings import Settings
from services_catalog.catalogue import Catalogue
from services_catalog.database import DatabaseRepository, migrate
from services_catalog.errors import CatalogueUnavailable
from services_catalog.large.loading import shelves_in


def filled_repository(url: str) -> DatabaseRepository:
    """Return the repository at an address, brought to the newest schema. Raises CatalogueUnavailable when it cannot be
    opened or nobody has filled it yet."""
    migrate(url)
    repository = DatabaseRepository(url)
    if repository.version() == 0:
        raise CatalogueUnavailable("The catalogue is still empty: run `vejviser init` first.")
    return repository


def filled_catalogue(settings: Settings) -> Catalogue:
    """Return the newest catalogue; the offers of a large one stay on disk. Raises CatalogueUnavailable."""
    shelves = shelves_in(settings.learned_folder, settings.large_catalogue_from)
    return filled_repository(settings.database_url).load(shelves=shelves)
