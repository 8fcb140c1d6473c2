"""Rules that hold between records: every reference leads somewhere, every language is there, every fact has a source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from services_catalog.catalogue import Catalogue
from services_catalog.errors import Problem, RecordInvalid
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.offer import ChoiceCriterion, Offer, Texts, TranslationState
from services_catalog.records import ContactFact
from services_catalog.seed import SEED_FOLDER, line_of, read_catalogue

#: An active offer is found by questions people ask; fewer than these in a language are too few.
FEWEST_EXAMPLES = 12
FEWEST_KEYWORDS = 5

Found = Iterator[tuple[str, str]]


def validate_folder(folder: Path = SEED_FOLDER) -> list[Problem]:
    """Return every problem in the files of a folder, in the order of files and lines."""
    try:
        catalogue = read_catalogue(folder)
    except RecordInvalid as error:
        return sorted(error.problems, key=lambda problem: (problem.path, problem.line))
    return sorted(validate(catalogue, folder), key=lambda problem: (problem.path, problem.line))


def validate(catalogue: Catalogue, folder: Path = SEED_FOLDER) -> list[Problem]:
    """Return every broken rule of a catalogue; `folder` is where the lines are looked up."""
    problems = []
    for offer in catalogue.offers.values():
        path = f"offers/{offer.id}.yml"
        for rule in _OFFER_RULES:
            for field, message in rule(offer, catalogue):
                problems.append(Problem(path, line_of(folder / path, field), field, message))
    for fact in catalogue.facts.values():
        problems.extend(Problem("contacts", 0, f"{fact.id}.{field}", said) for field, said in _fact(fact))
    problems.extend(_vocabulary(catalogue))
    return problems


def _references(offer: Offer, catalogue: Catalogue) -> Found:
    for field, value, known in (
        ("provider", (offer.provider,), catalogue.organisations),
        ("partners", offer.partners, catalogue.organisations),
        ("parent", (offer.parent,) if offer.parent else (), catalogue.offers),
        ("policies", offer.policies, catalogue.policies),
        ("alternatives", offer.alternatives, catalogue.offers),
        ("needs", offer.needs, catalogue.needs),
    ):
        for one in value:
            if one not in known:
                yield field, f"{one!r} does not exist"
    for number, source in enumerate(offer.sources):
        if source.fact is not None and source.fact not in catalogue.facts:
            yield f"sources.{number}.fact", f"the contact fact {source.fact!r} does not exist"
        elif source.fact is not None and not catalogue.facts[source.fact].status.shown:
            yield f"sources.{number}.fact", f"the contact fact {source.fact!r} may not be shown"


def _parents(offer: Offer, catalogue: Catalogue) -> Found:
    seen, current = {offer.id}, offer.parent
    while current is not None and current in catalogue.offers:
        if current in seen:
            yield "parent", f"the chain of parents comes back to {current!r}"
            return
        seen.add(current)
        current = catalogue.offers[current].parent


def _criteria(offer: Offer, catalogue: Catalogue) -> Found:
    for number, criterion in enumerate(offer.eligibility):
        if not isinstance(criterion, ChoiceCriterion):
            continue
        known = catalogue.districts if criterion.criterion == "district" else catalogue.situations
        for one in (*criterion.any, *criterion.none):
            if one not in known:
                yield f"eligibility.{number}", f"{one!r} is not a known {criterion.criterion}"


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


def _languages(offer: Offer, _catalogue: Catalogue) -> Found:
    for tag in LANGUAGES:
        texts = offer.texts.get(tag)
        if texts is None:
            yield "texts", f"the language {tag!r} is missing"
            continue
        for field, message in _texts(offer, texts):
            yield f"texts.{tag}.{field}", message
        if (tag == SOURCE_LANGUAGE) != (texts.state is TranslationState.SOURCE):
            yield f"texts.{tag}.state", f"only {SOURCE_LANGUAGE!r} is the source"
    for tag in offer.texts:
        if tag not in LANGUAGES:
            yield f"texts.{tag}", "this language does not exist here"


def _texts(offer: Offer, texts: Texts) -> Found:
    if offer.availability.recommendable:
        for field in ("who", "how"):
            if getattr(texts, field) is None:
                yield field, "is required for an offer people can use"
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


_OFFER_RULES: tuple[Callable[[Offer, Catalogue], Found], ...] = (
    _references, _parents, _criteria, _sources, _languages, _alternatives,
)  # fmt: skip


def _fact(fact: ContactFact) -> Found:
    if fact.status.shown:
        for tag in LANGUAGES:
            if tag not in fact.texts:
                yield "texts", f"a fact that is shown needs a text in {tag!r}"
        if fact.attribute is None:
            yield "attribute", "a fact that is shown says what it is about"


def _vocabulary(catalogue: Catalogue) -> Iterator[Problem]:
    for name, group in (("taxonomy", catalogue.needs), ("vocabulary/situations.yml", catalogue.situations),
                        ("vocabulary/districts.yml", catalogue.districts)):  # fmt: skip
        for record in group.values():
            for tag in LANGUAGES:
                if tag not in record.labels:
                    yield Problem(name, 0, f"{record.id}.labels", f"the language {tag!r} is missing")
    dead: list[tuple[str, str, Iterable[str], Iterable[str]]] = [
        ("taxonomy", need.id, [need.broader] if need.broader else [], catalogue.needs)
        for need in catalogue.needs.values()
    ]
    dead += [
        ("vocabulary/situations.yml", one.id, (*one.implies, *one.excludes), catalogue.situations)
        for one in catalogue.situations.values()
    ]
    dead += [
        ("vocabulary/districts.yml", one.id, [one.part_of] if one.part_of else [], catalogue.districts)
        for one in catalogue.districts.values()
    ]
    for path, identity, references, known in dead:
        for reference in references:
            if reference not in set(known):
                yield Problem(path, 0, identity, f"{reference!r} does not exist")
