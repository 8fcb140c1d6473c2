"""One way of writing a text down, the same everywhere, with the way back to the original characters.

Folded: compatibility forms (NFKC), case, Arabic vowel signs and tatweel, the forms of alef, ya and ta marbuta, every
apostrophe and quotation mark, every digit of every script. Control characters, bidirectional marks and zero-width
joiners disappear. Danish æ, ø, å stay; `skeleton` makes them meet ae, oe, aa, a and o, and letters of added languages
what their records say.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from dataclasses import dataclass

from services_catalog.languages import LANGUAGES

_ARABIC_FOLDS = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ئ": "ي",
        "ؤ": "و",
        "ة": "ه",
        "ک": "ك",
        "ی": "ي",
        "گ": "ك",
        "چ": "ج",
        "پ": "ب",
        "ڤ": "ف",
    }
)
_APOSTROPHES = dict.fromkeys(map(ord, "’ʼ`´‘ʹ′＇"), "'")
_QUOTES = dict.fromkeys(map(ord, "“”„«»‟＂"), '"')
_FOLDS = _ARABIC_FOLDS | _APOSTROPHES | _QUOTES
_TATWEEL = "ـ"
_MARKUP = re.compile(r"<[^<>]{1,200}>")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*", re.UNICODE)
_REPEATED = re.compile(r"(\w)\1{2,}")


@dataclass(frozen=True)
class NormalizedText:
    """`text` after folding; `offsets[i]` is the index in the original of the character that `text[i]` came from."""

    text: str
    offsets: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open range in the original that the range `start:end` of the folded text came from."""
        if start >= end:
            return (0, 0)
        return self.offsets[start], self.offsets[end - 1] + 1


@dataclass(frozen=True)
class Token:
    """A word of a folded text, with its half-open range there."""

    text: str
    start: int
    end: int


def normalize(text: str) -> NormalizedText:
    """Fold a text of any length; every output character keeps the index of its source character."""
    folded: list[str] = []
    offsets: list[int] = []
    for index, character in enumerate(text):
        for piece in _fold(character):
            folded.append(piece)
            offsets.append(index)
    return NormalizedText("".join(folded), tuple(offsets))


@functools.lru_cache(maxsize=8192)
def _fold(character: str) -> str:
    if character.isascii():
        return character.lower().translate(_FOLDS) if character.isprintable() else " "
    category = unicodedata.category(character)
    if category in ("Cf", "Cc", "Cs", "Co") or character == _TATWEEL:
        return " " if character in "\u2028\u2029" else ""
    # й, ї and å must stay whole, so compose (NFKC) instead of stripping every combining mark
    if category == "Mn":
        return "" if "\u0600" <= character <= "\u06ff" else character
    if category == "Nd":
        return str(unicodedata.digit(character))
    compatible = unicodedata.normalize("NFKC", character).casefold()
    return compatible.translate(_FOLDS)


def fold(text: str) -> str:
    """Return the folded text alone, composed, for comparing and indexing."""
    return unicodedata.normalize("NFC", "".join(map(_fold, text)))


def tokens(folded: str) -> list[Token]:
    """Split a folded text into words; an apostrophe inside a word (`ім'я`) does not split it."""
    return [Token(match.group(), match.start(), match.end()) for match in _WORD.finditer(folded)]


def words(text: str) -> list[str]:
    """Return the folded words of any text."""
    return _WORD.findall(fold(text))


_NORDIC = {"æ": "a", "ø": "o", "å": "a", "ä": "a", "ö": "o", "é": "e", "è": "e", "ü": "y"}
#: With the letters of the other languages; where two write one letter differently, the first of LANGUAGES decides.
_SKELETON = str.maketrans(
    {letter: plain for one in reversed(LANGUAGES.values()) for letter, plain in one.letters.items()} | _NORDIC
)


def without_markup(text: str) -> str:
    """Return a text without tags such as `<b>`: they are no words of the person."""
    return _MARKUP.sub(" ", text)


@functools.lru_cache(maxsize=50_000)
def skeleton(word: str) -> str:
    """Return a Latin word as it looks without Danish letters: `børn`, `boern` and `born` become the same."""
    plain = word.translate(_SKELETON)
    plain = plain.replace("aa", "a").replace("ae", "a").replace("oe", "o")
    return _REPEATED.sub(r"\1", plain)


_LETTER_FOLDS = str.maketrans(
    {
        "ы": "и",
        "і": "и",
        "ї": "и",
        "э": "е",
        "є": "е",
        "ё": "е",
        "ґ": "г",
        "ъ": "",
        "ь": "",
        "'": "",
        "ث": "ت",
        "ذ": "د",
        "ظ": "ض",
    }
)


@functools.lru_cache(maxsize=50_000)
def letter_skeleton(word: str) -> str:
    """Return a word as its letters sound to a careless writer of any of the scripts: for comparing letter by letter."""
    return skeleton(word).translate(_LETTER_FOLDS)
