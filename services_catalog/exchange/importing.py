"""Take records in from files that people or other systems hand in: YAML, CSV, Excel or HSDS, told apart by what they hold.

The journey of an import: `read_import` (every record that can be read, every problem) → `plan` (the catalogue as it would
be, checked against every rule) → the caller saves it, all or nothing. Nothing here stores anything.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from services_catalog.catalogue import Catalogue
from services_catalog.errors import Problem, RecordInvalid
from services_catalog.exchange.archives import Files, FolderFiles, Limits, ZipFiles, check_size, refuse
from services_catalog.exchange.csv_files import read_csv
from services_catalog.exchange.workbook_reading import read_xlsx
from services_catalog.offer import Offer, Record
from services_catalog.progress import Progress, silent
from services_catalog.seed import FOLDERS, kind_of, read_files, steps_of
from services_catalog.validation import Broken, broken_rules
from services_catalog.yaml_records import Lines

Records = Mapping[str, Mapping[str, Record]]
#: Returns path, line and field, as a Problem has them, of a field of a record that was read: kind, id, dotted field.
Locate = Callable[[str, str, str], tuple[str, int, str]]

_FORMS = "a folder or zip of YAML or CSV files, an Excel workbook (.xlsx) or an HSDS document (.json)"
#: The first bytes of old Excel files, and of new ones with a password (Compound File Binary Format).
_OLD_EXCEL = bytes.fromhex("d0cf11e0a1b11ae1")


@dataclass(frozen=True)
class Import:
    """What was read: records by kind and id, and every problem of their own. `unreadable` are the ids of records that
    have one, `ignored` the files and sheets that are none of the catalogue's."""

    records: Records
    locate: Locate
    problems: Sequence[Problem] = ()
    unreadable: frozenset[str] = frozenset()
    ignored: Sequence[str] = ()


@dataclass(frozen=True)
class Plan:
    """What an import would come to: the catalogue as it would be, its new and changed records, and why it cannot be."""

    catalogue: Catalogue
    new: list[tuple[str, Record]] = field(default_factory=list)
    changed: list[tuple[str, Record]] = field(default_factory=list)
    unchanged: int = 0
    problems: list[Problem] = field(default_factory=list)


def read_import(path: Path, progress: Progress = silent, limits: Limits = Limits()) -> Import:  # noqa: B008 - immutable
    """Return what the file or folder at `path` holds.

    Problems of single records are in what is returned. Raises RecordInvalid for what is no catalogue at all or breaks the
    limits, CatalogueUnavailable when nothing is there.
    """
    check_size(path, limits)
    if path.is_dir():
        return _from_files(FolderFiles(path, limits), path, progress)
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith(b"PK"):
        files = ZipFiles(path, limits, places={place.partition("/")[0] for place, _ in FOLDERS.values()})
        if "xl/workbook.xml" in files.names or "[Content_Types].xml" in files.names:
            read = read_xlsx(path, limits, progress)
            return Import(read.records, read.locate, read.problems, frozenset(read.unreadable), read.ignored)
        return _from_files(files, path, progress)
    if start.startswith(_OLD_EXCEL):
        raise refuse(path.name, "is an old Excel file or has a password: save it as .xlsx without one")
    if path.suffix.lower() == ".json" or start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return _from_hsds(path, progress)
    if path.suffix.lower() in (".csv", ".yml", ".yaml"):
        raise refuse(path.name, "is a single file: import the folder or zip that it belongs to, with all the others")
    raise refuse(path.name, f"is nothing that can be imported; give {_FORMS}")


def merge(catalogue: Catalogue, records: Records) -> Catalogue:
    """Return a catalogue with some records in place of those of the same ids; records that are not named stay."""
    merged: dict[str, Any] = {kind: {**getattr(catalogue, kind), **group} for kind, group in records.items() if group}
    return replace(catalogue, **merged)


def plan(current: Catalogue, found: Import, today: dt.date | None = None, progress: Progress = silent) -> Plan:
    """Return what an import would make of a catalogue, with every problem in the order of files and lines."""
    catalogue = merge(current, found.records)
    new, changed, unchanged = [], [], 0
    for kind, group in found.records.items():
        before = getattr(current, kind)
        for identity, record in group.items():
            if identity not in before:
                new.append((kind, record))
            elif before[identity] != record:
                changed.append((kind, record))
            else:
                unchanged += 1
    broken = [*_broken(current, catalogue, found, progress), *_dates(new + changed, today or dt.date.today())]
    problems = [*found.problems, *(_problem(one, found) for one in broken)]
    problems.sort(key=lambda problem: (problem.path, problem.line))
    return Plan(catalogue, new, changed, unchanged, problems)


