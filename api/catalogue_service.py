"""The catalogue as this process has it: one snapshot with its search engine, replaced whole when something is published."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from services_catalog.catalogue import Catalogue
from services_catalog.crisis import CrisisRules
from services_catalog.database import DatabaseRepository
from services_catalog.errors import CatalogueUnavailable
from services_catalog.languages import LANGUAGES
from services_catalog.large.loading import LARGE_FROM, load_search, load_search_soon, shelves_in
from services_catalog.notices import Publications
from services_catalog.searching import Search

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snapshot:
    """One published state of the catalogue, ready to be searched. Nothing in it changed after `since`."""

    catalogue: Catalogue
    engine: Search
    crisis: CrisisRules
    since: dt.datetime = field(default_factory=lambda: dt.datetime.now(dt.UTC))


class CatalogueService:
    """Keeps a Snapshot of the newest version. `current` may be read from any thread and never changes in place.

    A publication is taken in within a second: only what differs is read and learned. Everything is learned again, on top
    of the newest version, by `relearn`, when nothing was published for a while.
    """

    def __init__(
        self,
        repository: DatabaseRepository,
        crisis: CrisisRules,
        refresh_interval: float,
        learned_folder: Path | None = None,
        relearn: Callable[[], None] | None = None,
        relearn_after: float = 60.0,
        large_from: int = LARGE_FROM,
    ) -> None:
        self._repository = repository
        self._folder, self._large_from = learned_folder, large_from
        self._interval = refresh_interval
        self._relearn, self._relearn_after = relearn or _nothing, relearn_after
        self._taking_in = threading.Lock()
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="catalogue-watch", daemon=True)
        self._learner: threading.Thread | None = None
        self._shelves = shelves_in(learned_folder, large_from)
        catalogue = repository.load(shelves=self._shelves)
        self._crisis = crisis
        engine, whole = load_search_soon(catalogue, learned_folder, large_from)
        self.current = self._snapshot(engine)
        #: The version of which everything was learned together; None while that is to be done for the first time.
        self._learned_version = catalogue.version if whole else None

    def start(self) -> None:
        """Begin to look for newer versions: PostgreSQL tells of them, SQLite is asked every `refresh_interval` seconds."""
        self._watcher.start()

    def stop(self) -> None:
        self._stop.set()
        if self._watcher.is_alive():
            self._watcher.join(timeout=self._interval + 5)

    def refresh(self) -> bool:
        """Take in the newest version if there is one, and return whether there was. Raises CatalogueUnavailable."""
        if self._repository.version() == self.current.catalogue.version:
            return False
        with self._taking_in:
            before = self.current.engine
            catalogue = self._repository.load(before.catalogue, self._shelves)
            if catalogue.version != before.catalogue.version:
                self.current = self._snapshot(before.updated_at_once(catalogue))
                self.current = replace(self.current, engine=self.current.engine.with_scope())
        return True

    def accept(self, engine: Search) -> None:
        """Take over the engine of a version that this process has published itself."""
        with self._taking_in:
            if engine.catalogue.version > self.current.catalogue.version:
                self.current = self._snapshot(engine)

    def _watch(self) -> None:
        publications = Publications(self._repository.engine)
        while not self._stop.is_set():
            try:
                publications.wait(self._interval)
                self.refresh()
                self._learn_when_quiet()
            except CatalogueUnavailable as error:
                log.warning("catalogue not refreshed", extra={"reason": str(error)})
                self._stop.wait(self._interval)
            except Exception:  # a worker that no longer hears of publications is worse than a line in the log
                log.exception("catalogue not refreshed")
                self._stop.wait(self._interval)
        publications.close()

    def _learn_when_quiet(self) -> None:
        """Learn everything again in a process of its own, once, after the last publication of a series."""
        version = self.current.catalogue.version
        if version == self._learned_version:
            return
        if self._learner is not None and self._learner.is_alive():
            return
        self._learner = threading.Thread(target=self._learn, args=(version,), name="catalogue-learn", daemon=True)
        self._learner.start()

    def _learn(self, version: int) -> None:
        if self._stop.wait(self._relearn_after) or self.current.catalogue.version != version:
            return  # something was published meanwhile: its own wait begins
        try:
            self._relearn()
            engine = load_search(self._repository.load(shelves=self._shelves), self._folder, self._large_from)
        except Exception:
            log.exception("the search could not be learned again; it goes on with what it knows")
            self._learned_version = version
            return
        with self._taking_in:
            if engine.catalogue.version == self.current.catalogue.version:
                self.current = self._snapshot(engine)
                self._learned_version = version

    def _snapshot(self, engine: Search) -> Snapshot:
        snapshot = Snapshot(engine.catalogue, engine, self._crisis)
        for tag, words in _first_words(engine.catalogue):
            # what is loaded at first use is loaded now, not while the first resident waits
            engine.search(words)
            snapshot.crisis.recognize(words)
            engine.search(words, language=tag)
        return snapshot


def _first_words(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """Yield each language that the catalogue has texts in, with the first of them."""
    published = (catalogue.outlines[one] for one in catalogue.outlines.published)
    waiting = set(LANGUAGES)
    for outline in published:
        for tag in waiting.intersection(tag for tag, _ in outline.states):
            waiting.remove(tag)
            yield tag, catalogue.offers[outline.id].texts[tag].summary
        if not waiting:
            return


def _nothing() -> None:
    """Prepare nothing: the engine is learned here, where it is needed."""
