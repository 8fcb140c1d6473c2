"""An offer as a service of HSDS, with everything that belongs to it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections.abc import Iterable, Iterator

from services_catalog.answers import answer, fact_sentence
from services_catalog.catalogue import Catalogue
from services_catalog.hsds.objects import Json, Renderer, filled, identifier
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.localized import localizer
from services_catalog.messages import N_
from services_catalog.offer import Availability, ChoiceCriterion, Offer, RangeCriterion, Texts
from services_catalog.outlines import Outline
from services_catalog.records import Attribute, ContactFact, FactStatus

_STATUS = {
    Availability.ACTIVE: "active",
    Availability.PILOT: "active",
    Availability.TIME_LIMITED: "inactive",
    Availability.PLANNED: "inactive",
    Availability.UNFUNDED: "inactive",
    Availability.HISTORICAL: "defunct",
}

#: The link type of the districts an offer is for.
_AREA = "service_area"
_INTERPRETED = N_("An interpreter can take part in conversations.")

_POSTAL_ADDRESS = re.compile(r"(?P<street>.+),\s*(?P<code>\d{4})\s+(?P<city>\D+)")
#: Post codes of Copenhagen and Frederiksberg: all lie in the Capital Region.
_COPENHAGEN = range(1000, 2501)


def modified(offer: Offer | Outline, catalogue: Catalogue) -> dt.datetime | None:
    """Return when an offer was last published; the day it was last vouched for where no publication is recorded."""
    if offer.id in catalogue.modified:
        return catalogue.modified[offer.id]
    return dt.datetime.combine(offer.assured_on, dt.time(), dt.UTC) if offer.assured_on else None


def spoken_in(offer: Offer, language: str) -> str | None:
    """Return the language an offer is rendered in: the one wished for, else Danish, else any; None without texts."""
    wished = (language, SOURCE_LANGUAGE, *offer.texts)
    return next((tag for tag in wished if tag in offer.texts and tag in LANGUAGES), None)


def service_of(offer: Offer, render: Renderer) -> Json:
    """Return an offer as a service with everything that belongs to it, all of it in one language."""
    language = spoken_in(offer, render.language)
    if language and language != render.language:
        return service_of(offer, dataclasses.replace(render, language=language))
    own = identifier("service", offer.id)
    changed = modified(offer, render.catalogue)
    provider = render.catalogue.organisations[offer.provider]
    stated = filled(
        id=own,
        organization_id=identifier("organization", provider.id),
        name=offer.texts[language].name if language else offer.official_name,
        status=_STATUS[offer.availability],
        assured_date=offer.assured_on.isoformat() if offer.assured_on else None,
        last_modified=timestamp(changed) if changed else None,
        organization=render.organization(provider),
        attributes=list(_attributes(offer, own, render)),
        service_areas=list(_service_areas(offer, own, render)),
        cost_options=list(_cost_options(offer, own)),
        **_ages(offer),
    )
    return stated | _told(offer, offer.texts[language], own, render) if language else stated


def timestamp(moment: dt.datetime) -> str:
    """Return a moment in UTC with milliseconds, as HSDS wants `last_modified`."""
    return moment.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _told(offer: Offer, texts: Texts, own: str, render: Renderer) -> Json:
    """Return the fields of a service that are told in a language."""
    language, speak = render.language, localizer(render.language)
    facts = render.catalogue.shown_facts(offer)
    seen = [fact for fact in facts if fact.status is FactStatus.SEEN]
    web = next((fact.web for fact in seen if fact.web), None)
    page = f"{render.public_url.rstrip('/')}/{language}/offers/{offer.id}" if render.public_url else None
    interpreted = any(one.tag == "interpreter" for one in offer.service_languages)

    def stated(attribute: Attribute) -> str | None:
        found = answer(offer, attribute, language, render.catalogue)
        return found.text if found.stated else None

    def alone(kind: str, name: str, attribute: Attribute) -> list[Json]:
        text = stated(attribute)
        return [{"id": identifier(kind, offer.id), "service_id": own, name: text}] if text else []

    return filled(
        alternate_name=offer.official_name if offer.official_name != texts.name else None,
        description="\n\n".join(filter(None, (texts.summary, texts.good_to_know))),
        url=_web_address(web) if web else page,
        email=next((fact.email for fact in seen if fact.email), None),
        alert=texts.availability_note,
        interpretation_services=speak.text(_INTERPRETED) if interpreted else None,
        application_process=stated(Attribute.HOW),
        fees_description=stated(Attribute.COST),
        eligibility_description=stated(Attribute.WHO),
        phones=list(_phones(facts, offer, own, language)),
        schedules=alone("schedule", "description", Attribute.WHEN),
        required_documents=alone("required_document", "document", Attribute.DOCUMENTS),
        service_at_locations=[_at_location(offer, fact, own, language) for fact in facts if fact.address],
        languages=[
            {
                "id": identifier("language", offer.id, one.tag),
                "service_id": own,
                "name": speak.language_name(one.tag),
                "code": one.tag,
            }
            for one in offer.service_languages
            if one.tag != "interpreter"
        ],
    )


def _attributes(offer: Offer, own: str, render: Renderer) -> Iterator[Json]:
    for link_type, taxonomy, name in dict.fromkeys(_links(offer)):
        term = render.taxonomy_term(taxonomy, getattr(render.catalogue, taxonomy)[name])
        yield {
            "id": identifier("attribute", offer.id, link_type, taxonomy, name),
            "link_id": own,
            "link_type": link_type,
            "link_entity": "service",
            "taxonomy_term_id": term["id"],
            "taxonomy_term": term,
        }


def _service_areas(offer: Offer, own: str, render: Renderer) -> Iterator[Json]:
    for link_type, _, district in dict.fromkeys(_links(offer)):
        if link_type == _AREA:
            label, _ = render.label(render.catalogue.districts[district])
            yield {"id": identifier("service_area", offer.id, district), "service_id": own, "name": label}


def _links(offer: Offer) -> Iterator[tuple[str, str, str]]:
    """Yield what an offer is classified by: (link type, taxonomy, term). Whom it excludes is no classification."""
    yield from (("need", "needs", need) for need in offer.needs)
    for criterion in offer.eligibility:
        if not isinstance(criterion, ChoiceCriterion):
            continue
        if criterion.criterion == "district":
            yield from ((_AREA, "districts", one) for one in criterion.any)
        else:
            link_type = "eligibility" if criterion.strict else "intended_audience"
            yield from ((link_type, "situations", one) for one in criterion.any)


def _ages(offer: Offer) -> Json:
    """Return the ages a source demands; one that only says "primarily" demands none."""
    demanded = [
        one for one in offer.eligibility if isinstance(one, RangeCriterion) and one.criterion == "age" and one.strict
    ]
    lowest = max((one.minimum for one in demanded if one.minimum is not None), default=None)
    highest = min((one.maximum for one in demanded if one.maximum is not None), default=None)
    return filled(minimum_age=lowest, maximum_age=highest)


def _phones(facts: Iterable[ContactFact], offer: Offer, own: str, language: str) -> Iterator[Json]:
    numbers: dict[str, ContactFact] = {}
    for fact in facts:
        if fact.phone:
            numbers.setdefault(fact.phone, fact)
    for number, fact in numbers.items():
        yield filled(
            id=identifier("phone", offer.id, number),
            service_id=own,
            number=number,
            type="voice",
            description=fact_sentence(fact, language),
        )


def _cost_options(offer: Offer, own: str) -> Iterator[Json]:
    amount = 0.0 if offer.cost.kind == "free" else offer.cost.amount
    if amount is not None:
        yield {"id": identifier("cost_option", offer.id), "service_id": own, "amount": amount, "currency": "DKK"}


def _at_location(offer: Offer, fact: ContactFact, own: str, language: str) -> Json:
    location = _location(fact, language)
    return filled(
        id=identifier("service_at_location", offer.id, fact.id),
        service_id=own,
        location_id=location["id"],
        description=fact_sentence(fact, language),
        location=location,
    )


def _location(fact: ContactFact, language: str) -> Json:
    """Return the place a fact names; with a postal address only where the fact gives a whole one."""
    own = identifier("location", fact.id)
    match = _POSTAL_ADDRESS.fullmatch(fact.address or "")
    addresses = []
    if match and int(match["code"]) in _COPENHAGEN:
        addresses = [
            {
                "id": identifier("address", fact.id),
                "location_id": own,
                "address_1": match["street"],
                "city": match["city"].strip(),
                "state_province": "Region Hovedstaden",
                "postal_code": match["code"],
                "country": "DK",
                "address_type": "physical",
            }
        ]
    return filled(
        id=own,
        location_type="physical",
        name=fact.address,
        description=fact_sentence(fact, language),
        addresses=addresses,
    )


def _web_address(web: str) -> str:
    return web if web.startswith(("http://", "https://")) else f"https://{web}"
