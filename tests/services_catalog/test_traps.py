"""The traps of the catalogue, taken from its fields: what cannot be had, who is kept out, what only staff may use."""

from __future__ import annotations

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.eligibility import Verdict, judge
from services_catalog.offer import Audience, ChoiceCriterion, Offer, RangeCriterion
from services_catalog.profile import Profile, Span
from services_catalog.search import SearchEngine
from services_catalog.seed import read_catalogue

CATALOGUE = read_catalogue()
OFFERS = CATALOGUE.published
NOT_TO_BE_HAD = [offer for offer in OFFERS if not offer.availability.recommendable]
STAFF = [offer for offer in OFFERS if offer.audience is Audience.STAFF]
STRICT = [
    (offer, criterion)
    for offer in OFFERS
    if offer.availability.recommendable
    for criterion in offer.eligibility
    if criterion.strict
]
by_id = {"ids": lambda one: one.id if isinstance(one, Offer) else getattr(one, "criterion", None)}


def asked(offer: Offer, language: str) -> str:
    return offer.official_name if language == "da" else offer.texts[language].name


@pytest.mark.parametrize("language", ["da", "en", "uk", "ar"])
@pytest.mark.parametrize("offer", NOT_TO_BE_HAD, **by_id)
def test_asked_by_name_what_cannot_be_had_is_shown_as_such(engine: SearchEngine, offer: Offer, language: str) -> None:
    found = {hit.offer.id: hit for hit in engine.search(asked(offer, language), staff=True, limit=10).hits}
    assert offer.id not in found or not found[offer.id].available
    if language == "da":
        assert offer.id in found


@pytest.mark.parametrize("offer", NOT_TO_BE_HAD, **by_id)
def test_what_to_show_instead_can_be_had(catalogue: Catalogue, offer: Offer) -> None:
    others = [catalogue.offer(one) for one in offer.alternatives]
    assert not others or any(other.availability.recommendable for other in others)


@pytest.mark.parametrize("language", ["da", "en", "uk", "ar"])
@pytest.mark.parametrize("offer", STAFF, **by_id)
def test_residents_never_get_a_staff_offer_even_by_name(engine: SearchEngine, offer: Offer, language: str) -> None:
    assert offer.id not in {hit.offer.id for hit in engine.search(asked(offer, language), limit=50).hits}


@pytest.mark.parametrize(("offer", "criterion"), STRICT, **by_id)
def test_who_fails_a_strict_criterion_is_ruled_out(
    catalogue: Catalogue, engine: SearchEngine, offer: Offer, criterion: RangeCriterion | ChoiceCriterion
) -> None:
    outsider = _outsider(criterion, catalogue)
    if outsider is None:
        pytest.skip("nobody can be told apart by this criterion alone")
    judged = judge(offer, outsider, catalogue)
    assert criterion in [one.criterion for one in judged.with_verdict(Verdict.FAILS)]
    assert judged.ruled_out
    staff = offer.audience is Audience.STAFF
    for hit in engine.search(offer.official_name, known=outsider, staff=staff, limit=20).hits:
        assert hit.offer.id != offer.id or not hit.available


def _outsider(criterion: RangeCriterion | ChoiceCriterion, catalogue: Catalogue) -> Profile | None:
    """Return somebody who surely fails a criterion."""
    if isinstance(criterion, RangeCriterion):
        years = criterion.maximum + 1 if criterion.maximum is not None else (criterion.minimum or 0) - 1
        return Profile.model_validate({criterion.criterion: (Span(minimum=years, maximum=years),)})
    if criterion.criterion == "district":
        far = next(one for one in ("valby", "amager-vest", "oesterbro") if one not in criterion.any)
        return Profile(districts=frozenset({far}))
    if criterion.none:
        return Profile(situations=frozenset(criterion.none[:1]))
    return Profile(not_situations=frozenset(criterion.any))
