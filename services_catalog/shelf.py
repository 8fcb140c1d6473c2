"""The offers of a large catalogue in a file: mapped, not read, so that all workers share it and a start reads outlines alone.

The bodies lie one after the other, as the database has them; behind them what finds them and the outlines, as a pickle; at the
end where that begins. A file is written whole and never changed. The folder belongs to the service alone, as what is learned.
"""

from __future__ import annotations

import fcntl
import logging
import mmap
import os
import pickle
import secrets
import struct
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from services_catalog.errors import CatalogueUnavailable
from services_catalog.offer import Offer
from services_catalog.outlines import Outline, Outlines, outline_of

#: So many offers that were read lately are kept as they are.
_KEPT_READ = 1000
#: So many files are kept: what is being written, and what other workers start from.
_KEPT = 2
#: So many outlines are read at once.
_PIECE = 1000
#: What is being written; who is interrupted leaves it to the next.
_PART = "shelf.part"
_END = struct.Struct("<Q")

log = logging.getLogger(__name__)

#: Reads the bodies of some offers from the database: pairs of id and body, in the order of the ids.
Bodies = Callable[[Sequence[str]], Iterable[tuple[str, str]]]


class Shelf(Mapping[str, Offer]):
    """The offers of one file by their ids, each read when it is asked for. Safe to share between threads and after a fork."""

    def __init__(self, path: Path) -> None:
        """Open a file. Raises whatever reading a damaged one may raise."""
        with path.open("rb") as file:
            self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        (begin,) = _END.unpack(self._bytes[-_END.size :])
        found = pickle.loads(self._bytes[begin : -_END.size])  # noqa: S301 - only we write there
        self.stamps: dict[str, str] = found[0]
        self._ends: Sequence[int] = found[1]
        # piece by piece, so that other threads go on answering meanwhile
        pieces = map(pickle.loads, found[2])
        self.outlines = Outlines(outline for piece in pieces for outline in piece)
        self._numbers = {one: number for number, one in enumerate(self.stamps)}
        self._read: Callable[[str], Offer] = lru_cache(_KEPT_READ)(self._offer)

    def __getitem__(self, offer_id: str) -> Offer:
        return self._read(offer_id)

    def __iter__(self) -> Iterator[str]:
        return iter(self.stamps)

    def __len__(self) -> int:
        return len(self.stamps)

    def __contains__(self, offer_id: object) -> bool:
        return offer_id in self.stamps

    def body(self, offer_id: str) -> bytes:
        """Return an offer as it is written in the database. Raises KeyError."""
        number = self._numbers[offer_id]
        return self._bytes[self._ends[number - 1] if number else 0 : self._ends[number]]

    def differing(self, other: Shelf) -> set[str]:
        """Return the ids of the offers that the other has not, or has differently, or alone."""
        both = self.stamps.keys() & other.stamps.keys()
        return (self.stamps.keys() ^ other.stamps.keys()) | {one for one in both if self.body(one) != other.body(one)}

    def _offer(self, offer_id: str) -> Offer:
        return Offer.model_validate_json(self.body(offer_id))


class Shelves:
    """The files of one catalogue in a folder. A catalogue of fewer offers than `large_from` needs none; up to `few` offers that
    differ from a file are kept beside it in memory, more are written into a new one."""

    def __init__(self, folder: Path, code: str, large_from: int, few: int) -> None:
        """`code` tells files from those that were written with other code."""
        self._folder, self._name = folder, f"shelf-{code}"
        self.large_from, self._few = large_from, few

    def opened(self, stamps: Mapping[str, str], bodies: Bodies) -> tuple[Shelf, list[str]]:
        """Return a file of the offers with these ids and stamps, in this order, and the ids of those that differ from it. One
        process at a time writes. Raises CatalogueUnavailable when it cannot be written."""
        try:
            with _alone(self._folder):
                shelf = self._newest()
                differing = [one for one, stamp in stamps.items() if shelf is None or shelf.stamps.get(one) != stamp]
                gone = [one for one in shelf or () if one not in stamps]
                if shelf is None or len(differing) + len(gone) > self._few:
                    shelf, differing, gone = self._written(stamps, bodies(differing), shelf), [], []
        except OSError as error:
            (self._folder / _PART).unlink(missing_ok=True)  # half a file would only fill the disk further
            raise CatalogueUnavailable(f"The offers cannot be kept in {self._folder}: {error.strerror}") from error
        return shelf, differing + gone

    def _newest(self) -> Shelf | None:
        """Return the newest file that can be read."""
        for path in self._files():
            try:
                return Shelf(path)
            except Exception as error:  # a damaged pickle may raise anything
                log.warning("the offers on disk cannot be read: written again", extra={"reason": type(error).__name__})
                path.unlink(missing_ok=True)
        return None

    def _written(self, stamps: Mapping[str, str], fresh: Iterable[tuple[str, str]], before: Shelf | None) -> Shelf:
        """Write a file whole or not at all, and open it. What `before` has with the same stamp is copied from there."""
        ends = array("Q")
        outlines: list[Outline] = []
        shared: dict[Any, Any] = {}
        coming = iter(fresh)
        part, path = self._folder / _PART, self._folder / f"{self._name}-{secrets.token_hex(8)}.offers"
        with part.open("wb") as file:
            for one, stamp in stamps.items():
                if before is not None and before.stamps.get(one) == stamp:
                    body, outline = before.body(one), before.outlines[one]
                else:
                    identity, text = next(coming)
                    assert identity == one, "the bodies come in another order"  # noqa: S101
                    body = text.encode()
                    outline = outline_of(Offer.model_validate_json(body), shared)
                file.write(body)
                ends.append(file.tell())
                outlines.append(outline)
            pieces = [
                pickle.dumps(outlines[begin : begin + _PIECE], pickle.HIGHEST_PROTOCOL)
                for begin in range(0, len(outlines), _PIECE)
            ]
            pickle.dump((dict(stamps), ends, pieces), file, pickle.HIGHEST_PROTOCOL)
            file.write(_END.pack(ends[-1]))
        os.replace(part, path)
        for old in sorted(self._folder.glob("shelf-*.offers"), key=lambda one: -one.stat().st_mtime)[_KEPT:]:
            old.unlink(missing_ok=True)  # who has it mapped goes on reading it
        return Shelf(path)

    def _files(self) -> list[Path]:
        """Return the files that this code wrote, the newest first."""
        return sorted(self._folder.glob(f"{self._name}-*.offers"), key=lambda one: -one.stat().st_mtime)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from writing while the block runs; the lock goes with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "shelf.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
