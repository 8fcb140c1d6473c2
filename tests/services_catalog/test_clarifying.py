"""One question, computed from the criteria of the best offers; nothing is asked that tells nothing apart."""

from __future__ import annotations

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.clarifying import clarifying_question
from services_catalog.eligibility import judge
from services_catalog.languages import LANGUAGES
from services_catalog.profile import Profile, Span
from services_catalog.search import Hit

LANGUAGE_ASSESSMENTS = ("sprogvurdering-i-dagtilbud", "sprogvurdering-uden-for-dagtilbud")
OLD_AND_YOUNG = ("faellesskaber-for-minoritetsaeldre", "kontingentstoette")


def hits(catalogue: Catalogue, *ids: str, known: Profile | None = None) -> list[Hit]:
    return [
        Hit(catalogue.offer(one), 0.9, {}, judge(catalogue.offer(one), known or Profile(), catalogue)) for one in ids
    ]


def test_what_parts_the_offers_is_asked_with_answers_to_choose(catalogue: Catalogue) -> None:
    question = clarifying_question(hits(catalogue, *LANGUAGE_ASSESSMENTS), Profile(), "da", catalogue)
    assert question is not None
    left = []
    for choice in question.choices:
        judged = hits(catalogue, *LANGUAGE_ASSESSMENTS, known=Profile().updated(choice.said, {}))
        left.append(sum(not hit.eligibility.ruled_out for hit in judged))
    assert min(left) < 2
    assert max(left) >= 1


def test_one_offer_alone_needs_no_question(catalogue: Catalogue) -> None:
    assert clarifying_question(hits(catalogue, "kontingentstoette"), Profile(), "en", catalogue) is None


def test_offers_for_the_same_people_need_no_question(catalogue: Catalogue) -> None:
    assert clarifying_question(hits(catalogue, *["kontingentstoette"] * 3), Profile(), "en", catalogue) is None


def test_what_is_known_is_not_asked(catalogue: Catalogue) -> None:
    asked = clarifying_question(hits(catalogue, *OLD_AND_YOUNG), Profile(), "en", catalogue)
    assert asked is not None
    assert asked.topic == "age"
    known = Profile(age=(Span(minimum=9, maximum=9),))
    again = clarifying_question(hits(catalogue, *OLD_AND_YOUNG, known=known), known, "en", catalogue)
    assert again is None or again.topic != "age"


def test_no_topic_is_asked_twice(catalogue: Catalogue) -> None:
    asked = clarifying_question(hits(catalogue, *OLD_AND_YOUNG), Profile(), "en", catalogue, asked=("age",))
    assert asked is None or asked.topic != "age"


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_question_and_its_answers_are_in_the_language(catalogue: Catalogue, tag: str) -> None:
    english = clarifying_question(hits(catalogue, *OLD_AND_YOUNG), Profile(), "en", catalogue)
    question = clarifying_question(hits(catalogue, *OLD_AND_YOUNG), Profile(), tag, catalogue)
    assert english is not None
    assert question is not None
    assert (question.topic, len(question.choices)) == (english.topic, len(english.choices))
    assert len({choice.text for choice in question.choices}) == len(question.choices)
    if tag != "en":
        assert question.text != english.text


def test_a_place_that_is_not_meant_rules_out_what_is_only_there(catalogue: Catalogue) -> None:
    offer = next(
        one
        for one in catalogue.published
        if any(criterion.criterion == "district" and criterion.strict for criterion in one.eligibility)
    )
    wanted = next(one for one in offer.eligibility if one.criterion == "district").any  # type: ignore[union-attr]
    assert judge(offer, Profile(not_districts=frozenset(wanted)), catalogue).ruled_out
