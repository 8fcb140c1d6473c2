"""One fact of one offer, said in a person's language: what the sources state, or honestly that they do not.

Nothing is guessed. Where no source says it, the answer tells so and whom to ask.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services_catalog.catalogue import Catalogue
from services_catalog.languages import SOURCE_LANGUAGE
from services_catalog.limits import SENTENCES
from services_catalog.localized import Localizer, localizer
from services_catalog.messages import N_
from services_catalog.offer import Limit, Offer, Texts
from services_catalog.records import Attribute, ContactFact, FactStatus

_ROUTES = {
    "self": N_("You can contact them yourself."),
    "referral": N_("You need to be referred."),
    "by_authority": N_("The municipality decides who gets it."),
    "through_staff": N_("It goes through staff, for example at the daycare, school or job centre."),
}

_NOT_STATED = {
    Attribute.COST: N_("The sources do not say what it costs. Ask before you say yes."),
    Attribute.WHO: N_("The sources do not say exactly who can use it."),
    Attribute.HOW: N_("The sources do not say how to get it."),
    Attribute.WHERE: N_("The sources give no address."),
    Attribute.WHEN: N_("The sources give no opening hours or dates."),
    Attribute.LANGUAGES: N_("The sources do not say which languages are spoken."),
    Attribute.CONTACT: N_("The sources give no phone number, e-mail or website."),
    Attribute.DOCUMENTS: N_("The sources do not say which papers you need."),
    Attribute.SOURCE: N_("No source is recorded."),
}


@dataclass(frozen=True)
class Answer:
    """The answer about one offer. `stated` is false when no source says it; `attribute` None means "what is it?"."""

    offer: Offer
    attribute: Attribute | None
    text: str
    stated: bool


def answer(offer: Offer, attribute: Attribute | None, language: str, catalogue: Catalogue) -> Answer:
    """Return what is known about one fact of an offer, in `language`."""
    speak = localizer(language)
    texts = texts_in(offer, language)
    if attribute is None:
        return Answer(offer, None, _paragraph(_overview(offer, texts, speak)), stated=True)
    facts = [fact for fact in catalogue.shown_facts(offer) if fact.attribute is attribute]
    sentences = [
        *_STATED[attribute](offer, texts, speak, catalogue),
        *(fact_sentence(fact, language) for fact in facts),
    ]
    stated = bool(sentences)
    if not stated:
        sentences = [speak.text(_NOT_STATED[attribute]), whom_to_ask(language, catalogue)]
    return Answer(offer, attribute, _paragraph(sentences), stated)


def texts_in(offer: Offer, language: str) -> Texts:
    """Return the texts of an offer in a language; the Danish ones when it has none (the caller labels them)."""
    return offer.texts.get(language) or offer.texts[SOURCE_LANGUAGE]


def fact_sentence(fact: ContactFact, language: str) -> str:
    """Return a contact fact as a sentence; an old one says which year it is from, or that its page had no date."""
    speak = localizer(language)
    text = fact.texts.get(language) or fact.texts.get(SOURCE_LANGUAGE) or ""
    if fact.status is FactStatus.OLD and fact.year is None:
        return speak.text(N_("{fact} (From an older page without a date. Check that it still holds.)"), fact=text)
    if fact.status is FactStatus.OLD:
        return speak.text(N_("{fact} (Seen in {year}. Check that it still holds.)"), fact=text, year=fact.year)
    return text


def whom_to_ask(language: str, catalogue: Catalogue) -> str:
    """Return the sentence that names the municipality's contact centre, with the year its number was seen when it is an
    old one."""
    speak = localizer(language)
    fact = catalogue.contact_centre
    if fact is None or fact.phone is None:
        return speak.text(N_("Ask the municipality."))
    if fact.year is None:
        return speak.text(N_("Ask the municipality on {phone}."), phone=speak.phone(fact.phone))
    return speak.text(
        N_("Ask the municipality on {phone} (number seen in {year})."), phone=speak.phone(fact.phone), year=fact.year
    )


def availability_sentence(offer: Offer, language: str) -> str | None:
    """Return the honest sentence about an offer that cannot simply be had; None for an active one."""
    return texts_in(offer, language).availability_note


def _overview(offer: Offer, texts: Texts, speak: Localizer) -> Iterator[str]:
    yield texts.summary
    if texts.availability_note:
        yield texts.availability_note
    if texts.who:
        yield texts.who
    if texts.good_to_know:
        yield texts.good_to_know
    elif Limit.CONTENT_NOT_DESCRIBED in offer.limits:
        yield speak.text(SENTENCES[Limit.CONTENT_NOT_DESCRIBED])


def _cost(offer: Offer, texts: Texts, speak: Localizer, _catalogue: Catalogue) -> Iterator[str]:
    if offer.cost.kind == "free":
        yield speak.text(N_("It is free."))
    elif offer.cost.kind == "paid" and offer.cost.amount is not None:
        yield speak.text(N_("It costs {amount}."), amount=speak.kroner(offer.cost.amount))
    if texts.cost:
        yield texts.cost


def _who(offer: Offer, texts: Texts, speak: Localizer, _catalogue: Catalogue) -> Iterator[str]:
    if texts.who:
        yield texts.who
    for limit in (Limit.STAFF_ONLY, Limit.EMPLOYERS_ONLY, Limit.NOT_FOR_INDIVIDUALS):
        if limit in offer.limits:
            yield speak.text(SENTENCES[limit])


def _how(offer: Offer, texts: Texts, speak: Localizer, _catalogue: Catalogue) -> Iterator[str]:
    if texts.how:
        yield texts.how
    elif offer.access.route in _ROUTES:
        yield speak.text(_ROUTES[offer.access.route])


def _where(offer: Offer, texts: Texts, speak: Localizer, _catalogue: Catalogue) -> Iterator[str]:
    if texts.where:
        yield texts.where
    for limit in (Limit.SELECTED_PLACES_ONLY, Limit.PLACES_NOT_NAMED):
        if limit in offer.limits:
            yield speak.text(SENTENCES[limit])


def _when(_offer: Offer, texts: Texts, _speak: Localizer, _catalogue: Catalogue) -> Iterator[str]:
    if texts.when:
        yield texts.when


def _languages(offer: Offer, texts: Texts, speak: Localizer, _catalogue: Catalogue) -> Iterator[str]:
    named = [speak.language_name(one.tag) for one in offer.service_languages if one.tag != "interpreter"]
    if texts.languages:
        yield texts.languages
    elif named:
        yield speak.text(N_("Among the languages are {languages}."), languages=speak.list(named))
    elif Limit.LANGUAGES_NOT_NAMED in offer.limits:
        yield speak.text(SENTENCES[Limit.LANGUAGES_NOT_NAMED])
    if not texts.languages and any(one.tag == "interpreter" for one in offer.service_languages):
        yield speak.text(N_("An interpreter can take part in conversations."))


def _contact(_offer: Offer, texts: Texts, _speak: Localizer, _catalogue: Catalogue) -> Iterator[str]:
    if texts.contact:
        yield texts.contact


def _documents(_offer: Offer, texts: Texts, _speak: Localizer, _catalogue: Catalogue) -> Iterator[str]:
    if texts.documents:
        yield texts.documents


def _source(offer: Offer, _texts: Texts, speak: Localizer, catalogue: Catalogue) -> Iterator[str]:
    names = [
        speak.isolated(catalogue.policies[policy].name) for policy in offer.policies if policy in catalogue.policies
    ]
    if names:
        yield speak.text(N_("It stands in: {documents}."), documents=speak.list(names))
    pages = [fact.source_address for fact in catalogue.shown_facts(offer) if fact.source_address]
    if pages:
        shown = [speak.isolated(page, left_to_right=True) for page in dict.fromkeys(pages)]
        yield speak.text(N_("Contact facts were seen on: {pages}."), pages=", ".join(shown))
    if offer.assured_on is not None:
        yield speak.text(N_("The information is from {date}."), date=speak.date(offer.assured_on))
    elif offer.described_in is not None:
        yield speak.text(N_("It was described in {year}."), year=offer.described_in)


_Statements = Callable[[Offer, Texts, Localizer, Catalogue], Iterator[str]]

_STATED: dict[Attribute, _Statements] = {
    Attribute.COST: _cost,
    Attribute.WHO: _who,
    Attribute.HOW: _how,
    Attribute.WHERE: _where,
    Attribute.WHEN: _when,
    Attribute.LANGUAGES: _languages,
    Attribute.CONTACT: _contact,
    Attribute.DOCUMENTS: _documents,
    Attribute.SOURCE: _source,
}


def _paragraph(sentences: Iterator[str] | list[str]) -> str:
    return " ".join(sentence.strip() for sentence in sentences if sentence.strip())
