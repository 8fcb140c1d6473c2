"""What was said is held against what an offer asks: meets, fails or unknown, and unknown is never treated as met."""

from __future__ import annotations

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.eligibility import Verdict, judge
from services_catalog.profile import Profile, Span
from services_catalog.search import SearchEngine


def aged(years: int) -> Profile:
    return Profile(age=(Span(minimum=years, maximum=years),))


def verdicts(catalogue: Catalogue, offer: str, profile: Profile, criterion: str) -> set[Verdict]:
    return {
        one.verdict
        for one in judge(catalogue.offer(offer), profile, catalogue).judgements
        if one.criterion.criterion == criterion
    }


@pytest.mark.parametrize(("years", "verdict"), [(8, Verdict.MEETS), (34, Verdict.FAILS)])
def test_club_fees_are_paid_for_children_only(catalogue: Catalogue, years: int, verdict: Verdict) -> None:
    assert verdict in verdicts(catalogue, "kontingentstoette", aged(years), "age")


def test_nothing_said_leaves_everything_unknown(catalogue: Catalogue) -> None:
    for offer in catalogue.offers.values():
        judged = judge(offer, Profile(), catalogue)
        assert {one.verdict for one in judged.judgements} <= {Verdict.UNKNOWN}
        assert not judged.ruled_out


def test_the_tingbjerg_offer_is_for_tingbjerg(catalogue: Catalogue) -> None:
    offer = "indsats-ledige-borgere-i-tingbjerg"
    said = {
        "tingbjerg": Verdict.MEETS,
        "valby": Verdict.FAILS,
        "broenshoej-husum": Verdict.UNKNOWN,  # Tingbjerg lies in it: whoever says this may live there
    }
    for district, verdict in said.items():
        assert verdicts(catalogue, offer, Profile(districts=frozenset({district})), "district") == {verdict}


def test_a_displaced_ukrainian_cannot_have_the_talks_in_asylum_centres(
    engine: SearchEngine, catalogue: Catalogue
) -> None:
    profile = engine.reader.read("я з України").profile
    assert judge(catalogue.offer("samtaler-paa-asylcentre"), profile, catalogue).ruled_out


def test_who_has_no_benefits_cannot_use_the_school_for_those_who_have(
    engine: SearchEngine, catalogue: Catalogue
) -> None:
    profile = engine.reader.read("jeg er på kontanthjælp").profile
    assert not judge(catalogue.offer("jobcenter-koebenhavns-sprogskole"), profile, catalogue).ruled_out
    profile = engine.reader.read("my husband supports me").profile
    assert judge(catalogue.offer("jobcenter-koebenhavns-sprogskole"), profile, catalogue).ruled_out
