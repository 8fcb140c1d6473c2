"""What is done with a record beside writing it: hand in, publish, archive, vouch, restore, roll back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from fastapi import Request, Response

from api.authorization import Principal
from api.editor_pages.room import Editor, Form, done, editing_of, number_in, reason_in, room_router, text_in
from api.problems import Problem
from services_catalog.accounts.roles import Role
from services_catalog.editors.publishing import Publishing, Target
from services_catalog.errors import RevisionConflict
from services_catalog.messages import N_

router = room_router()

#: A step: the record's kind and id, the revision that was seen, and who does it why.
Step = Callable[[Request, Form, str, str, int, dict[str, str]], object]


@router.post("/{kind:kind}/{record_id}/step")
def take_step(request: Request, editor: Editor, form: Form, kind: str, record_id: str) -> Response:
    """Take one step with a record, as of the revision that was seen."""
    what = text_in(form, "do", 20)
    if what not in _STEPS:
        raise Problem(422, N_("Something in the form is missing"), N_("The form is not whole. Load the page again."))
    role, step, message = _STEPS[what]
    _allowed(editor, role)
    who = {"author": editor.name, "reason": reason_in(form)}
    try:
        step(request, form, kind, record_id, number_in(form, "revision"), who)
    except RevisionConflict as error:
        detail = N_("You changed revision {expected}, but there is a newer one. Load the record again and look at it.")
        raise Problem(409, N_("Somebody else saved first"), detail, expected=error.expected) from None
    return done(request.path_params["language"], address_of(kind, record_id), message)


def address_of(kind: str, record_id: str) -> str:
    """Return where a record is edited, below the room."""
    return f"/{kind}/{record_id}" if kind == "offers" else f"/records/{kind}/{record_id}"


def _allowed(editor: Principal, role: Role) -> None:
    if role not in editor.roles:
        raise Problem(403, N_("You may not do this"), N_("This takes the role “{role}”."), role=role.value)


def _submit(request: Request, _form: Form, kind: str, record_id: str, seen: int, who: dict[str, str]) -> object:
    return editing_of(request).submit(kind, record_id, expected=seen, **who)


def _assure(request: Request, form: Form, kind: str, record_id: str, seen: int, who: dict[str, str]) -> object:
    try:
        review_by = dt.date.fromisoformat(text_in(form, "review_by", 10))
    except ValueError:
        detail = N_("Choose the day by which it must be looked at again.")
        raise Problem(422, N_("Something in the form is missing"), detail) from None
    return editing_of(request).assure(kind, record_id, review_by=review_by, expected=seen, **who)


def _restore(request: Request, form: Form, kind: str, record_id: str, seen: int, who: dict[str, str]) -> object:
    return editing_of(request).restore(kind, record_id, number_in(form, "number"), expected=seen, **who)


def _publish(request: Request, _form: Form, kind: str, record_id: str, seen: int, who: dict[str, str]) -> object:
    return _publishing(request).publish([Target(kind, record_id, seen)], **who)


def _archive(request: Request, _form: Form, kind: str, record_id: str, seen: int, who: dict[str, str]) -> object:
    return _publishing(request).archive([Target(kind, record_id, seen)], **who)


def _roll_back(request: Request, form: Form, kind: str, record_id: str, seen: int, who: dict[str, str]) -> object:
    return _publishing(request).roll_back(kind, record_id, number_in(form, "number"), expected=seen, **who)


def _publishing(request: Request) -> Publishing:
    publishing: Publishing = request.app.state.publishing
    return publishing


#: Each step with the role it takes and what is said when it is done.
_STEPS: dict[str, tuple[Role, Step, str]] = {
    "submit": (Role.EDITOR, _submit, "submitted"),
    "assure": (Role.EDITOR, _assure, "assured"),
    "restore": (Role.EDITOR, _restore, "restored"),
    "publish": (Role.PUBLISHER, _publish, "published"),
    "archive": (Role.PUBLISHER, _archive, "archived"),
    "rollback": (Role.PUBLISHER, _roll_back, "rolled_back"),
}
