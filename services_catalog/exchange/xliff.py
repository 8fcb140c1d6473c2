"""Texts out to a translation agency and back, as XLIFF 1.2: a <file> an offer, a unit a text field.

What comes back is compared with today's catalogue: a text whose Danish changed since the export is a conflict and stays
out; a unit without a text, or one that the agency's tool still calls unfinished, is left as it was.

| state of the text | written as               | | read as                           | becomes                         |
|-------------------|--------------------------| |-----------------------------------|---------------------------------|
| reviewed          | final                    | | final, signed-off                 | reviewed (not: approved="no")   |
| unreviewed        | needs-review-translation | | translated, needs-review-…, none  | unreviewed                      |
| outdated          | needs-translation        | | needs-translation, new, needs-…   | left as it was                  |
| missing           | (no target)              | | (no text)                         | left as it was                  |
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services_catalog.catalogue import Catalogue
from services_catalog.editors.translations import READ_FIELDS, Changes, changed_fields, field_state
from services_catalog.errors import Problem, RecordInvalid
from services_catalog.exchange.xliff_document import Unit, XliffFile, read_units
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.offer import Offer, Texts, TranslationState
from services_catalog.plainness import markup_in

_SHAPES = Texts.model_json_schema()["properties"]
_REQUIRED = tuple(name for name in READ_FIELDS if Texts.model_fields[name].is_required())
_WRITTEN_AS = {
    TranslationState.REVIEWED: "final",
    TranslationState.UNREVIEWED: "needs-review-translation",
    TranslationState.OUTDATED: "needs-translation",
}
_DONE = frozenset({"final", "signed-off"})
_UNFINISHED = frozenset({"new", "needs-translation", "needs-adaptation", "needs-l10n"})
#: From the least to the most that a text can be trusted.
_TRUST = (
    TranslationState.MISSING,
    TranslationState.OUTDATED,
    TranslationState.UNREVIEWED,
    TranslationState.REVIEWED,
)
#: What XML 1.0 cannot hold (production 2, "Char").
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NOTES = {
    "name": "The name of the offer, as a heading.",
    "summary": "What the offer is.",
    "who": "Who can use it.",
    "how": "How one gets it.",
    "good_to_know": "What else is good to know.",
    "availability_note": "Why the offer is not simply there.",
    "cost": "What it costs.",
    "where": "Where it is.",
    "when": "When it is open or takes place.",
    "languages": "Which languages are spoken.",
    "documents": "Which papers one needs.",
    "contact": "How to get in touch.",
}


@dataclass(frozen=True)
class Conflict:
    """A unit that was not taken over: it translates a Danish text that is no longer today's (None: there is none)."""

    field: str
    exported: str
    now: str | None
    target: str


@dataclass(frozen=True)
class Translated:
    """What came back for one offer in one language.

    `texts` are the whole texts as they are to be saved, None when nothing in them changed. `fields` names what the agency
    changed, `unfinished` the units whose new text its tool does not call finished yet.
    """

    offer_id: str
    language: str
    texts: Texts | None
    fields: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    unfinished: tuple[str, ...]


def longest(field: str) -> int:
    """Return how many characters a text field may have."""
    shape = _SHAPES[field]
    return int(shape.get("maxLength") or shape["anyOf"][0]["maxLength"])


def write_xliff(
    offers: Iterable[Offer], language: str, fields: Sequence[str] = READ_FIELDS, changes: Changes | None = None
) -> bytes:
    """Return the texts of some offers as XLIFF 1.2 from Danish into `language`; fields without a Danish text are left out.

    `changes` says what changed in Danish since the translation: it is told in a note, and only those fields are then marked
    as outdated. Raises RecordInvalid for a text that XML cannot hold, a language or a field that does not exist.
    """
    if refusal := _no_target(language):
        raise RecordInvalid([Problem("xliff", 0, "target-language", refusal)])
    store: Any = XliffFile(sourcelanguage=SOURCE_LANGUAGE, targetlanguage=language)
    for offer in offers:
        for field in fields:
            if field not in READ_FIELDS:
                raise RecordInvalid([Problem(offer.id, 0, field, "is not a text that is translated")])
            if getattr(offer.texts.get(SOURCE_LANGUAGE), field, None) is not None:
                _write_unit(store, offer, language, field, changes)
    out = io.BytesIO()
    store.serialize(out)
    return out.getvalue()


