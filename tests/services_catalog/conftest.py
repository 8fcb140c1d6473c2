"""What tests of the catalogue's parts share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.database import DatabaseRepository


@pytest.fixture
def repository(empty_database: str, catalogue: Catalogue) -> Iterator[DatabaseRepository]:
    """The project's catalogue in a database of its own."""
    store = DatabaseRepository(empty_database)
    store.replace(catalogue)
    yield store
    store.close()
