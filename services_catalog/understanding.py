"""Read the facts in a sentence: who needs help, how old, where, in what circumstances.

Everything language-specific is data (`vocabulary/`); this module only applies it to the folded text. All languages are
tried on every text, because people mix them ("min søn er 8 sanawat").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from services_catalog.catalogue import Catalogue
from services_catalog.expressions import Expressions
from services_catalog.normalize import fold, skeleton, words
from services_catalog.profile import Profile, Span

#: A negator this many words before a phrase turns it round.
_NEGATION_REACH = 2
_MONTHS_IN_A_YEAR = 12
_OLDEST = 110
_ADULT = Span(minimum=18, maximum=120)


@dataclass(frozen=True)
class Understanding:
    """The facts of one text, and the foreign place it names, if any (an id of `other_places`)."""

    profile: Profile
    other_place: str | None


class Reader:
    """Reads texts with the vocabulary of one catalogue. Safe to share between threads."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._patterns = [_Patterns(expressions) for expressions in catalogue.expressions.values()]
        self._negators = frozenset(
            skeleton(fold(word)) for expressions in catalogue.expressions.values() for word in expressions.negators
        )
        self._answers = frozenset(
            skeleton(fold(word)) for expressions in catalogue.expressions.values() for word in expressions.answers
        )
        self._city = _PhraseBook({key: one.called for key, one in catalogue.municipalities.items()})
        self._situations = _PhraseBook({key: one.phrases for key, one in catalogue.situations.items()})
        self._districts = _PhraseBook({key: one.phrases for key, one in catalogue.districts.items()})
        own = {name for one in catalogue.municipalities.values() for names in one.called.values() for name in names}
        self._places = _PhraseBook(
            {
                key: one.phrases
                for key, one in catalogue.other_places.items()
                if own.isdisjoint(name for names in one.phrases.values() for name in names)
            }
        )
        self._living = _PhraseBook({"living": {one.id: one.living for one in catalogue.expressions.values()}})
        self._implies = {key: _closure(key, catalogue) for key in catalogue.situations}
        self.excludes = {key: one.excludes for key, one in catalogue.situations.items()}

    def read(self, text: str) -> Understanding:
        """Return the facts of `text` (any language, any length)."""
        folded = fold(text)
        tokens = [skeleton(word) for word in words(text)]
        said, denied = set[str](), set[str]()
        for situation, start in self._situations.find(tokens):
            (denied if self._is_denied(tokens, start) else said).add(situation)
        implied = {implied for situation in said for implied in self._implies[situation]}
        districts = self._where(tokens)
        place = next((place for place, _ in self._places.find(tokens)), None)
        numbers = _merge(pattern.read(folded) for pattern in self._patterns)
        profile = Profile(
            districts=frozenset(districts),
            situations=frozenset((said | implied) - denied),
            not_situations=frozenset(denied - said),
            **numbers,
        )
        in_the_city = bool(districts) or any(True for _ in self._city.find(tokens))
        return Understanding(profile, None if in_the_city else place)

    def _is_denied(self, tokens: Sequence[str], start: int) -> bool:
        """Tell whether a negator stands before the word at `start`; one that is an answer counts only right before it."""
        window = tokens[max(0, start - _NEGATION_REACH) : start]
        return bool(self._negators.intersection(window[-1:])) or bool(
            (self._negators - self._answers).intersection(window)
        )

    def _where(self, tokens: Sequence[str]) -> set[str]:
        """Return the districts somebody says to live in; if none, those that are merely named."""
        named, lived_in = set[str](), set[str]()
        for district, start in self._districts.find(tokens):
            if self._is_denied(tokens, start):
                continue
            named.add(district)
            # the preposition may stand between: "we live out in", "ساكنين ب"
            if any(stop > start - _NEGATION_REACH for _, stop in self._living.find_ends(tokens[:start])):
                lived_in.add(district)
        return lived_in or named


