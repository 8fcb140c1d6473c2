"""What a person must confirm before going live: everything, once, the numbers for people in danger first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.crisis import CrisisCategory, CrisisRules
from services_catalog.editors.launch_check import CrisisStep, Group, Item, counted, crisis_steps, launch_check
from services_catalog.offer import Publication, TranslationState
from services_catalog.records import ContactFact, FactStatus
from tests.services_catalog.test_translations import edited, only

TODAY = dt.date(2026, 11, 30)


@pytest.fixture(scope="module")
def items(catalogue: Catalogue) -> list[Item]:
    return launch_check(catalogue, crisis_steps(), TODAY)


def with_fact(catalogue: Catalogue, fact_id: str, **changes: Any) -> Catalogue:
    facts: Mapping[str, ContactFact] = catalogue.facts
    return replace(catalogue, facts={**facts, fact_id: facts[fact_id].model_copy(update=changes)})


def why(catalogue: Catalogue, item_id: str) -> str:
    return next(one.why for one in launch_check(catalogue, crisis_steps(), TODAY) if one.id == item_id)


def test_items_are_numbered_in_the_order_of_harm(items: list[Item]) -> None:
    assert [one.order for one in items] == list(range(1, len(items) + 1))
    groups = [one.group for one in items]
    assert groups == sorted(groups, key=list(Group).index)
    assert set(groups) == set(Group)
    assert items[0].id == "112-phone-when-to-use"


def test_every_number_of_a_crisis_answer_is_confirmed_first(items: list[Item]) -> None:
    rules = CrisisRules.load()
    told = {
        step.phone
        for category in CrisisCategory
        for step in rules.answer(category, "da").steps
        if step.phone is not None
    }
    head = items[: len(crisis_steps())]
    numbers = {phone for phone in told for one in head if one.group is Group.CRISIS and one.what.startswith(phone)}
    assert numbers == told
    assert all(one.source for one in items if one.group is Group.CRISIS)


def test_a_number_that_several_answers_give_stands_there_once(items: list[Item]) -> None:
    ids = [one.id for one in items if one.group is Group.CRISIS]
    assert len(ids) == len(set(ids))
    (emergency,) = [one for one in items if one.id == "112-phone-when-to-use"]
    assert "partner_violence" in emergency.why
    assert "suicide" in emergency.why


def test_hours_and_cost_of_a_crisis_line_are_confirmed_with_its_number(items: list[Item]) -> None:
    groups = {one.id: one.group for one in items}
    assert groups["boernetelefonen-cost"] is Group.CRISIS
    assert groups["danner-hours"] is Group.CRISIS


def test_the_number_of_every_hand_over_comes_next(items: list[Item]) -> None:
    (hand_over,) = [one for one in items if one.group is Group.HAND_OVER]
    assert hand_over.id == "koebenhavns-kommune-main-phone"
    assert "2014" in hand_over.why
    assert hand_over.seen_date == "2014"


def test_a_broken_crisis_number_is_cried_out(catalogue: Catalogue) -> None:
    assert "ANOTHER NUMBER" in why(with_fact(catalogue, "danner-phone", phone="11 22 33 44"), "danner-phone")
    assert "CALLED “old”" in why(with_fact(catalogue, "danner-phone", status=FactStatus.OLD), "danner-phone")
    nothing = launch_check(catalogue, [CrisisStep("suicide", "70 20 12 01", None)], TODAY)[0]
    assert (nothing.group, nothing.id) == (Group.CRISIS, "70 20 12 01")
    assert "NO CONTACT FACT" in nothing.why
    gone = replace(catalogue, facts={one: fact for one, fact in catalogue.facts.items() if one != "danner-phone"})
    assert "NO CONTACT FACT" in why(gone, "danner-phone")


def test_doubtful_contact_facts_name_their_offers_and_where_they_were_seen(
    items: list[Item], catalogue: Catalogue
) -> None:
    contacts = {one.id: one for one in items if one.group is Group.CONTACT}
    used = {source.fact for offer in catalogue.published for source in offer.sources if source.fact}
    told = {one.id for one in items if one.group in (Group.CRISIS, Group.HAND_OVER)}
    for fact in catalogue.facts.values():
        doubtful = fact.status in (FactStatus.CONFLICT, FactStatus.UNVERIFIED) or (
            fact.id in used and (fact.status is FactStatus.OLD or (fact.seen_date is None and fact.year is None))
        )
        if doubtful and fact.id not in told:
            assert fact.id in contacts, fact.id
            assert contacts[fact.id].source == fact.source_address
    assert "etnisk-ung" in contacts["red-raadgivning-phone-shown-by-aalborg-kommune"].why
    assert "diversity-works" in contacts["diversity-works-old-contact-under-the-former-name"].why


def test_a_fact_that_was_seen_on_a_dated_page_needs_no_call(catalogue: Catalogue) -> None:
    dated = with_fact(catalogue, "sjakket-phone", seen_date="2026-11-01", note=None)
    assert "sjakket-phone" in {one.id for one in launch_check(catalogue, (), TODAY)}
    assert "sjakket-phone" not in {one.id for one in launch_check(dated, (), TODAY)}
    asked = with_fact(catalogue, "sjakket-phone", seen_date="2026-11-01", note="Re-check the number.")
    assert "Re-check the number." in why(asked, "sjakket-phone")


def test_a_fact_of_an_offer_that_is_not_public_waits(catalogue: Catalogue) -> None:
    draft = catalogue.offer("sjakket").model_copy(update={"publication": Publication.DRAFT})
    items = launch_check(only(catalogue, draft), (), TODAY)
    assert not [one for one in items if one.id.startswith("sjakket")]


def test_an_offer_waits_without_assurance_or_after_its_review(catalogue: Catalogue) -> None:
    offer = catalogue.offer("muhabet")

    def reasons(**changes: Any) -> list[str]:
        found = launch_check(only(catalogue, offer.model_copy(update=changes)), (), TODAY)
        return [one.why for one in found if one.group is Group.OFFER]

    assert reasons(assured_on=TODAY, review_by=TODAY) == []
    assert "nobody has vouched" in reasons(assured_on=None, review_by=None)[0]
    assert reasons(assured_on=TODAY, review_by=dt.date(2026, 11, 29)) == ["its review was due on 2026-11-29"]
    later = [one for one in launch_check(catalogue, (), dt.date(2027, 1, 1)) if one.group is Group.OFFER]
    assert len(later) == len(catalogue.published)


def test_texts_are_listed_each_and_counted_by_language(items: list[Item], catalogue: Catalogue) -> None:
    assert counted(items) == dict.fromkeys(("en", "uk", "ar"), len(catalogue.published))
    offer = edited(catalogue.offer("muhabet"), "ar", state=TranslationState.REVIEWED)
    offer = edited(offer, "uk", state=TranslationState.OUTDATED)
    left = [one for one in launch_check(only(catalogue, offer), (), TODAY) if one.group is Group.TEXT]
    assert [(one.id, one.why) for one in left] == [("muhabet/en", "unreviewed"), ("muhabet/uk", "outdated")]


def test_notes_that_ask_for_a_check_come_last(items: list[Item], catalogue: Catalogue) -> None:
    notes = [(one.id, one.why) for one in items if one.group is Group.NOTE]
    assert notes
    for offer in catalogue.published:
        for note in offer.editor_notes:
            assert ((offer.id, note) in notes) == any(word in note.lower() for word in ("confirm", "verif", "check"))
