"""What stands on the page of one offer: each fact as one row with where it comes from, and what nobody has stated."""

from __future__ import annotations

import datetime as dt
from typing import Any

from markupsafe import Markup

from api.page_templates import fill, host, isolated
from api.presenting import offer_view
from services_catalog.answers import answer, texts_in
from services_catalog.browsing import visible
from services_catalog.catalogue import Catalogue
from services_catalog.languages import SOURCE_LANGUAGE
from services_catalog.localized import Localizer, localizer
from services_catalog.messages import N_
from services_catalog.offer import Offer
from services_catalog.origins import Origin, origin_of, origins, papers_of
from services_catalog.schema_org import government_service, script_text
from services_catalog.slips import LABELS

_SEEN = N_("Seen on {page}. The page has no date.")
_SEEN_IN = N_("Seen on {page}, from {year}.")
_PAPERS_IN = N_("From the municipality’s own papers, from {year}.")
_PAPERS = N_("From the municipality’s own papers.")
_PAPERS_OF = N_("From the municipality’s own papers. The information is from {date}.")


def offer_context(offer: Offer, language: str, catalogue: Catalogue, address: str) -> dict[str, Any]:
    """Return what `offer.html` is drawn with. `address` is that of the service, for machines. Only what can be had is
    described to them: a plan is no service."""
    machine_readable = ""
    if offer.availability.recommendable:
        machine_readable = script_text(government_service(offer, language, catalogue, address))
    speak = localizer(language)
    stated, missing = [], []
    for attribute, title in LABELS.items():
        said = answer(offer, attribute, language, catalogue)
        if not said.stated:
            missing.append(speak.text(title))
        else:
            sources = [_told(speak, one) for one in origins(offer, attribute, language, catalogue)]
            stated.append({"title": speak.text(title), "text": said.text, "sources": sources})
    return {
        "offer": offer_view(offer, language, catalogue),
        "facts": stated,
        "not_stated": missing,
        "channels": [one for one in catalogue.shown_facts(offer) if one.phone or one.email or one.web],
        "seen": lambda fact: _told(speak, origin_of(fact)),
        "papers": _told(speak, papers_of(offer)),
        "policies": [catalogue.policies[policy].name for policy in offer.policies if policy in catalogue.policies],
        "overdue_since": offer.review_by.isoformat() if offer.review_by and offer.overdue() else None,
        "others": [offer_link(catalogue.offers[one], language) for one in _others(offer, catalogue)],
        "parent": _parent(offer, language, catalogue),
        "machine_readable": Markup(machine_readable),  # noqa: S704 - escaped by script_text
    }


def _told(speak: Localizer, origin: Origin) -> Markup:
    """Return where something was seen and from which day or year that is."""
    if origin.page is None:
        if isinstance(origin.known, dt.date):
            return fill(speak.text(_PAPERS_OF), date=speak.date(origin.known))
        return fill(speak.text(_PAPERS_IN if origin.known else _PAPERS), year=origin.known)
    page = Markup('<a href="{}" rel="noreferrer">{}</a>').format(origin.page, isolated(host(origin.page)))
    return fill(speak.text(_SEEN_IN if origin.known else _SEEN), page=page, year=origin.known)


def offer_link(offer: Offer, language: str) -> dict[str, Any]:
    """Return what a list of offers shows of one: its names, a sentence, and whether it can be had."""
    texts = texts_in(offer, language)
    return {
        "id": offer.id,
        "name": texts.name,
        "danish_name": offer.official_name,
        "summary": texts.summary,
        "availability": offer.availability.value,
        "language": language if language in offer.texts else SOURCE_LANGUAGE,
        "url": f"/{language}/offers/{offer.id}",
    }


def _others(offer: Offer, catalogue: Catalogue) -> list[str]:
    return [
        one
        for one in offer.alternatives
        if one in catalogue.offers
        and visible(catalogue.offers[one])
        and catalogue.offers[one].availability.recommendable
    ]


def _parent(offer: Offer, language: str, catalogue: Catalogue) -> dict[str, Any] | None:
    parent = catalogue.offers.get(offer.parent or "")
    return offer_link(parent, language) if parent is not None and visible(parent) else None
