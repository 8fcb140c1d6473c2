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


def _listed(*lists: str) -> frozenset[str]:
    """Return the names of some lists in first_names/, one a line."""
    folder = Path(__file__).with_name("first_names")
    return frozenset(
        fold(name) for one in lists for name in (folder / f"{one}.txt").read_text(encoding="utf-8").splitlines()
    )


_GREETINGS, _PARTICLES = _words("greetings"), _words("particles")
_NO_NAMES = _words("no_names") | _words("peoples_and_faiths") | _GREETINGS
_FIRST_NAMES, _WITH_CAPITAL = _listed("latin", "cyrillic", "arabic"), _listed("latin_also_words", "cyrillic_also_words")
_AT_END = _words("first_names_at_end")


_KIN = (
    rf"(?:{'|'.join(map(re.escape, sorted(_words('kin'))))})"
    r"(?:\s?,?\s(?:på\s|aged?\s)?\d{1,3}(?:\s(?:år|years?\sold|рок\w*|سن\w+))?,?|\sال(?:كبير|صغير|اكبر|اصغر|اوسط|تاني|ثاني)\w?)?"
)


def _any_of(phrases: Iterable[str]) -> str:
    """Return a pattern for any of some phrases, the longest first."""
    written = "|".join(re.escape(fold(one)).replace(r"\ ", r"\s+") for one in sorted(phrases, key=len, reverse=True))
    return written.replace(r"\{kin\}", _KIN)


#: Each with how sure it is where a clause begins, and elsewhere.
_INTRODUCTIONS = [
    (re.compile(rf"(?<![\w'’])و?(?:{_any_of(_READ[name])})(?!\w)"), at_start, elsewhere)
    for name, at_start, elsewhere in (
        ("before_any_name", _Sure.ANY_WORD, _Sure.ANY_WORD),
        ("before_any_name_at_start", _Sure.ANY_WORD, _Sure.FIRST_NAME),
        ("before_capital", _Sure.CAPITAL, _Sure.CAPITAL),
        ("before_capital_at_start", _Sure.CAPITAL, _Sure.FIRST_NAME),
        ("before_first_name", _Sure.FIRST_NAME, _Sure.FIRST_NAME),
    )
]
#: How a message is signed: what comes before the name, and how sure that is.
_SIGNATURES = [
    (re.compile(rf"(?<![\w'’])(?:{_any_of(_READ[name])})(?=[\s,.!،:—–-])"), sure)
    for name, sure in (("before_signature", _Sure.CAPITAL), ("before_signature_of_any_look", _Sure.ANY_WORD))
]
#: After a name that signs comes nothing more, or how to reach her; that may have been blanked.
_AFTER_SIGNATURE = re.compile(r"[\s,.!/|]*(?:$|\0|(?:tel|tlf|mob\w*|тел|هاتف)(?!\w))")
_BETWEEN, _BETWEEN_SIGNED = re.compile(r"[\s,:—–=-]{1,4}"), re.compile(r"[\s,.!،:—–=-]{1,4}")
_TITLE = re.compile(rf"(?:(?:{'|'.join(map(re.escape, sorted(_words('titles'))))})(?:\.\s?|\s))*")
#: After these signs a name comes, whatever it looks like.
_SIGNS = frozenset(":=—–")
#: "This is Anna speaking".
_SPEAKING = re.compile(
    r"(?<!\w)this\sis\s(?P<name>[^\W\d_][\w'-]*(?:\s[^\W\d_][\w'-]*)?)\s(?:speaking|calling|here)(?!\w)"
)
#: What a name is found by that is not before it and a sign: a message that begins with "Zoe here", "my wife Lakshmi", and a
#: message that ends with a name behind a comma.
_POINTED_AT = (
    (re.compile(r"^(?:(?:hi|hey|hello|hej),?\s)?(?=\S+\s(?:here\sagain|her\sigen)(?!\w))"), _Sure.CAPITAL),
    (re.compile(r"^(?:(?:hi|hey|hello|hej),?\s)?(?=\S+\s(?:here|her)(?!\w))"), _Sure.FIRST_NAME),
    (re.compile(rf"(?<!\w)و?{_KIN}\s(?=\w)"), _Sure.CAPITAL),
    (re.compile(rf"(?<!\w){_KIN},\s(?=\w)"), _Sure.FIRST_NAME),
    (re.compile(r"[,،!]\s(?=[^\W\d_]+(?:\s[^\W\d_]+)?[\s.!]*$)"), _Sure.FIRST_NAME),
)
#: A last line that holds nothing but a name; a folded text has no lines.
_LAST_LINE = re.compile(r"\n(?=[^\W\d_]+(?:\s[^\W\d_]+){0,2}\s*(?:\n|$))")
_WORD = re.compile(r"[^\W\d_]\w*(?:['’-]\w+)*")
_END = re.compile(r"\s*(?:[^\w\s]|$)")
_AND = re.compile(r"(?:,\s|\s(?:og|and|і|й|та|и|&)\s|\sو)")
_MOST_WORDS = 4
_LETTERS_OF_AN_INITIAL = 2
#: "The father of Ali", which is how many are called.
_PARENT_OF = frozenset({"ابو", "ام"})
#: "Nour ed-Din" is one name.
_SECOND_HALVES = frozenset({"الدين", "الله", "الرحمن"})
_ARABIC_ARTICLE, _ARABIC_IN_THE = "ال", "بال"


