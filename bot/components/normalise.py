"""One spelling for the many ways the same word is typed, with a way back to the original characters.

Written for Danish, English, Ukrainian and Arabic as people type them on phones: composed and decomposed letters,
vocalised Arabic, Persian and Urdu keyboards, five kinds of apostrophe, Arabic-Indic digits, invisible direction marks.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

_APOSTROPHES = dict.fromkeys("’‘ʼʹ`´′＇‛ʻ՚", "'")
_HYPHENS = dict.fromkeys("‐‑‒–—―−", "-")
_QUOTES = dict.fromkeys("«»“”„‟", '"')
# Alef with its carriers, alef maqsura, ta marbuta, hamza carriers: typed and left out at will in all registers.
_ARABIC = {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي"}
# The Persian and Urdu keyboards' letters for the same sounds.
_ARABIC |= {"ک": "ك", "ی": "ي", "ے": "ي", "ہ": "ه"}
_ARABIC_MARKS = {"،": ",", "؟": "?", "؛": ";", "٫": ".", "٬": ","}
_FOLDS = {**_APOSTROPHES, **_HYPHENS, **_QUOTES, **_ARABIC, **_ARABIC_MARKS}
_TATWEEL = "ـ"
# A Ukrainian keyboard has і; a Latin one has i, and the two look alike: "дiти".
_LATIN_I = {"i": "і", "I": "і"}


@dataclass(frozen=True)
class Normalised:
    """A normalised, lower-cased text.

    `offsets` has one entry more than `text` has characters: `offsets[i]` is the index in the original text of the
    character that `text[i]` comes from, and the last entry is the original's length.
    """

    text: str
    offsets: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original text for `text[start:end]` (not empty), dropped marks included."""
        stop = end
        # One original character may have become several ("ﻻ"): never cut it in half.
        while stop < len(self.text) and self.offsets[stop] == self.offsets[end - 1]:
            stop += 1
        return self.offsets[start], self.offsets[stop]


def normalise(original: str) -> Normalised:
    """Return `original` normalised: NFKC, lower case, one apostrophe, hyphen, quote and digit set, folded Arabic."""
    if original.isascii():
        # Control characters become spaces one for one, so that offsets stay the identity.
        text = "".join(char if char >= " " and char != "\x7f" else " " for char in original).lower().replace("`", "'")
        return Normalised(text, tuple(range(len(text) + 1)))
    chars: list[str] = []
    offsets: list[int] = []
    for start, cluster in _clusters(original):
        kept = _folded(cluster)
        chars += kept
        offsets += [start] * len(kept)
    offsets.append(len(original))
    return Normalised(_one_script_per_word(chars), tuple(offsets))


def fold(text: str) -> str:
    """Return only the normalised text, for lists of words that are compared with normalised text."""
    return normalise(text).text


def _clusters(text: str) -> list[tuple[int, str]]:
    """Split into base characters with the combining marks that follow them, each with its index."""
    clusters: list[tuple[int, str]] = []
    for index, char in enumerate(text):
        if clusters and unicodedata.combining(char):
            start, cluster = clusters[-1]
            clusters[-1] = (start, cluster + char)
        else:
            clusters.append((index, char))
    return clusters


@lru_cache(maxsize=4096)
def _folded(cluster: str) -> str:
    """Return what remains of one letter with its marks; the letters of our languages are remembered."""
    # NFKC would make "1½" an 11 over 2.
    composed = cluster if unicodedata.category(cluster[0]) == "No" else unicodedata.normalize("NFKC", cluster)
    return "".join(map(_fold, composed))


def _fold(char: str) -> str:
    """Return what remains of one NFKC character: nothing, itself in lower case, or its fold."""
    if char in _FOLDS:
        return _FOLDS[char]
    if char.isascii():
        return char.lower() if char >= " " else " "
    if char == _TATWEEL:
        return ""
    category = unicodedata.category(char)
    if category == "Nd":
        # Also Arabic-Indic and Persian digits: `\d` matches them, `int` reads them, word lists do not.
        return str(unicodedata.decimal(char))
    if category in ("Mn", "Cf"):
        return ""  # tashkeel that did not compose, direction marks, joiners, soft hyphens
    if category in ("Zs", "Zl", "Zp", "Cc"):
        return " "
    return char.lower()


def _one_script_per_word(chars: list[str]) -> str:
    """Turn a Latin i that stands beside a Cyrillic letter into the Cyrillic one."""
    for index, char in enumerate(chars):
        if char in _LATIN_I:
            before = chars[index - 1] if index else " "
            after = chars[index + 1] if index + 1 < len(chars) else " "
            if _is_cyrillic(before) or _is_cyrillic(after):
                chars[index] = _LATIN_I[char]
    return "".join(chars)


def _is_cyrillic(char: str) -> bool:
    return "\u0400" <= char[:1] <= "\u052f"
