"""Recognise a person in danger, before anything else is done with a message, and say what helps now.

Rules decide alone and first: patterns per language on the folded text (`crisis/rules/`). A detector learned from our own
sentences (`crisis/sentences/`) adds what rules cannot phrase, and never takes anything away. Nothing here depends on the
catalogue's search, on Rasa or on the network.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field

from services_catalog.catalogue import Catalogue
from services_catalog.crisis_detector import CrisisDetector
from services_catalog.languages import MESSAGE_LANGUAGE, added_files
from services_catalog.normalize import fold
from services_catalog.offer import LanguageTag, Record, Slug, Text
from services_catalog.scope import read_foreign_questions
from services_catalog.transliterate import typed_on_latin_keys

FOLDER = Path(__file__).with_name("crisis")


class CrisisCategory(StrEnum):
    """The closed list of the public contract, the most urgent first."""

    IMMEDIATE_DANGER = "immediate_danger"
    SUICIDE = "suicide"
    CHILD_AT_RISK = "child_at_risk"
    SEXUAL_VIOLENCE = "sexual_violence"
    PARTNER_VIOLENCE = "partner_violence"
    HONOUR_CONTROL = "honour_control"
    HOMELESS_TONIGHT = "homeless_tonight"


class _Step(Record):
    phone: str | None = None
    fact: Slug | None = None
    text: dict[LanguageTag, Text]


class _AnswerRecord(Record):
    category: CrisisCategory
    title: dict[LanguageTag, Text]
    steps: Annotated[tuple[_Step, ...], Field(min_length=1)]


class _Translation(Record):
    """An answer in an added language: a text for each step of the answer, in their order."""

    category: CrisisCategory
    title: Text
    steps: tuple[Text, ...]


class _Rule(Record):
    """`pattern` is searched in the folded text; a match of `unless` anywhere takes it back."""

    category: CrisisCategory
    pattern: str
    unless: str | None = None


class _RuleFile(Record):
    language: LanguageTag
    rules: tuple[_Rule, ...]


class CrisisTextsInvalid(ValueError):
    """The rules or answers of a language cannot be used; the text names the file and what is wrong."""


@dataclass(frozen=True)
class CrisisStep:
    """One thing to do. `phone` is a number to call, written as it is said aloud, or None."""

    text: str
    phone: str | None


@dataclass(frozen=True)
class CrisisAnswer:
    """What a person in danger is told, in one language."""

    category: CrisisCategory
    title: str
    steps: tuple[CrisisStep, ...]


class CrisisRules:
    """The rules, the detector and the answers. Safe to share between threads."""

    def __init__(
        self, rules: list[_Rule], answers: dict[CrisisCategory, _AnswerRecord], detector: CrisisDetector | None
    ) -> None:
        self._rules = [
            (
                one.category,
                re.compile(one.pattern),
                re.compile(one.unless) if one.unless else None,
                _letters(one.pattern),
            )
            for one in rules
        ]
        self._answers = answers
        self._detector = detector

    @classmethod
    def load(cls, folder: Path = FOLDER, *, detector: CrisisDetector | None = None) -> CrisisRules:
        """Read the rules and answers below `folder`; without a detector the rules stand alone.

        Those of added languages are read beside them. Raises pydantic.ValidationError, re.error, CrisisTextsInvalid.
        """
        files = [*sorted((folder / "rules").glob("*.yml")), *(path for _, path in added_files("crisis/rules.yml"))]
        rules = [rule for path in files for rule in _RuleFile.model_validate(_content(path)).rules]
        answers = {one.category: one for one in map(_AnswerRecord.model_validate, _content(folder / "answers.yml"))}
        for tag, path in added_files("crisis/answers.yml"):
            for one in map(_Translation.model_validate, _content(path)):
                answers[one.category] = _translated(answers[one.category], tag, one, path)
        return cls(rules, answers, detector)

    def with_answers(self, path: Path) -> CrisisRules:
        """Return the same with the answers of a municipality in place of the project's, category by category.

        Raises pydantic.ValidationError.
        """
        own = {one.category: one for one in map(_AnswerRecord.model_validate, _content(path))}
        other = copy.copy(self)
        other._answers = self._answers | own
        return other

    def recognize(self, text: str, *, learned: bool = True, following: bool = False) -> CrisisCategory | None:
        """Return the crisis a message speaks of, or None. All languages are tried on every message.

        Without `learned` the rules decide alone: the detector knows nothing of a fifth language. `following` is a message in
        the middle of a conversation.
        """
        text = typed_on_latin_keys(text) or text
        folded = fold(text)
        letters = _letters(folded)
        matched = {
            category
            for category, pattern, unless, needed in self._rules
            if letters & needed and pattern.search(folded) and not (unless and unless.search(folded))
        }
        if matched:
            return self._most_fitting(matched, text)
        found = self._detector.detect(text, following=following) if self._detector and learned else None
        return CrisisCategory(found) if found is not None else None

    def _most_fitting(self, matched: set[CrisisCategory], text: str) -> CrisisCategory:
        """Return one of the categories whose rules matched: danger to life first, then the one most like the message."""
        for urgent in (CrisisCategory.IMMEDIATE_DANGER, CrisisCategory.SUICIDE):
            if urgent in matched:
                return urgent
        if len(matched) == 1:
            return next(iter(matched))
        likeness = self._detector.likeness(text) if self._detector else {}
        return max(sorted(matched), key=lambda category: likeness.get(category.value, 0.0))

    def answer(self, category: CrisisCategory, language: str) -> CrisisAnswer:
        """Return what to tell a person in a language; in English where there is nothing in hers."""
        record = self._answers[category]
        spoken = language if language in record.title else MESSAGE_LANGUAGE
        steps = tuple(CrisisStep(step.text[spoken], step.phone) for step in record.steps)
        return CrisisAnswer(category, record.title[spoken], steps)

    def answered_in(self, language: str) -> frozenset[CrisisCategory]:
        """Return the categories whose answer is written in a language."""
        return frozenset(category for category, record in self._answers.items() if language in record.title)


#: Letters of Danish and English, and of all other languages: bits, so that both may be meant.
_LATIN, _OTHER = 1, 2
_LATIN_LETTER, _OTHER_LETTER = re.compile(r"[a-zà-ɏ]"), re.compile(r"[^\W\d_a-zà-ɏ]")


def _letters(text: str) -> int:
    """Return of which kind the letters of a text or of a pattern are; of both where it has none. A rule is only tried on a text
    with letters of its kind."""
    plain = re.sub(r"\\.", "", text)
    found = _LATIN * bool(_LATIN_LETTER.search(plain)) | _OTHER * bool(_OTHER_LETTER.search(plain))
    return found or _LATIN | _OTHER


def _content(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _translated(answer: _AnswerRecord, tag: str, told: _Translation, path: Path) -> _AnswerRecord:
    """Return an answer that is also told in another language."""
    if len(told.steps) != len(answer.steps):
        raise CrisisTextsInvalid(
            f"{path}: {told.category.value} has {len(told.steps)} steps, but the answer has {len(answer.steps)}: "
            "give a text for each, in their order."
        )
    steps = tuple(
        step.model_copy(update={"text": step.text | {tag: text}})
        for step, text in zip(answer.steps, told.steps, strict=True)
    )
    return answer.model_copy(update={"title": answer.title | {tag: told.title}, "steps": steps})


#: Needs whose example questions may themselves speak of danger; they teach the detector nothing about quiet.
_NEAR_DANGER = frozenset(
    {
        "partner-violence",
        "safe-place",
        "talk-to-someone-woman",
        "rights-when-controlled",
        "who-acts-on-control",
        "safe-contact-with-parents",
        "sleep-tonight",
    }
)


def ordinary_questions(catalogue: Catalogue) -> list[str]:
    """Return questions of the catalogue (for offers and for needs) that are surely no crisis, and questions about other
    things."""
    asked = [
        example
        for offer in catalogue.published
        if not _NEAR_DANGER.intersection(offer.needs)
        for texts in offer.texts.values()
        for example in texts.examples
    ]
    asked += [
        question
        for need in catalogue.questions.values()
        if need.id not in _NEAR_DANGER
        for questions in need.questions.values()
        for question in questions
    ]
    return asked + [question for _, question in read_foreign_questions()] + read_small_talk()


#: Where the conversation's own examples lie, when the whole project is there.
NLU_FOLDER = Path(__file__).parent.parent / "data" / "nlu"
#: The intent whose examples may hold a crisis.
_SEEKING = "seek_offer"
_SMALL_TALK_STEP = 2
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_small_talk(folder: Path = NLU_FOLDER) -> list[str]:
    """Return a part of what people say around their needs (thanks, follow-ups, corrections), from the conversation's
    examples: enough to know them as harmless, not so much that everything seems so."""
    return [
        example.removeprefix("- ")
        for path in (*sorted(folder.glob("*/*.yml")), *(path for _, path in added_files("nlu/*.yml")))
        for group in yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)["nlu"]  # noqa: S506 - the safe one
        if group["intent"] != _SEEKING
        for example in group["examples"].splitlines()[::_SMALL_TALK_STEP]
    ]
