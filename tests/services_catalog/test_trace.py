"""From an offer to what it rests on, and from a document, a page or a policy to everything that rests on it."""

from __future__ import annotations

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.editors.trace import NoSuchSource, documents, ending, last_year, resting_on, sources_of
from services_catalog.records import Policy

POLICY = "integrations-og-medborgerskabspolitik-2023-26"


def test_an_offer_is_traced_to_every_source_and_the_fields_that_name_it(catalogue: Catalogue) -> None:
    for offer in catalogue.offers.values():
        grounds = sources_of(offer)
        assert [one.source for one in grounds] == list(offer.sources)
        supported = [field for one in grounds for field in one.supports]
        stated = [f"eligibility.{number}" for number in range(len(offer.eligibility))]
        stated += [f"service_languages.{number}" for number in range(len(offer.service_languages))]
        stated += [field for field in ("access", "cost") if getattr(offer, field).source]
        assert sorted(supported) == sorted(stated)
    by_fact = {one.source.fact: one.supports for one in sources_of(catalogue.offer("muhabet"))}
    assert by_fact["muhabet-who"] == ("eligibility.0", "access")


def test_every_passage_of_every_document_is_found_from_the_document(catalogue: Catalogue) -> None:
    wanted = {
        (source.file, offer.id, source.section, source.quote)
        for offer in catalogue.offers.values()
        for source in offer.sources
        if source.file
    }
    found = {
        (name, one.id, one.section, one.quote)
        for name in documents(catalogue)
        for one in resting_on(catalogue, name)
        if one.kind == "offer"
    }
    assert found == wanted


def test_a_document_carries_policies_and_facts_too(catalogue: Catalogue) -> None:
    found = {(one.kind, one.id) for one in resting_on(catalogue, "004_139553ee05667919.txt")}
    assert ("policy", "integrationspolitik-2015-18") in found
    assert ("fact", "koebenhavns-kommune-main-phone") in found


def test_a_page_carries_its_facts_and_the_offers_that_show_them(catalogue: Catalogue) -> None:
    page = "https://www.muhabet.dk/?page_id=129"
    found = resting_on(catalogue, page)
    assert {one.id for one in found if one.kind == "fact"} == {"muhabet-who", "muhabet-cost"}
    offers = [(one.id, one.via, one.quote) for one in found if one.kind == "offer"]
    assert ("muhabet", "muhabet-cost", "Alt er gratis.") in offers


def test_a_policy_carries_its_offers_with_their_words(catalogue: Catalogue) -> None:
    found = resting_on(catalogue, POLICY)
    offers = {one.id for one in found if one.kind == "offer"}
    assert offers == {offer.id for offer in catalogue.offers.values() if POLICY in offer.policies}
    assert all(one.quote for one in found)


def test_a_policy_carries_the_plans_under_it(catalogue: Catalogue) -> None:
    found = resting_on(catalogue, "implementeringsplan-for-politik-for-udsatte-byomraader")
    assert "socialoekonomiske-virksomheder-i-udsatte-byomraader" in {one.id for one in found if one.kind == "policy"}


def test_a_policy_without_offers_is_no_mistake_and_an_unknown_name_is(catalogue: Catalogue) -> None:
    assert resting_on(catalogue, "rap30") == []
    with pytest.raises(NoSuchSource, match=r"001_92da3fdfa6725589\.txt"):
        resting_on(catalogue, "nothing.txt")
    with pytest.raises(NoSuchSource):
        resting_on(catalogue, "001")


def test_what_must_be_looked_at_when_the_policy_is_renewed(catalogue: Catalogue) -> None:
    first, *others = ending(catalogue, 2026)
    assert (first.policy.id, first.year) == (POLICY, 2026)
    assert len(first.offers) > 100
    assert [one.year for one in others] == sorted((one.year for one in others), reverse=True)
    assert POLICY not in [one.policy.id for one in ending(catalogue, 2025)]
    assert ending(catalogue, 2009) == []


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("Integrationspolitik 2023-26", 2026),
        ("Handleplan 2011-2014", 2014),
        ("Plan 2011–14", 2014),
        ("Plan 1998-02", 2002),
        ("BL-aftalen (udlejningsaftaler 2007-2010, fleksibel udlejning)", 2010),
        ("Hjemløseplan (august 2022)", None),
        ("Ressource- og affaldsplan (RAP30)", None),
    ],
)
def test_the_period_is_read_from_the_name(catalogue: Catalogue, name: str, year: int | None) -> None:
    policy: Policy = catalogue.policies[POLICY].model_copy(update={"name": name})
    assert last_year(policy) == year
