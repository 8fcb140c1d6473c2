"""Facts are read from sentences in four languages, corrected, denied, and never guessed."""

from __future__ import annotations

import pytest

from services_catalog.profile import Profile
from services_catalog.search import SearchEngine


@pytest.mark.parametrize(
    ("sentence", "age"),
    [
        ("min datter er 9 år og elsker at svømme", 9),
        ("vores dreng på 4 taler næsten ikke", 4),
        ("jeg er 67 og bor alene", 67),
        ("my 6 year old wants to dance", 6),
        ("she is 11 and shy", 11),
        ("I'm 34", 34),
        ("бабусі 81 рік", 81),
        ("синові 7 років, шукаємо гурток", 7),
        ("мій 15-річний брат", 15),
        ("بنتي عمرها ١٠ سنين", 10),
        ("ابني عمره 13 سنة", 13),
        ("عمري ٤٠ سنة", 40),
    ],
)
def test_an_age_is_read(engine: SearchEngine, sentence: str, age: int) -> None:
    (span,) = engine.reader.read(sentence).profile.age
    assert (span.minimum, span.maximum) == (age, age)


@pytest.mark.parametrize(
    "sentence",
    [
        "jeg har arbejdet som kok i 12 år",
        "I drove a truck for 15 years",
        "kl. 8 om morgenen",
        "vi er 5 i to værelser",
        "مواعيد العمل من 9 إلى 12",
    ],
)
def test_a_number_that_is_no_age_is_left_alone(engine: SearchEngine, sentence: str) -> None:
    assert engine.reader.read(sentence).profile.age == ()


@pytest.mark.parametrize(
    ("sentence", "grade"),
    [
        ("han går i 8. klasse", 8),
        ("she is in 3rd grade", 3),
        ("син у 5 класі", 5),
        ("ابني بالصف الثامن", 8),
    ],
)
def test_a_school_grade_is_read_and_is_no_age(engine: SearchEngine, sentence: str, grade: int) -> None:
    profile = engine.reader.read(sentence).profile
    assert [span.minimum for span in profile.school_grade] == [grade]
    assert profile.age == ()


@pytest.mark.parametrize(
    ("sentence", "district"),
    [
        ("vi bor i Tingbjerg", "tingbjerg"),
        ("I live on Norrebro", "noerrebro"),
        ("ми живемо на Нерребро", "noerrebro"),
        ("ساكنين في فالبي", "valby"),
    ],
)
def test_a_district_is_read(engine: SearchEngine, sentence: str, district: str) -> None:
    assert district in engine.reader.read(sentence).profile.districts


@pytest.mark.parametrize(
    ("sentence", "situation"),
    [
        ("jeg får kontanthjælp", "on-benefits"),
        ("my husband supports me", "spouse-supported"),
        ("я з України", "displaced-ukrainian"),
        ("أنا لاجئ", "refugee"),
    ],
)
def test_a_situation_is_read(engine: SearchEngine, sentence: str, situation: str) -> None:
    assert situation in engine.reader.read(sentence).profile.situations


def test_a_denied_situation_is_remembered_as_denied(engine: SearchEngine) -> None:
    profile = engine.reader.read("I am not a refugee").profile
    assert "refugee" in profile.not_situations
    assert "refugee" not in profile.situations


def test_a_correction_replaces_and_the_rest_stays(engine: SearchEngine) -> None:
    first = engine.reader.read("min søn er 3 år og vi bor i Valby").profile
    second = engine.reader.read("undskyld, han er 13 år").profile
    merged = first.updated(second, engine.reader.excludes)
    assert [span.minimum for span in merged.age] == [13]
    assert merged.districts == first.districts


def test_nothing_said_is_nothing_known(engine: SearchEngine) -> None:
    assert engine.reader.read("hvor er biblioteket?").profile == Profile()


def test_a_town_elsewhere_is_noticed(engine: SearchEngine) -> None:
    assert engine.reader.read("danskkursus i Aarhus").other_place is not None
    assert engine.reader.read("danskkursus i Valby").other_place is None


@pytest.mark.parametrize(
    "sentence",
    ["noget med sport, men ikke til børn", "swimming, but not for kids", "гурток не для дітей", "رياضة مش للاطفال"],
)
def test_not_for_children_means_an_adult(engine: SearchEngine, sentence: str) -> None:
    assert [(span.minimum, span.maximum) for span in engine.reader.read(sentence).profile.age] == [(18, 120)]


@pytest.mark.parametrize("sentence", ["I have no children", "vi har ingen børn", "дітей у мене немає", "ما عندي أطفال"])
def test_having_no_children_is_no_age(engine: SearchEngine, sentence: str) -> None:
    assert engine.reader.read(sentence).profile.age == ()


@pytest.mark.parametrize(
    "sentence", ["no I'm unemployed", "nej jeg er arbejdsløs", "ні, я безробітна", "لا أنا عاطل عن العمل"]
)
def test_a_no_that_answers_denies_nothing(engine: SearchEngine, sentence: str) -> None:
    assert "unemployed" in engine.reader.read(sentence).profile.situations


def test_who_names_copenhagen_too_is_not_sent_elsewhere(engine: SearchEngine) -> None:
    assert engine.reader.read("a Danish course in Malmö").other_place == "malmoe"
    assert engine.reader.read("I work in Malmö but live in Copenhagen, need a Danish course").other_place is None
