"""One offer in the words of schema.org (`GovernmentService`), for search engines: only what a source states.

https://schema.org/GovernmentService gives the properties. What nothing is known for is left out; a phone number or a
website is there only while its contact fact counts as seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from services_catalog.answers import texts_in
from services_catalog.catalogue import Catalogue
from services_catalog.hsds.objects import filled
from services_catalog.offer import Offer, RangeCriterion
from services_catalog.records import FactStatus, Organisation

Json = dict[str, Any]

#: HTML would end a script at `</`, and old JavaScript a line at U+2028: none of these stands in the text as it is.
_ESCAPED = {ord(one): f"\\u{ord(one):04x}" for one in "<>&\u2028\u2029"}


def government_service(offer: Offer, language: str, catalogue: Catalogue, public_url: str) -> Json:
    """Return an offer as JSON-LD, told in `language`. `public_url` is the address of the pages, without a slash at the end;
    the offer's own page is its identifier."""
    texts = texts_in(offer, language)
    page = f"{public_url}/{language}/offers/{offer.id}"
    return filled(
        **{"@context": "https://schema.org", "@type": "GovernmentService", "@id": page},
        name=texts.name,
        alternateName=offer.official_name if offer.official_name != texts.name else None,
        description=texts.summary,
        url=page,
        provider=_provider(catalogue.organisations[offer.provider], catalogue),
        areaServed=_area(catalogue),
        audience=_audience(offer),
        availableLanguage=[one.tag for one in offer.service_languages if one.tag != "interpreter"],
        availableChannel=list(_channels(offer, catalogue)),
    )


def script_text(data: Json) -> str:
    """Return JSON that may stand inside a `<script>` of HTML whatever its texts hold."""
    return json.dumps(data, ensure_ascii=False).translate(_ESCAPED)


def _area(catalogue: Catalogue) -> Json | None:
    name = catalogue.municipality_name
    return {"@type": "AdministrativeArea", "name": name} if name else None


def _provider(organisation: Organisation, catalogue: Catalogue) -> Json:
    above = organisation
    while above.part_of is not None:
        above = catalogue.organisations[above.part_of]
    kind = "GovernmentOrganization" if above.id in catalogue.municipalities else "Organization"
    return {"@type": kind, "name": organisation.name}


def _audience(offer: Offer) -> Json | None:
    """Return the range of ages a source states, in whole years; None when none does."""
    ages = [one for one in offer.eligibility if isinstance(one, RangeCriterion) and one.criterion == "age"]
    found = filled(
        suggestedMinAge=max((one.minimum for one in ages if one.minimum is not None), default=None),
        suggestedMaxAge=min((one.maximum for one in ages if one.maximum is not None), default=None),
    )
    return {"@type": "PeopleAudience", **found} if found else None


def _channels(offer: Offer, catalogue: Catalogue) -> Iterator[Json]:
    seen = [one for one in catalogue.shown_facts(offer) if one.status is FactStatus.SEEN]
    for phone, web in dict.fromkeys((one.phone, one.web) for one in seen if one.phone or one.web):
        yield filled(
            **{"@type": "ServiceChannel"},
            servicePhone={"@type": "ContactPoint", "telephone": phone} if phone else None,
            serviceUrl=_web_address(web) if web else None,
        )


def _web_address(web: str) -> str:
    return web if "://" in web else f"https://{web}"
