"""What is wrong with an answer of the chat, whatever was said: its form, its language, and whose it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from babel.messages.pofile import read_po

from api.chat import DescribedAnswer
from services_catalog.catalogue import Catalogue
from services_catalog.identify import script
from services_catalog.languages import LANGUAGES, direction_of
from services_catalog.localized import DOMAIN, LOCALES
from services_catalog.normalize import words

Answer = dict[str, Any]

_SCRIPTS = {tag: language.script for tag, language in LANGUAGES.items()}
_NATIVE_NAMES = {one.native_name for one in LANGUAGES.values()}
#: An answer in Arabic or Ukrainian may be mostly Danish names and web addresses.
_OWN_SHARE = 0.25
#: A single word may be of both languages ("Man").
_FEWEST_WORDS = 3
#: What is quoted is said in Danish at the counter.
_QUOTED = re.compile('“[^”]*”|«[^»]*»|"[^"]*"|„[^“]*“|\u2066[^\u2069]*\u2069|\u2068[^\u2069]*\u2069|\\S+[./@]\\S+')
_MARKUP = re.compile(r"<\s*/?\s*[a-z!]|javascript:|\bon\w+\s*=", re.IGNORECASE)


class Judge:
    """Knows which words only the interface of one language has."""

    def __init__(self, catalogue: Catalogue) -> None:
        interface = {tag: _interface_words(tag) for tag in LANGUAGES}
        names = {
            word
            for offer in catalogue.published
            for name in (offer.official_name, *offer.aliases)
            for word in words(name)
        }
        texts: dict[str, set[str]] = {tag: set() for tag in LANGUAGES}
        for offer in catalogue.published:
            for tag, one in offer.texts.items():
                texts[tag].update(words(" ".join((one.name, one.summary, *one.examples))))
        #: By language: the words of the other interface in Latin letters that a text in this language cannot have.
        self._strange = {
            tag: {
                word
                for word in interface[other] - interface[tag] - texts[tag] - names
                if len(word) > 2 and word.isalpha()
            }
            for tag, other in (("da", "en"), ("en", "da"), ("uk", "en"), ("ar", "en"))
        }

    def wrong_with(self, answer: Answer, *, language: str | None) -> Iterator[str]:
        """Yield what is wrong with an answer; `language` is the one the message was plainly written in, if it was."""
        yield from _wrong_form(answer)
        spoken = answer["language"]
        # whether "I want to speak Danish" asks for another language is measured with the conversations
        if language is not None and spoken != language and answer["outcome"] != "language_switch":
            yield f"is in {spoken}, the message in {language}"
        if answer["direction"] != direction_of(spoken):
            yield "runs in the wrong direction"
        if {one["payload"] for one in answer["quick_replies"]} == _NATIVE_NAMES:
            return  # all languages are offered, each in itself
        for text in _interface(answer):
            yield from self._wrong_words(text, spoken)
        for hit in answer["offers"]:
            if script(hit["summary"]) != _SCRIPTS[hit["language"]]:
                yield f"the text of {hit['id']} is not in {hit['language']}"

    def _wrong_words(self, text: str, language: str) -> Iterator[str]:
        plain = _QUOTED.sub(" ", text)
        for name in _NATIVE_NAMES:
            plain = plain.replace(name, " ")
        letters = [one for one in plain if one.isalpha()]
        own = sum(script(one) == _SCRIPTS[language] for one in letters)
        foreign = {script(one) for one in letters} - {_SCRIPTS[language], "latin"}
        if letters and (own / len(letters) < _OWN_SHARE or foreign):
            yield f"“{text}” is not written in {language}"
        said = words(plain)
        strange = self._strange[language].intersection(said)
        if strange and len(said) >= _FEWEST_WORDS:
            yield f"“{text}” is in {language} and says {sorted(strange)}"


def _wrong_form(answer: Answer) -> Iterator[str]:
    DescribedAnswer.model_validate(answer)
    unknown = set(answer) - set(DescribedAnswer.model_fields)
    if unknown:
        yield f"has more than it should: {unknown}"
    if not answer["messages"] or not all(one["text"].strip() for one in answer["messages"]):
        yield "says nothing"
    if answer["outcome"] == "crisis" and not answer["crisis"]:
        yield "speaks of a danger and does not say what to do"
    if _MARKUP.search(" ".join(_strings(answer))):
        yield "holds markup"


def _interface(answer: Answer) -> Iterator[str]:
    """Yield every text of an answer that the service itself says."""
    yield from (one["text"] for one in answer["messages"] if not answer["about"])
    if answer["question"]:
        yield answer["question"]
    yield from (one["text"] for one in answer["remembered"])
    if answer["crisis"]:
        yield answer["crisis"]["title"]
        yield from (step["text"] for step in answer["crisis"]["steps"])
    for hit in answer["offers"]:
        yield from hit["why"]
        yield from hit["unknown"]


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def _interface_words(tag: str) -> set[str]:
    with (LOCALES / tag / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        catalogue = read_po(file)
    found: set[str] = set()
    for message in catalogue:
        for text in message.string if isinstance(message.string, tuple) else (message.string,):
            found.update(words(re.sub(r"\{[^}]*\}", " ", str(text))))
    return found
