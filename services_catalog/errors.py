"""What can go wrong with the catalogue, as a tree of exceptions.

CatalogueError                 anything below; its text names what is wrong and what to do
├── RecordInvalid              a record or a file breaks a rule (carries every problem found)
├── OfferNotFound              no offer with that id
├── RecordNotFound             no record, or no revision of it, of that kind and id
├── RevisionConflict           somebody else saved first
├── StateRefused               a step that the record's state does not allow (a draft cannot be published)
├── PublicationRefused         publishing would break a rule or a check (carries what)
├── TooMuchFeedback            more feedback in a day than people give
├── AccountError               something about accounts; its message is one of the gettext catalogue
│   ├── AccountInvalid         a name, password, role or token breaks a rule (names the field)
│   ├── AccountNotFound        no account or token of that name
│   ├── AccountExists          the name is taken
│   ├── LoginRefused           wrong name or password, disabled, or without any role
│   └── LoginDelayed           too many failures: says how long to wait
└── CatalogueUnavailable       the database or a file it needs cannot be read
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


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


class RecordNotFound(CatalogueError):
    """No record of a kind has the id, or the revision, that was asked for."""

    def __init__(self, kind: str, record_id: str, number: int | None = None) -> None:
        self.kind, self.record_id, self.number = kind, record_id, number
        what = "record" if number is None else f"revision {number}"
        super().__init__(f"There is no {what} {record_id!r} among the {kind}.")


class RevisionConflict(CatalogueError):
    """Somebody else saved first. `newest` is what they saved; None when it came in the same moment: read it and try again."""

    def __init__(self, kind: str, record_id: str, expected: int, newest: Any) -> None:
        self.kind, self.record_id, self.expected, self.newest = kind, record_id, expected, newest
        now = f"revision {newest.number}, by {newest.author}" if newest else "another revision, or none"
        super().__init__(
            f"{kind}/{record_id}: you changed revision {expected}, but the newest is {now}. Nothing was saved."
        )


class StateRefused(CatalogueError):
    """The record's state in the editors' work does not allow the step."""

    def __init__(self, kind: str, record_id: str, state: str, step: str, allowed: str) -> None:
        self.kind, self.record_id, self.state, self.step, self.allowed = kind, record_id, state, step, allowed
        super().__init__(f"{kind}/{record_id} is {state}: only what is {allowed} can be {step}.")


class PublicationRefused(CatalogueError):
    """Publishing would break a rule of the catalogue or a check. `problems` are those rules, `broken` those checks."""

    def __init__(self, problems: Sequence[Problem], broken: Sequence[Any] = ()) -> None:
        self.problems, self.broken = list(problems), list(broken)
        lines = [str(problem) for problem in problems] + [str(check) for check in broken]
        super().__init__("Nothing was published:\n" + "\n".join(lines))


class TooMuchFeedback(CatalogueError):
    """More feedback came today than people give: no more is kept until tomorrow."""

    def __init__(self, most: int) -> None:
        super().__init__(f"{most} were kept today already. Nothing was saved.")


class CatalogueUnavailable(CatalogueError):
    """The store or a file the catalogue rests on cannot be read; the text says which one."""


class AccountError(CatalogueError):
    """Something about accounts went wrong. `message` is of the gettext catalogue, `values` fill its placeholders."""

    def __init__(self, message: str, **values: object) -> None:
        self.message, self.values = message, values
        super().__init__(message.format(**values))


class AccountInvalid(AccountError):
    """A value breaks a rule; `field` names it."""

    def __init__(self, field: str, message: str, **values: object) -> None:
        self.field = field
        super().__init__(message, **values)


class AccountNotFound(AccountError):
    """There is no account or token of that name."""


class AccountExists(AccountError):
    """An account of that name is there already."""


class LoginRefused(AccountError):
    """Nobody was signed in. The text never tells whether the account exists."""


class LoginDelayed(AccountError):
    """Too many logins failed; the next is looked at in `seconds`."""

    def __init__(self, message: str, seconds: int) -> None:
        self.seconds = seconds
        super().__init__(message, seconds=seconds)
