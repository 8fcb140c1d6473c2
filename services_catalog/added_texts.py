"""Texts of the languages that an installation adds, laid over the records of the project's catalogue.

The folder of an added language has files in the places of the catalogue's (`offers/`, `taxonomy/`, …). A record there is an
id and, of each field that is kept by language, what stands in it in this language: `labels: Sport`, `texts: {name: …}`.
`vocabulary/expressions.yml` holds the language's own record, whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_origin

from pydantic import ValidationError

from services_catalog.catalogue import Catalogue
from services_catalog.errors import Problem, RecordInvalid
from services_catalog.expressions import Expressions
from services_catalog.field_errors import said
from services_catalog.languages import LANGUAGES, added_files
from services_catalog.offer import Offer, Record, TranslationState
from services_catalog.yaml_records import Lines, load_records

#: Tells the kind of record a file holds by its place; None for a file of another sort.
KindOf = Callable[[str], str | None]


def added_records(kind_of: KindOf) -> Iterator[tuple[str, str, str, Path]]:
    """Yield the language, kind, shown name (`pl/offers/geist.yml`) and place of each file of records."""
    for tag, path in added_files("**/*.yml"):
        folder = LANGUAGES[tag].folder
        name = path.relative_to(folder).as_posix() if folder else path.name
        kind = kind_of(name)
        if kind is not None:
            yield tag, kind, f"{tag}/{name}", path


def lay_over(records: Mapping[str, dict[str, Record]], kind_of: KindOf, *, unknown: bool) -> list[Problem]:
    """Add the texts of the added languages to records, by kind and id. Returns every problem found.

    With `unknown`, ids that do not exist are passed over: a municipality need not have what another has.
    """
    problems: list[Problem] = []
    for tag, kind, name, path in added_records(kind_of):
        data = path.read_bytes()
        try:
            values = load_records(name, data)
        except RecordInvalid as error:
            problems += error.problems
            continue
        lines = Lines(data)
        for index, value in enumerate(values):
            for location, message in _lay(tag, value, records[kind], kind, unknown=unknown):
                field = ".".join(map(str, location)) or "record"
                problems.append(Problem(name, lines.of(index, location), field, message))
    return problems


def texts_to_add(catalogue: Catalogue, kinds: Iterable[str], kind_of: KindOf) -> dict[str, dict[str, Record]]:
    """Return the records of a catalogue, by kind and id, to which an added language has something to add, with that in them.

    What a record says in the language already stays: editors have seen to it. Raises RecordInvalid.
    """
    before: dict[str, dict[str, Record]] = {kind: dict(getattr(catalogue, kind)) for kind in kinds}
    after = {kind: dict(records) for kind, records in before.items()}
    problems = lay_over(after, kind_of, unknown=True)
    if problems:
        raise RecordInvalid(problems)
    return {
        kind: {
            identity: record
            for identity, record in records.items()
            if record != before[kind].get(identity) and _only_adds(before[kind].get(identity), record)
        }
        for kind, records in after.items()
    }


def _only_adds(before: Record | None, after: Record) -> bool:
    return before is None or all(
        getattr(after, name)[tag] == told
        for name, value in before
        if isinstance(value, dict)
        for tag, told in value.items()
    )


#: A place in a record, and what is wrong there.
_Wrong = Iterator[tuple[tuple[str | int, ...], str]]


def _lay(tag: str, value: Any, records: dict[str, Record], kind: str, *, unknown: bool) -> _Wrong:
    identity = value.get("id") if isinstance(value, dict) else None
    if not isinstance(identity, str):
        yield ("id",), "is required"
        return
    if kind == "expressions":
        yield from _whole(tag, value, records)
        return
    record = records.get(identity)
    if record is None:
        if not unknown:
            yield ("id",), f"{identity!r} does not exist: a language adds texts to what is there"
        return
    known = type(record).model_fields
    new = record.model_dump()
    for field, told in value.items():
        if field == "id":
            continue
        if field not in known or get_origin(known[field].annotation) is not dict:
            yield (field,), "must not be given here: it is not kept by language"
            return
        unreviewed = isinstance(record, Offer) and isinstance(told, dict)
        new[field][tag] = {"state": TranslationState.UNREVIEWED} | told if unreviewed else told
    try:
        records[identity] = type(record).model_validate(new)
    except ValidationError as error:
        yield from ((one["loc"], said(one)) for one in error.errors())


def _whole(tag: str, value: dict[str, Any], records: dict[str, Record]) -> _Wrong:
    try:
        record = Expressions.model_validate(value)
    except ValidationError as error:
        yield from ((one["loc"], said(one)) for one in error.errors())
        return
    if record.id != tag:
        yield ("id",), f"must be {tag!r}, the language of this folder"
        return
    records[tag] = record
