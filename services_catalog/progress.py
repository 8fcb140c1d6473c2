"""How long work says how far it has come."""

from __future__ import annotations

from collections.abc import Callable

#: Called now and then with what is being done, how many of it are done, and how many there are.
Progress = Callable[[str, int, int], None]


def silent(_what: str, _done: int, _total: int) -> None:
    """Tell nobody."""
