"""Some records in an order, each looked up when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar, overload

Record = TypeVar("Record")


class LookedUp(Sequence[Record]):
    """The records of some `ids` in their order; equal to any sequence of equal records."""

    def __init__(self, records: Mapping[str, Record], ids: Sequence[str]) -> None:
        self._records, self.ids = records, ids

    @overload
    def __getitem__(self, place: int) -> Record: ...

    @overload
    def __getitem__(self, place: slice) -> LookedUp[Record]: ...

    def __getitem__(self, place: int | slice) -> Record | LookedUp[Record]:
        if isinstance(place, slice):
            return LookedUp(self._records, self.ids[place])
        return self._records[self.ids[place]]

    def __len__(self) -> int:
        return len(self.ids)

    def __eq__(self, other: object) -> bool:
        same = zip(self, other, strict=False) if isinstance(other, Sequence) and len(self) == len(other) else None
        return same is not None and all(one is another or one == another for one, another in same)

    __hash__ = None  # type: ignore[assignment]
