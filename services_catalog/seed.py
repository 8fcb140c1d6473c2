"""Read the catalogue's YAML files, and say for every problem in which file and line it stands.

A file holds one record or a list of records, in the place of its kind.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from services_catalog.added_texts import added_records, lay_over
from services_catalog.catalogue import Catalogue
from services_catalog.errors import CatalogueUnavailable, Problem, RecordInvalid
from services_catalog.exchange.archives import Files, FolderFiles, Limits
from services_catalog.expressions import Expressions
from services_catalog.field_errors import said
from services_catalog.municipality_folder import SITE, WithShared
from services_catalog.offer import Offer, Record
from services_catalog.progress import Progress, silent
from services_catalog.records import (
    Concept,
    ContactFact,
    District,
    Municipality,
    Need,
    NeedQuestions,
    Organisation,
    Policy,
    Situation,
)
from services_catalog.yaml_records import Lines, load_records

#: Which records live where, relative to the seed folder.
FOLDERS: dict[str, tuple[str, type[Record]]] = {
    "offers": ("offers", Offer),
    "needs": ("taxonomy", Need),
    "questions": ("taxonomy/questions", NeedQuestions),
    "situations": ("vocabulary/situations.yml", Situation),
    "districts": ("vocabulary/districts.yml", District),
    "organisations": ("organisations.yml", Organisation),
    "policies": ("policies.yml", Policy),
    "facts": ("contacts", ContactFact),
    "expressions": ("vocabulary/expressions.yml", Expressions),
    "concepts": ("lexicon", Concept),
    "municipalities": ("municipality.yml", Municipality),
    "other_places": ("vocabulary/other_places.yml", District),
}

SEED_FOLDER = Path(__file__).parent

#: The project's own files are ours: only their form is checked.
_BOUNDS = Limits(file_bytes=200_000_000)


@dataclass
class RecordsRead:
    """What was found in YAML files, by kind and id. `places` has the file of each record and its number in it."""

    records: dict[str, dict[str, Record]] = field(default_factory=lambda: {name: {} for name in FOLDERS})
    places: dict[tuple[str, str], tuple[str, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    #: The ids of records that broke a rule of their own, as far as they had one.
    unreadable: set[str] = field(default_factory=set)


def read_catalogue(folder: Path = SEED_FOLDER) -> Catalogue:
    """Read every record below `folder`, and of each added language what it says about them.

    Raises RecordInvalid with all problems at once, CatalogueUnavailable for a missing folder.
    """
    found = read_files(seed_files(folder))
    if is_seed(folder):
        found.problems += lay_over(found.records, kind_of, unknown=folder != SEED_FOLDER)
    if found.problems:
        raise RecordInvalid(found.problems)
    return Catalogue(**found.records)  # type: ignore[arg-type]


def is_seed(folder: Path) -> bool:
    """Tell whether a folder is the project's own or a municipality's, on which added languages are laid."""
    return folder == SEED_FOLDER or (folder / SITE).is_file()


def seed_files(folder: Path) -> Files:
    """Return the catalogue files of a folder: the project's own, or a municipality's with what it shares with the project.
    Raises CatalogueUnavailable when a place is missing."""
    if (folder / SITE).is_file():
        return WithShared(folder, SEED_FOLDER, _BOUNDS)
    for place, _ in FOLDERS.values():
        if not (folder / place).exists():
            raise CatalogueUnavailable(f"The catalogue needs {folder / place}, which does not exist.")
    return FolderFiles(folder, _BOUNDS)


def seed_digest(folder: Path = SEED_FOLDER) -> str:
    """Return a hash of every seed file, by name and content, with those of added languages."""
    digest = hashlib.sha256()
    files = seed_files(folder)
    for name in filter(kind_of, files.names):
        digest.update(name.encode())
        digest.update(files.read(name))
    for _, _, name, file in added_records(kind_of) if is_seed(folder) else ():
        digest.update(name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def kind_of(name: str) -> str | None:
    """Return which kind of record a file holds by its place (`offers/geist.yml`); None when it is none of ours."""
    if not name.endswith(".yml"):
        return None
    places = (name, name.rpartition("/")[0])
    return next((kind for kind, (place, _) in FOLDERS.items() if place in places), None)


def read_files(files: Files, progress: Progress = silent) -> RecordsRead:
    """Read every record of the files that stand in a place of the catalogue; problems are collected, not raised."""
    found = RecordsRead()
    names = sorted((list(FOLDERS).index(kind), name, kind) for name in files.names if (kind := kind_of(name)))
    for number, (_, name, kind) in enumerate(names, 1):
        try:
            data = files.read(name)
            values = load_records(name, data)
        except RecordInvalid as error:
            found.problems += error.problems
            continue
        lines = Lines(data)
        for index, value in enumerate(values):
            _read(kind, value, name, index, lines, found)
        progress("reading files", number, len(names))
    return found


def _read(kind: str, value: Any, name: str, index: int, lines: Lines, found: RecordsRead) -> None:
    try:
        record = FOLDERS[kind][1].model_validate(value)
    except ValidationError as error:
        for one in error.errors():
            location = one["loc"]
            field_name = ".".join(map(str, location)) or "record"
            found.problems.append(Problem(name, lines.of(index, location), field_name, said(one)))
        if isinstance(value, dict):
            found.unreadable.add(str(value.get("id")))
        return
    identity = str(record.id)  # type: ignore[attr-defined]
    if identity in found.records[kind]:
        found.problems.append(Problem(name, lines.of(index, ("id",)), "id", f"{identity!r} is used twice"))
    found.records[kind][identity] = record
    found.places[kind, identity] = (name, index)


def line_of(path: Path, field: str) -> int:
    """Return the line (from 1) at which a dotted field of a one-record file stands; 0 when the file has none."""
    return Lines(path.read_bytes()).of(0, steps_of(field)) if path.is_file() else 0


def steps_of(field: str) -> tuple[str | int, ...]:
    """Return the steps of a dotted field, the places in lists as numbers."""
    return tuple(int(step) if step.isdigit() else step for step in field.split("."))
