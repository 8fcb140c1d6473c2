"""Normalised text, and the way back to the original characters."""

from __future__ import annotations

import pytest

from bot.components.normalise import normalise


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        ("Ім’я", "ім'я"),
        ("Імʼя", "ім'я"),
        ("дiти", "діти"),  # with a Latin i
        ("عُمْرُهُ ٨ سَنَوَاتٍ", "عمره 8 سنوات"),
        ("مدرســـة أحمد", "مدرسه احمد"),
        ("۱۲ سال", "12 سال"),
        ("A\u030arhus", "århus"),
        ("1½ år", "1½ år"),
        ("Hvad\u00a0koster\tdet?\n", "hvad koster det? "),
        ("\u200fمرحبا\u200e", "مرحبا"),
        ("¿ＡＢ", "¿ab"),
        ("", ""),
    ],
)
def test_one_spelling_for_many_ways_of_typing(original: str, expected: str) -> None:
    assert normalise(original).text == expected


@pytest.mark.parametrize(
    "original",
    ["Hej med dig!", "عُمْرُهُ ٨ سَنَوَاتٍ", "Ім’я й МОЄ", "ﻻ İstanbul ½ år", "A\u030arhus 👩\u200d👧 \u202bأ\u202c"],
)
def test_every_character_leads_back_into_the_original(original: str) -> None:
    result = normalise(original)
    assert len(result.offsets) == len(result.text) + 1
    assert result.offsets[-1] == len(original)
    assert list(result.offsets) == sorted(result.offsets)


def test_a_span_brings_its_vowel_marks_along() -> None:
    original = "قالت عُمْرُهُ ثمان"
    result = normalise(original)
    start = result.text.index("عمره")
    first, last = result.original_span(start, start + 4)
    assert original[first:last] == "عُمْرُهُ"


def test_a_ligature_is_never_cut_in_half() -> None:
    result = normalise("ﻻ بأس")
    assert result.text.startswith("لا")
    assert result.original_span(0, 1) == (0, 1)
