"""A slip to show at the counter: what is known of an offer and what to ask, in Danish beside the resident's language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from services_catalog.answers import Answer, answer, texts_in
from services_catalog.catalogue import Catalogue
from services_catalog.languages import SOURCE_LANGUAGE
from services_catalog.localized import Localizer, localizer
from services_catalog.messages import N_
from services_catalog.offer import Offer, TranslationState
from services_catalog.origins import origins, papers_of
from services_catalog.records import Attribute

#: Most offers on one page of slips.
MOST = 6

#: What can be known of an offer, in the order of its page, each with its title.
LABELS = {
    Attribute.WHO: N_("Who it is for"),
    Attribute.HOW: N_("How to get it"),
    Attribute.COST: N_("What it costs"),
    Attribute.WHERE: N_("Where it is"),
    Attribute.WHEN: N_("When it is"),
    Attribute.LANGUAGES: N_("Which languages are spoken"),
    Attribute.DOCUMENTS: N_("Which papers you need"),
    Attribute.CONTACT: N_("How to contact them"),
}
#: What to ask at the counter when no source says it.
_QUESTIONS = {
    Attribute.WHO: N_("Who can use it?"),
    Attribute.HOW: N_("How do I get it?"),
    Attribute.COST: N_("What does it cost?"),
    Attribute.WHERE: N_("Where is it?"),
    Attribute.WHEN: N_("When is it?"),
    Attribute.LANGUAGES: N_("Which languages do you speak there?"),
    Attribute.DOCUMENTS: N_("Which papers do I need to bring?"),
    Attribute.CONTACT: N_("How can I reach you later?"),
}
#: What stands above the parts of a slip.
_TITLES = {
    "say": N_("Please help me with this"),
    "facts": N_("What is known"),
    "ask": N_("I would also like to ask"),
}
_UNDATED = N_("Without a date.")
_MORE = N_("I would like to know more about {name}. Can you help me?")
_STILL = N_("I have read about {name}. Can I get it now?")
_SPEAK = N_("My language is {language}. Does somebody here speak it, or is there an interpreter?")


@dataclass(frozen=True)
class Pair:
    """The same in Danish and in the resident's language. `language` is that of `own`: Danish where it is not translated."""

    danish: str
    own: str
    language: str


@dataclass(frozen=True)
class Row:
    """One known fact. `known` holds the days or years its sources are from, those that have one; `dated` says so."""

    attribute: Attribute
    label: Pair
    text: Pair
    known: tuple[dt.date | int, ...]
    dated: Pair


@dataclass(frozen=True)
class Slip:
    """One offer on a slip. `say` is ready to be read aloud at the counter, `ask` what no source says; `note` says that an
    offer cannot simply be had. `known` is the day, or only the year, of the papers; None when nobody knows."""

    offer: Offer
    name: Pair
    provider: Pair
    say: tuple[Pair, ...]
    note: Pair | None
    facts: tuple[Row, ...]
    ask: tuple[Pair, ...]
    known: dt.date | int | None
    dated: Pair
    translation: TranslationState


def slips(offers: Iterable[Offer], language: str, catalogue: Catalogue) -> tuple[Slip, ...]:
    """Return a slip for each offer, in the order given. Raises KeyError for a language the service does not speak."""
    return tuple(_slip(offer, language, catalogue) for offer in offers)


def titles(language: str) -> dict[str, Pair]:
    """Return what stands above the parts of a slip: `say`, `facts` and `ask`."""
    return {part: _pair(language, title) for part, title in _TITLES.items()}


def _slip(offer: Offer, language: str, catalogue: Catalogue) -> Slip:
    danish, own = texts_in(offer, SOURCE_LANGUAGE), texts_in(offer, language)
    told_in = language if language in offer.texts else SOURCE_LANGUAGE
    provider, known = catalogue.organisations[offer.provider], papers_of(offer).known
    answers = {one: answer(offer, one, SOURCE_LANGUAGE, catalogue) for one in LABELS}
    return Slip(
        offer=offer,
        name=Pair(offer.official_name, own.name, told_in),
        provider=Pair(provider.name, provider.labels.get(language, provider.name), language),
        say=tuple(_say(offer, language)),
        note=_pair_of(danish.availability_note, own.availability_note, told_in) if danish.availability_note else None,
        facts=tuple(_row(one, said, told_in, language, catalogue) for one, said in answers.items() if said.stated),
        ask=tuple(_pair(language, _QUESTIONS[one]) for one, said in answers.items() if not said.stated),
        known=known,
        dated=_pair(language, N_("The information is from {date}."), date=lambda speak: _day(speak, known))
        if known
        else _pair(language, _UNDATED),
        translation=own.state if told_in == language else TranslationState.MISSING,
    )


def _say(offer: Offer, language: str) -> Iterable[Pair]:
    sentence = _MORE if offer.availability.recommendable else _STILL
    yield _pair(language, sentence, name=lambda speak: speak.isolated(offer.official_name, left_to_right=True))
    if language != SOURCE_LANGUAGE:
        yield _pair(language, _SPEAK, language=lambda speak: speak.language_name(language))


def _row(attribute: Attribute, danish: Answer, told_in: str, language: str, catalogue: Catalogue) -> Row:
    offer = danish.offer
    own = answer(offer, attribute, language, catalogue)
    found = [one.known for one in origins(offer, attribute, language, catalogue)]
    known = tuple(dict.fromkeys(one for one in found if one is not None))
    return Row(
        attribute,
        _pair(language, LABELS[attribute]),
        _pair_of(danish.text, own.text if own.stated else None, told_in),
        known,
        _dated(language, known),
    )


def _dated(language: str, known: Sequence[dt.date | int]) -> Pair:
    if not known:
        return _pair(language, _UNDATED)
    return _pair(language, N_("From {dates}."), dates=lambda speak: speak.list([_day(speak, one) for one in known]))


def _day(speak: Localizer, known: dt.date | int) -> str:
    return speak.date(known) if isinstance(known, dt.date) else str(known)


def _pair_of(danish: str, own: str | None, told_in: str) -> Pair:
    """Return a text beside its translation; the Danish one twice where nobody has translated it."""
    return Pair(danish, own, told_in) if own is not None else Pair(danish, danish, SOURCE_LANGUAGE)


def _pair(language: str, message: str, /, **values: Callable[[Localizer], str]) -> Pair:
    """Return a message in both languages. Each value is put into words by the language it stands in."""
    danish, own = (
        speak.text(message, **{name: worded(speak) for name, worded in values.items()})
        for speak in (localizer(SOURCE_LANGUAGE), localizer(language))
    )
    return Pair(danish, own, language)
