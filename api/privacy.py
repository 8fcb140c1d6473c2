"""Take out of a message what must not be stored, logged or sent on: CPR numbers, phone numbers, e-mail and street
addresses with numbers, and names after "my name is".

Each is replaced by a short mark that the rest of the service understands as nothing. Ages, prices, opening hours and
emergency numbers stay, because the answer depends on them.
"""

from __future__ import annotations

import re

from services_catalog.normalize import normalize

#: Emergency and help numbers that people ask about; never taken for somebody's own number.
PUBLIC_NUMBERS = frozenset({"112", "113", "114", "1813", "1888", "116111", "116006", "116123"})

_CPR = re.compile(r"(?<!\d)(?:0[1-9]|[12]\d|3[01])[ .\-/]?(?:0[1-9]|1[0-2])[ .\-/]?\d{2}[ \-–./]{0,3}\d{4}(?!\d)")
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\d+])(?:(?:\+|00)\d{1,3}[ \-.]?)?(?:\(?\d{1,4}\)?[ \-.]?){1,6}\d{2,4}(?!\d)")
_STREET = re.compile(
    r"\b[^\W\d_][\w.'-]*(?:\s[^\W\d_][\w.'-]*)?"
    r"(?:vej|gade|gaden|vejen|alle|allé|stræde|plads|torv|vænget|parken|boulevard|vang|have|haven|kaj|bakke|stien)"
    r"\s\d{1,4}\s?[a-z]?\b(?:\s?,?\s?(?:st|kl|\d{1,2})\.?\s?(?:sal|tv|th|mf)?\.?)?",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?P<before>\b(?:jeg hedder|mit navn er|my name is|my name's|i am called|мене звати|моє ім'я|мене звуть|меня зовут|"
    r"اسمي|انا اسمي|إسمي)\s+(?:هو\s+|er\s+|is\s+|[—–:-]\s*)?)(?P<name>[^\W\d_][\w'’-]*(?:\s+[A-ZÆØÅÄÖА-ЯІЇЄҐ][\w'’-]*){0,2})",
    re.IGNORECASE,
)
_FEWEST_PHONE_DIGITS, _MOST_PHONE_DIGITS = 8, 13

CPR_MARK, EMAIL_MARK, PHONE_MARK, ADDRESS_MARK, NAME_MARK = "[CPR]", "[e-mail]", "[telefon]", "[adresse]", "[navn]"


def redact(text: str) -> str:
    """Return `text` with everything personal replaced. Text without anything personal comes back unchanged."""
    text = _EMAIL.sub(EMAIL_MARK, text)
    text = _replace_numbers(text)
    text = _STREET.sub(ADDRESS_MARK, text)
    return _NAME.sub(lambda match: match["before"] + NAME_MARK, text)


def _replace_numbers(text: str) -> str:
    """Replace CPR and phone numbers, found on the folded text so that digits of every script count."""
    folded = normalize(text)
    found: list[tuple[int, int, str]] = []
    for pattern, mark in ((_CPR, CPR_MARK), (_PHONE, PHONE_MARK)):
        for match in pattern.finditer(folded.text):
            if any(start < match.end() and match.start() < end for start, end, _ in found):
                continue
            if mark == PHONE_MARK and not _is_private_phone(match.group()):
                continue
            found.append((match.start(), match.end(), mark))
    for start, end, mark in sorted(found, reverse=True):
        first, last = folded.original_span(start, end)
        text = text[:first] + mark + text[last:]
    return text


def _is_private_phone(written: str) -> bool:
    digits = re.sub(r"\D", "", written)
    return _FEWEST_PHONE_DIGITS <= len(digits) <= _MOST_PHONE_DIGITS and digits not in PUBLIC_NUMBERS
