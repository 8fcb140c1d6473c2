"""Rules that hold between records: every reference leads somewhere, every language is there, every fact has a source.

A draft may be incomplete; what it does say must hold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from services_catalog.catalogue import Catalogue
from services_catalog.errors import Problem, RecordInvalid
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.offer import ChoiceCriterion, Offer, Publication, Record, Texts, TranslationState
from services_catalog.offer_records import changed_records
from services_catalog.plainness import not_plain
from services_catalog.progress import Progress, silent
from services_catalog.records import ContactFact, District, Municipality, Need, NeedQuestions, Organisation, Situation
from services_catalog.seed import FOLDERS, SEED_FOLDER, line_of, read_catalogue

#: An active offer is found by questions people ask; fewer than these in a language are too few.
FEWEST_EXAMPLES = 12
FEWEST_KEYWORDS = 5

_NO_LANGUAGE = f"this language does not exist here; {', '.join(LANGUAGES)} do"


class Broken(NamedTuple):
    """A rule that a record breaks. `missing` is the id that leads nowhere, where that is what is wrong."""

    kind: str
    id: str
    field: str
    message: str
    missing: str = ""


#: What a rule finds in one record: field, message, and the id that leads nowhere.
Found = Iterator[tuple[str, str] | tuple[str, str, str]]


def validate_folder(folder: Path = SEED_FOLDER) -> list[Problem]:
    """Return every problem in the files of a folder, in the order of files and lines."""
    try:
        catalogue = read_catalogue(folder)
    except RecordInvalid as error:
        return sorted(error.problems, key=lambda problem: (problem.path, problem.line))
    return sorted(validate(catalogue, folder), key=lambda problem: (problem.path, problem.line))


def validate(catalogue: Catalogue, folder: Path = SEED_FOLDER, *, since: Catalogue | None = None) -> list[Problem]:
    """Return every broken rule of a catalogue; `folder` is where the lines are looked up. `since` is as in `broken_rules`."""
    problems = []
    for one in broken_rules(catalogue, since=since):
        if one.kind == "offers":
            path = f"offers/{one.id}.yml"
            problems.append(Problem(path, line_of(folder / path, one.field), one.field, one.message))
        else:
            problems.append(Problem(FOLDERS[one.kind][0], 0, f"{one.id}.{one.field}", one.message))
    return problems


def broken_rules(
    catalogue: Catalogue, progress: Progress = silent, *, since: Catalogue | None = None
) -> Iterator[Broken]:
    """Yield every broken rule of a catalogue, offers first. With `since`, an earlier state of it in which the rules held, only
    the offers that differ or name a record that does are read."""
    ids = list(catalogue.offers) if since is None else sorted(_concerned(catalogue, since))
    for number, identity in enumerate(ids, 1):
        yield from broken_rules_of(catalogue.offers[identity], catalogue)
        if number % 500 == 0 or number == len(ids):
            progress("checking offers", number, len(ids))
    for kind in ("facts", "needs", "questions", "situations", "districts", "organisations", "policies", "concepts",
                 "other_places", "municipalities"):  # fmt: skip
        for identity, record in getattr(catalogue, kind).items():
            own_rule = _OTHER_RULES.get(kind, _no_rule)
            for found in (*own_rule(record, catalogue), *_known_languages(record), *not_plain(record)):
                yield Broken(kind, identity, *found)


def broken_rules_of(offer: Offer, catalogue: Catalogue) -> Iterator[Broken]:
    """Yield the rules that one offer of a catalogue breaks."""
    for rule in _OFFER_RULES:
        for found in rule(offer, catalogue):
            yield Broken("offers", offer.id, *found)


def _concerned(catalogue: Catalogue, since: Catalogue) -> set[str]:
    """Return the ids of the offers whose rules may hold no longer: those that differ, and those that name what differs."""
    if catalogue.languages != since.languages:
        return set(catalogue.offers)
    changed = {kind: changed_records(getattr(since, kind), getattr(catalogue, kind)) for kind in FOLDERS}
    named = catalogue.outlines.referring(set().union(*changed.values()))
    return named | {one for one in changed["offers"] if one in catalogue.offers}


def _references(offer: Offer, catalogue: Catalogue) -> Found:
    for field, value, known, what in (
        ("provider", (offer.provider,), catalogue.organisations, "an organisation"),
        ("partners", offer.partners, catalogue.organisations, "an organisation"),
        ("parent", (offer.parent,), catalogue.offers, "an offer"),
        ("policies", offer.policies, catalogue.policies, "a policy"),
        ("alternatives", offer.alternatives, catalogue.offers, "an offer"),
        ("needs", offer.needs, catalogue.needs, "a need"),
    ):
        yield from _exist(field, value, known, f": give the id of {what}")
    for number, source in enumerate(offer.sources):
        if source.fact is not None and source.fact not in catalogue.facts:
            yield f"sources.{number}.fact", f"the contact fact {source.fact!r} does not exist", source.fact
        elif source.fact is not None and not catalogue.facts[source.fact].status.shown:
            yield f"sources.{number}.fact", f"the contact fact {source.fact!r} may not be shown"


def _parents(offer: Offer, catalogue: Catalogue) -> Found:
    offers = catalogue.offers
    return _chain(offer.id, "parent", lambda one: offers[one].parent if one in offers else None, "parents")


def _criteria(offer: Offer, catalogue: Catalogue) -> Found:
    for number, criterion in enumerate(offer.eligibility):
        if not isinstance(criterion, ChoiceCriterion):
            continue
        known = catalogue.districts if criterion.criterion == "district" else catalogue.situations
        for side in ("any", "none"):
            for one in getattr(criterion, side):
                if one not in known:
                    yield f"eligibility.{number}.{side}", f"{one!r} is not a known {criterion.criterion}", one


def _sources(offer: Offer, _catalogue: Catalogue) -> Found:
    known = {source.id for source in offer.sources}
    stated = [(f"eligibility.{number}", one.source) for number, one in enumerate(offer.eligibility)]
    stated += [(f"service_languages.{number}", one.source) for number, one in enumerate(offer.service_languages)]
    stated += [(field, one.source) for field, one in (("access", offer.access), ("cost", offer.cost)) if one.source]
    for field, source in stated:
        if source not in known:
            yield f"{field}.source", f"{source!r} is not among the offer's sources"
    if len(known) < len(offer.sources):
        yield "sources", "two sources have one id"
    if offer.cost.amount is not None and not math.isfinite(offer.cost.amount):
        yield "cost.amount", "is not a sum of money"


def _languages(offer: Offer, catalogue: Catalogue) -> Found:
    for tag, texts in offer.texts.items():
        if tag not in LANGUAGES:
            yield f"texts.{tag}", _NO_LANGUAGE
        elif (tag == SOURCE_LANGUAGE) != (texts.state is TranslationState.SOURCE):
            yield f"texts.{tag}.state", f"only {SOURCE_LANGUAGE!r} is the source"
    if offer.publication is Publication.DRAFT:
        return
    for tag in catalogue.languages:
        if tag in offer.texts:
            for field, message in _texts(offer, offer.texts[tag], whole=not _growing(tag)):
                yield f"texts.{tag}.{field}", message
        elif not _growing(tag):
            yield "texts", f"the language {tag!r} is missing"


def _growing(tag: str) -> bool:
    """Tell whether a language may still lack texts; what it lacks is told by `language_gaps.py`."""
    return tag in LANGUAGES and LANGUAGES[tag].growing


def _texts(offer: Offer, texts: Texts, *, whole: bool) -> Iterator[tuple[str, str]]:
    if offer.availability.recommendable:
        for field in ("who", "how"):
            if getattr(texts, field) is None:
                yield field, "is required for an offer people can use"
    if offer.availability.recommendable and whole:
        if len(texts.examples) < FEWEST_EXAMPLES:
            yield "examples", f"{len(texts.examples)} example questions, at least {FEWEST_EXAMPLES} are needed"
        if len(texts.keywords) < FEWEST_KEYWORDS:
            yield "keywords", f"{len(texts.keywords)} keywords, at least {FEWEST_KEYWORDS} are needed"
    if offer.availability != "active" and texts.availability_note is None:
        yield "availability_note", "is required for an offer that is not simply there"
    if len(set(texts.examples)) < len(texts.examples):
        yield "examples", "a question stands there twice"


def _alternatives(offer: Offer, catalogue: Catalogue) -> Found:
    for one in offer.alternatives:
        other = catalogue.offers.get(one)
        if other is not None and not other.availability.recommendable:
            yield "alternatives", f"{one!r} cannot be had itself"
        if one == offer.id:
            yield "alternatives", "an offer is no alternative to itself"


def _fact(fact: ContactFact, catalogue: Catalogue) -> Found:
    if fact.status.shown:
        for tag in catalogue.languages:
            if tag not in fact.texts and not _growing(tag):
                yield "texts", f"a fact that is shown needs a text in {tag!r}"
        if fact.attribute is None:
            yield "attribute", "a fact that is shown says what it is about"


def _known_languages(record: Record) -> Found:
    for name, value in record.__dict__.items():
        for tag in value if isinstance(value, dict) else ():
            if tag not in LANGUAGES:
                yield f"{name}.{tag}", _NO_LANGUAGE


def _labels(record: Need | Situation | District) -> Found:
    for tag in LANGUAGES:
        if tag not in record.labels and not _growing(tag):
            yield "labels", f"the language {tag!r} is missing"


def _exist(field: str, references: Iterable[str | None], known: Container[str], remedy: str = "") -> Found:
    for one in references:
        if one is not None and one not in known:
            yield field, f"{one!r} does not exist{remedy}", one


def _chain(identity: str, field: str, above: Callable[[str], str | None], what: str) -> Found:
    """Find a chain of records, each above the one before, that comes back to one of its own."""
    seen, current = {identity}, above(identity)
    while current is not None:
        if current in seen:
            yield field, f"the chain of {what} comes back to {current!r}"
            return
        seen.add(current)
        current = above(current)


def _need(need: Need, catalogue: Catalogue) -> Found:
    needs = catalogue.needs
    yield from _labels(need)
    yield from _exist("broader", [need.broader], needs)
    yield from _chain(need.id, "broader", lambda one: needs[one].broader if one in needs else None, "broader needs")


def _questions(questions: NeedQuestions, catalogue: Catalogue) -> Found:
    return _exist("id", [questions.id], catalogue.needs)


def _situation(situation: Situation, catalogue: Catalogue) -> Found:
    yield from _labels(situation)
    yield from _exist("implies", situation.implies, catalogue.situations)
    yield from _exist("excludes", situation.excludes, catalogue.situations)


def _district(district: District, catalogue: Catalogue) -> Found:
    districts = catalogue.districts
    yield from _labels(district)
    yield from _exist("part_of", [district.part_of], districts)
    yield from _chain(
        district.id, "part_of", lambda one: districts[one].part_of if one in districts else None, "districts"
    )


def _organisation(organisation: Organisation, catalogue: Catalogue) -> Found:
    known = catalogue.organisations
    yield from _exist("part_of", [organisation.part_of], known)
    yield from _chain(
        organisation.id, "part_of", lambda one: known[one].part_of if one in known else None, "organisations"
    )


def _municipality(municipality: Municipality, catalogue: Catalogue) -> Found:
    yield from _exist("id", [municipality.id], catalogue.organisations, ": give the id of an organisation")
    yield from _exist(
        "contact_centre", [municipality.contact_centre], catalogue.facts, ": give the id of a contact fact"
    )
    for number, tag in enumerate(municipality.languages):
        if tag not in LANGUAGES:
            yield f"languages.{number}", _NO_LANGUAGE
    if municipality.languages and SOURCE_LANGUAGE not in municipality.languages:
        yield "languages", f"{SOURCE_LANGUAGE!r} is always one of them: all texts are written in it first"
    if len(catalogue.municipalities) > 1:
        yield "id", "a catalogue belongs to one municipality"


def _no_rule(_record: Record, _catalogue: Catalogue) -> Found:
    return iter(())


_OFFER_RULES: tuple[Callable[[Offer, Catalogue], Found], ...] = (
    _references, _parents, _criteria, _sources, _languages, _alternatives, lambda offer, _: not_plain(offer),
)  # fmt: skip

_OTHER_RULES: dict[str, Callable[[Any, Catalogue], Found]] = {
    "facts": _fact,
    "needs": _need,
    "questions": _questions,
    "situations": _situation,
    "districts": _district,
    "organisations": _organisation,
    "municipalities": _municipality,
}
