"""Folding is the same everywhere, never fails, and leads back to the original characters."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services_catalog.normalize import fold, letter_skeleton, normalize, skeleton, words


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("ÆBLER og Ål", "æbler og ål"),
        ("مُدَرِّسَة", "مدرسه"),
        ("أإآٱ ىئ ؤ", "اااا يي و"),
        ("العـــربية", "العربيه"),
        ("ім’я ім`я імʼя", "ім'я ім'я ім'я"),
        ("٠١٢٣٤٥٦٧٨٩ ۰۱۲", "0123456789 012"),
        ("ﻻ ﬁ Ⅷ", "لا fi viii"),
        ("a\u200db\u202ec\u0000d", "abc d"),
    ],
)
def test_what_folding_does(written: str, folded: str) -> None:
    assert fold(written) == folded


def test_an_apostrophe_does_not_split_a_word() -> None:
    assert words("Моє ім’я — Олена, п'ять") == ["моє", "ім'я", "олена", "п'ять"]


def test_vocalised_arabic_stays_one_word() -> None:
    assert words("أُرِيدُ تَعَلُّمَ الدَّنْمَارْكِيَّة") == ["اريد", "تعلم", "الدنماركيه"]


@pytest.mark.parametrize("spelling", ["børn", "boern", "born", "BØRN"])
def test_danish_letters_are_reachable_without_them(spelling: str) -> None:
    assert skeleton(fold(spelling)) == "born"


def test_russian_and_ukrainian_letters_of_one_sound_meet() -> None:
    assert letter_skeleton("діти") == letter_skeleton("дыты")


@given(st.text(max_size=300))
def test_every_folded_character_knows_where_it_came_from(text: str) -> None:
    folded = normalize(text)
    assert len(folded.text) == len(folded.offsets)
    assert list(folded.offsets) == sorted(folded.offsets)
    assert all(0 <= offset < len(text) for offset in folded.offsets)
    assert unicodedata.normalize("NFC", folded.text) == fold(text)


@given(st.text(max_size=300))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(categories=["L", "N", "Zs"]), max_size=80))
def test_a_span_leads_back_to_the_characters_it_came_from(text: str) -> None:
    folded = normalize(text)
    for start in range(len(folded.text)):
        first, last = folded.original_span(start, start + 1)
        assert folded.text[start] in normalize(text[first:last]).text