def _write_unit(store: Any, offer: Offer, language: str, field: str, changes: Changes | None) -> None:
    source = _writable(getattr(offer.texts[SOURCE_LANGUAGE], field), offer, SOURCE_LANGUAGE, field)
    unit = store.addsourceunit(source, filename=offer.id, createifmissing=True)
    unit.setid(field)
    unit.xmlelement.set("maxwidth", str(longest(field)))
    unit.xmlelement.set("size-unit", "char")
    state = field_state(offer, language, field, changed_fields(changes, offer.id))
    if state is not None and state is not TranslationState.MISSING:
        unit.target = _writable(getattr(offer.texts[language], field), offer, language, field)
        unit.target_dom.set("state", _WRITTEN_AS[state])
        if state is not TranslationState.REVIEWED:
            unit.xmlelement.attrib.pop("approved", None)  # the toolkit calls every text approved
    for note in _notes(offer, field, changes):
        unit.addnote(_NOT_IN_XML.sub("\ufffd", note), origin="vejviser")


def _notes(offer: Offer, field: str, changes: Changes | None) -> Iterator[str]:
    yield f"{_NOTES[field]} At most {longest(field)} characters."
    yield f"The official Danish name is “{offer.official_name}”: people say it at the counter."
    for change in (changes or {}).get(offer.id, ()):
        if change.field == field and change.before is not None:
            yield f"The Danish text has changed. It was: {change.before}"


def _writable(text: str, offer: Offer, language: str, field: str) -> str:
    if found := _NOT_IN_XML.search(text):
        message = f"holds the character U+{ord(found.group()):04X}: take it out before the export"
        raise RecordInvalid([Problem(offer.id, 0, f"texts.{language}.{field}", message)])
    return text


def read_xliff(
    data: bytes,
    catalogue: Catalogue,
    *,
    language: str | None = None,
    changes: Callable[[str], Changes | None] = lambda _language: None,
) -> list[Translated]:
    """Return what an agency sent back, an entry for each offer and language for which there is something to say.

    With `language`, every file must be in it. `changes` tells what changed in Danish since the translation into a language,
    as for `write_xliff`. Nothing is saved here. Raises RecordInvalid with all problems at once (`path` is the file, `field`
    the unit) for what cannot be an answer to our export.
    """
    problems: list[Problem] = []
    files: dict[tuple[str, str], dict[str, Unit]] = {}
    for unit in read_units(data):
        tag = _primary(unit.target_language)
        units = files.setdefault((unit.file, tag), {})
        problems += [
            Problem(unit.file, unit.line, unit.id, message)
            for message in (*_misdirected(unit, tag, units, catalogue, language), *_unfit(unit, tag, catalogue))
        ]
        units[unit.id] = unit
    if problems:
        raise RecordInvalid(problems)
    known = {tag: changes(tag) for _, tag in files}
    read = [
        _translated(catalogue.offer(offer_id), tag, units, changed_fields(known[tag], offer_id))
        for (offer_id, tag), units in files.items()
    ]
    return [one for one in read if one.texts is not None or one.conflicts or one.unfinished]


def applied(catalogue: Catalogue, translated: Iterable[Translated]) -> list[Offer]:
    """Return every offer that the translations change, with their texts in it."""
    offers: dict[str, Offer] = {}
    for one in translated:
        if one.texts is not None:
            offer = offers.get(one.offer_id) or catalogue.offer(one.offer_id)
            offers[offer.id] = offer.model_copy(update={"texts": offer.texts | {one.language: one.texts}})
    return list(offers.values())


def _primary(tag: str) -> str:
    """Return the language of a tag without its region: tools write `ar-SA` where we say `ar`."""
    return tag.partition("-")[0].lower()


