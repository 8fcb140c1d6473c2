"""Choose the engine for a catalogue by its size, and bring the index of a large one up to date."""

from __future__ import annotations

import fcntl
import hashlib
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services_catalog.catalogue import Catalogue
from services_catalog.errors import CatalogueUnavailable
from services_catalog.large.additions import Additions
from services_catalog.large.engine import LargeEngine, stamp
from services_catalog.large.index import OfferIndex
from services_catalog.large.model import QuestionModel, learned_from
from services_catalog.large.terms import offer_terms
from services_catalog.learned import (
    code_digest,
    code_name,
    is_remembered,
    last_remembered,
    load_engine,
    load_engine_soon,
    remembered,
)
from services_catalog.ranking import ranking
from services_catalog.repository import CatalogueRepository
from services_catalog.searching import Search
from services_catalog.seed import FOLDERS
from services_catalog.shelf import Shelves

#: From so many published offers on a catalogue is large, where nobody says otherwise.
LARGE_FROM = 2000
#: So many offers, evenly spread, tell how long the offers are.
_MEASURED = 40
#: So many indexes are kept: what is being written, and what other workers still read.
_KEPT = 2
#: So many offers may differ from those on disk before they are written anew: reading them takes a tenth of a second.
_FEW = 500

log = logging.getLogger(__name__)


def shelves_in(folder: Path | None, large_from: int = LARGE_FROM) -> Shelves | None:
    """Return where the offers of a large catalogue are kept on disk; None where nothing is."""
    return Shelves(folder, code_name(), large_from, _FEW) if folder is not None else None


def load_newest(repository: CatalogueRepository, folder: Path, large_from: int = LARGE_FROM) -> Search:
    """Return the engine for the newest state of a catalogue."""
    return load_search(repository.load(shelves=shelves_in(folder, large_from)), folder, large_from)


def load_search(catalogue: Catalogue, folder: Path | None, large_from: int = LARGE_FROM) -> Search:
    """Return the engine for a catalogue, from `folder` as far as it was made before. Without a folder everything is learned,
    and no catalogue is large."""
    if folder is None or len(catalogue.published) < large_from:
        return load_engine(catalogue, folder)
    return load_large(catalogue, folder)


def load_search_soon(catalogue: Catalogue, folder: Path | None, large_from: int = LARGE_FROM) -> tuple[Search, bool]:
    """Return an engine for a catalogue as soon as can be, and whether everything in it was learned together."""
    if folder is None:
        return load_search(catalogue, folder, large_from), True
    if len(catalogue.published) >= large_from:
        return _large(catalogue, folder, soon=True)
    return load_engine_soon(catalogue, folder)


def load_large(catalogue: Catalogue, folder: Path) -> LargeEngine:
    """Return the engine for a large catalogue. Its index on disk is opened; offers that differ from it are written first, by
    one process at a time."""
    return _large(catalogue, folder, soon=False)[0]


def _large(catalogue: Catalogue, folder: Path, *, soon: bool) -> tuple[LargeEngine, bool]:
    """Return the engine, and whether it learned from the offers as they are: what was learned from earlier ones will do where
    the engine is wanted `soon`."""
    weights = ranking()
    sample = learned_from(catalogue, weights)
    vocabulary = [
        record.model_dump_json()
        for kind in FOLDERS
        if kind not in ("offers", "organisations", "facts", "policies")
        for record in getattr(catalogue, kind).values()
    ]
    code = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))]
    digest = hashlib.sha256(b"\0".join([code_digest(), *(one.encode() for one in (*code, *vocabulary))])).hexdigest()
    name = f"needs-{digest[:12]}"
    texts = [offer.model_dump_json() for offer in sample]
    earlier = None
    if soon and not is_remembered(folder, name, texts):
        earlier = last_remembered(folder, name, QuestionModel)
    model = earlier or remembered(folder, name, QuestionModel, texts, lambda: QuestionModel(catalogue, sample, weights))
    place = folder / f"offers-{digest[:32]}"
    measured = catalogue.published[:: max(1, len(catalogue.published) // _MEASURED)]
    lengths = [sum(offer_terms(offer, model.lexicon, weights).values()) for offer in measured]
    with _alone(folder):
        index = _up_to_date(catalogue, model, *_opened(place))
        _forget_older(place)
    return LargeEngine(catalogue, model, index, Additions(sum(lengths) / len(lengths))), earlier is None


def _opened(place: Path) -> tuple[OfferIndex, dict[str, str]]:
    """Return the index in a folder with the stamps of its offers; one that cannot be read goes, and begins anew."""
    try:
        index = OfferIndex(place)
        return index, dict(index.stamps())
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # tantivy panics where a file is cut short, which is no Exception
        log.warning("the search index cannot be read: it is written again", extra={"reason": type(error).__name__})
        shutil.rmtree(place, ignore_errors=True)
        return OfferIndex(place), {}


def _up_to_date(catalogue: Catalogue, model: QuestionModel, index: OfferIndex, there: dict[str, str]) -> OfferIndex:
    """Write the offers that differ from those in the index, and return it as it is then. Raises CatalogueUnavailable when it
    cannot be written."""
    engine = LargeEngine(catalogue, model, index)
    published = catalogue.outlines.published
    changed = [one for one in published if there.get(one) != stamp(one, catalogue)]
    gone = there.keys() - set(published)
    if not changed and not gone:
        return index
    try:
        index.write((engine.entry(catalogue.offers[one]) for one in changed), gone)
    except (ValueError, OSError) as error:
        raise CatalogueUnavailable(f"The search index {index.folder} cannot be written: {error}") from error
    return index.reopened()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from writing while the block runs; the lock goes with the process."""
    with (folder / "offers.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _forget_older(current: Path) -> None:
    """Remove indexes that were made with other code or another vocabulary, but for the newest; a worker that still reads one
    keeps its files until it closes them."""
    current.touch()
    indexes = sorted(current.parent.glob("offers-*"), key=lambda one: -one.stat().st_mtime)
    for old in indexes[_KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
