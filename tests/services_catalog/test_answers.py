"""Answers about one offer: what the sources state, or honestly that they do not and whom to ask."""

from __future__ import annotations

import pytest

from services_catalog.answers import answer
from services_catalog.catalogue import Catalogue
from services_catalog.languages import LANGUAGES
from services_catalog.records import Attribute, FactStatus


@pytest.mark.parametrize("tag", sorted(LANGUAGES))
@pytest.mark.parametrize("attribute", [None, *Attribute])
def test_every_offer_answers_every_question_in_every_language(
    catalogue: Catalogue, tag: str, attribute: Attribute | None
) -> None:
    for offer in catalogue.offers.values():
        said = answer(offer, attribute, tag, catalogue)
        assert said.text.strip()
        assert "{" not in said.text, (offer.id, said.text)
        assert "None" not in said.text, (offer.id, said.text)


def test_an_unknown_cost_is_said_with_whom_to_ask(catalogue: Catalogue) -> None:
    said = answer(catalogue.offer("jobdansk"), Attribute.COST, "en", catalogue)
    assert not said.stated
    assert "33 66 33 66" in said.text
    assert "2014" in said.text


def test_a_free_offer_is_said_to_be_free(catalogue: Catalogue) -> None:
    assert answer(catalogue.offer("feriecamps"), Attribute.COST, "en", catalogue).text.startswith("It is free.")


def test_an_old_fact_carries_its_year(catalogue: Catalogue) -> None:
    old = [
        (offer, fact)
        for offer in catalogue.offers.values()
        for fact in catalogue.shown_facts(offer)
        if fact.status is FactStatus.OLD and fact.attribute
    ]
    assert old
    for offer, fact in old:
        label = str(fact.year) if fact.year else "without a date"
        assert label in answer(offer, fact.attribute, "en", catalogue).text, fact.id


def test_a_phone_number_in_arabic_is_isolated(catalogue: Catalogue) -> None:
    text = answer(catalogue.offer("jobdansk"), Attribute.CONTACT, "ar", catalogue).text
    assert "\u206633 66 33 66\u2069" in text


def test_facts_that_may_not_be_shown_are_in_no_answer(catalogue: Catalogue) -> None:
    hidden = [fact.value for fact in catalogue.facts.values() if not fact.status.shown and fact.value]
    said = " ".join(
        answer(offer, attribute, "da", catalogue).text for offer in catalogue.offers.values() for attribute in Attribute
    )
    assert [value for value in hidden if value and len(value) > 7 and value in said] == []
