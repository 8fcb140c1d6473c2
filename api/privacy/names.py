"""Names of people after words that introduce them ("my name is", "I am"), in a folded text."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path
from typing import Any

import yaml

from api.privacy.spans import NAME_MARK, Span
from services_catalog.normalize import fold


class _Sure(IntEnum):
    """How much the words before say that a name comes: any word is one, one with a capital, or a first name often met."""

    ANY_WORD = 0
    CAPITAL = 1
    FIRST_NAME = 2


_READ: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("names.yml").read_text(encoding="utf-8"))


def _words(name: str) -> frozenset[str]:
    return frozenset(fold(_READ[name]).split())


_GREETINGS, _PARTICLES = _words("greetings"), _words("particles")
_NO_NAMES = _words("no_names") | _GREETINGS
_FIRST_NAMES, _WITH_CAPITAL = _words("first_names"), _words("first_names_with_capital")
_AT_END = _words("first_names_at_end")


def _any_of(phrases: Iterable[str]) -> str:
    """Return a pattern for any of some phrases, the longest first."""
    written = "|".join(re.escape(fold(one)).replace(r"\ ", r"\s+") for one in sorted(phrases, key=len, reverse=True))
    return written.replace(r"\{kin\}", f"(?:{'|'.join(map(re.escape, sorted(_words('kin'))))})")


#: Each with how sure it is where a clause begins, and elsewhere.
_INTRODUCTIONS = [
    (re.compile(rf"(?<!\w)(?:{_any_of(_READ[name])})(?!\w)"), at_start, elsewhere)
    for name, at_start, elsewhere in (
        ("before_any_name", _Sure.ANY_WORD, _Sure.ANY_WORD),
        ("before_any_name_at_start", _Sure.ANY_WORD, _Sure.FIRST_NAME),
        ("before_capital", _Sure.CAPITAL, _Sure.CAPITAL),
        ("before_capital_at_start", _Sure.CAPITAL, _Sure.FIRST_NAME),
        ("before_first_name", _Sure.FIRST_NAME, _Sure.FIRST_NAME),
    )
]
_BETWEEN = re.compile(r"[\s,:—–=-]{1,4}")
#: After these signs a name comes, whatever it looks like.
_SIGNS = frozenset(":=—–")
#: "This is Anna speaking".
_SPEAKING = re.compile(
    r"(?<!\w)this\sis\s(?P<name>[^\W\d_][\w'-]*(?:\s[^\W\d_][\w'-]*)?)\s(?:speaking|calling|here)(?!\w)"
)
_WORD = re.compile(r"[^\W\d_]\w*(?:['’-]\w+)*")
_END = re.compile(r"\s*(?:[^\w\s]|$)")
_MOST_WORDS = 4
_ARABIC_ARTICLE, _ARABIC_IN_THE = "ال", "بال"


def find_names(folded: str, written: str) -> list[Span]:
    """Return the names of people in a folded text that introduces them; `written` is the same text with its capitals."""
    found = [Span(*match.span("name"), NAME_MARK) for match in _SPEAKING.finditer(folded)]
    for pattern, at_start, elsewhere in _INTRODUCTIONS:
        for match in pattern.finditer(folded):
            between = _BETWEEN.match(folded, match.end())
            word = _WORD.match(folded, between.end()) if between else None
            if between is None or word is None:
                continue
            sure = at_start if _at_start(folded, match.start()) else elsewhere
            if sure is _Sure.CAPITAL and not _SIGNS.isdisjoint(between.group()):
                sure = _Sure.ANY_WORD
            if _may_be_name(folded, written, word, sure):
                found.append(Span(word.start(), _end_of_name(folded, written, word), NAME_MARK))
    return found


def _at_start(folded: str, start: int) -> bool:
    """Tell whether a clause begins there: with the text, after a mark of punctuation or after a greeting."""
    before = folded[:start].rstrip(" ")
    if not before or not (before[-1].isalnum() or before[-1] == "'"):
        return True
    return before[max(before.rfind(" "), before.rfind("\0")) + 1 :] in _GREETINGS


def _may_be_name(folded: str, written: str, word: re.Match[str], sure: _Sure) -> bool:
    name = word.group()
    if name in _NO_NAMES or name.startswith(_ARABIC_IN_THE):
        return False
    capital = _has_capital(written, word)
    if name in _FIRST_NAMES or name.split("-")[0] in _FIRST_NAMES or (name in _WITH_CAPITAL and capital):
        return True
    if name in _AT_END and _ends_clause(folded, word):
        return True
    return sure is _Sure.ANY_WORD or (sure is _Sure.CAPITAL and capital)


def _end_of_name(folded: str, written: str, first: re.Match[str]) -> int:
    """Return where a name ends that begins with a word: further words with a capital belong to it, and without capitals one
    more that ends its clause, or stands before a word that begins the next."""
    last, alone = first, not _has_capital(written, first)
    for _ in range(_MOST_WORDS - 1):
        word = _next_word(folded, last)
        if word is None:
            break
        if last.group() in _PARTICLES or word.group() in _PARTICLES:
            last = word
        elif _begins_clause(word.group()):
            break
        elif _has_capital(written, word) and not alone:
            last = word
        elif alone and (_ends_clause(folded, word) or word.group().startswith(_ARABIC_ARTICLE)):
            return word.end()
        else:
            break
    return last.end()


def _next_word(folded: str, word: re.Match[str]) -> re.Match[str] | None:
    gap = word.end() + 1
    return _WORD.match(folded, gap) if folded[word.end() : gap] in (" ", "-") else None


def _ends_clause(folded: str, word: re.Match[str]) -> bool:
    after = _next_word(folded, word)
    return _begins_clause(after.group()) if after else _END.match(folded, word.end()) is not None


def _begins_clause(word: str) -> bool:
    """Tell whether a word cannot be part of a name. The Arabic "and" is written together with the next word."""
    return word in _NO_NAMES or (word.startswith("و") and len(word) > 3 and word not in _FIRST_NAMES)


def _has_capital(written: str, word: re.Match[str]) -> bool:
    """Tell whether a word has a capital that says something: not where everything has."""
    letters = written[word.start() : word.end()]
    return letters[:1].isupper() and not (len(letters) > 1 and letters.isupper())
