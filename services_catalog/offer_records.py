"""The offers of a catalogue as a mapping that never changes in place: a base, in memory or on disk, and what differs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from services_catalog.offer import Offer
from services_catalog.outlines import Outline, Outlines, outline_of
from services_catalog.shelf import Shelf


class Offers(Mapping[str, Offer]):
    """Offers by their ids. Those of a small catalogue are all in memory; of a large one the base reads each from disk when it
    is asked for, and only the outlines and what was published since are here."""

    def __init__(self, base: Mapping[str, Offer], outlines: Outlines | None = None) -> None:
        """`outlines` are those of the base, where somebody has them already."""
        self._base = base
        self._changes: dict[str, Offer | None] = {}
        self.outlines = outlines if outlines is not None else Outlines(_outlines(base))

    def __getitem__(self, offer_id: str) -> Offer:
        if offer_id not in self._changes:
            return self._base[offer_id]
        changed = self._changes[offer_id]
        if changed is None:
            raise KeyError(offer_id)
        return changed

    def __iter__(self) -> Iterator[str]:
        yield from (one for one in self._base if one not in self._changes or self._changes[one] is not None)
        yield from (one for one, offer in self._changes.items() if offer is not None and one not in self._base)

    def __len__(self) -> int:
        return len(self.outlines)

    def __contains__(self, offer_id: object) -> bool:
        return offer_id in self.outlines

    def with_changes(self, changes: Mapping[str, Offer | None]) -> Offers:
        """Return the offers of a later state: new ones, changed ones, and None for each that is gone."""
        outlines: dict[str, Outline | None] = {
            one: None if offer is None else outline_of(offer) for one, offer in changes.items()
        }
        new = Offers(self._base, self.outlines.with_changes(outlines))
        new._changes = self._changes | dict(changes)
        return new

    def may_differ(self, other: Offers) -> set[str]:
        """Return the ids of the offers that may be different in the other."""
        changed = self._changes.keys() | other._changes.keys()
        if self._base is other._base:
            return changed
        if isinstance(self._base, Shelf) and isinstance(other._base, Shelf):
            return changed | self._base.differing(other._base)
        return self.keys() | other.keys()


def changed_records(before: Mapping[str, Any], now: Mapping[str, Any]) -> set[str]:
    """Return the ids of the records that are new, gone or different."""
    both = isinstance(before, Offers) and isinstance(now, Offers)
    candidates = before.may_differ(now) if both else before.keys() | now.keys()  # type: ignore[attr-defined]
    return {one for one in candidates if not _same(before.get(one), now.get(one))}


def _same(one: object, other: object) -> bool:
    return one is other or one == other


def _outlines(offers: Mapping[str, Offer]) -> Iterator[Outline]:
    shared: dict[Any, Any] = {}
    return (outline_of(offer, shared) for offer in offers.values())
