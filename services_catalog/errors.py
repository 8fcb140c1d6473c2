"""What can go wrong with the catalogue, as a tree of exceptions.

CatalogueError                 anything below; its text names what is wrong and what to do
├── RecordInvalid              a record or a file breaks a rule (carries every problem found)
├── OfferNotFound              no offer with that id
└── CatalogueUnavailable       the database or a file it needs cannot be read
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class CatalogueError(Exception):
    """Base of every error the catalogue raises on purpose."""


@dataclass(frozen=True)
class Problem:
    """One broken rule and where it stands.

    `path` is relative to the folder that was checked, `line` counts from 1 (0 when the rule concerns no single line),
    `field` is dotted (`texts.da.name`).
    """

    path: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.field}: {self.message}"


class RecordInvalid(CatalogueError):
    """One or more records break a rule. All problems are reported together in `problems`."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class OfferNotFound(CatalogueError):
    """No offer has the id that was asked for."""

    def __init__(self, offer_id: str) -> None:
        self.offer_id = offer_id
        super().__init__(f"There is no offer with the id {offer_id!r}.")


class CatalogueUnavailable(CatalogueError):
    """The store or a file the catalogue rests on cannot be read; the text says which one."""
