"""Long lists, a page at a time: several lists that stand below each other on a page are turned together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

One = TypeVar("One")

#: So many offers stand on a page for residents: more than any need of a single city has, and less than a phone chokes on.
PER_PAGE = 200


@dataclass(frozen=True)
class Pages:
    """Lists that follow each other, cut into pages of `size`; `page` counts from 1."""

    page: int
    counts: tuple[int, ...]
    size: int

    @property
    def number(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-sum(self.counts) // self.size))

    def cut(self, which: int, found: Sequence[One]) -> Sequence[One]:
        """Return what stands on this page of one of the lists, by its place among them."""
        before = sum(self.counts[:which])
        begin = (self.page - 1) * self.size - before
        return found[max(0, begin) : max(0, begin + self.size)]
