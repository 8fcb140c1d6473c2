"""The port behind which the catalogue is stored, so that search, api and actions never see a database."""

from __future__ import annotations

from typing import Protocol

from services_catalog.catalogue import Catalogue
from services_catalog.shelf import Shelves


class CatalogueRepository(Protocol):
    """Where the records live."""

    def version(self) -> int:
        """Return the number of the newest published state. Cheap: it is asked every second.

        Raises CatalogueUnavailable.
        """
        ...

    def load(self, since: Catalogue | None = None, shelves: Shelves | None = None) -> Catalogue:
        """Return the whole catalogue as of one moment; with `since`, an earlier one, only what differs is read. The offers of a
        large one stay on disk where there are `shelves` for them.

        Raises CatalogueUnavailable.
        """
        ...

    def replace(self, catalogue: Catalogue) -> int:
        """Store every record of `catalogue` in place of what is there, all or nothing, and return the new version."""
        ...