def find_names(folded: str, written: str) -> list[Span]:
    """Return the names of people in a folded text that introduces them; `written` is the same text with its capitals."""
    found = [Span(*match.span("name"), NAME_MARK) for match in _SPEAKING.finditer(folded)]
    found += _signatures(folded, written)
    pointed_at = [(match, sure) for pattern, sure in _POINTED_AT for match in pattern.finditer(folded)]
    pointed_at += [(match, _Sure.FIRST_NAME) for match in _LAST_LINE.finditer(written)]
    for match, sure in pointed_at:
        word = _WORD.match(folded, match.end())
        if word is not None and _may_be_name(folded, written, word, sure):
            found.append(Span(word.start(), _end_of_name(folded, written, word), NAME_MARK))
            found += _other_names(folded, written, found[-1].end)
    for pattern, at_start, elsewhere in _INTRODUCTIONS:
        for match in pattern.finditer(folded):
            between = _BETWEEN.match(folded, match.end())
            word = _first_word(folded, between.end()) if between else None
            if between is None or word is None:
                continue
            sure = at_start if _at_start(folded, match.start()) else elsewhere
            if sure is _Sure.CAPITAL and not _SIGNS.isdisjoint(between.group()):
                sure = _Sure.ANY_WORD
            if _may_be_name(folded, written, word, sure):
                found.append(Span(between.end(), _end_of_name(folded, written, word), NAME_MARK))
                found += _other_names(folded, written, found[-1].end)
    return found


def _other_names(folded: str, written: str, end: int) -> list[Span]:
    """Return the names that follow one with an "and" or a comma ("the twins are called Alma and Viggo")."""
    found = []
    while (link := _AND.match(folded, end)) and (word := _WORD.match(folded, link.end())):
        if not _may_be_name(folded, written, word, _Sure.CAPITAL):
            break
        end = _end_of_name(folded, written, word)
        found.append(Span(word.start(), end, NAME_MARK))
    return found


def _signatures(folded: str, written: str) -> list[Span]:
    found = []
    for pattern, sure in _SIGNATURES:
        # "respect" alone is no greeting
        for match in pattern.finditer(folded, 1 if sure is _Sure.ANY_WORD else 0):
            between = _BETWEEN_SIGNED.match(folded, match.end())
            word = _first_word(folded, between.end()) if between else None
            if between is None or word is None or not _may_be_name(folded, written, word, sure):
                continue
            end = _end_of_name(folded, written, word, signs=sure is _Sure.ANY_WORD)
            if _AFTER_SIGNATURE.match(folded, end):
                found.append(Span(between.end(), end, NAME_MARK))
    return found


def _first_word(folded: str, start: int) -> re.Match[str] | None:
    """Return the first word of a name that begins there, behind a title."""
    title = _TITLE.match(folded, start)
    return _WORD.match(folded, title.end() if title else start)


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
    if name in _PARENT_OF and (child := _next_word(folded, word)) and child.group() in _FIRST_NAMES | _AT_END:
        return True
    return sure is _Sure.ANY_WORD or (sure is _Sure.CAPITAL and capital)


def _end_of_name(folded: str, written: str, first: re.Match[str], *, signs: bool = False) -> int:
    """Return where a name ends that begins with a word: further words with a capital belong to it, and without capitals one
    more that ends its clause, or stands before a word that begins the next; of a name that `signs`, all words."""
    last, alone = first, not _has_capital(written, first)
    for _ in range(_MOST_WORDS - 1):
        word = _next_word(folded, last)
        if word is None:
            break
        if last.group() in _PARTICLES or word.group() in _PARTICLES:
            last = word
        elif _begins_clause(word.group()):
            break
        elif signs or word.group() in _FIRST_NAMES or (_has_capital(written, word) and not alone):
            last = word
        elif (after := _next_word(folded, word)) and after.group() in _SECOND_HALVES:
            last = after
        elif alone and (_ends_clause(folded, word) or word.group().startswith(_ARABIC_ARTICLE)):
            return word.end()
        else:
            break
    return last.end()


def _next_word(folded: str, word: re.Match[str]) -> re.Match[str] | None:
    """Return the word that follows with a space or a hyphen between; an initial has a full stop ("Jørgen Th. Holm")."""
    initial = len(word.group()) <= _LETTERS_OF_AN_INITIAL and folded.startswith(". ", word.end())
    gap = word.end() + (2 if initial else 1)
    return _WORD.match(folded, gap) if initial or folded[word.end() : gap] in (" ", "-") else None


def _ends_clause(folded: str, word: re.Match[str]) -> bool:
    after = _next_word(folded, word)
    return _begins_clause(after.group()) if after else _END.match(folded, word.end()) is not None


def _begins_clause(word: str) -> bool:
    """Tell whether a word cannot be part of a name. The Arabic "and" is written together with the next word."""
    return word in _NO_NAMES or (word.startswith("و") and len(word) > 3 and word not in _FIRST_NAMES)


def _has_capital(written: str, word: re.Match[str]) -> bool:
    """Tell whether a word has a capital that says something: not in an abbreviation, nor where everything has."""
    letters = written[word.start() : word.end()]
    return letters[:1].isupper() and not letters[1:2].isupper()
