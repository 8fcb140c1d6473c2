"""E-mail addresses, also with the sign written as a word, in a folded text."""

from __future__ import annotations

import re

from api.privacy.spans import EMAIL_MARK, Span, blanked

_LOCAL = r"(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}"
_WORD = r"[^\W_](?:[\w.%+-]{0,62}[\w])?"
_PART = r"[a-z0-9-]{1,63}"
#: Letters right before or behind an address are no part of it unless they are Latin too.
_USUAL = re.compile(rf"{_LOCAL}\s?@\s?{_PART}(?:(?:\.|\s\.\s?){_PART}(?![a-z0-9-]))+")
_OTHER_LETTERS = re.compile(rf"(?<![\w.%+-]){_WORD}@{_WORD}\.\w{{2,24}}")

_PROVIDER = "gmail|hotmail|outlook|yahoo|live|icloud|protonmail|webmail|جيميل|هوتميل|ياهو|اوتلوك"
_SIGN = r"(?:snabel\s?-?\s?a|\(\s?(?:at|a|snabel-?a)\s?\)|\[\s?at\s?\]|собак[аи]|собачка|равлик|ات|@)"
_SAID_DOT = r"(?:dot|punktum|prik|крапка|точка|дот|دوت|نقطه)"
_END = r"(?:dk|com|net|org|eu|de|se|no|ua|ru|uk|co|edu|info|me|io|كوم|ком|юа|نت)"
_NAMES = rf"(?<![\w.%+-]){_WORD}(?:\s+{_SAID_DOT}\s+[\w-]{{1,63}}){{0,2}}"
_SPOKEN = re.compile(
    # with a word for the sign that means nothing else
    rf"{_NAMES}\s?{_SIGN}\s?[\w-]{{1,63}}(?:\s?(?:\.|\s{_SAID_DOT}\s)\s?[\w-]{{1,63}})?\s?(?:\.|\s?{_SAID_DOT})\s?{_END}(?!\w)"
    # "at", which is a word of Danish too, only before what is surely the other half
    rf"|{_NAMES}\s(?:at|ет)\s[\w-]{{1,63}}(?:\s{_SAID_DOT}\s{_END}|\.(?:dk|com|net|org|eu|ua|uk))(?!\w)"
    rf"|{_NAMES}\s?(?:{_SIGN}|\sat)\s?(?:{_PROVIDER})(?!\w)"
)


def find_emails(folded: str) -> list[Span]:
    """Return the e-mail addresses of a folded text."""
    found: list[Span] = []
    for pattern in (_USUAL, _OTHER_LETTERS, _SPOKEN):
        rest = blanked(folded, found)
        found += [Span(match.start(), match.end(), EMAIL_MARK) for match in pattern.finditer(rest)]
    return found
