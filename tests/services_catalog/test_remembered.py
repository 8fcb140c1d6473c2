"""What is remembered can be seen, in every language, and taken back."""

from __future__ import annotations

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.languages import LANGUAGES
from services_catalog.profile import Profile
from services_catalog.remembered import remembered, without
from services_catalog.search import SearchEngine

SAID = "my son is 8 and goes to 2nd grade, we live in Valby and we are refugees, I am not a student"


@pytest.fixture
def profile(engine: SearchEngine) -> Profile:
    read = engine.reader.read(SAID).profile
    return read.updated(Profile(spoken=frozenset({"uk"})), engine.reader.excludes)


def ids(profile: Profile, catalogue: Catalogue) -> set[str]:
    return {fact.id for fact in remembered(profile, "en", catalogue)}


def test_what_was_said_is_remembered_and_what_follows_from_it_is_not_shown(
    profile: Profile, catalogue: Catalogue
) -> None:
    assert {"age", "school_grade", "district:valby", "situation:refugee", "spoken:uk"} <= ids(profile, catalogue)
    assert "minority-background" in profile.situations
    assert "situation:minority-background" not in ids(profile, catalogue)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_each_fact_has_words_of_its_own_in_every_language(profile: Profile, catalogue: Catalogue, tag: str) -> None:
    texts = [fact.text for fact in remembered(profile, tag, catalogue)]
    assert all(texts)
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("fact", ["age", "school_grade", "district:valby", "situation:refugee", "spoken:uk"])
def test_a_fact_is_taken_back_with_what_followed_from_it(profile: Profile, catalogue: Catalogue, fact: str) -> None:
    left = without(profile, [fact], catalogue)
    assert ids(left, catalogue) == ids(profile, catalogue) - {fact}
    if fact == "situation:refugee":
        assert "minority-background" not in left.situations


def test_an_unknown_fact_changes_nothing(profile: Profile, catalogue: Catalogue) -> None:
    assert without(profile, ["situation:pirate", "nonsense"], catalogue) == profile


def test_a_language_wished_for_lifts_what_is_offered_in_it(catalogue: Catalogue, engine: SearchEngine) -> None:
    spoken = next(
        (offer, one.tag)
        for offer in catalogue.published
        for one in offer.service_languages
        if offer.availability.recommendable and offer.audience.value != "staff" and one.tag not in ("da", "interpreter")
    )
    offer, tag = spoken
    reading = engine.read(f"I have heard of {offer.texts['en'].summary}", language="en")
    plain = {hit.offer.id: hit.score for hit in engine.rank(reading, Profile(), limit=40).hits}
    wished = {hit.offer.id: hit.score for hit in engine.rank(reading, Profile(spoken=frozenset({tag})), limit=40).hits}
    assert wished[offer.id] > plain[offer.id]
