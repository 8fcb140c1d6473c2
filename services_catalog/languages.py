"""The languages Vejviser answers in: one record each, everything else asks this table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True)
class Language:
    """A language of the service.

    `tag` is a BCP 47 tag, `native_name` what its speakers call it, `direction` the base direction of its script.
    """

    tag: str
    native_name: str
    direction: Direction


LANGUAGES: dict[str, Language] = {
    language.tag: language
    for language in (
        Language("da", "Dansk", "ltr"),
        Language("en", "English", "ltr"),
        Language("uk", "Українська", "ltr"),
        Language("ar", "العربية", "rtl"),
    )
}

#: The language that every offer is written in first; all others are translations of it.
SOURCE_LANGUAGE = "da"


def direction_of(tag: str) -> Direction:
    """Return the base direction of a language the service speaks. Raises KeyError for any other tag."""
    return LANGUAGES[tag].direction
