"""Read the catalogue's YAML files, and say for every problem in which file and line it stands.

A file holds one record or a list of records. Anchors, aliases and custom tags are refused: they make a diff lie and a
small file large.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from services_catalog.catalogue import Catalogue
from services_catalog.errors import CatalogueUnavailable, Problem, RecordInvalid
from services_catalog.expressions import Expressions
from services_catalog.offer import Offer, Record
from services_catalog.records import (
    Concept,
    ContactFact,
    District,
    Need,
    NeedQuestions,
    Organisation,
    Policy,
    Situation,
)

RecordType = TypeVar("RecordType", bound=Record)

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
    "other_places": ("vocabulary/other_places.yml", District),
}

SEED_FOLDER = Path(__file__).parent

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_catalogue(folder: Path = SEED_FOLDER) -> Catalogue:
    """Read every record below `folder`. Raises RecordInvalid with all problems at once, CatalogueUnavailable for a
    missing folder."""
    problems: list[Problem] = []
    found = {name: _read_kind(folder, name, problems) for name in FOLDERS}
    if problems:
        raise RecordInvalid(problems)
    return Catalogue(**found)  # type: ignore[arg-type]


def _read_kind(folder: Path, name: str, problems: list[Problem]) -> Mapping[str, Record]:
    place, record_type = FOLDERS[name]
    records: dict[str, Record] = {}
    for path in _files(folder / place):
        relative = str(path.relative_to(folder))
        for node, value in _documents(path, relative, problems):
            record = _validated(record_type, value, node, relative, problems)
            if record is None:
                continue
            identity = str(record.id)  # type: ignore[attr-defined]
            if identity in records:
                problems.append(Problem(relative, _line(node, ("id",)), "id", f"{identity!r} is used twice"))
            records[identity] = record
    return records


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise CatalogueUnavailable(f"The catalogue needs {place}, which does not exist.")
    return sorted(place.glob("*.yml"))


def _documents(path: Path, relative: str, problems: list[Problem]) -> Iterator[tuple[yaml.Node, Any]]:
    """Yield each record of a file as (node with positions, plain value)."""
    try:
        text = path.read_text(encoding="utf-8")
        for event in yaml.parse(text, Loader=_Loader):
            if getattr(event, "anchor", None) is not None:
                line = event.start_mark.line + 1 if event.start_mark else 0
                problems.append(Problem(relative, line, "", "anchors and aliases are not allowed: write it out"))
                return
        root = yaml.compose(text, Loader=_Loader)
        value = yaml.load(text, Loader=_Loader)  # noqa: S506 - the loader is the safe one
    except UnicodeDecodeError as error:
        problems.append(Problem(relative, 0, "", f"is not UTF-8: {error.reason} at byte {error.start}"))
        return
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problems.append(Problem(relative, mark.line + 1 if mark else 0, "", f"is not YAML: {error}"))
        return
    if isinstance(value, list) and isinstance(root, yaml.SequenceNode):
        yield from zip(root.value, value, strict=True)
    elif root is not None:
        yield root, value


def _validated(
    record_type: type[RecordType], value: Any, node: yaml.Node, relative: str, problems: list[Problem]
) -> RecordType | None:
    try:
        return record_type.model_validate(value)
    except ValidationError as error:
        for one in error.errors():
            location = tuple(one["loc"])
            problems.append(
                Problem(relative, _line(node, location), ".".join(map(str, location)) or "record", one["msg"])
            )
        return None


def _line(node: yaml.Node, location: tuple[Any, ...]) -> int:
    """Return the line (from 1) of the deepest part of `location` that the file has."""
    line = node.start_mark.line + 1
    for step in location:
        following: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, item in node.value:
                if key.value == str(step):
                    line, following = key.start_mark.line + 1, item
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            following = node.value[step]
            line = following.start_mark.line + 1
        if following is None:
            # pydantic names the branch of a union inside the location; the file has no such step
            continue
        node = following
    return int(line)


def line_of(path: Path, field: str) -> int:
    """Return the line (from 1) at which a dotted field of a one-record file stands; 0 when the file has none."""
    if not path.is_file():
        return 0
    node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    steps = tuple(int(step) if step.isdigit() else step for step in field.split("."))
    return _line(node, steps) if node is not None else 0
