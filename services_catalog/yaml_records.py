"""Read YAML of plain values, and say in which line a field stands.

Anchors, aliases and tags are refused: they make a diff lie and a small file large. So are two equal keys in one mapping,
of which all other readers keep the last in silence, and nesting deeper than any record needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import yaml

from services_catalog.errors import Problem, RecordInvalid

#: The deepest record (an offer's texts in a list of offers) needs six levels.
DEEPEST = 20

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT = "tag:yaml.org,2002:str"
_NO_KEY = object()


def load_records(name: str, data: bytes) -> list[Any]:
    """Return the records of a file as plain values: the items of its list, or its one mapping.

    `name` is the file's, for the problems. Raises RecordInvalid with the line of what is refused.
    """
    try:
        value = _Builder(data.decode("utf-8-sig")).build()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refusal(name, line, f"is not UTF-8 ({error.reason} at byte {error.start}): save it as UTF-8") from None
    except _Refused as error:
        raise _refusal(name, error.line, error.message) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or getattr(error, "reason", None) or error
        raise _refusal(name, mark.line + 1 if mark else 0, f"is not YAML: {said}") from None
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


class Lines:
    """Where things stand in a file that `load_records` has read. The file is looked at once, when first asked."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @cached_property
    def _root(self) -> yaml.Node | None:
        return yaml.compose(self._data.decode("utf-8-sig"), Loader=_Loader)

    def of(self, index: int, location: Sequence[str | int]) -> int:
        """Return the line (from 1) of the deepest part of `location` in the record number `index`; 0 without one."""
        node = self._root
        if isinstance(node, yaml.SequenceNode):
            node = node.value[index] if index < len(node.value) else None
        return _line(node, location) if node is not None else 0


def _line(node: yaml.Node, location: Sequence[str | int]) -> int:
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


def _refusal(name: str, line: int, message: str) -> RecordInvalid:
    return RecordInvalid([Problem(name, line, "file", message)])


class _Refused(Exception):
    def __init__(self, event: Any, message: str) -> None:
        super().__init__(message)
        self.line, self.message = event.start_mark.line + 1, message


class _Builder:
    """Builds values from the parser's events, one after the other: no recursion, so no text can exhaust the stack."""

    def __init__(self, text: str) -> None:
        self._loader = _Loader(text)
        self._root: Any = None
        self._open: list[Any] = []
        self._keys: list[Any] = []

    def build(self) -> Any:
        documents = 0
        event: Any
        while (event := self._loader.get_event()) is not None:
            if isinstance(event, yaml.NodeEvent):
                self._node(event)
            elif isinstance(event, yaml.CollectionEndEvent):
                self._open.pop()
                self._keys.pop()
            elif isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Refused(event, "holds a second document (---): write one list")
            elif isinstance(event, yaml.StreamEndEvent):
                break
        return self._root

    def _node(self, event: Any) -> None:
        if event.anchor is not None:
            raise _Refused(event, "anchors and aliases (& and *) are not allowed: write it out")
        if event.tag is not None:
            raise _Refused(event, f"is not YAML of plain values: tags are not allowed ({event.tag})")
        if isinstance(event, yaml.ScalarEvent):
            self._attach(event, self._scalar(event))
            return
        container: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._attach(event, container)
        self._open.append(container)
        self._keys.append(_NO_KEY)
        if len(self._open) > DEEPEST:
            raise _Refused(event, f"is nested more than {DEEPEST} deep")

    def _attach(self, event: Any, value: Any) -> None:
        if not self._open:
            self._root = value
            return
        parent = self._open[-1]
        if isinstance(parent, list):
            parent.append(value)
        elif self._keys[-1] is not _NO_KEY:
            parent[self._keys[-1]] = value
            self._keys[-1] = _NO_KEY
        elif isinstance(value, (list, dict)):
            raise _Refused(event, "a list or mapping cannot be a key")
        elif value in parent:
            raise _Refused(event, f"the key {value!r} stands twice")
        else:
            self._keys[-1] = value

    def _scalar(self, event: Any) -> Any:
        plain, _ = event.implicit
        if not plain:
            return event.value
        tag = self._loader.resolve(yaml.ScalarNode, event.value, (True, False))
        constructor = _Loader.yaml_constructors.get(tag)
        if tag == _TEXT or constructor is None:
            return event.value
        try:
            return constructor(self._loader, yaml.ScalarNode(tag, event.value, event.start_mark, event.end_mark))
        except ValueError as error:
            raise _Refused(event, f"{event.value[:40]!r} is no value: {error}; put a text between quotes") from None
