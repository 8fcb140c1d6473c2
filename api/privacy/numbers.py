"""CPR and phone numbers in a folded text (digits of every script are 0 to 9 there), told from harmless numbers."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from api.privacy.spans import CPR_MARK, PHONE_MARK, Span, blanked
from services_catalog.normalize import fold

#: Help lines of eight digits that people ask about; the shorter ones are too short to be somebody's own. As published by
#: the City of Copenhagen (33 66 33 66), its centres (33 17 33 33), Danner (33 33 00 47), Livslinien (70 201 201), Lev Uden
#: Vold (70 20 30 82) and Mødrehjælpen (33 45 86 30).
PUBLIC_NUMBERS = frozenset({"33663366", "33173333", "33330047", "70201201", "70203082", "33458630"})

_DASH = r"\-‐‑‒–—−"
_DAY, _MONTH, _YEAR = r"(?:0[1-9]|[12]\d|3[01])", r"(?:0[1-9]|1[0-2])", r"(?:(?:19|20)?\d\d)"
_SEPARATOR = rf"[ ./{_DASH}]{{0,2}}"
#: Ten digits that begin with a day and a month. No check digit: numbers given out since 2007 need not have one.
_CPR = re.compile(rf"(?<!\d){_DAY}{_SEPARATOR}{_MONTH}{_SEPARATOR}{_YEAR}[ ./(,{_DASH}]{{0,4}}\d{{4}}(?!\d)")
_WORDS_FOR_CPR = "|".join(
    map(fold, ["cpr", "цпр", "сипіар", "сіпіар", "سي بي ار", "سي بي آر", "personnummer", "persnr", "personal number"])
)
#: What follows such a word, whatever it looks like: a number with a slip of the finger, or its first half alone.
_CALLED_CPR = re.compile(
    rf"(?:{_WORDS_FOR_CPR})[^\d.?!\[\]\0]{{0,20}}?(?P<number>\d(?:[ ./{_DASH}]{{0,3}}\d){{5,11}})(?!\d)"
)
#: The two halves apart: "born 120388, the last four are 4471".
_LAST_FOUR = re.compile(
    r"(?:(?P<date>(?<!\d)\d\d[ ./-]?\d\d[ ./-]?\d\d(?!\d))[^\d\[\]\0]{1,30})?"
    r"(?:sidste (?:fire|4)|last (?:four|4)|останні (?:чотири|4)|последние (?:четыре|4)|اخر (?:اربع|اربعه|4))"
    r"[^\d\[\]\0]{0,20}(?P<four>(?<!\d)\d{4}(?!\d))"
)

_RUN = re.compile(rf"[+(]{{0,2}}\d(?:[ ./(){_DASH}]{{0,3}}+\d)*+")
_HOUR = r"(?:[01]?\d|2[0-4])[.]?[0-5]\d"
_HOURS = re.compile(rf"{_HOUR}\s?[{_DASH}]\s?{_HOUR}")
_YEAR_OF_FOUR = r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"0?\d{{1,2}}[ ./{_DASH}]{_MONTH}[ ./{_DASH}]{_YEAR_OF_FOUR}|{_YEAR_OF_FOUR}[{_DASH}/.]{_MONTH}[{_DASH}/.]{_DAY}"
    rf"|{_YEAR_OF_FOUR}\s?[{_DASH}/]\s?{_YEAR_OF_FOUR}"
)
_SUM = re.compile(r"\d{1,3}(?:[ .]\d{3})*[ .]000")
_GROUP = re.compile(r"\d+")
_CURRENCY = (
    r"kr|kroner|krone|dkk|euro?|eur|usd|\$|€|£|%|mio|mill|million\w*|тис|крон\w*|кр|грн|гривень|كرون\w*|يورو|دولار|ليره"
)
_UNITS = (
    r"år|års|timer?|min|minutter|dage?|uger?|måneder|km|m2|kvm|years?|yrs|hours?|hrs|minutes?|days?|weeks?|months?|sqm|"
    r"рок\w*|років|годин\w*|днів|дні|тижн\w*|місяц\w*|лет|سنه|سنوات|سنين|ساعه|ساعات|يوم|ايام|شهر|اشهر|متر"
)
_THEN_UNIT = re.compile(rf"\s{{0,2}}(?:{_CURRENCY}|{_UNITS})(?!\w)")
_AFTER_CURRENCY = re.compile(rf"(?<!\w)(?:{_CURRENCY})\.?\s{{0,2}}$")
#: How people group the eight digits of a Danish number.
_DANISH = {
    (8,), (4, 4), (2, 2, 2, 2), (2, 3, 3), (3, 2, 3), (3, 3, 2), (2, 6), (6, 2), (4, 2, 2), (2, 2, 4), (2, 4, 2), (1, 7),
}  # fmt: skip
_DANISH_DIGITS = 8
#: Fewest and most digits of a number of another country, its code included.
_FEWEST, _MOST = 8, 15
_MOST_GROUPS = 8
#: Fewest without it, the leading 0 included.
_FEWEST_AT_HOME = 9


def find_numbers(folded: str) -> list[Span]:
    """Return the CPR and phone numbers of a folded text."""
    cpr = [
        Span(*found.span(), CPR_MARK) for found in _CPR.finditer(folded) if not _THEN_UNIT.match(folded, found.end())
    ]
    rest = blanked(folded, cpr)
    cpr += [
        Span(*found.span("number"), CPR_MARK)
        for found in _CALLED_CPR.finditer(rest)
        if _digits(found["number"]) not in PUBLIC_NUMBERS
    ]
    cpr += [
        Span(*found.span(part), CPR_MARK)
        for found in _LAST_FOUR.finditer(rest)
        for part in ("date", "four")
        if found[part]
    ]
    rest = blanked(rest, cpr)
    return cpr + [Span(*span, PHONE_MARK) for run in _RUN.finditer(rest) for span in _phones(rest, run)]


def _phones(text: str, run: re.Match[str]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of the phone numbers in a run of digits and what may stand between them."""
    groups = [(found.start(), found.end()) for found in _GROUP.finditer(text, run.start(), run.end())]
    first, alone = 0, True
    while first < len(groups):
        count = _groups_of_phone(text, groups[first : first + _MOST_GROUPS], alone)
        alone = count > 0
        if count:
            start, end = groups[first][0], groups[first + count - 1][1]
            if not _harmless(text, groups[first : first + count]):
                yield (start - 1 if text[start - 1 : start] == "+" else start), end
        first += count or 1


