"""The catalogue as this process has it: one snapshot with its search engine, replaced whole when something is published."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from services_catalog.catalogue import Catalogue
from services_catalog.crisis import CrisisRules
from services_catalog.errors import CatalogueUnavailable
from services_catalog.learned import load_crisis_rules, load_engine
from services_catalog.repository import CatalogueRepository
from services_catalog.search import SearchEngine

_FIRST_WORDS = {
    "da": "hvor kan jeg lære dansk",
    "en": "where can I learn Danish",
    "uk": "де вивчити данську мову",
    "ar": "أين أتعلم الدنماركية",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snapshot:
    """One published state of the catalogue, ready to be searched."""

    catalogue: Catalogue
    engine: SearchEngine
    crisis: CrisisRules


class CatalogueService:
    """Keeps a Snapshot of the newest version. `current` may be read from any thread and never changes in place."""

    def __init__(
        self, repository: CatalogueRepository, refresh_interval: float, learned_folder: Path | None = None
    ) -> None:
        self._repository = repository
        self._folder = learned_folder
        self._interval = refresh_interval
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="catalogue-watch", daemon=True)
        catalogue = repository.load()
        # learned once: what is no crisis does not change with an offer
        self._crisis = load_crisis_rules(catalogue, learned_folder)
        self.current = self._snapshot(catalogue)

    def start(self) -> None:
        """Begin to look for newer versions, every `refresh_interval` seconds."""
        self._watcher.start()

    def stop(self) -> None:
        self._stop.set()
        if self._watcher.is_alive():
            self._watcher.join(timeout=self._interval + 5)

    def refresh(self) -> bool:
        """Load and index the newest version if there is one, and return whether there was. Raises CatalogueUnavailable."""
        if self._repository.version() == self.current.catalogue.version:
            return False
        self.current = self._snapshot(self._repository.load())
        return True

    def _watch(self) -> None:
        while not self._stop.wait(self._interval):
            try:
                self.refresh()
            except CatalogueUnavailable as error:
                log.warning("catalogue not refreshed", extra={"reason": str(error)})

    def _snapshot(self, catalogue: Catalogue) -> Snapshot:
        snapshot = Snapshot(catalogue, load_engine(catalogue, self._folder), self._crisis)
        for tag, greeting in _FIRST_WORDS.items():
            # what is loaded at first use is loaded now, not while the first resident waits
            snapshot.engine.search(greeting)
            snapshot.crisis.recognize(greeting)
            snapshot.engine.search(greeting, language=tag)
        return snapshot
