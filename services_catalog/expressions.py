"""How each language says numbers, ages and negation: patterns kept as data in `vocabulary/expressions.yml`."""

from __future__ import annotations

from pydantic import field_validator

from services_catalog.offer import LanguageTag, Record
from services_catalog.records import Phrase


class LifeStage(Record):
    """Words that stand for an age: "toddler" is 1 to 3."""

    minimum: int
    maximum: int
    phrases: tuple[Phrase, ...]


class Expressions(Record):
    """The patterns of one language. A pattern holds `{n}` where a number stands, as digits or as a word.

    `living` are the words before the name of the place where somebody lives ("bor i", "we live on"). `not_age` patterns
    are looked for first: a number inside one of them ("for 22 years") is not an age. `answers` are the negators that also
    answer a question ("no, I'm unemployed"): they deny the very next word at most. `not_for_children` are patterns that
    say that an adult is meant.
    """

    id: LanguageTag
    living: tuple[Phrase, ...] = ()
    number_words: dict[str, int] = {}
    negators: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    not_for_children: tuple[str, ...] = ()
    age: tuple[str, ...] = ()
    school_grade: tuple[str, ...] = ()
    years_in_denmark: tuple[str, ...] = ()
    not_age: tuple[str, ...] = ()
    life_stages: tuple[LifeStage, ...] = ()

    @field_validator("number_words", mode="before")
    @classmethod
    def _words_are_text(cls, value: dict[object, int]) -> dict[str, int]:
        # YAML reads a bare `on`, `no` or `ni` as it pleases; quoted or not, the key is text here
        return {str(word): number for word, number in value.items()}
