"""The catalogue as a worker has it: back at once after a publication, and learned as a whole when it is quiet."""

from __future__ import annotations

import dataclasses
import time
from pathlib import Path

from api.catalogue_service import CatalogueService
from services_catalog.catalogue import Catalogue
from services_catalog.crisis import CrisisRules
from services_catalog.database import DatabaseRepository
from services_catalog.learned import load_engine

NAME = "Paraplyværkstedet"


def test_a_worker_that_comes_back_answers_first_and_learns_when_it_is_quiet(
    empty_database: str, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    repository = DatabaseRepository(empty_database)
    repository.replace(small_catalogue)
    load_engine(repository.load(), tmp_path)
    offer = next(iter(small_catalogue.offers.values()))
    text = offer.texts["da"].model_copy(update={"name": NAME})
    renamed = offer.model_copy(update={"texts": offer.texts | {"da": text}})
    repository.replace(dataclasses.replace(small_catalogue, offers={**small_catalogue.offers, offer.id: renamed}))

    asked: list[float] = []
    service = CatalogueService(
        repository, CrisisRules.load(), 0.05, tmp_path, lambda: asked.append(time.monotonic()), relearn_after=0.5
    )
    began = time.monotonic()

    def first() -> str:
        return service.current.engine.search(NAME).hits[0].offer.id

    assert len([*tmp_path.glob("engine-*.pickle")]) == 1, "it learned before it answered"
    assert first() == offer.id
    service.start()
    try:
        while len([*tmp_path.glob("engine-*.pickle")]) < 2:
            assert time.monotonic() < began + 20, "it was never learned as a whole"
            time.sleep(0.05)
        assert asked
        assert asked[0] - began > 0.4
        assert first() == offer.id
        time.sleep(1)
        assert len(asked) == 1
    finally:
        service.stop()
        repository.close()
