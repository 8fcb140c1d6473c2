"""What can be chosen in the form of an offer, in the words of the page's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.editor_pages import words
from services_catalog.catalogue import Catalogue
from services_catalog.editors.trace import documents
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.limits import SENTENCES
from services_catalog.localized import localizer

#: Languages that services are had in, beside those Vejviser speaks; any other tag can be written too.
_SPOKEN_IN_COPENHAGEN = (
    "so",
    "tr",
    "ur",
    "fa",
    "ku",
    "pl",
    "ru",
    "de",
    "fr",
    "es",
    "ti",
    "am",
    "ps",
    "ro",
    "interpreter",
)

#: A page holds so many suggestions at most.
_MOST_SUGGESTED = 2000

#: Value and label.
Option = tuple[str, str]


def choices(catalogue: Catalogue, language: str) -> dict[str, Any]:
    """Return by field what can be chosen; needs in groups, by life area."""
    speak = localizer(language)

    def told(labels: Mapping[str, str]) -> list[Option]:
        return [(value, speak.text(message)) for value, message in labels.items()]

    def named(records: Mapping[str, Any]) -> list[Option]:
        return [
            (one.id, one.labels.get(language) or one.labels.get(SOURCE_LANGUAGE, one.id)) for one in records.values()
        ]

    organisations = [(one.id, one.name) for one in catalogue.organisations.values()]
    return {
        "kind": told(words.KINDS),
        "availability": told(words.AVAILABILITIES),
        "audience": told(words.AUDIENCES),
        "provider": sorted(organisations, key=lambda option: option[1].casefold()),
        "policies": [(one.id, one.name) for one in catalogue.policies.values()],
        "limits": [(limit.value, speak.text(sentence)) for limit, sentence in SENTENCES.items()],
        "district": named(catalogue.districts),
        "situation": named(catalogue.situations),
        "route": told(words.ROUTES),
        "cost": told(words.COSTS),
        "needs": _needs(catalogue, language),
        "offers": list(suggested_offers(catalogue).items()),
        "facts": [(one.id, f"{one.topic}, {one.fact}") for one in catalogue.facts.values()],
        "documents": documents(catalogue),
        "spoken": [
            (tag, speak.text(words.INTERPRETER) if tag == "interpreter" else speak.language_name(tag))
            for tag in dict.fromkeys((*LANGUAGES, *_SPOKEN_IN_COPENHAGEN))
        ],
    }


def offer_names(catalogue: Catalogue) -> dict[str, str]:
    """Return the official name of every offer by its id."""
    return catalogue.once("offer names", lambda: {one.id: one.name for one in catalogue.outlines.values()})


def suggested_offers(catalogue: Catalogue) -> dict[str, str]:
    """Return the offers that a field suggests while its editor types: all of them, or none where they are too many for a page;
    then she takes the id from the list of offers."""
    names = offer_names(catalogue)
    return names if len(names) <= _MOST_SUGGESTED else {}


def _needs(catalogue: Catalogue, language: str) -> list[tuple[str, list[Option]]]:
    groups: dict[str, list[Option]] = {}
    for need in catalogue.needs.values():
        area = list(catalogue.broader_needs(need.id))[-1]
        groups.setdefault(area, []).append((need.id, need.labels.get(language, need.labels[SOURCE_LANGUAGE])))
    return [(catalogue.needs[area].labels.get(language, area), options) for area, options in groups.items()]
