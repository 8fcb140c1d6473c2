"""Write records as YAML in one stable form, so that git shows what really changed."""

from __future__ import annotations

from collections.abc import Sequence

import yaml

from services_catalog.offer import Record


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
