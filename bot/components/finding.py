"""Finds what a message says about a person and an offer: ages, grades, districts, situations, ordinals, languages.

Pure: text and language in, findings out. The words are in `bot/gazetteers/`, the syntax in `gazetteer.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import regex

from bot.components.gazetteer import Gazetteer, Rule
from bot.components.normalise import Normalised, normalise
from bot.components.numerals import with_digits

#: Ages above this are typing errors, amounts or years.
OLDEST = 110
ADULT = 18
HIGHEST_GRADE = 10
#: More than this many offers are never shown at once, so a higher number is no choice among them.
MOST_SHOWN = 5
_NEGATOR_REACH = 3
_STAYS = frozenset({"newly-arrived", "long-resident"})
_WORD = regex.compile(r"[\w']+|[.!?;,]")
_SCRIPTS = {
    "latin": regex.compile(r"\p{Latin}"),
    "cyrillic": regex.compile(r"\p{Cyrillic}"),
    "arabic": regex.compile(r"\p{Arabic}"),
}
_ONLY_A_NUMBER = regex.compile(r"\W{0,3}(?P<n>\d{1,3})\W{0,3}")


@dataclass(frozen=True)
class Finding:
    """One entity: `start` and `end` are offsets into the original text, end exclusive.

    `role` is child, self or other for an age; "not" for a situation that was denied ("I am not a refugee").
    """

    entity: str
    value: str | int
    start: int
    end: int
    role: str | None = None


def find(text: str, language: str | None, gazetteers: Mapping[str, Gazetteer]) -> list[Finding]:
    """Return every finding in `text`, in order; its own language is read first, then those whose script it has.

    `language` is a BCP 47 tag or None; a tag without a gazetteer means that no language is preferred.
    """
    plain = normalise(text)
    numbered = with_digits(plain, gazetteers[language].numerals) if language in gazetteers else plain
    found: list[Finding] = []
    for gazetteer in _in_order(plain.text, language, gazetteers):
        own = gazetteer.tag == language
        if not own and language in gazetteers and gazetteer.script == gazetteers[language].script:
            # names are the same in both languages; words are not: "gang" is a band in English and a time in Danish
            _add(found, _named("district", plain, gazetteer))
            # who was answered in English goes back in her own words: "pisz po polsku"
            _add(found, (one for one in _named("language_name", plain, gazetteer) if one.value == gazetteer.tag))
            continue
        message = numbered if own else plain
        for entity in ("age", "school_grade", "ordinal"):
            if own or not _has(found, entity):
                _add(found, _numbers(entity, message, gazetteer))
        for entity in ("district", "language_name"):
            _add(found, _named(entity, plain, gazetteer))
        _add(found, _situations(plain, gazetteer))
    _add(found, _bare_number(numbered, found))
    found = [finding for finding in found if not _is_duration(finding, found)]
    return sorted(found, key=lambda finding: (finding.start, finding.end, finding.entity))


def concepts(text: str, language: str | None, gazetteers: Mapping[str, Gazetteer]) -> list[str]:
    """Return the names of what `text` speaks of (money, where, theme_work …), in order of first mention.

    Of the languages that share the message's own script only its own is read: "i" is I in English and you in Danish.
    """
    plain = normalise(text).text
    own = gazetteers[language].script if language in gazetteers else None
    first: dict[str, int] = {}
    for gazetteer in _in_order(plain, language, gazetteers):
        if gazetteer.script == own and gazetteer.tag != language:
            continue
        for rule in gazetteer.rules["concept"].for_text(plain):
            match = rule.pattern.search(plain)
            if match is not None:
                name = str(rule.value)
                first[name] = min(match.start(), first.get(name, match.start()))
    return sorted(first, key=lambda name: (first[name], name))


def _in_order(text: str, language: str | None, gazetteers: Mapping[str, Gazetteer]) -> Iterator[Gazetteer]:
    if language in gazetteers:
        yield gazetteers[language]
    for tag, gazetteer in gazetteers.items():
        if tag != language and _SCRIPTS[gazetteer.script].search(text):
            yield gazetteer


def _is_duration(finding: Finding, found: Iterable[Finding]) -> bool:
    """Tell whether an age is part of a longer stretch that says how long somebody has been here."""
    return finding.entity == "age" and any(
        other.value in _STAYS and other.start <= finding.start and finding.end < other.end for other in found
    )


def _has(found: Iterable[Finding], entity: str) -> bool:
    return any(finding.entity == entity for finding in found)


def _add(found: list[Finding], new: Iterable[Finding]) -> None:
    """Keep what no earlier finding of the same entity has claimed: rules and languages stand in order."""
    for finding in new:
        if not any(_claims(kept, finding) for kept in found):
            found.append(finding)


def _claims(kept: Finding, new: Finding) -> bool:
    overlap = new.start < kept.end and kept.start < new.end
    if (kept.entity, new.entity) == ("school_grade", "ordinal"):
        return overlap
    if kept.entity != new.entity:
        return False
    if kept.entity == "situation" and kept.value != new.value:
        # "came from Ukraine a month ago" says two things; "refugee" within "refugee from Ukraine" says nothing more.
        return kept.start <= new.start and new.end <= kept.end
    return overlap


def _numbers(entity: str, message: Normalised, gazetteer: Gazetteer) -> Iterator[Finding]:
    numbered = any(map(str.isdigit, message.text))
    for rule in gazetteer.rules[entity].for_text(message.text):
        if rule.needs_number and not numbered:
            continue
        for match in rule.pattern.finditer(message.text):
            for value, start, end in _captured(match, rule, gazetteer):
                if _plausible(entity, value):
                    role = _age_role(rule.role, value) if entity == "age" else None
                    yield Finding(entity, value, *message.original_span(start, end), role)


def _captured(match: regex.Match[str], rule: Rule, gazetteer: Gazetteer) -> Iterator[tuple[int, int, int]]:
    """Return value, start and end of each number, ordinal word or fixed value in one match."""
    groups = match.re.groupindex
    if rule.value is not None:
        yield int(rule.value), match.start(), match.end()
    elif "ord" in groups and match.group("ord"):
        yield gazetteer.ordinals[match.group("ord")], match.start("ord"), match.end("ord")
    elif "n" in groups:
        for number, (start, end) in zip(match.captures("n"), match.spans("n"), strict=True):
            yield int(number), start, end


def _plausible(entity: str, value: int) -> bool:
    if entity == "age":
        return 0 <= value <= OLDEST
    if entity == "school_grade":
        return 0 <= value <= HIGHEST_GRADE
    return value == -1 or 1 <= value <= MOST_SHOWN


def _age_role(role: str | None, age: int) -> str:
    """Return child, self or other: "he is 8" is a child and "he is 40" is not, "8 years" is a child, "40 years" I."""
    if role == "third_person":
        return "child" if age < ADULT else "other"
    if role in ("child", "self", "other"):
        return role
    return "child" if age < ADULT else "self"


def _named(entity: str, message: Normalised, gazetteer: Gazetteer) -> Iterator[Finding]:
    for rule in gazetteer.rules[entity].for_text(message.text):
        for match in rule.pattern.finditer(message.text):
            assert rule.value is not None
            yield Finding(entity, rule.value, *message.original_span(match.start(), match.end()))


def _situations(message: Normalised, gazetteer: Gazetteer) -> Iterator[Finding]:
    for finding_rule in gazetteer.rules["situation"].for_text(message.text):
        for match in finding_rule.pattern.finditer(message.text):
            assert finding_rule.value is not None
            role = "not" if _denied(message.text, match.start(), gazetteer.negators) else None
            yield Finding("situation", finding_rule.value, *message.original_span(match.start(), match.end()), role)


def _denied(text: str, start: int, negators: frozenset[str]) -> bool:
    """Tell whether a negator stands among the few words before `start`, in the same clause."""
    for word in reversed(_WORD.findall(text[max(0, start - 40) : start])[-_NEGATOR_REACH:]):
        if word in ".!?;,":
            return False
        if word in negators:
            return True
    return False


def _bare_number(message: Normalised, found: Iterable[Finding]) -> Iterator[Finding]:
    """Read a message that is only a number both ways, as an age and as a choice; what was asked for decides."""
    match = _ONLY_A_NUMBER.fullmatch(message.text)
    if match is None:
        return
    value = int(match.group("n"))
    span = message.original_span(*match.span("n"))
    if _plausible("age", value) and not _has(found, "age"):
        yield Finding("age", value, *span, _age_role(None, value))
    if _plausible("ordinal", value) and not _has(found, "ordinal"):
        yield Finding("ordinal", value, *span)
