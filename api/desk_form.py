"""The form of the referral desk: read from a request, and what its fields offer to choose from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData, ImmutableMultiDict

from api.account_pages import written
from api.privacy import redact
from services_catalog.catalogue import Catalogue
from services_catalog.desk import INTERPRETER, Filters, Fit, languages_offered, needs_by_area
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.localized import localizer
from services_catalog.messages import N_
from services_catalog.offer import Audience, Availability, Publication
from services_catalog.outlines import Outlines

#: Hits that are shown at once; each “show more” adds as many.
PAGE = 8
_MOST_SHOWN, _MOST_PICKS, _OLDEST = 160, 20, 120

#: What the filter by availability offers: a choice of its own for what can be had, then each state.
CAN_BE_HAD = "can_be_had"
AVAILABILITIES = {
    CAN_BE_HAD: frozenset(one for one in Availability if one.recommendable),
    "": frozenset(Availability),
    **{one.value: frozenset({one}) for one in Availability},
}
_AVAILABILITY_WORDS = {
    CAN_BE_HAD: N_("Can be had now"),
    "": N_("All, also planned and ended ones"),
    "active": N_("Running"),
    "pilot": N_("Being tried out"),
    "time_limited": N_("For a limited time"),
    "planned": N_("Planned"),
    "unfunded": N_("Without money"),
    "historical": N_("From earlier years"),
}
_AUDIENCE_WORDS = {"both": N_("Residents and staff"), "resident": N_("For residents"), "staff": N_("For staff")}
_FIT_WORDS = {
    "any": N_("All, with what speaks against them"),
    "possible": N_("Without those that do not fit"),
    "sure": N_("Only those that surely fit"),
}


@dataclass(frozen=True)
class Asked:
    """What staff asked. `picks` is the list for the client, `client_language` that of her slip (empty: decided by
    `slip_language`); `wrong` names each field that could not be read, with what to do."""

    question: str = ""
    filters: Filters = field(default_factory=lambda: Filters(availability=AVAILABILITIES[CAN_BE_HAD]))
    availability: str = CAN_BE_HAD
    age: str = ""
    picks: tuple[str, ...] = ()
    client_language: str = ""
    shown: int = PAGE
    redacted: bool = False
    wrong: dict[str, str] = field(default_factory=dict)

    def slip_language(self, page: str) -> str:
        """Return the language of the client's slip: the one chosen, that the offer should be spoken in, or the page's."""
        return next((one for one in (self.client_language, self.filters.spoken) if one in LANGUAGES), page)


def read_form(form: FormData, catalogue: Catalogue, longest: int) -> Asked:
    """Return what a form asks. Ids that the catalogue does not know count as not chosen; numbers and names of people are
    taken out of the question, which is cut at `longest` characters."""
    given = written(form, "q").strip()[:longest]
    question, age = redact(given), written(form, "age").strip()
    years = int(age) if age.isdecimal() and len(age) <= len(str(_OLDEST)) else None
    wrong = {}
    if age and (years is None or years > _OLDEST):
        wrong["age"], years = N_("Write the age in whole years, for example 34."), None
    availability = _one_of(form, "availability", AVAILABILITIES, CAN_BE_HAD)
    filters = Filters(
        need=_one_of(form, "need", catalogue.needs),
        age=years,
        district=_one_of(form, "district", catalogue.districts),
        situations=frozenset(str(one) for one in form.getlist("situation") if one in catalogue.situations),
        spoken=_one_of(form, "spoken", {INTERPRETER, *languages_offered(catalogue, LANGUAGES)}),
        availability=AVAILABILITIES[availability],
        audience=Audience(_one_of(form, "audience", _AUDIENCE_WORDS, Audience.BOTH)),
        fit=Fit(_one_of(form, "fit", _FIT_WORDS, Fit.ANY)),
    )
    return Asked(
        question=question,
        filters=filters,
        availability=availability,
        age=age,
        picks=picked(form, catalogue),
        client_language=_one_of(form, "client", LANGUAGES),
        shown=_shown(written(form, "shown")),
        redacted=question != given,
        wrong=wrong,
    )


def picked(fields: ImmutableMultiDict[str, Any], catalogue: Catalogue) -> tuple[str, ...]:
    """Return the list for the client: `pick` of a form or an address, with what a button puts on it (`add`) or takes
    off (`drop`); offers that are not published any more are gone."""
    outlines = catalogue.outlines
    chosen = dict.fromkeys(
        one for one in [*fields.getlist("pick"), *fields.getlist("add")] if _is_published(one, outlines)
    )
    return tuple(one for one in chosen if one not in fields.getlist("drop"))[:_MOST_PICKS]


def _is_published(offer_id: str, outlines: Outlines) -> bool:
    return offer_id in outlines and outlines[offer_id].publication is Publication.PUBLISHED


def choices(catalogue: Catalogue, language: str) -> dict[str, Any]:
    """Return what the fields offer, each as (value, words), sorted by the words where they have no order of their own."""
    speak = localizer(language)

    def named(records: Any) -> list[tuple[str, str]]:
        return [(one.id, one.labels.get(language) or one.labels[SOURCE_LANGUAGE]) for one in records]

    def worded(words: dict[str, str]) -> list[tuple[str, str]]:
        return [(value, speak.text(said)) for value, said in words.items()]

    spoken = [(tag, speak.language_name(tag)) for tag in languages_offered(catalogue, LANGUAGES)]
    return {
        "areas": [(named([area])[0], named(below)) for area, below in needs_by_area(catalogue)],
        "districts": _by_words(named(catalogue.districts.values())),
        "situations": _by_words(named(catalogue.situations.values())),
        "spoken": [*_by_words(spoken), (INTERPRETER, speak.text(N_("With an interpreter")))],
        "availabilities": worded(_AVAILABILITY_WORDS),
        "audiences": worded(_AUDIENCE_WORDS),
        "fits": worded(_FIT_WORDS),
    }


def _one_of(form: FormData, name: str, known: Any, otherwise: str = "") -> str:
    value = written(form, name)
    return value if name in form and value in known else otherwise


def _shown(value: str) -> int:
    return min(max(int(value), PAGE), _MOST_SHOWN) if value.isdecimal() and len(value) < 4 else PAGE


def _by_words(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(pairs, key=lambda pair: pair[1].casefold())
