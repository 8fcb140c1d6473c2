"""From the catalogue's records to the public contract (the OpenAPI description): hits, offers and crisis answers as JSON."""

from __future__ import annotations

import re
from typing import Any

from services_catalog.answers import fact_sentence, texts_in
from services_catalog.catalogue import Catalogue
from services_catalog.crisis import CrisisAnswer
from services_catalog.eligibility import Verdict
from services_catalog.explain import aspect, described, reasons
from services_catalog.languages import SOURCE_LANGUAGE
from services_catalog.limits import SENTENCES
from services_catalog.localized import localizer
from services_catalog.offer import Offer, TranslationState
from services_catalog.records import FactStatus
from services_catalog.search import Hit


def hit_view(hit: Hit, language: str, catalogue: Catalogue) -> dict[str, Any]:
    """Return one hit as the contract has it, in `language`; texts that exist only in Danish say so."""
    offer = hit.offer
    texts = texts_in(offer, language)
    spoken = language if language in offer.texts else SOURCE_LANGUAGE
    unknown = hit.eligibility.with_verdict(Verdict.UNKNOWN)
    return {
        "id": offer.id,
        "name": texts.name,
        "danish_name": offer.official_name,
        "summary": texts.summary,
        "language": spoken,
        "available": offer.availability.recommendable,
        "availability": offer.availability.value,
        "availability_note": texts.availability_note,
        "score": round(hit.score, 3),
        "why": reasons(hit, language, catalogue),
        "eligibility": {
            "meets": described(hit.eligibility.with_verdict(Verdict.MEETS), language, catalogue),
            "fails": described(
                (one for one in hit.eligibility.with_verdict(Verdict.FAILS) if one.strict), language, catalogue
            ),
            "unknown": list(dict.fromkeys(one.criterion.criterion for one in unknown)),
        },
        "unknown": list(dict.fromkeys(aspect(one.criterion.criterion, language) for one in unknown)),
        "limits": [localizer(language).text(SENTENCES[limit]) for limit in offer.limits],
        "translation": translation_state(offer, language).value,
        "assured_on": offer.assured_on.isoformat() if offer.assured_on else None,
        "overdue_since": offer.review_by.isoformat() if offer.review_by and offer.overdue() else None,
        "phone": phone_of(offer, catalogue),
        "address": address_of(offer, catalogue),
        "url": f"/{language}/offers/{offer.id}",
    }


def translation_state(offer: Offer, language: str) -> TranslationState:
    """Return how far the text in a language can be trusted; `missing` when there is none."""
    texts = offer.texts.get(language)
    return texts.state if texts is not None else TranslationState.MISSING


def phone_of(offer: Offer, catalogue: Catalogue) -> str | None:
    """Return the first phone number seen for an offer, if any. An old number needs its year beside it: it stands on the
    offer's page, never on a card."""
    facts = catalogue.shown_facts(offer)
    return next((fact.phone for fact in facts if fact.phone and fact.status is FactStatus.SEEN), None)


def address_of(offer: Offer, catalogue: Catalogue) -> str | None:
    """Return the first street seen for an offer, if any: where to go. The name of a district alone is no address."""
    facts = catalogue.shown_facts(offer)
    places = (fact.address for fact in facts if fact.address and fact.status is FactStatus.SEEN)
    return next((place for place in places if re.search(r"[\d,]", place)), None)


def offer_view(offer: Offer, language: str, catalogue: Catalogue) -> dict[str, Any]:
    """Return everything a resident may know of one offer, each fact with its source."""
    texts = texts_in(offer, language)
    return {
        "id": offer.id,
        "kind": offer.kind.value,
        "language": language if language in offer.texts else SOURCE_LANGUAGE,
        "name": texts.name,
        "danish_name": offer.official_name,
        "provider": _provider(offer, language, catalogue),
        "availability": offer.availability.value,
        "available": offer.availability.recommendable,
        "translation": translation_state(offer, language).value,
        "assured_on": offer.assured_on.isoformat() if offer.assured_on else None,
        "review_by": offer.review_by.isoformat() if offer.review_by else None,
        "texts": texts.model_dump(mode="json", exclude={"state", "keywords", "examples"}, exclude_none=True),
        "eligibility": [one.model_dump(mode="json", exclude_defaults=True) for one in offer.eligibility],
        "access": offer.access.model_dump(mode="json", exclude_none=True),
        "cost": offer.cost.model_dump(mode="json", exclude_none=True),
        "service_languages": [one.tag for one in offer.service_languages],
        "limits": [localizer(language).text(SENTENCES[limit]) for limit in offer.limits],
        "needs": list(offer.needs),
        "parent": offer.parent,
        "alternatives": list(offer.alternatives),
        "contacts": [
            {
                "text": fact_sentence(fact, language),
                "attribute": fact.attribute.value if fact.attribute else None,
                "phone": fact.phone,
                "email": fact.email,
                "web": fact.web,
                "address": fact.address,
                "status": fact.status.value,
                "year": fact.year,
                "seen_on": fact.source_address,
            }
            for fact in catalogue.shown_facts(offer)
        ],
        "sources": [
            one.model_dump(mode="json", exclude_none=True, exclude={"id"}) for one in offer.sources if one.file
        ],
        "url": f"/{language}/offers/{offer.id}",
    }


def _provider(offer: Offer, language: str, catalogue: Catalogue) -> dict[str, str]:
    organisation = catalogue.organisations[offer.provider]
    return {"id": organisation.id, "name": organisation.name, "label": organisation.labels.get(language, "")}


def crisis_view(answer: CrisisAnswer) -> dict[str, Any]:
    """Return a crisis answer as the contract has it."""
    return {
        "category": answer.category.value,
        "title": answer.title,
        "steps": [{"text": step.text, "phone": step.phone} for step in answer.steps],
    }
