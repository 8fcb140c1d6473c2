"""Entities in four languages: (language, text, what must be found), offsets by the words that they cover."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from bot.components.finding import concepts, find
from bot.components.gazetteer import Gazetteer

AGES = [
    ("da", "min søn på 2", [(2, "child", "2")]),
    ("da", "min datter på fire år", [(4, "child", "fire")]),
    ("da", "jeg har tre børn på 4, 6 og 9 år", [(4, "child", "4"), (6, "child", "6"), (9, "child", "9")]),
    ("da", "en 15-årig dreng", [(15, "child", "15")]),
    ("da", "han er 8", [(8, "child", "8")]),
    ("da", "hun er nitten", [(19, "other", "nitten")]),
    ("da", "jeg er femogtyve", [(25, "self", "femogtyve")]),
    ("da", "min mor på 80", [(80, "other", "80")]),
    ("da", "min baby er 8 måneder", [(0, "child", "baby er 8 måneder")]),
    ("da", "jeg har boet her i 8 år", []),
    ("da", "vi er 4 personer", []),
    ("en", "he is 8", [(8, "child", "8")]),
    ("en", "He's forty", [(40, "other", "forty")]),
    ("en", "my 4-year-old daughter", [(4, "child", "4")]),
    ("en", "my kids are 3, 5 and 9", [(3, "child", "3"), (5, "child", "5"), (9, "child", "9")]),
    ("en", "I'm 34 years old", [(34, "self", "34")]),
    ("en", "no sorry I meant 13", [(13, "child", "13")]),
    ("en", "twenty-five years old", [(25, "self", "twenty-five")]),
    ("en", "I came 8 years ago", []),
    ("en", "I work 20 hours a week", []),
    ("uk", "моєму сину 8 років", [(8, "child", "8")]),
    ("uk", "синові вісім", [(8, "child", "вісім")]),
    ("uk", "8-річний хлопчик", [(8, "child", "8")]),
    ("uk", "їй 15 р.", [(15, "child", "15")]),
    ("uk", "доньці п’ять рочків", [(5, "child", "п’ять")]),
    ("uk", "мені 67", [(67, "self", "67")]),
    ("uk", "мамі вісімдесят два роки", [(82, "other", "вісімдесят два")]),
    ("uk", "приїхали 5 років тому", []),
    ("uk", "живу в Данії 5 років", []),
    ("ar", "عمره ٨ سنوات", [(8, "child", "٨")]),
    ("ar", "عُمْرُهُ ٨ سنواتٍ", [(8, "child", "٨")]),
    ("ar", "ابني سنتين", [(2, "child", "ابني سنتين")]),
    ("ar", "اولادي اعمارهم 3 و 6", [(3, "child", "3"), (6, "child", "6")]),
    ("ar", "أنا عمري سبعين سنة", [(70, "self", "سبعين")]),
    ("ar", "أمي عمرها ٨٠", [(80, "other", "٨٠")]),
    ("ar", "أعيش هنا منذ ٨ سنوات", []),
    ("ar", "عندي ٣ اطفال", []),
]

OTHERS = [
    ("da", "district", "vi bor på Norrebro", ["noerrebro"]),
    ("da", "district", "2200 København N", ["noerrebro"]),
    ("en", "district", "near Østerbro or Valby", ["oesterbro", "valby"]),
    ("uk", "district", "живемо на Нерребро", ["noerrebro"]),
    ("ar", "district", "أسكن بنوربرو", ["noerrebro"]),
    ("ar", "district", "ساكنة ب Tingbjerg", ["tingbjerg"]),
    ("da", "school_grade", "hun går i 7. klasse", [7]),
    ("en", "school_grade", "he is in third grade", [3]),
    ("uk", "school_grade", "у 7-му класі", [7]),
    ("ar", "school_grade", "بالصف السابع", [7]),
    ("da", "ordinal", "hvad koster den første?", [1]),
    ("da", "ordinal", "første gang jeg er her", []),
    ("en", "ordinal", "tell me about the second one", [2]),
    ("en", "ordinal", "the last one", [-1]),
    ("en", "ordinal", "this is my first time", []),
    ("uk", "ordinal", "а другий?", [2]),
    ("uk", "ordinal", "перший раз", []),
    ("ar", "ordinal", "كم سعر الثاني؟", [2]),
    ("ar", "ordinal", "أول مرة", []),
    ("ar", "ordinal", "الصف الثاني", []),
    ("da", "language_name", "kan du skrive på arabisk", ["ar"]),
    ("en", "language_name", "in Ukrainian if possible", ["uk"]),
    ("uk", "language_name", "данською, будь ласка", ["da"]),
    ("ar", "language_name", "بالانجليزي لو سمحت", ["en"]),
]

SITUATIONS = [
    ("da", "jeg er på kontanthjælp", {("on-benefits", None)}),
    ("da", "jeg får ingen ydelser", {("self-supporting", None)}),
    ("da", "jeg er ikke flygtning", {("refugee", "not")}),
    ("da", "min mand slår mig", {("exposed-to-violence", None)}),
    ("en", "we are refugees, came two months ago", {("refugee", None), ("newly-arrived", None)}),
    ("en", "I came from Ukraine a month ago", {("displaced-ukrainian", None), ("newly-arrived", None)}),
    ("en", "I am not a refugee", {("refugee", "not")}),
    ("en", "live on kontanthjælp in Valby", {("on-benefits", None)}),
    ("uk", "я не отримую допомоги", {("self-supporting", None)}),
    ("uk", "чоловік мене б'є", {("exposed-to-violence", None)}),
    ("uk", "ми не біженці", {("refugee", "not")}),
    ("ar", "لست لاجئ", {("refugee", "not")}),
    ("ar", "زوجي يضربني", {("exposed-to-violence", None)}),
    ("ar", "عاطل عن العمل وعلى السوسيال", {("unemployed", None), ("on-benefits", None)}),
]


@pytest.mark.parametrize(("language", "text", "expected"), AGES)
def test_ages(gazetteers: Mapping[str, Gazetteer], language: str, text: str, expected: list[object]) -> None:
    found = [one for one in find(text, language, gazetteers) if one.entity == "age"]
    assert [(one.value, one.role, text[one.start : one.end]) for one in found] == expected


@pytest.mark.parametrize(("language", "entity", "text", "expected"), OTHERS)
def test_other_entities(
    gazetteers: Mapping[str, Gazetteer], language: str, entity: str, text: str, expected: list[object]
) -> None:
    assert [one.value for one in find(text, language, gazetteers) if one.entity == entity] == expected


@pytest.mark.parametrize(("language", "text", "expected"), SITUATIONS)
def test_situations(
    gazetteers: Mapping[str, Gazetteer], language: str, text: str, expected: set[tuple[str, str | None]]
) -> None:
    found = {(one.value, one.role) for one in find(text, language, gazetteers) if one.entity == "situation"}
    assert found == expected


@pytest.mark.parametrize(("language", "text"), [("da", "2"), ("ar", "٢"), ("uk", "два"), ("en", "two!"), (None, "2")])
def test_a_bare_small_number_is_both_an_age_and_a_choice(
    gazetteers: Mapping[str, Gazetteer], language: str | None, text: str
) -> None:
    assert {(one.entity, one.value) for one in find(text, language, gazetteers)} == {("age", 2), ("ordinal", 2)}


def test_a_long_text_is_read_in_reasonable_time(gazetteers: Mapping[str, Gazetteer]) -> None:
    import time

    text = "min søn er 8 år og vi bor på Nørrebro og søger arbejde. " * 90
    began = time.perf_counter()
    find(text, "da", gazetteers)
    concepts(text, "da", gazetteers)
    assert time.perf_counter() - began < 2


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("da", "hvad koster det", "money"),
        ("en", "how much is it", "money"),
        ("uk", "скільки коштує", "money"),
        ("ar", "بكم هذا", "money"),
    ],
)
def test_words_of_every_language_lead_to_the_same_concept(
    gazetteers: Mapping[str, Gazetteer], language: str, text: str, expected: str
) -> None:
    assert expected in concepts(text, language, gazetteers)
