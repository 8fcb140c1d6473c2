"""Reads number words as digits, so that every pattern about a number is written once."""

from __future__ import annotations

from collections.abc import Mapping

import regex

from bot.components.normalise import Normalised

_WORD = regex.compile(r"[^\W\d]+(?:'[^\W\d]+)*")
_JOINERS = frozenset({" ", "-"})


def with_digits(message: Normalised, numerals: Mapping[str, int]) -> Normalised:
    """Return `message` with its number words written as digits ("tolv" becomes "12"); offsets still lead back.

    `numerals` maps normalised words, or two words with a space between, to their value.
    """
    if not numerals:
        return message
    words = list(_WORD.finditer(message.text))
    pieces: list[str] = []
    offsets: list[int] = []
    done = 0
    index = 0
    while index < len(words):
        start, end, value, used = _read(message.text, words, index, numerals)
        index += used
        if value is None:
            continue
        digits = str(value)
        pieces += [message.text[done:start], digits]
        offsets += [*message.offsets[done:start], *[message.offsets[start]] * len(digits)]
        done = end
    pieces.append(message.text[done:])
    offsets.extend(message.offsets[done:])
    return Normalised("".join(pieces), tuple(offsets))


def _read(
    text: str, words: list[regex.Match[str]], index: int, numerals: Mapping[str, int]
) -> tuple[int, int, int | None, int]:
    """Return start, end and value of the number that begins with word `index`, and how many words it took."""
    word = words[index]
    if index + 1 < len(words):
        following = words[index + 1]
        if text[word.end() : following.start()] in _JOINERS:
            pair = f"{word.group()} {following.group()}"
            if pair in numerals:
                return word.start(), following.end(), numerals[pair], 2
    return word.start(), word.end(), numerals.get(word.group()), 1
