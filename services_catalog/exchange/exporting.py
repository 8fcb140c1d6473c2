"""Write records as YAML in one stable form, so that git shows what really changed."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from services_catalog.catalogue import Catalogue
from services_catalog.errors import Problem, RecordInvalid
from services_catalog.offer import Record
from services_catalog.progress import Progress, silent
from services_catalog.seed import FOLDERS, kind_of


class _Dumper(yaml.SafeDumper):
    """Indents lists inside mappings, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Quote what the library would fold into spaces: characters that end a line in YAML alone."""
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, '"' if _LINE_ENDS.search(text) else None)


_LINE_ENDS = re.compile("[\r\x85\u2028\u2029]")
_Dumper.add_representer(str, _text)


def to_yaml(record: Record | Sequence[Record]) -> str:
    """Return one record, or a list of them, as YAML: fields in the order of the model, defaults left out."""
    value = (
        [one.model_dump(mode="json", exclude_defaults=True) for one in record]
        if isinstance(record, Sequence)
        else record.model_dump(mode="json", exclude_defaults=True)
    )
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


def write_catalogue(catalogue: Catalogue, folder: Path, progress: Progress = silent) -> int:
    """Write a catalogue in the form of the seed files, one file an offer, and return the number of files.

    Raises RecordInvalid, before anything is written, when the folder holds other files of a catalogue: read together with
    the new ones, they would bring back what is no longer there.
    """
    names = [name for name, _ in _files(catalogue)]
    strays = _strays(folder, set(names))
    if strays:
        message = "would stand beside what is exported: remove it, or export to an empty folder"
        raise RecordInvalid([Problem(name, 0, "file", message) for name in strays])
    for number, (name, records) in enumerate(_files(catalogue), 1):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(to_yaml(records), encoding="utf-8")
        progress("writing files", number, len(names))
    return len(names)


def write_zip(catalogue: Catalogue, path: Path, progress: Progress = silent) -> int:
    """Write the same files as `write_catalogue` into the zip at `path`, and return their number."""
    count = sum(1 for _ in _files(catalogue))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, records) in enumerate(_files(catalogue), 1):
            entry = zipfile.ZipInfo(name)  # without the time, so that equal catalogues give equal files
            archive.writestr(entry, to_yaml(records), zipfile.ZIP_DEFLATED)
            progress("writing files", number, count)
    return count


def _files(catalogue: Catalogue) -> Iterator[tuple[str, Record | list[Record]]]:
    """Yield the name of every file with what stands in it."""
    for kind, (place, _) in FOLDERS.items():
        group = getattr(catalogue, kind)
        if kind == "offers":
            yield from ((f"{place}/{identity}.yml", offer) for identity, offer in group.items())
        else:
            yield (place if place.endswith(".yml") else f"{place}/{kind}.yml"), list(group.values())


def _strays(folder: Path, names: set[str]) -> list[str]:
    places = {name.rpartition("/")[0] for name in names} | {place for place, _ in FOLDERS.values()}
    there = (path.relative_to(folder).as_posix() for place in sorted(places) for path in (folder / place).glob("*.yml"))
    return [name for name in there if kind_of(name) and name not in names]
