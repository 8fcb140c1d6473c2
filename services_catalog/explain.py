"""Say why an offer fits: the needs it answers, the person's own words, and what speaks for or against."""

from __future__ import annotations

from collections.abc import Iterable

from services_catalog.catalogue import Catalogue
from services_catalog.eligibility import Judgement, Verdict
from services_catalog.languages import SOURCE_LANGUAGE, label_in
from services_catalog.localized import Localizer, localizer
from services_catalog.messages import N_
from services_catalog.offer import Offer, RangeCriterion
from services_catalog.search import Hit

_MOST_NEEDS = 2


def reasons(hit: Hit, language: str, catalogue: Catalogue) -> list[str]:
    """Return short sentences that say why this offer was found, the most telling first; never empty."""
    speak = localizer(language)
    found: list[str] = []
    if hit.signals.get("name", 0) > 0:
        found.append(speak.text(N_("You named it.")))
    needs = hit.needs or hit.offer.needs[:1]
    labels = [
        label_in(catalogue.needs[need].labels, language) for need in needs[:_MOST_NEEDS] if need in catalogue.needs
    ]
    if labels:
        found.append(speak.text(N_("It is about: {needs}."), needs=speak.list(labels)))
    if hit.words:
        quoted = [speak.isolated(f"“{word}”") for word in hit.words]
        found.append(speak.text(N_("You wrote {words}."), words=speak.list(quoted)))
    met = described(hit.eligibility.with_verdict(Verdict.MEETS), language, catalogue)
    if met:
        found.append(speak.text(N_("It fits what you said: {facts}."), facts=speak.list(met)))
    return found


def described(judgements: Iterable[Judgement], language: str, catalogue: Catalogue) -> list[str]:
    """Return each criterion in words ("age 3 to 17", "lives in Tingbjerg")."""
    speak = localizer(language)
    return list(dict.fromkeys(_criterion(one, speak, catalogue) for one in judgements))


def _criterion(judgement: Judgement, speak: Localizer, catalogue: Catalogue) -> str:
    criterion = judgement.criterion
    if isinstance(criterion, RangeCriterion):
        return _range(criterion, speak)
    labels_of = catalogue.districts if criterion.criterion == "district" else catalogue.situations
    names = [
        label_in(labels_of[one].labels, speak.language.tag) if one in labels_of else one
        for one in (judgement.said or criterion.any or criterion.none)
    ]
    if criterion.none:
        return speak.text(N_("not for: {who}"), who=speak.list(names, "or"))
    if criterion.criterion == "district":
        return speak.text(N_("lives in {districts}"), districts=speak.list(names, "or"))
    return speak.list(names, "or")


def _range(criterion: RangeCriterion, speak: Localizer) -> str:
    low, high = criterion.minimum, criterion.maximum
    values = {"low": speak.number(low or 0), "high": speak.number(high or 0)}
    if criterion.criterion == "age":
        if low is None:
            return speak.text(N_("up to {high} years old"), **values)
        if high is None:
            return speak.text(N_("at least {low} years old"), **values)
        return speak.text(N_("{low} to {high} years old"), **values)
    if criterion.criterion == "school_grade":
        if low == high:
            return speak.text(N_("school grade {low}"), **values)
        return speak.text(N_("school grades {low} to {high}"), **values)
    if low is None:
        return speak.text(N_("at most {high} years in Denmark"), **values)
    return speak.text(N_("at least {low} years in Denmark"), **values)


#: What is asked or shown for a criterion nobody has spoken about yet.
_ASPECTS = {
    "age": N_("age"),
    "school_grade": N_("school grade"),
    "years_in_denmark": N_("years in Denmark"),
    "district": N_("where you live"),
    "situation": N_("your situation"),
}


def aspect(criterion: str, language: str) -> str:
    """Return what a criterion is about, in words."""
    return localizer(language).text(_ASPECTS[criterion])


def display_name(offer: Offer, language: str) -> str:
    """Return the offer's name in a language, and the Danish official one beside it when it differs."""
    texts = offer.texts.get(language)
    if language == SOURCE_LANGUAGE or texts is None:
        return offer.official_name
    speak = localizer(language)
    if texts.name == offer.official_name or offer.official_name in texts.name:
        return texts.name
    return f"{texts.name} ({speak.isolated(offer.official_name, left_to_right=True)})"