def _groups_of_phone(text: str, groups: Sequence[tuple[int, int]], alone: bool) -> int:
    """Return how many of the groups, from the first on, make up one phone number; 0 where none begins.
    `alone` tells that no other digits stand before them."""
    start = groups[0][0]
    lengths = [end - begin for begin, end in groups]
    first = text[start : groups[0][1]]
    abroad = text[max(start - 1, 0) : start] == "+" or first.startswith("00")
    if abroad or first.startswith("0"):
        if first in ("45", "0045"):
            count = _adding_up_to(_DANISH_DIGITS, lengths[1:])
            return 1 + count if count else 0
        fewest = _FEWEST if abroad else _FEWEST_AT_HOME
        fitting = [count for count in range(1, len(lengths) + 1) if fewest <= sum(lengths[:count]) <= _MOST]
        return max(fitting, default=0)
    if first == "45" and (count := _adding_up_to(_DANISH_DIGITS, lengths[1:])):
        return 1 + count
    if _DANISH_DIGITS < lengths[0] <= _MOST:
        return 1
    count = _adding_up_to(_DANISH_DIGITS, lengths)
    if count and tuple(lengths[:count]) in _DANISH and (first[0] in "23456789" or count == 1):
        return count
    return len(lengths) if alone and _DANISH_DIGITS < sum(lengths) <= _MOST and min(lengths) > 1 else 0


def _adding_up_to(digits: int, lengths: Sequence[int]) -> int | None:
    """Return how many of the lengths, from the first on, add up to `digits`."""
    sums = itertools.accumulate(lengths)
    return next((count for count, total in enumerate(sums, 1) if total == digits), None)


def _harmless(text: str, groups: Sequence[tuple[int, int]]) -> bool:
    """Tell whether what looks like a phone number is a sum, a date, a span of years or of hours, or a public number."""
    start, end = groups[0][0], groups[-1][1]
    written = [text[begin:stop] for begin, stop in groups]
    if (
        "".join(written) in PUBLIC_NUMBERS
        or _THEN_UNIT.match(text, end)
        or _AFTER_CURRENCY.search(text[max(start - 12, 0) : start])
    ):
        return True
    return bool(
        _DATE.fullmatch(text, start, end) or _HOURS.fullmatch(text, start, end) or _SUM.fullmatch(text, start, end)
    )


def _digits(written: str) -> str:
    return "".join(_GROUP.findall(written))