def _broken(current: Catalogue, catalogue: Catalogue, found: Import, progress: Progress) -> list[Broken]:
    """Return the rules that the import would break; what was broken before in records it does not touch is not its."""
    broken = [one for one in broken_rules(catalogue, progress) if one.missing not in found.unreadable]
    if all(_named(one, found) for one in broken):
        return broken
    before = set(broken_rules(current))
    return [one for one in broken if _named(one, found) or one not in before]


def _named(broken: Broken, found: Import) -> bool:
    return broken.id in found.records.get(broken.kind, {})


def _dates(records: Sequence[tuple[str, Record]], today: dt.date) -> list[Broken]:
    broken = []
    for kind, offer in records:
        if not isinstance(offer, Offer):
            continue
        if offer.review_by is not None and offer.review_by < today:
            message = f"{offer.review_by} has passed: give the day by which it must be looked at again"
            broken.append(Broken(kind, offer.id, "review_by", message))
        if offer.assured_on is not None and offer.assured_on > today:
            message = f"{offer.assured_on} is in the future: give the day on which a person vouched for it"
            broken.append(Broken(kind, offer.id, "assured_on", message))
    return broken


def _problem(broken: Broken, found: Import) -> Problem:
    if _named(broken, found):
        return Problem(*found.locate(broken.kind, broken.id, broken.field), broken.message)
    return Problem(f"{broken.kind} in the catalogue", 0, f"{broken.id}.{broken.field}", broken.message)


def _from_files(files: Files, path: Path, progress: Progress) -> Import:
    names = files.names
    has_yaml, has_csv = (
        any(map(kind_of, names)),
        any("/" not in name and name.lower().endswith(".csv") for name in names),
    )
    if has_yaml and has_csv:
        raise refuse(path.name, "holds YAML and CSV files: import one or the other")
    if has_yaml:
        return _from_yaml(files, progress)
    if "datapackage.json" in names:
        raise refuse(path.name, "is an HSDS data package, which says less than the catalogue: import HSDS as .json")
    if has_csv:
        read = read_csv(files, progress)
        ignored = [*read.ignored, *(name for name in names if not name.lower().endswith(".csv"))]
        return Import(read.records, read.locate, read.problems, frozenset(read.unreadable), ignored)
    if "mimetype" in names and "content.xml" in names:
        raise refuse(path.name, "is an OpenDocument file: save it as an Excel workbook (.xlsx)")
    raise refuse(path.name, f"holds nothing that can be imported; give {_FORMS}")


def _from_yaml(files: Files, progress: Progress) -> Import:
    read = read_files(files, progress)

    @lru_cache(maxsize=1)
    def lines(name: str) -> Lines:
        return Lines(files.read(name))

    def locate(kind: str, identity: str, field_name: str) -> tuple[str, int, str]:
        name, index = read.places[kind, identity]
        return name, lines(name).of(index, steps_of(field_name)), field_name

    ignored = [name for name in files.names if name.endswith((".yml", ".yaml")) and kind_of(name) is None]
    return Import(read.records, locate, read.problems, frozenset(read.unreadable), ignored)


def _from_hsds(path: Path, progress: Progress) -> Import:
    from services_catalog.hsds.exchange import hsds_import

    try:
        data = json.loads(path.read_bytes().decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise refuse(path.name, f"is not UTF-8 ({error.reason} at byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise RecordInvalid([Problem(path.name, error.lineno, "file", f"is not JSON: {error.msg}")]) from None
    except (ValueError, RecursionError) as error:
        raise refuse(path.name, f"is not JSON that can be read: {error}") from None
    catalogue = hsds_import(data, origin=path.name)
    records = {kind: getattr(catalogue, kind) for kind in FOLDERS}
    progress("reading services", len(catalogue.offers), len(catalogue.offers))
    return Import(records, lambda kind, identity, name: (path.name, 0, f"{kind}.{identity}.{name}"))


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no number")
