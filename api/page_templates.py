"""The pages' template engine: what every page knows, and the filters that keep directions and languages right.

A phone number, an e-mail or a Danish name inside an Arabic sentence must stay in one piece (Unicode UAX 9), so each is
put in a `bdi` of its own; a text in another language than the page says which one it is.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import html
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import phonenumbers
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Undefined, select_autoescape
from markupsafe import Markup, escape

from services_catalog.languages import LANGUAGES
from services_catalog.localized import Localizer, grouped_phone, localizer
from services_catalog.messages import N_

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"

#: What is said of an offer that cannot simply be had. Active ones need no words.
AVAILABILITY_LABELS = {
    "pilot": N_("This is being tried out"),
    "time_limited": N_("Only for a limited time"),
    "planned": N_("Planned: it does not exist yet"),
    "unfunded": N_("An idea without money: it does not exist"),
    "historical": N_("From earlier years: ask whether it still exists"),
}
#: How far a translated text can be trusted. Source texts and reviewed ones need no words.
TRANSLATION_LABELS = {
    "unreviewed": N_("No person has checked this translation yet."),
    "outdated": N_("The Danish text has changed since this was translated."),
    "missing": N_("This is not translated yet. The text is in Danish."),
}
#: The lists on a card, each with its title.
CARD_LISTS = {
    "why": N_("Why it may fit"),
    "eligibility.fails": N_("This may not fit what you said"),
    "unknown": N_("We do not know if this fits"),
}

_ISOLATED = re.compile(
    r"(?P<phone>(?<![\d.,])\+?\d{2,4}(?:[ \u00a0]\d{2,4}){1,4}(?![\d.,]*\d))"
    r"|(?P<mail>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)"
    r"|(?P<web>(?:https?://|www\.)[^\s<>\"]+[\w/])"
)
_LATIN_WORD = r"(?:\d[\d+-]*)?[A-Za-z\u00c0-\u024f](?:[A-Za-z\u00c0-\u024f\d'’&/.-]*[A-Za-z\u00c0-\u024f\d])?"
#: Danish words in a text that is written with other letters.
_DANISH = re.compile(rf"(?P<danish>{_LATIN_WORD}(?: {_LATIN_WORD})*)")
_ISOLATED_IN_OTHER_LETTERS = re.compile(f"{_ISOLATED.pattern}|{_DANISH.pattern}")
_OTHER_LETTERS = re.compile("[\u0400-\u06ff]")  # Cyrillic to Arabic
#: What stands between two tags and has other letters (`text`); what holds text only, no elements, is passed over.
_BETWEEN_TAGS = re.compile(
    r"<(?P<plain>script|style|title|textarea|option)\b.*?</(?P=plain)>|<[^>]*>|(?P<text>[^<]*[\u0400-\u06ff][^<]*)",
    re.DOTALL,
)


def page_context(tag: str) -> dict[str, Any]:
    """Return what every page in a language is drawn with."""
    speak = localizer(tag)
    return {
        "language": speak.language,
        "languages": tuple(LANGUAGES.values()),
        "_": speak.text,
        "asset": asset,
        "own_language": functools.partial(own_language, tag),
        "day": functools.partial(_day, speak),
        "isolated": isolated,
        "danish": danish,
        "phone_link": phone_link,
        "availability_labels": AVAILABILITY_LABELS,
        "translation_labels": TRANSLATION_LABELS,
        "card_lists": CARD_LISTS,
    }


def render(template: str, tag: str, context: Mapping[str, Any]) -> str:
    """Return a page as HTML."""
    return _with_danish_apart(_environment().get_template(template).render({**page_context(tag), **context}))


@functools.cache
def blanks_in(tag: str) -> Markup:
    """Return the empty parts of an answer in a language, for js/render.js to fill."""
    blanks = _blank_environment().get_template("parts/blanks.html").render(page_context(tag))
    return Markup(_with_danish_apart(blanks))  # noqa: S704 - a template's output


@functools.cache
def asset(path: str) -> str:
    """Return the address of a file in `static/`, with a mark that changes when the file does."""
    file = STATIC / path
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "missing"
    return f"/static/{path}?v={mark}"


def fill(message: str, **parts: object) -> Markup:
    """Put parts, which may be HTML, into the placeholders of a translated message, which may not."""
    return Markup(escape(message)).format(**parts)  # noqa: S704 - escaped in the same breath


def readable(text: object) -> Markup:
    """Return a text as HTML in which phone numbers, e-mails and web addresses keep their own direction, and in which the
    Danish words of an Arabic or Ukrainian text are said to be Danish. HTML stays as it is."""
    if isinstance(text, Undefined) or text is None:
        return Markup("")
    if isinstance(text, Markup):
        return text
    source, shown, end = str(text), Markup(""), 0
    pattern = _ISOLATED_IN_OTHER_LETTERS if _OTHER_LETTERS.search(source) else _ISOLATED
    for match in pattern.finditer(source):
        kept = danish if match.groupdict().get("danish") else isolated
        shown += escape(source[end : match.start()]) + kept(match.group())
        end = match.end()
    return shown + escape(source[end:])


def _with_danish_apart(page: str) -> str:
    """Return a page in which Danish words inside an Arabic or Ukrainian text stand apart, whoever wrote the text."""
    return _BETWEEN_TAGS.sub(
        lambda match: str(readable(html.unescape(match.group("text")))) if match.group("text") else match.group(), page
    )


def isolated(text: object, field: str | None = None) -> Markup:
    """Return a number or an address that is read from left to right wherever it stands."""
    marked = Markup(' data-field="{}"').format(field) if field else Markup("")
    return Markup('<bdi dir="ltr"{}>{}</bdi>').format(marked, _text(text) if field != "phone" else grouped(text))


def danish(name: object, field: str | None = None) -> Markup:
    """Return a Danish name, to be said at the counter and never translated by a browser."""
    marked = Markup(' data-field="{}"').format(field) if field else Markup("")
    return Markup('<bdi lang="da" dir="ltr" translate="no"{}>{}</bdi>').format(marked, _text(name))


def phone_link(number: str) -> Markup:
    """Return a phone number that can be tapped."""
    return Markup('<a class="phone" href="tel:{}"><bdi dir="ltr">{}</bdi></a>').format(dialled(number), grouped(number))


def dialled(number: object) -> str:
    """Return a number for a `tel:` link: international when it is a whole Danish number, short ones as they are."""
    text = _text(number)
    try:
        parsed = phonenumbers.parse(text, "DK")
    except phonenumbers.NumberParseException:
        return re.sub(r"[^\d+]", "", text)
    if not phonenumbers.is_valid_number(parsed):
        return re.sub(r"[^\d+]", "", text)
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def grouped(number: object) -> str:
    """Return a number as it is written in Denmark, in pairs."""
    return grouped_phone(_text(number))


def own_language(page: str, record: Any) -> Markup:
    """Return the `lang` and `dir` of texts that are not in the language of the page."""
    tag = record.get("language")
    if not tag or tag == page:
        return Markup("")
    return Markup(' lang="{}" dir="{}"').format(tag, LANGUAGES[tag].direction)


def web_address(address: str) -> str:
    """Return a web address that can be followed."""
    return address if "://" in address else f"https://{address}"


def host(address: str) -> str:
    """Return the site's name of a web address, without `www.`."""
    return urlsplit(web_address(address)).netloc.removeprefix("www.")


def _day(speak: Localizer, date: object, field: str | None = None) -> Markup:
    text = _text(date)
    marked = Markup(' data-date="{}"').format(field) if field else Markup("")
    shown = speak.date(dt.date.fromisoformat(text)) if text else ""
    return Markup('<time datetime="{}"{}>{}</time>').format(text, marked, shown)


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, Undefined) else str(value)


_FILTERS = {
    "fill": fill, "readable": readable, "dialled": dialled, "web_address": web_address, "host": host,
}  # fmt: skip


def _new_environment(undefined: type[Undefined]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=select_autoescape(),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=undefined,
    )
    environment.filters.update(_FILTERS)
    return environment


@functools.cache
def _environment() -> Environment:
    return _new_environment(StrictUndefined)


@functools.cache
def _blank_environment() -> Environment:
    return _new_environment(Undefined)
