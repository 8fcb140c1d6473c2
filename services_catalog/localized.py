"""Texts and formats in the language of the person who reads: gettext catalogues, dates, lists, phone numbers.

The catalogues are the `.po` files in `locales/`, compiled in memory when first used, so that a changed text needs no
build step. A text that is missing in a language is an error of the build, never of the moment: it falls back to English
and a test fails on it.
"""

from __future__ import annotations

import datetime as dt
import functools
import gettext
import io
from collections.abc import Sequence
from pathlib import Path

import phonenumbers
from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

from services_catalog.languages import LANGUAGES

LOCALES = Path(__file__).parent / "locales"
DOMAIN = "vejviser"

#: Isolates keep a phone number or a Danish name in one piece inside a sentence of another direction (Unicode UAX 9).
_LEFT_TO_RIGHT_ISOLATE = "\u2066"
_FIRST_STRONG_ISOLATE = "\u2068"
_POP_ISOLATE = "\u2069"


class Localizer:
    """Everything that turns a value into words of one language."""

    def __init__(self, tag: str) -> None:
        self.language = LANGUAGES[tag]
        self.locale = Locale.parse(tag)
        self._translations = _translations(tag)

    def text(self, message: str, **values: object) -> str:
        """Return a message of the catalogue with its placeholders filled."""
        translated = self._translations.gettext(message)
        return translated.format(**values) if values else translated

    def plural(self, singular: str, plural: str, count: int, **values: object) -> str:
        """Return the form of a message that the language uses for `count` (Arabic has six, Ukrainian three)."""
        return self._translations.ngettext(singular, plural, count).format(count=self.number(count), **values)

    def number(self, value: float) -> str:
        return str(format_decimal(value, locale=self.locale))

    def date(self, value: dt.date) -> str:
        return str(format_date(value, format="long", locale=self.locale))

    def kroner(self, amount: float) -> str:
        return str(
            format_currency(amount, "DKK", locale=self.locale, currency_digits=False, decimal_quantization=False)
        )

    def list(self, items: Sequence[str], style: str = "standard") -> str:
        """Join items as the language does ("a, b and c"); style "or" joins alternatives."""
        return str(format_list(list(items), style=style, locale=self.locale)) if items else ""

    def phone(self, number: str) -> str:
        """Return a phone number grouped as in Denmark, safe inside right-to-left text. Short numbers stay as they are."""
        return self.isolated(grouped_phone(number), left_to_right=True)

    def isolated(self, text: str, *, left_to_right: bool = False) -> str:
        """Return text that keeps its own direction inside a right-to-left sentence; unchanged in others."""
        if self.language.direction == "ltr":
            return text
        return (_LEFT_TO_RIGHT_ISOLATE if left_to_right else _FIRST_STRONG_ISOLATE) + text + _POP_ISOLATE

    def language_name(self, tag: str) -> str:
        """Return what this language calls the language `tag`; the tag itself when nobody knows."""
        return str(self.locale.languages.get(tag, tag))


def grouped_phone(number: str) -> str:
    """Return a Danish number in pairs (`33 66 33 66`), as it is said aloud."""
    try:
        parsed = phonenumbers.parse(number, "DK")
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_valid_number(parsed):
        return number
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL))


@functools.cache
def localizer(tag: str) -> Localizer:
    """Return the shared localizer of a language. Raises KeyError for a language the service does not speak."""
    return Localizer(tag)


def messages_of(tag: str) -> Path:
    """Return where the gettext catalogue of a language lies; it may be missing."""
    folder = LANGUAGES[tag].folder
    return folder / "messages.po" if folder else LOCALES / tag / "LC_MESSAGES" / f"{DOMAIN}.po"


@functools.cache
def _translations(tag: str) -> gettext.NullTranslations:
    path = messages_of(tag)
    if not path.is_file():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=tag)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