def _no_target(tag: str) -> str | None:
    """Return why one cannot translate into a language, or None when one can."""
    known = [one for one in LANGUAGES if one != SOURCE_LANGUAGE]
    return None if tag in known else f"{tag!r} is not a language that is translated into: use one of {', '.join(known)}"


def _misdirected(
    unit: Unit, tag: str, others: Mapping[str, Unit], catalogue: Catalogue, wanted: str | None
) -> Iterator[str]:
    """Yield why a unit belongs nowhere in the catalogue."""
    if _primary(unit.source_language) != SOURCE_LANGUAGE:
        yield f"the source language is {unit.source_language!r}, not {SOURCE_LANGUAGE!r}"
    if refusal := _no_target(tag):
        yield refusal
    elif wanted is not None and tag != wanted:
        yield f"the file is in {unit.target_language!r}, but {wanted!r} was asked for"
    if unit.file not in catalogue.offers:
        yield f"there is no offer with the id {unit.file!r}"
    if unit.id not in READ_FIELDS:
        yield f"is not a text field; the units are {', '.join(READ_FIELDS)}"
    elif unit.id in others:
        yield "stands there twice for this offer"


def _unfit(unit: Unit, tag: str, catalogue: Catalogue) -> Iterator[str]:
    """Yield why a text that came back cannot be a text of the catalogue; one that is there already can."""
    offer = catalogue.offers.get(unit.file)
    if offer is not None and getattr(offer.texts.get(tag), unit.id, None) == unit.target:
        return
    if unit.id in READ_FIELDS and len(unit.target) > longest(unit.id):
        yield f"the text has {len(unit.target)} characters, at most {longest(unit.id)} are allowed"
    if unit.markup:
        yield f"the text holds the element <{unit.markup[0]}>: texts are plain text"
    if found := markup_in(unit.target):
        yield f"the text holds {found}: texts are plain text"


def _translated(offer: Offer, tag: str, units: Mapping[str, Unit], changed: frozenset[str] | None) -> Translated:
    present = offer.texts.get(tag)
    values = dict(present) if present is not None else {}
    states = {field: field_state(offer, tag, field, changed) for field in READ_FIELDS}
    fields: list[str] = []
    unfinished: list[str] = []
    conflicts: list[Conflict] = []
    for field, unit in units.items():
        danish = getattr(offer.texts.get(SOURCE_LANGUAGE), field, None)
        differs = unit.target != values.get(field)
        state = _trusted(unit, states[field], differs)
        if not unit.target or (not differs and state is states[field]):
            continue
        if unit.state in _UNFINISHED:
            unfinished.append(field)
        elif danish is None or _comparable(danish) != _comparable(unit.source):
            conflicts.append(Conflict(field, unit.source, danish, unit.target))
        else:
            states[field], values[field] = state, unit.target
            fields += [field] if differs else []
    if not all(values.get(field) for field in _REQUIRED):
        # a first translation without a name or a summary cannot stand alone: it waits for the rest
        return Translated(offer.id, tag, None, (), tuple(conflicts), (*unfinished, *fields))
    weakest = min((states[field] for field in READ_FIELDS if values.get(field)), key=_TRUST.index)
    texts = Texts.model_validate(values | {"state": weakest})
    return Translated(
        offer.id, tag, None if texts == present else texts, tuple(fields), tuple(conflicts), tuple(unfinished)
    )


def _trusted(unit: Unit, before: TranslationState | None, differs: bool) -> TranslationState:
    """Return how far the text of a unit can be trusted; a text that came back unchanged is trusted no less than before."""
    done = unit.state in _DONE and unit.approved != "no"
    now = TranslationState.REVIEWED if done else TranslationState.UNREVIEWED
    if differs or before is None:
        return now
    said = unit.state is not None and unit.state not in _UNFINISHED
    return max(before, now, key=_TRUST.index) if said else before


def _comparable(text: str) -> str:
    """Return a text without what tools change in passing: how letters are composed, and how much space is between words."""
    return " ".join(unicodedata.normalize("NFC", text).split())
