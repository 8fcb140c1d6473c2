"""The port behind which a catalogue is searched, so that api, editors and desk never see which engine it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from services_catalog.catalogue import Catalogue
from services_catalog.identify import Identifier
from services_catalog.index import Scores
from services_catalog.offer import Offer
from services_catalog.profile import Profile
from services_catalog.ranking import Ranking
from services_catalog.search import Hit, Reading, SearchResult
from services_catalog.understanding import Reader


class Search(Protocol):
    """Searches one catalogue, which it never changes. Safe to share between threads. `SearchEngine` learns each offer,
    `LargeEngine` keeps an index on disk; what a method returns is told there."""

    catalogue: Catalogue
    ranking: Ranking

    @property
    def reader(self) -> Reader: ...

    @property
    def identifier(self) -> Identifier: ...

    def search(
        self,
        text: str,
        *,
        language: str | None = None,
        conversation: str | None = None,
        profile: Profile | None = None,
        known: Profile | None = None,
        staff: bool = False,
        limit: int = 5,
        without: Iterable[str] = (),
    ) -> SearchResult:
        """Return the best offers for a text."""

    def read(self, text: str, *, language: str | None = None, conversation: str | None = None) -> Reading:
        """Return a question compared with the offers; only this engine can rank it."""

    def rank(
        self, reading: Reading, known: Profile, *, staff: bool = False, limit: int = 5, without: Iterable[str] = ()
    ) -> SearchResult:
        """Return the best offers for a question that was read, for a person of whom `known` is everything."""

    def named_offers(self, text: str) -> list[tuple[Offer, float]]:
        """Return the offers called by name, the surest first, with the certainty (0 to 1)."""

    def hit_for(self, offer: Offer, profile: Profile | None = None) -> Hit:
        """Return an offer as a hit without a search."""

    def distances_among(self, text: str, offer_ids: Sequence[str]) -> Scores:
        """Return how far a text lies on the side of each of some offers (about -1 to 1)."""

    def asked_by_name(self, text: str, *, staff: bool) -> dict[str, Any] | None:
        """Return the offer a text calls by its name, and whether the text says little else."""

    def updated(self, catalogue: Catalogue) -> Search:
        """Return an engine for a later state of the same catalogue; this one stays as it is."""

    def updated_at_once(self, catalogue: Catalogue) -> Search:
        """Return the same as soon as can be; `with_scope` brings what is left."""

    def with_scope(self) -> Search:
        """Return the engine with everything learned."""
