"""Records, revisions and checks as the editors' API shows them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import BaseModel

from api.problems import Problem
from services_catalog.editors.checks import Check
from services_catalog.editors.differences import differences
from services_catalog.editors.revisions import Revision
from services_catalog.errors import RevisionConflict
from services_catalog.messages import N_
from services_catalog.offer import Publication, Record


class RevisionView(BaseModel):
    """One revision without its record: who, when, why, and where it stood."""

    kind: str
    id: str
    number: int
    state: Publication
    author: str
    reason: str
    at: dt.datetime


class ChangeView(BaseModel):
    """One field that differs from the revision before."""

    field: str
    before: Any
    after: Any


class RecordView(RevisionView):
    """One revision with its record. `changes` are those against the revision before, or against what is asked for."""

    record: dict[str, Any]
    changes: list[ChangeView] = []


class CheckView(BaseModel):
    """A question that must find an offer; `holds` says whether it does in what is published now."""

    id: int
    language: str
    question: str
    offer: str
    author: str
    at: dt.datetime
    holds: bool


def revision_view(revision: Revision) -> RevisionView:
    """Return a revision without its record."""
    return RevisionView(**_head(revision))


def record_view(revision: Revision, before: Record | None) -> RecordView:
    """Return a revision with its record and what changed since `before` (None: everything is new)."""
    body = revision.record.model_dump(mode="json", exclude_defaults=True)
    changes = [ChangeView(**vars(one)) for one in differences(before, revision.record)]
    return RecordView(**_head(revision), record=body, changes=changes)


def check_view(check: Check, *, holds: bool) -> CheckView:
    """Return a check and whether it holds."""
    return CheckView(
        id=check.id,
        language=check.language,
        question=check.question,
        offer=check.offer_id,
        author=check.author,
        at=check.at,
        holds=holds,
    )


def entity_tag(revision: Revision) -> str:
    """Return the ETag of a record: its revision's number is its version."""
    return f'"{revision.number}"'


def expected_number(if_match: str | None, if_none_match: str | None) -> int:
    """Return the revision that an editor has seen: from `If-Match`, or 0 for `If-None-Match: *` (the record is new).

    Raises Problem 428 when neither is there and 422 when it is no tag of ours.
    """
    if if_none_match is not None and if_none_match.strip() == "*":
        return 0
    if if_match is None:
        detail = N_("Send the ETag you were given as `If-Match`, or `If-None-Match: *` for something new.")
        raise Problem(428, N_("Say which revision you changed"), detail)
    number = if_match.strip().removeprefix("W/").strip('"')
    if not (number.isascii() and number.isdigit() and len(number) <= 9):
        detail = N_("“{tag}” is not an ETag of this service: read the record and send the one it came with.")
        raise Problem(422, N_("Something in the request is wrong"), detail, tag=if_match[:40],
                      errors=[{"field": "header.If-Match", "message": "not an ETag of this service"}])  # fmt: skip
    return int(number)


def conflict(error: RevisionConflict, yours: Record | None, seen: Record | None) -> Problem:
    """Return the answer to an editor who comes second: both versions, and in which fields each differs from what she saw."""
    newest: Revision | None = error.newest
    members: dict[str, Any] = {"expected": error.expected}
    headers = {}
    if newest is not None:
        members["newest"] = record_view(newest, seen).model_dump(mode="json")
        headers["ETag"] = entity_tag(newest)
    if yours is not None:
        changes = [ChangeView(**vars(one)).model_dump(mode="json") for one in differences(seen, yours)]
        members["yours"] = {"record": yours.model_dump(mode="json", exclude_defaults=True), "changes": changes}
    detail = N_("You changed revision {expected}, but there is a newer one. Nothing was saved: compare `newest` and `yours`, "
                "and send yours again with the new ETag.")  # fmt: skip
    return Problem(
        412, N_("Somebody else saved first"), detail, headers=headers, members=members, expected=error.expected
    )


def _head(revision: Revision) -> dict[str, Any]:
    names = ("kind", "id", "number", "state", "author", "reason", "at")
    return {name: getattr(revision, name) for name in names}
