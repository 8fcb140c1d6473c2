"""Crisis answers: the right category, numbers only from facts that were seen, 112 first where life is in danger."""

from __future__ import annotations

import re

import pytest
import yaml

from services_catalog.catalogue import Catalogue
from services_catalog.crisis import FOLDER, CrisisCategory, CrisisRules, ordinary_questions
from services_catalog.crisis_detector import QUIET, CrisisDetector, read_sentences, training_sentences
from services_catalog.languages import LANGUAGES
from services_catalog.lexicon import Lexicon
from services_catalog.records import FactStatus
from services_catalog.replies import crisis_text

#: Of sentences the detector has not seen. The aims (0.99 and 0.95) are not reached; a fall below these is a defect.
LEAST_RECALL = 0.84
LEAST_SILENCE = 0.88


@pytest.fixture
def rules(crisis_rules: CrisisRules) -> CrisisRules:
    return crisis_rules


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("min mand slår mig", "partner_violence"),
        ("my boyfriend chokes me when he is drunk", "partner_violence"),
        ("чоловік б'є мене при дітях", "partner_violence"),
        ("زوجي بيضربني كل يوم", "partner_violence"),
        ("jeg vil ikke leve længere", "suicide"),
        ("I want to kill myself", "suicide"),
        ("не хочу більше жити", "suicide"),
        ("بدي موت", "suicide"),
        ("min familie vil tvinge mig til at gifte mig", "honour_control"),
        ("my parents want to marry me off in the summer holidays", "honour_control"),
        ("батьки змушують мене вийти заміж", "honour_control"),
        ("اهلي بدهم يزوجوني غصب عني", "honour_control"),
        ("naboen slår sine børn", "child_at_risk"),
        ("my neighbour hits her kids", "child_at_risk"),
        ("сусідка б'є дитину, вона кричить", "child_at_risk"),
        ("جارتي تضرب ولادها", "child_at_risk"),
        ("jeg har ingen steder at sove i nat", "homeless_tonight"),
        ("we have nowhere to sleep tonight", "homeless_tonight"),
        ("нам ніде ночувати сьогодні", "homeless_tonight"),
        ("ما عندي مكان نام فيه الليلة", "homeless_tonight"),
        ("jeg er blevet voldtaget", "sexual_violence"),
        ("I was raped last night", "sexual_violence"),
        ("мене зґвалтували", "sexual_violence"),
        ("اغتصبوني", "sexual_violence"),
        ("han bløder og er bevidstløs", "immediate_danger"),
        ("someone is stabbing people outside my house", "immediate_danger"),
        ("дитина випила таблетки і не дихає", "immediate_danger"),
        ("ابني ما عم يتنفس", "immediate_danger"),
    ],
)
def test_a_crisis_is_recognised(rules: CrisisRules, text: str, category: str) -> None:
    assert rules.recognize(text) == category


@pytest.mark.parametrize(
    "text",
    [
        "min chef slår mig ihjel med overarbejde",
        "my boss is killing me with overtime",
        "I write about violence for my studies",
        "jeg vil gerne være frivillig på et krisecenter",
        "хочу працювати волонтером у притулку для жінок",
        "بدي اتطوع بمركز حماية النساء",
        "hvor kan jeg lære dansk om aftenen",
        "де записати дитину в садок",
        "بدي كورس دنماركي",
        "my son hits other kids in kindergarten, is that normal at 2",
    ],
)
def test_a_near_miss_stays_quiet(rules: CrisisRules, text: str) -> None:
    assert rules.recognize(text) is None


def test_every_category_is_answered_in_every_language(rules: CrisisRules) -> None:
    for category in CrisisCategory:
        for tag in LANGUAGES:
            answer = rules.answer(category, tag)
            assert answer.title
            assert answer.steps


def test_every_number_comes_from_a_fact_that_was_seen(catalogue: Catalogue) -> None:
    for record in yaml.safe_load((FOLDER / "answers.yml").read_text(encoding="utf-8")):
        for step in record["steps"]:
            if "phone" in step:
                fact = catalogue.facts[step["fact"]]
                digits = re.sub(r"\D", "", step["phone"])
                assert fact.status is FactStatus.SEEN, step
                assert digits in re.sub(r"\D", "", f"{fact.phone} {fact.value} {fact.topic} {fact.seen_text}"), step
            for text in step["text"].values():
                numbers = {re.sub(r"\D", "", one) for one in re.findall(r"\d[\d ]{2,}\d", text)}
                assert numbers <= {"18", "112", "1813", "1888", "114", re.sub(r"\D", "", step.get("phone", ""))}


@pytest.mark.parametrize("category", ["immediate_danger", "partner_violence", "suicide", "child_at_risk"])
def test_112_stands_first_where_life_is_in_danger(rules: CrisisRules, category: str) -> None:
    assert rules.answer(CrisisCategory(category), "da").steps[0].phone == "112"


def test_the_second_time_the_answer_is_short(rules: CrisisRules) -> None:
    answer = rules.answer(CrisisCategory.PARTNER_VIOLENCE, "da")
    first = crisis_text(answer, repeated=False, language="da")
    second = crisis_text(answer, repeated=True, language="da")
    assert "1888" in first
    assert "112" in second
    assert len(second) < len(first) / 2


def test_the_sentences_are_enough_and_never_twice() -> None:
    for tag in LANGUAGES:
        sentences = [one for one in read_sentences(FOLDER / "sentences") if one.language == tag]
        assert {one.label for one in sentences} == {*(category.value for category in CrisisCategory), QUIET}
        positive = [one.text for one in sentences if one.label != QUIET]
        quiet = [one.text for one in sentences if one.label == QUIET]
        assert len(positive) >= 150
        assert len(quiet) >= 100
        assert len({*positive, *quiet}) == len(positive) + len(quiet), tag
        assert all(text.strip() == text and text for text in (*positive, *quiet)), tag


@pytest.fixture(scope="module")
def tested_detector(catalogue: Catalogue) -> CrisisDetector:
    """A detector that has not seen the sentences held out."""
    sentences = [
        one for one in training_sentences(FOLDER / "sentences", ordinary_questions(catalogue)) if not one.held_out
    ]
    return CrisisDetector(Lexicon(catalogue, tuple(LANGUAGES)), sentences)


@pytest.mark.parametrize("tag", ["da", "en", "uk", "ar"])
def test_sentences_held_out_are_recognised(tested_detector: CrisisDetector, tag: str) -> None:
    rules = CrisisRules.load(detector=tested_detector)
    held_out = [one for one in read_sentences(FOLDER / "sentences") if one.held_out and one.language == tag]
    positive = [one for one in held_out if one.label != QUIET]
    quiet = [one for one in held_out if one.label == QUIET]
    assert len(positive) >= 150
    assert len(quiet) >= 100
    recall = sum(rules.recognize(one.text) is not None for one in positive) / len(positive)
    silence = sum(rules.recognize(one.text) is None for one in quiet) / len(quiet)
    # the lowest seen on the day these bounds were set; the aim stands in the design
    assert recall >= LEAST_RECALL
    assert silence >= LEAST_SILENCE
