"""Finds offers by name in a message. The names come from a generated file, read again when it changes.

The file is JSON, `{"<offer id>": ["name", "another name", ...]}`, in any language, written when the catalogue is
built or an offer is published; without the file no name is found and nothing else changes.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import regex

from bot.components.finding import Finding
from bot.components.normalise import Normalised, fold, normalise

logger = logging.getLogger(__name__)

_WORD = regex.compile(r"[\w']+")
_SHORTEST_NAME = 3
_SHORTEST_STEM = 4
_LONGEST_ENDING = 3
# Prepositions, conjunctions and the article that Arabic writes together with the word.
_ARABIC_PREFIX = regex.compile(r"(?:و|ف)?(?:بال|كال|لل|ال|ب|ل|ك)?(?=\p{Arabic}{3})")
_SECONDS_BETWEEN_LOOKS = 2.0

_Name = tuple[str, ...]


class NameIndex:
    """Names by their first word's stem, so that a message costs one look-up per word however many offers there are."""

    def __init__(self, names: Mapping[str, list[str]]) -> None:
        self._by_first: dict[str, list[tuple[_Name, str]]] = {}
        for offer, listed in names.items():
            for name in listed:
                words = tuple(_stem(word) for word in _WORD.findall(fold(name)))
                if words and len("".join(words)) >= _SHORTEST_NAME:
                    self._by_first.setdefault(_key(words[0]), []).append((words, offer))
        for candidates in self._by_first.values():
            candidates.sort(key=lambda candidate: sum(map(len, candidate[0])), reverse=True)

    def find(self, text: str) -> Iterator[Finding]:
        """Yield the longest names in `text`; an ending ("Muhabets", "Мухабету") or an Arabic prefix may be added."""
        message = normalise(text)
        words = list(_WORD.finditer(message.text))
        stems = [_stem(word.group()) for word in words]
        index = 0
        while index < len(words):
            # the longest name that stands here, and of two as long the one listed first
            found = next(
                (
                    (name, offer)
                    for name, offer in self._by_first.get(_key(stems[index]), ())
                    if _same(name, stems[index : index + len(name)])
                ),
                None,
            )
            if found is None:
                index += 1
                continue
            name, offer = found
            yield _finding(message, words[index].start(), words[index + len(name) - 1].end(), offer)
            index += len(name)


def _finding(message: Normalised, start: int, end: int, offer: str) -> Finding:
    return Finding("offer_name", offer, *message.original_span(start, end))


def _key(word: str) -> str:
    return word[:_SHORTEST_STEM]


def _stem(word: str) -> str:
    return _ARABIC_PREFIX.sub("", word, count=1)


def _same(name: _Name, words: list[str]) -> bool:
    if len(words) != len(name):
        return False
    return all(_inflected(written, listed) for listed, written in zip(name, words, strict=True))


def _inflected(written: str, listed: str) -> bool:
    """Tell whether `written` is `listed`, perhaps with another short ending; words of few letters must be the same."""
    if written == listed:
        return True
    if len(listed) < _SHORTEST_STEM:
        return False
    # Ukrainian exchanges its last vowel, the others only add to the word.
    stem = listed[:-1] if "\u0400" <= listed[-1] <= "\u052f" and len(listed) > _SHORTEST_STEM else listed
    return written.startswith(stem) and len(written) - len(stem) <= _LONGEST_ENDING


class NameFile:
    """Keeps a NameIndex of a file up to date, at most two seconds behind: a published offer is known at once."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._index = NameIndex({})
        self._stamp: tuple[int, int] | None = None
        self._next_look = 0.0

    def index(self) -> NameIndex:
        """Return the names as the file has them now; the last good ones while it is missing or broken."""
        if self._path is not None and time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + _SECONDS_BETWEEN_LOOKS
            self._look(self._path)
        return self._index

    def _look(self, path: Path) -> None:
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if stamp != self._stamp:
                self._index = NameIndex(json.loads(path.read_text(encoding="utf-8")))
                self._stamp = stamp
        except FileNotFoundError:
            return
        except (OSError, ValueError, AttributeError, TypeError) as error:
            logger.warning("The offer names in %s cannot be read (%s); the last good ones are used.", path, error)
