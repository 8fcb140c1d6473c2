"""A slip says in Danish and in the resident's language what the offer's page says, and asks what no source states."""

from __future__ import annotations

import datetime as dt

import pytest

from services_catalog.answers import answer
from services_catalog.browsing import visible
from services_catalog.catalogue import Catalogue
from services_catalog.languages import LANGUAGES
from services_catalog.offer import TranslationState
from services_catalog.origins import Origin, origins, page_year
from services_catalog.records import Attribute
from services_catalog.slips import LABELS, Slip, slips, titles
from tests.services_catalog.catalogues import small

OFFER = "kontingentstoette"


def one_slip(catalogue: Catalogue, offer_id: str, language: str) -> Slip:
    (slip,) = slips([catalogue.offers[offer_id]], language, catalogue)
    return slip


@pytest.mark.parametrize("language", LANGUAGES)
def test_rows_say_what_the_page_says(catalogue: Catalogue, language: str) -> None:
    offer = catalogue.offers[OFFER]
    slip = one_slip(catalogue, OFFER, language)
    assert [row.attribute for row in slip.facts] == [Attribute.WHO, Attribute.HOW, Attribute.COST, Attribute.WHEN]
    for row in slip.facts:
        assert row.text.danish == answer(offer, row.attribute, "da", catalogue).text
        assert row.text.own == answer(offer, row.attribute, language, catalogue).text
        assert row.text.language == language
        assert row.label.danish != row.label.own or language == "da"
    assert len(slip.ask) == len(LABELS) - len(slip.facts)
    assert slip.name.danish == "Kontingentstøtteordning"


def test_every_offer_of_the_catalogue_fits_a_slip(catalogue: Catalogue) -> None:
    shown = [offer for offer in catalogue.published if visible(offer)]
    for language in LANGUAGES:
        for offer, slip in zip(shown, slips(shown, language, catalogue), strict=True):
            assert slip.offer is offer
            assert len(slip.facts) + len(slip.ask) == len(LABELS)
            assert slip.note or offer.availability.recommendable
            assert all(pair.danish and pair.own for pair in (*slip.say, *slip.ask, slip.dated))


def test_the_sentence_names_the_offer_and_keeps_its_direction(catalogue: Catalogue) -> None:
    slip = one_slip(catalogue, OFFER, "ar")
    ask, language = slip.say
    assert "Kontingentstøtteordning" in ask.danish
    assert "\u2066Kontingentstøtteordning\u2069" in ask.own
    assert "arabisk" in language.danish
    assert "العربية" in language.own
    assert len(one_slip(catalogue, OFFER, "da").say) == 1  # a Dane need not say what she speaks


def test_what_cannot_be_had_is_asked_for_otherwise(catalogue: Catalogue) -> None:
    planned, active = one_slip(catalogue, "bogstart", "en"), one_slip(catalogue, OFFER, "en")
    assert planned.note is not None
    assert planned.note.danish == catalogue.offers["bogstart"].texts["da"].availability_note
    assert active.note is None
    without_name = [slip.say[0].own.replace(slip.name.danish, "") for slip in (planned, active)]
    assert without_name[0] != without_name[1]


def test_rows_carry_the_day_of_their_sources(catalogue: Catalogue) -> None:
    slip = one_slip(catalogue, "danskuddannelse", "uk")
    known = {row.attribute: row.known for row in slip.facts}
    assert slip.known == dt.date(2023, 5, 1)
    assert known[Attribute.WHO] == (dt.date(2023, 5, 1),)
    assert known[Attribute.COST] == (2018, dt.date(2023, 5, 1))
    assert known[Attribute.WHEN] == ()  # only from a page without a date
    dated = {row.attribute: row.dated for row in slip.facts}
    assert "2018" in dated[Attribute.COST].danish
    assert "1. maj 2023" in dated[Attribute.COST].danish
    assert dated[Attribute.WHEN].danish != dated[Attribute.COST].danish


def test_an_untranslated_offer_is_told_in_danish_and_says_so(catalogue: Catalogue) -> None:
    offer = catalogue.offers[OFFER]
    danish = offer.model_copy(update={"texts": {"da": offer.texts["da"]}})
    (slip,) = slips([danish], "ar", small(catalogue, OFFER))
    assert slip.translation is TranslationState.MISSING
    assert (slip.name.language, {row.text.language for row in slip.facts}) == ("da", {"da"})


def test_a_field_nobody_has_translated_stays_danish(catalogue: Catalogue) -> None:
    offer = catalogue.offers["danskuddannelse"]
    arabic = offer.texts["ar"].model_copy(update={"how": None})
    changed = offer.model_copy(
        update={"texts": offer.texts | {"ar": arabic}, "sources": offer.sources[:1], "access": type(offer.access)()}
    )
    (slip,) = slips([changed], "ar", catalogue)
    how = next(row for row in slip.facts if row.attribute is Attribute.HOW)
    assert (how.text.own, how.text.language) == (how.text.danish, "da")


def test_markup_in_a_catalogue_text_is_only_text(catalogue: Catalogue) -> None:
    offer = catalogue.offers[OFFER].model_copy(update={"official_name": "<script>{name}</script> “={0}”"})
    (slip,) = slips([offer], "en", catalogue)
    assert "<script>{name}</script> “={0}”" in slip.say[0].danish


def test_titles_are_there_in_both_languages() -> None:
    assert set(titles("uk")) == {"say", "facts", "ask"}
    assert all(pair.language == "uk" for pair in titles("uk").values())


@pytest.mark.parametrize(
    ("year", "seen_date", "expected"),
    [(None, "summer 2024", 2024), (2014, "indeks 2018", 2014), (None, None, None), (None, "soon", None),
     (None, "reports 2022 figures (page itself undated)", None), (None, "2023 (25 years since 1998)", 2023)],
)  # fmt: skip
def test_the_year_of_a_page_is_only_what_the_page_says(
    catalogue: Catalogue, year: int | None, seen_date: str | None, expected: int | None
) -> None:
    fact = next(iter(catalogue.facts.values())).model_copy(update={"year": year, "seen_date": seen_date})
    assert page_year(fact) == expected


def test_origins_name_pages_and_papers_once(catalogue: Catalogue) -> None:
    offer = catalogue.offers["danskuddannelse"]
    found = origins(offer, Attribute.COST, "da", catalogue)
    assert found[-1] == Origin(None, dt.date(2023, 5, 1))
    assert len(set(found)) == len(found)
    pages = [one.page for one in found if one.page]
    seen = [fact for fact in catalogue.shown_facts(offer) if fact.attribute is Attribute.COST]
    assert pages
    assert set(pages) == {fact.source_address for fact in seen}
