"""What the hostile tests share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api.main import create_app
from api.settings import Settings
from services_catalog.catalogue import Catalogue
from services_catalog.seeding import seed_database
from tests.conftest import LEARNED, free_port
from tests.hostile.judging import Judge
from tests.hostile.messages import Questions


@pytest.fixture(scope="session")
def questions(catalogue: Catalogue) -> Questions:
    return Questions(catalogue)


@pytest.fixture(scope="session")
def judge(catalogue: Catalogue) -> Judge:
    return Judge(catalogue)


@pytest.fixture(scope="session")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The application without Rasa, over one database."""
    url = f"sqlite:///{tmp_path_factory.mktemp('anything')}/catalogue.db"
    seed_database(url)
    settings = Settings(database_url=url, bot_port=free_port(), data_folder=LEARNED.parent, relearn_after=3600)
    with TestClient(create_app(settings), raise_server_exceptions=False, follow_redirects=False) as running:
        yield running
