"""Where what is said about an offer comes from, and from which day or year that is."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from services_catalog.answers import texts_in
from services_catalog.catalogue import Catalogue
from services_catalog.offer import Offer
from services_catalog.records import Attribute, ContactFact

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


@dataclass(frozen=True)
class Origin:
    """A public page (`page` is its address), or the City of Copenhagen's own papers (None).

    `known` is the day it is from, or only the year; None when nobody knows.
    """

    page: str | None
    known: dt.date | int | None


def origins(offer: Offer, attribute: Attribute, language: str, catalogue: Catalogue) -> tuple[Origin, ...]:
    """Return where the answer about one fact of an offer comes from: the pages its contact facts were seen on, then the
    papers. Each origin once."""
    facts = [fact for fact in catalogue.shown_facts(offer) if fact.attribute is attribute]
    found = [origin_of(fact) for fact in facts]
    if not facts or _stated_in_papers(offer, attribute, language):
        found.append(papers_of(offer))
    return tuple(dict.fromkeys(found))


def papers_of(offer: Offer) -> Origin:
    """Return the papers an offer is described in, with the day they were vouched for, or the year they are from."""
    return Origin(None, offer.assured_on or offer.described_in)


def origin_of(fact: ContactFact) -> Origin:
    """Return the page a contact fact was seen on, or the papers when its source is no address."""
    address = fact.source_address or ""
    return Origin(address if address.startswith(("https://", "http://")) else None, page_year(fact))


def page_year(fact: ContactFact) -> int | None:
    """Return the year the page of a fact is from. An editor writes down what the page says of its date; where she notes
    that it is undated, a year beside it is about something else."""
    said = fact.seen_date or ""
    if fact.year is not None or "undated" in said:
        return fact.year
    year = _YEAR.search(said)
    return int(year.group()) if year else None


def _stated_in_papers(offer: Offer, attribute: Attribute, language: str) -> bool:
    """Return whether an answer says more than the contact facts do."""
    fields = {Attribute.COST: offer.cost.source, Attribute.HOW: offer.access.source}
    return bool(fields.get(attribute) or getattr(texts_in(offer, language), attribute.value, None))
