"""When a translation is behind its Danish text, and what a translator takes up first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.editors.differences import FieldChange
from services_catalog.editors.translations import (
    READ_FIELDS,
    changes_since_translation,
    danish_changes,
    field_state,
    outdate,
    queue,
)
from services_catalog.offer import Offer, Publication, Texts, TranslationState


def edited(offer: Offer, language: str, **changes: Any) -> Offer:
    texts = offer.texts[language].model_copy(update=changes)
    return offer.model_copy(update={"texts": offer.texts | {language: texts}})


def states(offer: Offer) -> dict[str, str]:
    return {tag: texts.state.value for tag, texts in offer.texts.items()}


@pytest.fixture
def offer(catalogue: Catalogue) -> Offer:
    return edited(catalogue.offer("muhabet"), "uk", state=TranslationState.REVIEWED)


def only(catalogue: Catalogue, *offers: Offer) -> Catalogue:
    return replace(catalogue, offers={one.id: one for one in offers})


def test_everything_that_people_read_counts_and_nothing_else() -> None:
    assert set(READ_FIELDS) == set(Texts.model_fields) - {"state", "keywords", "examples"}


@pytest.mark.parametrize("field", READ_FIELDS)
def test_a_changed_danish_text_leaves_every_translation_behind(offer: Offer, field: str) -> None:
    after = outdate(offer, edited(offer, "da", **{field: "Noget helt nyt."}))
    assert states(after) == {"da": "source", "en": "outdated", "uk": "outdated", "ar": "outdated"}
    assert [getattr(after.texts["ar"], one) for one in READ_FIELDS] == [
        getattr(offer.texts["ar"], one) for one in READ_FIELDS
    ]


@pytest.mark.parametrize("change", [{"keywords": ("kaffe",)}, {"examples": ("Hvor er der kaffe?",)}, {}])
def test_what_only_the_search_reads_leaves_nobody_behind(offer: Offer, change: dict[str, Any]) -> None:
    after = edited(offer, "da", **change)
    assert outdate(offer, after) == after


def test_a_language_that_was_edited_in_the_same_step_keeps_its_state(offer: Offer) -> None:
    after = edited(edited(offer, "da", summary="Et nyt sted."), "en", summary="A new place.")
    assert states(outdate(offer, after)) == {"da": "source", "en": "unreviewed", "uk": "outdated", "ar": "outdated"}


def test_a_state_that_the_editor_set_in_the_same_step_stays(offer: Offer) -> None:
    after = edited(edited(offer, "da", summary="En rettet slåfejl."), "ar", state=TranslationState.REVIEWED)
    assert states(outdate(offer, after))["ar"] == "reviewed"


def test_new_keywords_do_not_save_a_translation_from_being_behind(offer: Offer) -> None:
    after = edited(edited(offer, "da", summary="Et nyt sted."), "ar", keywords=("قهوة",))
    assert states(outdate(offer, after))["ar"] == "outdated"


def test_a_language_that_is_new_or_missing_is_left_alone(offer: Offer) -> None:
    without = offer.model_copy(update={"texts": {tag: one for tag, one in offer.texts.items() if tag != "ar"}})
    after = edited(offer, "da", summary="Et nyt sted.")
    assert states(outdate(without, after))["ar"] == "unreviewed"
    missing = edited(offer, "ar", state=TranslationState.MISSING)
    assert states(outdate(missing, edited(missing, "da", summary="Et nyt sted.")))["ar"] == "missing"


def test_a_change_of_the_danish_is_told_field_by_field(offer: Offer) -> None:
    then = offer.texts["da"]
    now = then.model_copy(update={"summary": "Et nyt sted.", "cost": None, "documents": "Sundhedskort."})
    assert danish_changes(then, now) == [
        FieldChange("summary", then.summary, "Et nyt sted."),
        *([FieldChange("cost", then.cost, None)] if then.cost else []),
        FieldChange("documents", None, "Sundhedskort."),
    ]


def test_changes_are_counted_from_the_last_good_translation(offer: Offer) -> None:
    second = outdate(offer, edited(offer, "da", summary="To."))
    third = outdate(second, edited(second, "da", summary="Tre.", documents="Sundhedskort."))
    changes = changes_since_translation([third, second, offer], "ar")
    assert changes is not None
    assert [(one.field, one.after) for one in changes] == [("summary", "Tre."), ("documents", "Sundhedskort.")]
    assert changes[0].before == offer.texts["da"].summary
    assert changes_since_translation([third, second], "ar") is None


def test_only_the_changed_fields_of_an_outdated_text_are_outdated_when_they_are_known(offer: Offer) -> None:
    behind = outdate(offer, edited(offer, "da", summary="To.", documents="Sundhedskort."))
    assert field_state(behind, "ar", "name") is TranslationState.OUTDATED
    assert field_state(behind, "ar", "name", {"summary", "documents"}) is TranslationState.UNREVIEWED
    assert field_state(behind, "ar", "summary", {"summary", "documents"}) is TranslationState.OUTDATED
    assert field_state(behind, "ar", "documents", {"summary", "documents"}) is TranslationState.MISSING
    assert field_state(offer, "ar", "documents") is None


def test_the_queue_begins_with_what_is_wrong_and_with_offers_people_can_have(catalogue: Catalogue) -> None:
    active, ended = catalogue.offer("muhabet"), catalogue.offer("18-plus-centre")
    no_arabic = {tag: one for tag, one in active.texts.items() if tag != "ar"}
    offers = [
        active.model_copy(update={"id": "unreviewed"}),
        ended.model_copy(update={"id": "a-ended"}),
        active.model_copy(update={"id": "missing", "texts": no_arabic}),
        edited(ended, "ar", state=TranslationState.OUTDATED).model_copy(update={"id": "b-ended-outdated"}),
        edited(active, "ar", state=TranslationState.OUTDATED).model_copy(update={"id": "z-outdated"}),
        edited(active, "ar", state=TranslationState.REVIEWED).model_copy(update={"id": "done"}),
        active.model_copy(update={"id": "archived", "publication": Publication.ARCHIVED}),
    ]
    found = queue(only(catalogue, *offers), "ar")
    assert [one.offer_id for one in found] == ["z-outdated", "b-ended-outdated", "missing", "unreviewed", "a-ended"]


def test_an_entry_counts_the_danish_words_of_its_fields(offer: Offer, catalogue: Catalogue) -> None:
    behind = outdate(offer, edited(offer, "da", summary="Fire ord på dansk.", documents="Dit sundhedskort."))
    changes = {offer.id: danish_changes(offer.texts["da"], behind.texts["da"])}
    (entry,) = queue(only(catalogue, behind), "ar", changes)
    assert (entry.outdated, entry.missing, entry.words) == (("summary",), ("documents",), 6)
    assert "name" in entry.unreviewed
    assert entry.words_to_review == sum(len(getattr(behind.texts["da"], field).split()) for field in entry.unreviewed)
    (unknown,) = queue(only(catalogue, behind), "ar")
    assert set(unknown.outdated) == {"summary", *entry.unreviewed}


def test_the_real_catalogue_waits_for_review_only(catalogue: Catalogue) -> None:
    for language in ("en", "uk", "ar"):
        entries = queue(catalogue, language)
        assert len(entries) == len(catalogue.offers)
        assert not any(one.missing or one.outdated for one in entries)
