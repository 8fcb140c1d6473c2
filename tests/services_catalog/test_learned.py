"""What was learned is kept on disk: damaged or impossible to keep, it is learned again."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from services_catalog import learned
from services_catalog.catalogue import Catalogue
from services_catalog.learned import load_engine, load_engine_soon
from services_catalog.search import Outcome, SearchEngine
from tests.conftest import small_disk

QUESTION = "hvor kan jeg få hjælp"


@pytest.fixture(scope="module")
def kept(small_catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The file of an engine, and what the engine finds."""
    folder = tmp_path_factory.mktemp("kept")
    found = load_engine(small_catalogue, folder).search(QUESTION)
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
    small_catalogue: Catalogue,
    kept: tuple[Path, list[str]],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    damage: Callable[[bytes], bytes],
) -> None:
    good, expected = kept
    (tmp_path / good.name).write_bytes(damage(good.read_bytes()))
    with caplog.at_level(logging.WARNING):
        engine = load_engine(small_catalogue, tmp_path)
    assert isinstance(engine, SearchEngine)
    assert [hit.offer.id for hit in engine.search(QUESTION).hits] == expected
    assert {one.message.rpartition(": ")[2] for one in caplog.records} == {"it is learned again"}
    caplog.clear()
    load_engine(small_catalogue, tmp_path)
    assert caplog.records == [], "it was not kept"


def test_a_full_disk_keeps_nothing_and_stops_nothing(
    small_catalogue: Catalogue, caplog: pytest.LogCaptureFixture
) -> None:
    with small_disk(kilobytes=256) as disk:
        engine = load_engine(small_catalogue, disk / "learned")
        assert [one.message for one in caplog.records] == ["what was learned could not be kept"]
        assert {one.name for one in (disk / "learned").iterdir()} <= {"engine.lock"}
    assert engine.search("where can I learn Danish").outcome in Outcome


def renamed(catalogue: Catalogue, times: int = 1) -> tuple[Catalogue, str]:
    """Return a catalogue in which the first offers have another Danish name, and the id of the first."""
    offers = dict(catalogue.offers)
    for number, offer in enumerate([*offers.values()][:times]):
        text = offer.texts["da"].model_copy(update={"name": f"Paraplyværkstedet {number}"})
        offers[offer.id] = offer.model_copy(update={"texts": offer.texts | {"da": text}})
    return replace(catalogue, offers=offers), next(iter(offers))


def test_what_differs_little_from_the_last_is_there_at_once(small_catalogue: Catalogue, tmp_path: Path) -> None:
    load_engine(small_catalogue, tmp_path)
    changed, first = renamed(small_catalogue)
    engine, whole = load_engine_soon(changed, tmp_path)
    assert not whole
    assert len([*tmp_path.glob("engine-*.pickle")]) == 1, "it was learned"
    assert engine.catalogue is changed
    assert [hit.offer.id for hit in engine.search("Paraplyværkstedet 0").hits][:1] == [first]
    load_engine(changed, tmp_path)
    assert load_engine_soon(changed, tmp_path)[1]


@pytest.mark.parametrize("reason", ["too much differs", "other code", "nothing but rubbish"])
def test_what_differs_much_is_learned(
    small_catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    load_engine(small_catalogue, tmp_path)
    changed, first = renamed(small_catalogue, times=3)
    if reason == "too much differs":
        monkeypatch.setattr(learned, "_FEW", 2)
    elif reason == "other code":
        monkeypatch.setattr(learned, "code_digest", lambda: b"another version of the code")
    else:
        next(tmp_path.glob("engine-*.pickle")).write_bytes(b"rubbish")
    engine, whole = load_engine_soon(changed, tmp_path)
    assert whole
    assert [hit.offer.id for hit in engine.search("Paraplyværkstedet 0").hits][:1] == [first]
