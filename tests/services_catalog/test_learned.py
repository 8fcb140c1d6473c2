"""What was learned is kept on disk: damaged or impossible to keep, it is learned again."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.learned import load_engine
from services_catalog.search import Outcome, SearchEngine
from tests.conftest import small_disk

QUESTION = "hvor kan jeg få hjælp"


@pytest.fixture(scope="module")
def small(catalogue: Catalogue) -> Catalogue:
    """A few offers that need no others, without needs: learned in a tenth of a second."""
    alone = [one for one in catalogue.published if not one.parent and not one.alternatives][:4]
    offers = {one.id: one.model_copy(update={"needs": ()}) for one in alone}
    return replace(catalogue, offers=offers, needs={}, questions={}, concepts={})


@pytest.fixture(scope="module")
def kept(small: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The file of an engine, and what the engine finds."""
    folder = tmp_path_factory.mktemp("kept")
    found = load_engine(small, folder).search(QUESTION)
    (file,) = folder.glob("engine-*.pickle")
    return file, [hit.offer.id for hit in found.hits]


def half(good: bytes) -> bytes:
    return good[: len(good) // 2]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda _: b"", id="empty"),
        pytest.param(half, id="half"),
        pytest.param(lambda good: good[:-1], id="last-byte-missing"),
        pytest.param(lambda good: bytes(range(256)) * 100, id="garbage"),
        pytest.param(lambda good: b"\x80\x05" + b"\xff" * 1000, id="garbage-that-begins-well"),
        pytest.param(lambda _: pickle.dumps({"not": "an engine"}), id="another-class"),
        pytest.param(lambda _: b"\x80\x05cno.such.module\nThing\n.", id="unknown-class"),
    ],
)
def test_a_damaged_file_is_learned_again(
    small: Catalogue,
    kept: tuple[Path, list[str]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    damage: Callable[[bytes], bytes],
) -> None:
    good, expected = kept
    (tmp_path / good.name).write_bytes(damage(good.read_bytes()))
    with caplog.at_level(logging.WARNING):
        engine = load_engine(small, tmp_path)
    assert isinstance(engine, SearchEngine)
    assert [hit.offer.id for hit in engine.search(QUESTION).hits] == expected
    assert {one.message.rpartition(": ")[2] for one in caplog.records} == {"it is learned again"}
    caplog.clear()
    load_engine(small, tmp_path)
    assert caplog.records == [], "it was not kept"


def test_a_full_disk_keeps_nothing_and_stops_nothing(small: Catalogue, caplog: pytest.LogCaptureFixture) -> None:
    with small_disk(kilobytes=256) as disk:
        engine = load_engine(small, disk / "learned")
        assert [one.message for one in caplog.records] == ["what was learned could not be kept"]
        assert {one.name for one in (disk / "learned").iterdir()} <= {"engine.lock"}
    assert engine.search("where can I learn Danish").outcome in Outcome
