"""What stands on the page of one offer: each fact as one row with where it comes from, and what nobody has stated."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from markupsafe import Markup

from api.page_templates import fill, host, isolated
from api.presenting import offer_view
from services_catalog.answers import answer, texts_in
from services_catalog.catalogue import Catalogue
from services_catalog.localized import Localizer, localizer
from services_catalog.messages import N_
from services_catalog.offer import Audience, Offer, Publication
from services_catalog.records import Attribute, ContactFact

#: The rows of the page, each with its title.
_ROWS = {
    Attribute.WHO: N_("Who it is for"),
    Attribute.HOW: N_("How to get it"),
    Attribute.COST: N_("What it costs"),
    Attribute.WHERE: N_("Where it is"),
    Attribute.WHEN: N_("When it is"),
    Attribute.LANGUAGES: N_("Which languages are spoken"),
    Attribute.DOCUMENTS: N_("Which papers you need"),
    Attribute.CONTACT: N_("How to contact them"),
}
_SEEN = N_("Seen on {page}.")
_SEEN_IN = N_("Seen on {page} in {year}.")
_PAPERS_IN = N_("Seen in the City of Copenhagen’s own papers in {year}.")
_PAPERS = N_("From the City of Copenhagen’s own papers.")
_PAPERS_OF = N_("From the City of Copenhagen’s own papers. The information is from {date}.")


def visible(offer: Offer) -> bool:
    """Return whether residents may see the offer."""
    return offer.audience is not Audience.STAFF and offer.publication is Publication.PUBLISHED


def offer_context(offer: Offer, language: str, catalogue: Catalogue) -> dict[str, Any]:
    """Return what `offer.html` is drawn with."""
    speak = localizer(language)
    stated, missing = [], []
    for attribute, title in _ROWS.items():
        said = answer(offer, attribute, language, catalogue)
        if not said.stated:
            missing.append(speak.text(title))
        else:
            sources = list(_sources(offer, attribute, speak, catalogue))
            stated.append({"title": speak.text(title), "text": said.text, "sources": sources})
    return {
        "offer": offer_view(offer, language, catalogue),
        "facts": stated,
        "not_stated": missing,
        "channels": [one for one in catalogue.shown_facts(offer) if one.phone or one.email or one.web],
        "seen": partial(_seen, speak),
        "policies": [catalogue.policies[policy].name for policy in offer.policies if policy in catalogue.policies],
        "overdue_since": offer.review_by.isoformat() if offer.review_by and offer.overdue() else None,
        "others": [_link(catalogue.offers[one], language) for one in _others(offer, catalogue)],
        "parent": _parent(offer, language, catalogue),
    }


def _sources(offer: Offer, attribute: Attribute, speak: Localizer, catalogue: Catalogue) -> Iterator[Markup]:
    """Yield where the row of an attribute comes from: the pages its facts were seen on, then the papers."""
    facts = [fact for fact in catalogue.shown_facts(offer) if fact.attribute is attribute]
    yield from dict.fromkeys(_seen(speak, fact) for fact in facts)
    if facts and not _stated_in_papers(offer, attribute, speak.language.tag):
        return
    if offer.assured_on is not None:
        yield fill(speak.text(_PAPERS_OF), date=speak.date(offer.assured_on))
    else:
        yield fill(speak.text(_PAPERS))


def _stated_in_papers(offer: Offer, attribute: Attribute, language: str) -> bool:
    """Return whether a row says more than its contact facts do."""
    fields = {Attribute.COST: offer.cost.source, Attribute.HOW: offer.access.source}
    return bool(fields.get(attribute) or getattr(texts_in(offer, language), attribute.value, None))


def _seen(speak: Localizer, fact: ContactFact) -> Markup:
    """Return where and when a fact was seen: on a page, or in a paper that is on none."""
    address = fact.source_address or ""
    if not address.startswith(("https://", "http://")):
        return fill(speak.text(_PAPERS_IN if fact.year else _PAPERS), year=fact.year)
    page = Markup('<a href="{}" rel="noreferrer">{}</a>').format(address, isolated(host(address)))
    return fill(speak.text(_SEEN_IN if fact.year else _SEEN), page=page, year=fact.year)


def _others(offer: Offer, catalogue: Catalogue) -> list[str]:
    return [
        one
        for one in offer.alternatives
        if one in catalogue.offers
        and visible(catalogue.offers[one])
        and catalogue.offers[one].availability.recommendable
    ]


def _parent(offer: Offer, language: str, catalogue: Catalogue) -> dict[str, str] | None:
    parent = catalogue.offers.get(offer.parent or "")
    return _link(parent, language) if parent is not None and visible(parent) else None


def _link(offer: Offer, language: str) -> dict[str, str]:
    texts = texts_in(offer, language)
    return {
        "name": texts.name,
        "danish_name": offer.official_name,
        "summary": texts.summary,
        "language": language if language in offer.texts else "da",
        "url": f"/{language}/offers/{offer.id}",
    }