class _PhraseBook:
    """Finds multi-word phrases in a list of words, longest first, by their first word."""

    def __init__(self, phrases: Mapping[str, Mapping[str, Sequence[str]]]) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for key, by_language in phrases.items():
            for phrase in (phrase for group in by_language.values() for phrase in group):
                parts = tuple(skeleton(word) for word in words(phrase))
                if parts:
                    self._by_first.setdefault(parts[0], []).append((parts, key))
        for entries in self._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def find_ends(self, tokens: Sequence[str]) -> Iterator[tuple[str, int]]:
        """Yield each phrase found with the position after its last word."""
        for start, word in enumerate(tokens):
            for parts, key in self._by_first.get(word, ()):
                if tuple(tokens[start : start + len(parts)]) == parts:
                    yield key, start + len(parts)

    def find(self, tokens: Sequence[str]) -> Iterator[tuple[str, int]]:
        """Yield each phrase found with the position of its first word."""
        for start, word in enumerate(tokens):
            for parts, key in self._by_first.get(word, ()):
                if tuple(tokens[start : start + len(parts)]) == parts:
                    yield key, start


class _Patterns:
    """The compiled number patterns of one language."""

    def __init__(self, expressions: Expressions) -> None:
        self._values = {fold(word): number for word, number in expressions.number_words.items()}
        number = "|".join([r"\d{1,3}", *map(re.escape, sorted(self._values, key=len, reverse=True))])
        self._any_number = re.compile(rf"(?<!\w)(?:{number})")
        self._compiled = {
            name: [re.compile(pattern.replace("{n}", f"(?P<n>{number})")) for pattern in patterns]
            for name, patterns in (
                ("not_age", expressions.not_age),
                ("school_grade", expressions.school_grade),
                ("years_in_denmark", expressions.years_in_denmark),
                ("age", expressions.age),
            )
        }
        self._not_for_children = [re.compile(pattern) for pattern in expressions.not_for_children]
        self._stages = [
            (Span(minimum=stage.minimum, maximum=stage.maximum), re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)"))
            for stage in expressions.life_stages
            if (alternatives := "|".join(re.escape(fold(phrase)) for phrase in stage.phrases))
        ]

    def read(self, folded: str) -> dict[str, tuple[Span, ...]]:
        found: dict[str, tuple[Span, ...]] = {}
        rest = folded
        for name in (
            () if self._any_number.search(folded) is None else ("school_grade", "years_in_denmark", "not_age", "age")
        ):
            spans = []
            for pattern in self._compiled[name]:
                for match in pattern.finditer(rest):
                    number = self._number(match)
                    if number is not None and number <= _OLDEST:
                        spans.append(Span(minimum=number, maximum=number))
                # a number is read once: what one pattern took is gone for the next
                rest = pattern.sub(lambda match: " " * len(match.group()), rest)
            if spans and name != "not_age":
                found[name] = tuple(dict.fromkeys(spans))
        for pattern in self._not_for_children:
            folded, times = pattern.subn(" ", folded)
            if times and "age" not in found:
                found["age"] = (_ADULT,)
        if "age" not in found:
            stages = tuple(span for span, pattern in self._stages if pattern.search(folded))
            if stages:
                found["age"] = stages
        return found

    def _number(self, match: re.Match[str]) -> int | None:
        groups = match.groupdict()
        if groups.get("months"):
            return int(groups["months"]) // _MONTHS_IN_A_YEAR
        text = groups.get("n")
        if text is None:
            return None
        return int(text) if text.isdigit() else self._values.get(text)


def _merge(found: Iterator[dict[str, tuple[Span, ...]]]) -> dict[str, tuple[Span, ...]]:
    merged: dict[str, tuple[Span, ...]] = {}
    for numbers in found:
        for name, spans in numbers.items():
            merged[name] = tuple(dict.fromkeys((*merged.get(name, ()), *spans)))
    return merged


def implied_by(situations: Iterable[str], catalogue: Catalogue) -> frozenset[str]:
    """Return all that some situations imply."""
    return frozenset[str]().union(*(_closure(one, catalogue) for one in situations if one in catalogue.situations))


def _closure(situation: str, catalogue: Catalogue) -> frozenset[str]:
    """Return everything a situation implies, directly or through others."""
    reached: set[str] = set()
    waiting = [situation]
    while waiting:
        for implied in catalogue.situations[waiting.pop()].implies:
            if implied not in reached:
                reached.add(implied)
                waiting.append(implied)
    return frozenset(reached)
