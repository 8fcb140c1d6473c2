"""Bring back to their own script Arabic written with Latin letters and digits, and Ukrainian written in Latin.

Arabizi has no standard: the table follows the common chat alphabet (2=ء, 3=ع, 5=خ, 6=ط, 7=ح, 8=ق, 9=ص) and leaves the
short vowels out. Ukrainian follows the official table (Cabinet of Ministers, resolution 55 of 2010) read backwards,
with the common informal spellings. A Ukrainian text typed while the keyboard was set to Latin (`z ieraf. hj,jne`) is
brought back key by key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from services_catalog.analysis import is_ukrainian_word
from services_catalog.normalize import fold, words

_ARABIZI_DIGRAPHS = {
    "sh": "ش", "ch": "ش", "kh": "خ", "gh": "غ", "th": "ث", "dh": "ذ", "3'": "غ", "7'": "خ",
    "aa": "ا", "ee": "ي", "ii": "ي", "oo": "و", "ou": "و", "ai": "ي", "ay": "ي", "aw": "و",
}  # fmt: skip
_ARABIZI_LETTERS = {
    "2": "ا", "3": "ع", "5": "خ", "6": "ط", "7": "ح", "8": "ق", "9": "ص", "b": "ب", "t": "ت", "j": "ج", "g": "ج",
    "d": "د", "r": "ر", "z": "ز", "s": "س", "f": "ف", "q": "ق", "k": "ك", "l": "ل", "m": "م", "n": "ن", "h": "ه",
    "w": "و", "y": "ي", "v": "ف", "p": "ب", "x": "كس", "c": "ك", "i": "ي", "o": "و", "u": "و",
}  # fmt: skip
_DIGIT_IN_WORD = re.compile(r"(?<![\d\W])[2356789]|[23567](?=[a-z])", re.IGNORECASE)
_ARABIZI_WORDS = frozenset(
    "ana enta enti inta inti ibni ebni benti binti bidi beddi biddi baddi bdi 3ayez 3ayza ayez fein fen wen wein shou shu "
    "kif kifash keef bgit bghit wach wash chno chnou walla wallah habibi 3andi andi 3indi mish mesh mosh mafi fi fih aw "
    "w el al il bel 3ala 3la men min la2 eh zoji jozi mama baba lazem momken mumkin shoghl shughl shogol akhi okhti".split()
)

_UKRAINIAN = {
    "shch": "щ", "zgh": "зг", "zh": "ж", "kh": "х", "ts": "ц", "ch": "ч", "sh": "ш", "yu": "ю", "iu": "ю", "ju": "ю",
    "ya": "я", "ia": "я", "ja": "я", "ye": "є", "ie": "є", "je": "є", "yi": "ї", "ji": "ї", "jo": "йо", "yo": "йо",
    "a": "а", "b": "б", "v": "в", "h": "г", "g": "г", "d": "д", "e": "е", "z": "з", "y": "и", "i": "і", "j": "й",
    "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "r": "р", "s": "с", "t": "т", "u": "у", "f": "ф",
    "c": "ц", "w": "в", "x": "х", "q": "к", "'": "'",
}  # fmt: skip
_LONGEST_FIRST = re.compile("|".join(sorted(map(re.escape, _UKRAINIAN), key=len, reverse=True)))


def looks_like_arabizi(text: str) -> bool:
    """Tell whether a Latin text has the marks of Arabic: a digit used as a letter, or two of its commonest words."""
    folded = fold(text)
    if not folded.isascii() and not any("a" <= character <= "z" for character in folded):
        return False
    return bool(_DIGIT_IN_WORD.search(folded)) or len(_ARABIZI_WORDS.intersection(folded.split())) >= 2


def arabizi(text: str) -> str:
    """Return a text written in Arabizi in Arabic letters. A vowel at the start of a word becomes alef, short vowels
    inside words disappear."""
    return " ".join(_arabizi_word(word) for word in fold(text).split())


def _arabizi_word(word: str) -> str:
    if word.isdigit():
        return word
    written: list[str] = []
    position = 0
    while position < len(word):
        pair = word[position : position + 2]
        if pair in _ARABIZI_DIGRAPHS:
            written.append(_ARABIZI_DIGRAPHS[pair])
            position += 2
            continue
        letter = word[position]
        if letter in "aeiou" and position == 0:
            written.append("ا")
        elif letter in "ae":
            # a final a is long (ta marbuta or alef), a short one inside is not written
            written.append("ه" if letter in "ae" and position == len(word) - 1 else "")
        elif letter in "iou" and position < len(word) - 1:
            written.append("")
        else:
            written.append(_ARABIZI_LETTERS.get(letter, letter))
        position += 1
    return "".join(written)


def latin_ukrainian(text: str) -> str:
    """Return a Ukrainian text written in Latin letters in Cyrillic."""
    return _LONGEST_FIRST.sub(lambda match: _UKRAINIAN[match.group()], fold(text))


#: The keys of the Ukrainian keyboard, by what the same keys give on the Latin one.
_KEYS = str.maketrans(
    "qwertyuiop[]asdfghjkl;'zxcvbnm,.`" + 'QWERTYUIOP{}ASDFGHJKL:"ZXCVBNM<>~',
    "йцукенгшщзхїфівапролджєячсмитьбю'" + "ЙЦУКЕНГШЩЗХЇФІВАПРОЛДЖЄЯЧСМИТЬБЮ'",
)
#: From this share of Ukrainian words on, a text is taken for Ukrainian.
_MOST = 0.6
#: Latin spellings vary and hit the dictionary less often.
_SOME = 0.4
_SHORTEST_WORD = 3


def typed_on_latin_keys(text: str) -> str | None:
    """Return the Cyrillic text that somebody meant who typed Ukrainian on Latin keys; None for any other text."""
    if not text.isascii() or len(text.split()) < 2:
        return None
    meant = text.translate(_KEYS)
    return meant if _share_of_ukrainian(meant) >= _MOST else None


def looks_like_latin_ukrainian(text: str) -> bool:
    """Tell whether a text in Latin letters is Ukrainian: many of its words are, once written in Cyrillic."""
    return text.isascii() and _share_of_ukrainian(latin_ukrainian(text)) >= _SOME


def _share_of_ukrainian(text: str) -> float:
    told = [word for word in words(text) if len(word) >= _SHORTEST_WORD and not word.isdigit()]
    return sum(map(is_ukrainian_word, told)) / len(told) if told else 0.0


@dataclass(frozen=True)
class LatinSpelling:
    """A way to write a language in Latin letters. `looks_like` tells a text in it among all others, `may_be` among texts of
    that language; `read` brings it back to the language's own script."""

    looks_like: Callable[[str], bool]
    may_be: Callable[[str], bool]
    read: Callable[[str], str]


def _only_latin(text: str) -> bool:
    return all(word.isascii() for word in words(text))


#: By the name that a language's record gives (`latin_spelling`).
LATIN_SPELLINGS = {
    "arabizi": LatinSpelling(looks_like_arabizi, looks_like_arabizi, arabizi),
    "ukrainian": LatinSpelling(looks_like_latin_ukrainian, _only_latin, latin_ukrainian),
}
