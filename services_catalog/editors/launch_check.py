"""What a person must confirm before the catalogue goes live, the numbers for people in danger first.

Everything in the catalogue was written down from documents and public pages. Nobody has called the numbers. This list says
which facts that concerns, in the order in which a mistake would do harm.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

from services_catalog.catalogue import Catalogue
from services_catalog.crisis import FOLDER as CRISIS_FOLDER
from services_catalog.editors.translations import READ_FIELDS, field_state
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.offer import Offer, TranslationState
from services_catalog.records import ContactFact, FactStatus


class Group(StrEnum):
    """What an item is about, in the order of the list."""

    CRISIS = "crisis"
    HAND_OVER = "hand_over"
    CONTACT = "contact"
    OFFER = "offer"
    TEXT = "text"
    NOTE = "note"


TITLES = {
    Group.CRISIS: "Numbers given to people in danger",
    Group.HAND_OVER: "The number of every hand-over",
    Group.CONTACT: "Contact facts that are old, undated, contradicted or never seen",
    Group.OFFER: "Offers nobody has vouched for, or whose review is overdue",
    Group.TEXT: "Texts nobody has reviewed",
    Group.NOTE: "Notes that ask for a check",
}


@dataclass(frozen=True)
class Item:
    """One thing to confirm. `order` counts from 1; `id` is a contact fact's, an offer's, or `offer/language` for a text.

    `source` is where it was read and `seen_date` the date that page or document gives, as it is written there.
    """

    order: int
    group: Group
    id: str
    what: str
    why: str
    source: str | None = None
    seen_date: str | None = None


@dataclass(frozen=True)
class CrisisStep:
    """A step of the crisis answers that names a number: in which answer, and which contact fact vouches for it."""

    category: str
    phone: str | None
    fact: str | None


_Found = tuple[Group, str, str, str, str | None, str | None]
#: Words by which a note asks for a check.
_RECHECK = re.compile(r"\b(?:re-?check|confirm|verif|check)\w*", re.IGNORECASE)
_NOT_DIGIT = re.compile(r"\D")
_STATUS_WHY = {
    FactStatus.CONFLICT: "two sources contradict each other, so it is not shown",
    FactStatus.UNVERIFIED: "nobody has seen it on a public page, so it is not shown",
    FactStatus.OLD: "the page is old",
}
_DOUBTFUL = (TranslationState.UNREVIEWED, TranslationState.OUTDATED, TranslationState.MISSING)


def crisis_steps(folder: Path = CRISIS_FOLDER) -> tuple[CrisisStep, ...]:
    """Return every step of the crisis answers that gives a number or rests on a fact, in the order of the file."""
    answers = yaml.safe_load((folder / "answers.yml").read_text(encoding="utf-8"))
    return tuple(
        CrisisStep(answer["category"], step.get("phone"), step.get("fact"))
        for answer in answers
        for step in answer["steps"]
        if step.get("phone") or step.get("fact")
    )


def launch_check(catalogue: Catalogue, steps: Sequence[CrisisStep], today: dt.date) -> list[Item]:
    """Return everything that a person must confirm before `today`'s catalogue goes live, numbered."""
    found = (
        *_crisis(catalogue, steps),
        *_hand_over(catalogue),
        *_contacts(catalogue, {step.fact for step in steps} | {fact.id for fact in _beside(catalogue, steps)}),
        *_offers(catalogue, today),
        *_texts(catalogue),
        *_notes(catalogue),
    )
    return [Item(number, *one) for number, one in enumerate(found, 1)]


def _crisis(catalogue: Catalogue, steps: Sequence[CrisisStep]) -> Iterator[_Found]:
    """Yield every number of the crisis answers once, with the answers that give it, then what is said of their lines."""
    given: dict[tuple[str | None, str | None], list[str]] = defaultdict(list)
    for step in steps:
        given[step.fact, step.phone].append(step.category)
    for (fact_id, phone), categories in given.items():
        fact = catalogue.facts.get(fact_id) if fact_id else None
        name = " ".join(dict.fromkeys(one for one in (phone, fact.topic if fact else None) if one)) or str(fact_id)
        why = [f"told to people in danger ({', '.join(dict.fromkeys(categories))}): call it", *_doubts(fact, phone)]
        yield (Group.CRISIS, fact_id or phone or "", name, "; ".join(why), *_seen(fact))
    for fact in _beside(catalogue, steps):
        why = ["said of a number for people in danger: confirm it", *_contact_doubts(fact, shown=True)]
        yield (Group.CRISIS, fact.id, _what(fact), "; ".join(why), *_seen(fact))


def _beside(catalogue: Catalogue, steps: Iterable[CrisisStep]) -> list[ContactFact]:
    """Return what else is shown of the lines that the crisis answers name: their hours, cost, anonymity."""
    named = {step.fact for step in steps}
    topics = {fact.topic for fact in catalogue.facts.values() if fact.id in named}
    return [
        fact for fact in catalogue.facts.values() if fact.topic in topics and fact.id not in named and fact.status.shown
    ]


def _doubts(fact: ContactFact | None, phone: str | None) -> Iterator[str]:
    """Yield what makes a number of the crisis answers doubtful."""
    if fact is None:
        yield "NO CONTACT FACT STANDS BEHIND IT"
        return
    if fact.status is not FactStatus.SEEN:
        yield f"THE FACT IS CALLED “{fact.status}”, not “seen”"
    if phone and _NOT_DIGIT.sub("", phone) not in _NOT_DIGIT.sub("", fact.phone or fact.value or ""):
        yield f"THE FACT GIVES ANOTHER NUMBER: {fact.phone or fact.value}"
    yield from _age(fact)
    if fact.note:
        yield fact.note


