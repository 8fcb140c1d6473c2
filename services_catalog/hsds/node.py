"""One object of a JSON document that others wrote, read with care: what is wrong is named with its place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services_catalog.errors import Problem


@dataclass(frozen=True)
class Node:
    """A JSON object of a document and where it stands there (`services.3`). What is wrong is added to `problems`."""

    value: Mapping[str, Any]
    place: str
    origin: str
    problems: list[Problem] = field(repr=False)

    def at(self, name: str) -> str:
        return f"{self.place}.{name}".strip(".")

    def wrong(self, name: str, message: str) -> None:
        self.problems.append(Problem(self.origin, 0, self.at(name), message))

    def inner(self, name: str) -> Node | None:
        """Return an object inside this one; None when there is none."""
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self.wrong(name, "must be an object")
            return None
        return Node(value, self.at(name), self.origin, self.problems)

    def items(self, name: str) -> list[Node]:
        """Return the objects of a list inside this one."""
        value = self.value.get(name) or []
        if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
            self.wrong(name, "must be a list of objects")
            return []
        return [Node(one, f"{self.at(name)}.{number}", self.origin, self.problems) for number, one in enumerate(value)]

    def string(self, name: str) -> str | None:
        """Return a text without the spaces around it; None when it is missing or empty."""
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.wrong(name, "must be a text")
            return None
        return value.strip() or None

    def years(self, name: str) -> int | None:
        """Return a whole number of years from 0 to 120."""
        value = self.value.get(name)
        if value is None:
            return None
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or value != value // 1
            or not 0 <= value <= 120
        ):
            self.wrong(name, "must be a whole number of years from 0 to 120")
            return None
        return int(value)

    def date(self, name: str) -> dt.date | None:
        """Return a date; of a moment only its day."""
        value = self.string(name)
        try:
            return dt.datetime.fromisoformat(value).date() if value else None
        except ValueError:
            self.wrong(name, "must be a date like 2026-01-31")
            return None
