"""What a language that an installation adds still lacks: what must be there, and what only makes it better.

Of a growing language only what keeps people safe and sentences whole must be there; of any other, everything.
"""

from __future__ import annotations

import string
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from services_catalog.catalogue import Catalogue
from services_catalog.crisis import NLU_FOLDER, CrisisCategory, CrisisRules
from services_catalog.crisis_detector import QUIET
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE, Language
from services_catalog.localized import DOMAIN, LOCALES, messages_of

#: At most so many ids are named for one gap.
_MOST_NAMED = 5


@dataclass(frozen=True)
class Gap:
    """Something a language lacks. `part` is a file or folder in the language's folder."""

    language: str
    part: str
    message: str
    required: bool


def language_gaps(catalogue: Catalogue) -> list[Gap]:
    """Return what every added language lacks, in the order of LANGUAGES; nothing of the project's own.

    Raises what CrisisRules.load raises when the crisis files of a language cannot be read.
    """
    rules = CrisisRules.load()
    return [
        Gap(tag, part, message, required or not language.growing)
        for tag, language in LANGUAGES.items()
        if language.folder is not None
        for part, message, required in _lacks(language, language.folder, catalogue, rules)
    ]


#: A part, what it lacks, and whether that must be there even while the language grows.
_Lacks = Iterator[tuple[str, str, bool]]


def _lacks(language: Language, folder: Path, catalogue: Catalogue, rules: CrisisRules) -> _Lacks:
    tag = language.tag
    yield from _crisis(tag, folder, rules)
    yield from _messages(tag)
    for part, records in (
        ("offers", [one for one in catalogue.published if tag not in one.texts]),
        ("taxonomy", [one for one in catalogue.needs.values() if tag not in one.labels]),
        ("vocabulary/situations.yml", [one for one in catalogue.situations.values() if tag not in one.labels]),
        ("vocabulary/districts.yml", [one for one in catalogue.districts.values() if tag not in one.labels]),
        ("contacts", [one for one in catalogue.facts.values() if one.status.shown and tag not in one.texts]),
        ("lexicon", [one for one in catalogue.concepts.values() if tag not in one.words]),
    ):
        if records:
            yield part, f"nothing for {len(records)}: {_named([one.id for one in records])}", False
    if tag not in catalogue.expressions:
        yield "vocabulary/expressions.yml", "is missing: ages, grades and places in sentences are not read", False
    for part, loss in (
        ("scope.yml", "questions about other things are refused less surely"),
        ("gazetteer.yml", "corrections, ordinals and names of languages are not read"),
    ):
        if not (folder / part).is_file():
            yield part, f"is missing: {loss}", False
    intents = _intents(NLU_FOLDER / SOURCE_LANGUAGE) - _intents(folder / "nlu")
    if intents:
        yield "nlu", f"no examples of {_named(sorted(intents))}: such messages are searched for", False


def _crisis(tag: str, folder: Path, rules: CrisisRules) -> _Lacks:
    every = list(CrisisCategory)
    unanswered = [one for one in every if one not in rules.answered_in(tag)]
    if unanswered:
        yield "crisis/answers.yml", f"no answer to {_named(unanswered)}: it is given in English", True
    path = folder / "crisis" / "rules.yml"
    ruled = {rule["category"] for rule in _read(path)["rules"]} if path.is_file() else set()
    if unruled := [one for one in every if one not in ruled]:
        yield "crisis/rules.yml", f"no rule for {_named(unruled)}", True
    learned = {one.stem for one in (folder / "crisis" / "sentences").glob("*.txt")}
    if unlearned := [one for one in (*every, QUIET) if one not in learned]:
        yield "crisis/sentences", f"no sentences of {_named(unlearned)}: rules alone tell that apart", False


def _messages(tag: str) -> _Lacks:
    if not messages_of(tag).is_file():
        yield "messages.po", "is missing: all sentences of the service are read in English", False
        return
    with messages_of(tag).open("rb") as file:
        there = read_po(file, locale=tag)
    with (LOCALES / f"{DOMAIN}.pot").open("rb") as file:
        wanted = {one.id for one in read_po(file) if one.id}
    untranslated = [one for one in wanted if not _is_translated(there, one)]
    if untranslated:
        yield "messages.po", f"{len(untranslated)} of {len(wanted)} sentences are missing and read in English", False
    for one in there:
        if one.id and (wrong := _wrong(one, there.num_plurals)):
            yield "messages.po", f"{_first(one.id)!r} {wrong}", True


def _is_translated(there: Catalog, identity: Any) -> bool:
    message = there.get(_first(identity))
    return message is not None and all(_strings(message.string))


def _wrong(message: Message, plurals: int) -> str | None:
    strings = _strings(message.string)
    if not any(strings):
        return None
    if isinstance(message.id, (tuple, list)) and len(strings) != plurals:
        return f"has {len(strings)} plural forms, the language has {plurals}"
    allowed = set[str]().union(*map(_fields, _strings(message.id)))
    unknown = set[str]().union(*map(_fields, strings)) - allowed
    return f"has a placeholder that is not filled: {_named(sorted(unknown))}" if unknown else None


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def _strings(value: Any) -> tuple[str, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,)


def _first(identity: Any) -> str:
    return _strings(identity)[0]


def _intents(folder: Path) -> set[str]:
    return {group["intent"] for path in folder.glob("*.yml") for group in _read(path)["nlu"]}


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _named(ids: Sequence[object]) -> str:
    more = f" and {len(ids) - _MOST_NAMED} more" if len(ids) > _MOST_NAMED else ""
    return ", ".join(map(str, ids[:_MOST_NAMED])) + more
