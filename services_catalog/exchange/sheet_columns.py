"""How records are laid out in sheets: which sheet has which columns, and which field each column is.

A record is one row of its kind's sheet ("offers"). What it has many of stands in sheets of their own: an offer's sources,
criteria and service languages one a row, its texts on one sheet for each language.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services_catalog.exchange.cells import CellKind
from services_catalog.languages import LANGUAGES
from services_catalog.messages import N_
from services_catalog.offer import (
    Audience,
    Availability,
    Kind,
    Limit,
    Publication,
    Texts,
    TranslationState,
)
from services_catalog.records import Attribute, FactStatus

TEXT, LIST, IDS, CHOICE = CellKind.TEXT, CellKind.LIST, CellKind.IDS, CellKind.CHOICE


@dataclass(frozen=True)
class Column:
    """A column: its heading, the dotted field that it holds, and how.

    `choices` are the values allowed: themselves, or the name of a kind of record whose ids are. `note` is for editors.
    """

    name: str
    field: str
    kind: CellKind = TEXT
    choices: tuple[str, ...] | str = ()
    note: str = ""
    width: int = 20


@dataclass(frozen=True)
class Sheet:
    """A sheet: rows of one kind of record, or with `part` of something that such records have many of.

    `part` is the field whose items are rows; `each` says that the field is a list. The first column is the record's id.
    """

    name: str
    kind: str
    columns: tuple[Column, ...]
    part: str = ""
    each: bool = False
    note: str = ""


#: The kinds of record that spreadsheets hold; all others are edited as YAML.
KINDS = ("offers", "needs", "facts", "organisations")

_KEY = Column("offer", "", CHOICE, "offers", N_("The id of the offer that this row belongs to."), 32)
_SOURCE = Column("source", "source", CHOICE, (), N_("The id of one of the offer's sources, which says so."), 12)


def _choices(of: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(one) for one in of)


OFFERS = Sheet(
    "offers",
    "offers",
    (
        Column("id", "id", CHOICE, (), N_("Small letters, digits and hyphens. It never changes."), 32),
        Column("kind", "kind", CHOICE, _choices(Kind)),
        Column(
            "availability", "availability", CHOICE, _choices(Availability), N_("Only active and pilot are recommended.")
        ),
        Column(
            "audience", "audience", CHOICE, _choices(Audience), N_("Offers for staff are never shown to residents.")
        ),
        Column("publication", "publication", CHOICE, _choices(Publication), N_("Published when left empty.")),
        Column("provider", "provider", CHOICE, "organisations", N_("Who provides it: the id of an organisation.")),
        Column("partners", "partners", IDS, "organisations"),
        Column("parent", "parent", CHOICE, "offers", N_("The offer that this one is a part of.")),
        Column("policies", "policies", IDS, "policies"),
        Column("alternatives", "alternatives", IDS, "offers", N_("What to show instead when it cannot be had.")),
        Column("official name", "official_name", TEXT, (), N_("The Danish name, as it is said at the counter."), 40),
        Column("aliases", "aliases", LIST, (), N_("Other names and spellings."), 32),
        Column("needs", "needs", IDS, "needs"),
        Column(
            "access route", "access.route", CHOICE, ("self", "referral", "by_authority", "through_staff", "unknown")
        ),
        Column("access source", "access.source", CHOICE, (), N_("The id of the source that states the route.")),
        Column("cost", "cost.kind", CHOICE, ("free", "paid", "unknown")),
        Column("cost amount", "cost.amount", CellKind.NUMBER, (), N_("In Danish kroner.")),
        Column("cost source", "cost.source", CHOICE, (), N_("The id of the source that states the cost.")),
        Column("limits", "limits", IDS, _choices(Limit), N_("What an answer must not leave out."), 28),
        Column("described in", "described_in", CellKind.INTEGER, (), N_("The year of the source.")),
        Column("ended on", "ended_on", CellKind.DATE),
        Column(
            "assured on", "assured_on", CellKind.DATE, (), N_("When a person last vouched for it; never in the future.")
        ),
        Column("review by", "review_by", CellKind.DATE, (), N_("When it must be looked at again; never in the past.")),
        Column("owner", "owner", TEXT, (), N_("Who looks after this record.")),
        Column("editor notes", "editor_notes", LIST, (), N_("For editors only."), 50),
    ),
    note=N_("One row an offer."),
)

SOURCES = Sheet(
    "sources",
    "offers",
    (
        _KEY,
        Column("id", "id", CHOICE, (), N_("Unique within the offer: s1, s2 …"), 12),
        Column("file", "file", TEXT, (), N_("The source document, with the quote; or else a contact fact."), 28),
        Column("section", "section", TEXT, (), "", 40),
        Column("quote", "quote", TEXT, (), N_("To the letter."), 80),
        Column("fact", "fact", CHOICE, "facts", N_("The id of a contact fact."), 32),
    ),
    part="sources",
    each=True,
    note=N_("Where the facts of an offer come from, one a row."),
)

ELIGIBILITY = Sheet(
    "eligibility",
    "offers",
    (
        _KEY,
        Column("criterion", "criterion", CHOICE, ("age", "school_grade", "years_in_denmark", "district", "situation")),
        Column("minimum", "minimum", CellKind.INTEGER, (), N_("For age, school grade and years in Denmark.")),
        Column("maximum", "maximum", CellKind.INTEGER),
        Column(
            "any of", "any", IDS, "places and situations", N_("For district and situation: one of these must hold."), 32
        ),
        Column("none of", "none", IDS, "places and situations", N_("For district and situation: none may hold."), 32),
        Column(
            "strict",
            "strict",
            CellKind.YES_NO,
            ("yes", "no"),
            N_("No where the source says “primarily”. Yes when empty."),
        ),
        _SOURCE,
    ),
    part="eligibility",
    each=True,
    note=N_("Who can use an offer, one criterion a row."),
)

SERVICE_LANGUAGES = Sheet(
    "service_languages",
    "offers",
    (
        _KEY,
        Column("language", "tag", CHOICE, (), N_("A language tag such as so or da, or “interpreter”.")),
        _SOURCE,
    ),
    part="service_languages",
    each=True,
    note=N_("The languages an offer can be had in, one a row."),
)

_TEXT_NOTES = {
    "state": N_("How far the text can be trusted; source for Danish alone."),
    "keywords": N_("Single words and short phrases."),
    "examples": N_("Questions that this offer answers."),
}


def _texts(tag: str) -> Sheet:
    columns = [
        Column("state", "state", CHOICE, _choices(TranslationState), _TEXT_NOTES["state"], 14),
        *(
            Column(name.replace("_", " "), name, TEXT, (), "", 50)
            for name in Texts.model_fields
            if name not in _TEXT_NOTES
        ),
        *(Column(name, name, LIST, (), _TEXT_NOTES[name], 50) for name in ("keywords", "examples")),
    ]
    note = N_("What people read about each offer in one language, one row an offer.")
    return Sheet(tag, "offers", (_KEY, *columns), part=f"texts.{tag}", note=note)


def _tagged(name: str, field: str, tags: Iterable[str], kind: CellKind = TEXT, width: int = 40) -> list[Column]:
    return [Column(f"{name} {tag}", f"{field}.{tag}", kind, (), "", width) for tag in tags]


def _id() -> Column:
    return Column("id", "id", CHOICE, (), N_("Small letters, digits and hyphens. It never changes."), 32)


def _needs(tags: Iterable[str]) -> Sheet:
    broader = Column(
        "broader", "broader", CHOICE, "needs", N_("The need above this one; empty for an area of life."), 28
    )
    columns = (_id(), broader, *_tagged("label", "labels", tags), *_tagged("synonyms", "synonyms", tags, LIST))
    return Sheet("needs", "needs", columns, note=N_("What people need, in their words."))


def _facts(tags: Iterable[str]) -> Sheet:
    columns = (
        _id(),
        Column("topic", "topic"),
        Column("fact", "fact"),
        Column("value", "value", width=40),
        Column("status", "status", CHOICE, _choices(FactStatus), N_("Only seen and old are shown.")),
        Column("attribute", "attribute", CHOICE, _choices(Attribute), N_("What the fact is about.")),
        *(Column(name, name) for name in ("phone", "email", "web", "address")),
        Column("year", "year", CellKind.INTEGER),
        Column("source address", "source_address", width=40),
        Column("seen text", "seen_text", width=50),
        Column("seen date", "seen_date"),
        Column("note", "note", width=40),
        *_tagged("text", "texts", tags, width=50),
    )
    return Sheet("facts", "facts", columns, note=N_("Contact facts seen on public pages."))


def _organisations(tags: Iterable[str]) -> Sheet:
    columns = (
        _id(),
        Column("name", "name", width=40),
        Column("part of", "part_of", CHOICE, "organisations"),
        *_tagged("label", "labels", tags),
    )
    return Sheet("organisations", "organisations", columns, note=N_("Who provides the offers."))


def _every_sheet() -> dict[str, Sheet]:
    tags = tuple(LANGUAGES)
    every = (OFFERS, SOURCES, ELIGIBILITY, SERVICE_LANGUAGES, *map(_texts, tags),
             _needs(tags), _facts(tags), _organisations(tags))  # fmt: skip
    return {sheet.name: sheet for sheet in every}


#: Every sheet by its name, in the order of a workbook.
SHEETS = _every_sheet()


def column_letter(number: int) -> str:
    """Return the letters of a column, counted from 0, as spreadsheets show them."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