def _age(fact: ContactFact) -> Iterator[str]:
    if fact.seen_date is None and fact.year is None:
        yield "the page has no date"
    elif fact.seen_date is not None and "undated" in fact.seen_date:
        yield f"the page has no sure date ({fact.seen_date})"


def _hand_over(catalogue: Catalogue) -> Iterator[_Found]:
    fact = catalogue.contact_centre
    identity = catalogue.municipality.contact_centre if catalogue.municipality else "municipality"
    said = [*_doubts(fact, None)] if fact is None or fact.status is not FactStatus.OLD else _old_doubts(fact)
    what = _what(fact) if fact is not None else "the number of the contact centre"
    yield (Group.HAND_OVER, identity, what, "; ".join(["every hand-over gives it: call it", *said]), *_seen(fact))


def _old_doubts(fact: ContactFact) -> list[str]:
    return [f"{_STATUS_WHY[FactStatus.OLD]} ({fact.year or 'undated'})", *([fact.note] if fact.note else [])]


def _contacts(catalogue: Catalogue, told: set[str | None]) -> Iterator[_Found]:
    """Yield the doubtful contact facts of published offers, those that are shown before those that are held back."""
    used: dict[str, list[str]] = defaultdict(list)
    centre = {one.contact_centre for one in catalogue.municipalities.values()}
    for offer in catalogue.published:
        for source in offer.sources:
            if source.fact is not None:
                used[source.fact].append(offer.id)
    by_topic: dict[str, set[str]] = defaultdict(set)
    for fact_id, offers in used.items():
        if fact_id in catalogue.facts:
            by_topic[catalogue.facts[fact_id].topic].update(offers)
    doubtful = [
        (fact, used[fact.id] or sorted(by_topic.get(fact.topic, ())), why)
        for fact in catalogue.facts.values()
        if fact.id not in told | centre and (why := list(_contact_doubts(fact, shown=fact.id in used)))
    ]
    for fact, offers, why in sorted(doubtful, key=lambda one: _weight(one[0])):
        about = [f"for {', '.join(dict.fromkeys(offers))}"] if offers else []
        yield (Group.CONTACT, fact.id, _what(fact), "; ".join([*why, *about]), *_seen(fact))


def _contact_doubts(fact: ContactFact, *, shown: bool) -> Iterator[str]:
    if not shown:
        if fact.status in (FactStatus.CONFLICT, FactStatus.UNVERIFIED):
            yield _STATUS_WHY[fact.status]
        return
    if fact.status is FactStatus.OLD:
        yield from _old_doubts(fact)
        return
    yield from _age(fact)
    if fact.note and _RECHECK.search(fact.note):
        yield fact.note


def _weight(fact: ContactFact) -> int:
    order = (FactStatus.OLD, FactStatus.SEEN, FactStatus.CONFLICT, FactStatus.UNVERIFIED)
    return order.index(fact.status) if fact.status in order else len(order)


def _offers(catalogue: Catalogue, today: dt.date) -> Iterator[_Found]:
    for offer in catalogue.published:
        why = [] if offer.assured_on else ["nobody has vouched for it (no `assured_on`)"]
        if offer.review_by is not None and offer.review_by < today:
            why.append(f"its review was due on {offer.review_by.isoformat()}")
        if why:
            what = f"{offer.official_name} ({offer.availability})"
            yield Group.OFFER, offer.id, what, "; ".join(why), _documents(offer), _described(offer)


def _texts(catalogue: Catalogue) -> Iterator[_Found]:
    """Yield every text that nobody has reviewed, language by language."""
    for tag in LANGUAGES:
        if tag == SOURCE_LANGUAGE:
            continue
        for offer in catalogue.published:
            states = {field_state(offer, tag, field) for field in READ_FIELDS}
            doubts = [state.value for state in _DOUBTFUL if state in states]
            if doubts:
                what = f"{offer.official_name}, in {LANGUAGES[tag].native_name}"
                yield Group.TEXT, f"{offer.id}/{tag}", what, ", ".join(doubts), None, None


def _notes(catalogue: Catalogue) -> Iterator[_Found]:
    for offer in catalogue.published:
        for note in offer.editor_notes:
            if _RECHECK.search(note):
                yield Group.NOTE, offer.id, offer.official_name, note, _documents(offer), _described(offer)


def _documents(offer: Offer) -> str | None:
    return ", ".join(dict.fromkeys(source.file for source in offer.sources if source.file)) or None


def _described(offer: Offer) -> str | None:
    return str(offer.described_in) if offer.described_in else None


def _what(fact: ContactFact) -> str:
    said = fact.value or fact.phone or fact.email or fact.address or fact.web
    return f"{fact.topic}, {fact.fact}: {said}" if said else f"{fact.topic}, {fact.fact}"


def _seen(fact: ContactFact | None) -> tuple[str | None, str | None]:
    """Return where a fact was read and the date given there."""
    if fact is None:
        return None, None
    return fact.source_address, fact.seen_date or (str(fact.year) if fact.year else None)


def counted(items: Iterable[Item]) -> Mapping[str, int]:
    """Return how many texts are doubtful in each language, by tag."""
    counts: dict[str, int] = defaultdict(int)
    for item in items:
        if item.group is Group.TEXT:
            counts[item.id.rpartition("/")[2]] += 1
    return counts
