"""Offers in the words of schema.org: what sources state, and nothing else."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.offer import Offer, RangeCriterion, ServiceLanguage
from services_catalog.records import ContactFact, FactStatus
from services_catalog.schema_org import government_service, script_text

ADDRESS = "https://vejviser.example"
ALWAYS = {"@context", "@type", "@id", "name", "description", "url", "provider", "areaServed"}
OPTIONAL = {"alternateName", "audience", "availableLanguage", "availableChannel"}


def described(offer: Offer, catalogue: Catalogue, language: str = "en") -> Any:
    return government_service(offer, language, catalogue, ADDRESS)


@pytest.mark.parametrize("language", ["da", "en", "uk", "ar"])
def test_every_offer_says_what_is_known_and_nothing_empty(catalogue: Catalogue, language: str) -> None:
    for offer in catalogue.published:
        said = described(offer, catalogue, language)
        assert said.keys() >= ALWAYS
        assert said.keys() <= ALWAYS | OPTIONAL
        assert all(said.values()), offer.id
        assert (said["@context"], said["@type"]) == ("https://schema.org", "GovernmentService")
        assert said["url"] == said["@id"] == f"{ADDRESS}/{language}/offers/{offer.id}"
        assert said["name"] == offer.texts[language].name
        assert said["provider"]["name"] == catalogue.organisations[offer.provider].name
        assert said["areaServed"] == {"@type": "AdministrativeArea", "name": "Københavns Kommune"}


def test_only_the_municipality_is_a_government(catalogue: Catalogue) -> None:
    kinds = {offer.provider: described(offer, catalogue)["provider"]["@type"] for offer in catalogue.published}
    assert kinds["kff"] == "GovernmentOrganization"
    outside = {name for name, kind in kinds.items() if kind == "Organization"}
    assert all(catalogue.organisations[name].part_of is None for name in outside)
    assert outside


@pytest.mark.parametrize(
    ("minimum", "maximum", "audience"),
    [
        (6, 17, {"@type": "PeopleAudience", "suggestedMinAge": 6, "suggestedMaxAge": 17}),
        (0, None, {"@type": "PeopleAudience", "suggestedMinAge": 0}),
        (None, 25, {"@type": "PeopleAudience", "suggestedMaxAge": 25}),
    ],
)
def test_the_ages_are_those_a_source_states(
    catalogue: Catalogue, minimum: int | None, maximum: int | None, audience: Any
) -> None:
    age = RangeCriterion(criterion="age", minimum=minimum, maximum=maximum, source="age")
    years = RangeCriterion(criterion="years_in_denmark", minimum=3, source="age")
    offer = catalogue.offers["muhabet"]
    assert described(offer.model_copy(update={"eligibility": (age, years)}), catalogue)["audience"] == audience
    assert "audience" not in described(offer.model_copy(update={"eligibility": (years,)}), catalogue)


def test_languages_are_named_and_an_interpreter_is_none(catalogue: Catalogue) -> None:
    spoken = (ServiceLanguage(tag="ar", source="x"), ServiceLanguage(tag="interpreter", source="x"))
    offer = catalogue.offers["muhabet"].model_copy(update={"service_languages": spoken})
    assert described(offer, catalogue)["availableLanguage"] == ["ar"]
    assert "availableLanguage" not in described(offer.model_copy(update={"service_languages": ()}), catalogue)


@pytest.mark.parametrize("status", FactStatus)
def test_only_contact_facts_that_were_seen_are_told(catalogue: Catalogue, status: FactStatus) -> None:
    offer = next(one for one in catalogue.published if any(fact.phone for fact in catalogue.shown_facts(one)))
    facts = {
        name: fact.model_copy(update={"status": status, "phone": "12345678", "web": "club.example"})
        for name, fact in catalogue.facts.items()
    }
    changed = dataclasses.replace(catalogue, facts=facts)
    channels = described(offer, changed).get("availableChannel")
    if status is FactStatus.SEEN:
        assert channels[0] == {
            "@type": "ServiceChannel",
            "servicePhone": {"@type": "ContactPoint", "telephone": "12345678"},
            "serviceUrl": "https://club.example",
        }
    else:
        assert channels is None


def test_the_same_number_of_several_facts_is_told_once(catalogue: Catalogue) -> None:
    facts: dict[str, ContactFact] = dict(catalogue.facts)
    offer = next(one for one in catalogue.published if len(catalogue.shown_facts(one)) > 1)
    for fact in catalogue.shown_facts(offer):
        facts[fact.id] = fact.model_copy(update={"status": FactStatus.SEEN, "phone": "12345678", "web": None})
    channels = described(offer, dataclasses.replace(catalogue, facts=facts))["availableChannel"]
    assert len(channels) == 1


@pytest.mark.parametrize(
    "text", ["</script><script>alert(1)</script>", "<!-- <script>", "a\u2028b\u2029c", "&lt;", 'مرحبا "ø" \\ 🙂']
)
def test_a_text_stays_inside_the_script_and_comes_out_whole(text: str) -> None:
    written = script_text({"name": text})
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == {"name": text}
