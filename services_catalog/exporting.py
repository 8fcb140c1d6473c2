"""Write records as YAML in one stable form, so that git shows what really changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import yaml

from services_catalog.catalogue import Catalogue
from services_catalog.offer import Record
from services_catalog.seed import FOLDERS


class _Dumper(yaml.SafeDumper):
    """Indents lists inside mappings, as people write them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def to_yaml(record: Record | Sequence[Record]) -> str:
    """Return one record, or a list of them, as YAML: fields in the order of the model, defaults left out."""
    value = (
        [one.model_dump(mode="json", exclude_defaults=True) for one in record]
        if isinstance(record, Sequence)
        else record.model_dump(mode="json", exclude_defaults=True)
    )
    return yaml.dump(value, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


def write_catalogue(catalogue: Catalogue, folder: Path) -> int:
    """Write a catalogue in the form of the seed files, one file an offer, and return the number of files."""
    written = 0
    for name, (place, _) in FOLDERS.items():
        group = getattr(catalogue, name)
        path = folder / place
        if name == "offers":
            path.mkdir(parents=True, exist_ok=True)
            for offer in group.values():
                (path / f"{offer.id}.yml").write_text(to_yaml(offer), encoding="utf-8")
            written += len(group)
            continue
        file = path if path.suffix else path / f"{name}.yml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(to_yaml(list(group.values())), encoding="utf-8")
        written += 1
    return written
