"""Tells cheaply which of many patterns a text cannot match, so that only the others are tried.

Of each pattern are worked out strings of which one stands in whatever it matches, after Russ Cox, "Regular Expression
Matching with a Trigram Index" (2012). They are found by their first letters, so that a text costs one look-up per
letter however many patterns there are.
"""

from __future__ import annotations

import re
import sre_parse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

#: Letters by which needles are found; a shorter needle is looked for by itself.
_KEY = 3
#: More strings than these are no longer told apart.
_MOST_STRINGS = 64
_GROUP_NAME = re.compile(r"\(\?P<\w+>")


class Sieve:
    """Patterns, by number, that a text may match."""

    def __init__(self, patterns: Iterable[str]) -> None:
        """`patterns` are regular expressions in the syntax that `re` and `regex` share; of one that `re` cannot read
        nothing is known, and it is always tried."""
        self._always: list[int] = []
        self._short: list[tuple[str, int]] = []
        self._by_key: dict[str, list[tuple[str, int]]] = {}
        for number, pattern in enumerate(patterns):
            needles = needles_of(pattern)
            if needles is None:
                self._always.append(number)
                continue
            for needle in needles:
                found_by = self._short if len(needle) < _KEY else self._by_key.setdefault(needle[:_KEY], [])
                found_by.append((needle, number))

    def standing_in(self, text: str) -> Sequence[int]:
        """Return the numbers, in order, of the patterns that may match in `text`; no other one does."""
        keys = {text[start : start + _KEY] for start in range(len(text) - _KEY + 1)}
        found = {number for needle, number in self._short if needle in text}
        for key in self._by_key.keys() & keys:
            found.update(number for needle, number in self._by_key[key] if needle in text)
        found.update(self._always)
        return sorted(found)


def needles_of(pattern: str) -> frozenset[str] | None:
    """Return strings of which at least one stands in every match of a pattern; None when there are none for sure."""
    try:
        # names are left out: `re`, unlike `regex`, refuses one that stands twice
        parsed = sre_parse.parse(_GROUP_NAME.sub("(?:", pattern))
    except re.error:
        return None
    return None if parsed.state.flags & re.IGNORECASE else _of_sequence(parsed).best


@dataclass(frozen=True)
class _Told:
    """What is known of an expression: all strings that it matches (`exact`), or strings of which one stands in every
    match (`within`); None when that is not known."""

    exact: frozenset[str] | None = None
    within: frozenset[str] | None = None

    @property
    def best(self) -> frozenset[str] | None:
        """The needles of the expression."""
        return _best(self.exact, self.within)


_EMPTY = frozenset({""})
_ANYTHING = _Told()


def _best(*sets: frozenset[str] | None) -> frozenset[str] | None:
    """Return of several sets of needles the one that leaves out most: the longest, and of as long ones the fewest."""
    known = [one for one in sets if one and "" not in one]
    return max(known, key=lambda one: (min(map(len, one)), -len(one)), default=None)


def _of_sequence(parts: Iterable[tuple[Any, Any]]) -> _Told:
    run, broken = _EMPTY, False
    within: frozenset[str] | None = None
    for part in parts:
        told = _of_part(*part)
        within = _best(within, told.within)
        if told.exact is not None and len(run) * len(told.exact) <= _MOST_STRINGS:
            run = frozenset(first + then for first, then in product(run, told.exact))
            continue
        broken, within = True, _best(within, run, told.exact)
        run = _EMPTY
    return _Told(within=_best(within, run)) if broken else _Told(exact=run, within=within)


def _of_part(kind: Any, what: Any) -> _Told:
    if kind is sre_parse.LITERAL:
        return _Told(exact=frozenset({chr(what)}))
    if kind is sre_parse.IN and all(item is sre_parse.LITERAL for item, _ in what):
        return _Told(exact=frozenset(chr(letter) for _, letter in what))
    if kind in (sre_parse.AT, sre_parse.ASSERT, sre_parse.ASSERT_NOT):
        return _Told(exact=_EMPTY)  # takes no letter, only forbids some matches
    if kind is sre_parse.BRANCH:
        return _of_branches([_of_sequence(branch) for branch in what[1]])
    if kind is sre_parse.SUBPATTERN:
        return _of_sequence(what[-1])
    if kind in (sre_parse.MAX_REPEAT, sre_parse.MIN_REPEAT):
        least, most, repeated = what
        told = _of_sequence(repeated)
        if (least, most) == (0, 1) and told.exact is not None:
            return _Told(exact=told.exact | _EMPTY)
        return _Told(within=told.best) if least else _ANYTHING
    return _ANYTHING


def _of_branches(branches: Sequence[_Told]) -> _Told:
    exact = [one.exact for one in branches if one.exact is not None]
    if len(exact) == len(branches) and sum(map(len, exact)) <= _MOST_STRINGS:
        return _Told(exact=frozenset().union(*exact))
    needles = [one.best for one in branches if one.best is not None]
    return _Told(within=frozenset().union(*needles)) if len(needles) == len(branches) else _ANYTHING
