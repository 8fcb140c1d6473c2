"""The editor of one offer: the four languages side by side, every field as a control, a preview, and a question to try."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import Query, Request, Response

from api.authorization import Principal
from api.editor_pages import offer_form
from api.editor_pages.changes import marked_changes
from api.editor_pages.choices import choices, offer_names
from api.editor_pages.offer_form import Values, control_of, merged, record_in, values_in, values_of
from api.editor_pages.preview import NO_DANISH, broken_in, can_be_shown, previews, trials
from api.editor_pages.room import (
    LONGEST_REASON,
    Editor,
    Form,
    catalogue_of,
    done,
    editing_of,
    engine_of,
    number_in,
    room_page,
    room_router,
    text_in,
)
from services_catalog.editors.revisions import Revision
from services_catalog.errors import RecordNotFound, RevisionConflict
from services_catalog.languages import LANGUAGES
from services_catalog.localized import localizer
from services_catalog.messages import N_
from services_catalog.offer import Offer, Publication

router = room_router()

_NEW = "new"
_BLANK: Values = {"kind": ["resident_offer"], "availability": ["active"], "audience": ["resident"]}
Errors = Mapping[str, Sequence[str]]


@router.get("/offers/{offer_id}")
def offer_form_page(request: Request, editor: Editor, offer_id: str) -> Response:
    """Show an offer as editors work on it; `new` is a blank one."""
    if offer_id == _NEW:
        return _form_page(request, editor, dict(_BLANK), None)
    newest = editing_of(request).newest("offers", offer_id)
    return _form_page(request, editor, values_of(_offer(newest)), newest)


@router.post("/offers/{offer_id}")
def save_offer(request: Request, editor: Editor, form: Form, offer_id: str) -> Response:
    """Save what was typed as a draft, and hand it in when asked; or add a row and show the form again. What was typed is
    kept whatever goes wrong; when somebody else saved first, both versions are shown."""
    values, what = values_in(form), text_in(form, "do", 60)
    newest = _newest(request, offer_id)
    if what.startswith("add:"):
        return _form_page(request, editor, _with_row(values, what), newest, seen=number_in(form, "revision"))
    expected, reason = number_in(form, "revision"), text_in(form, "reason", LONGEST_REASON)
    offer, errors = record_in(values)
    errors |= _own_errors(request, offer, offer_id, reason)
    if offer is None or errors:
        return _form_page(request, editor, values, newest, errors=errors, seen=expected, reason=reason, status=422)
    editing = editing_of(request)
    try:
        saved = editing.save("offers", offer, author=editor.name, reason=reason, expected=expected)
        if what == "submit":
            editing.submit("offers", offer.id, author=editor.name, reason=reason, expected=saved.number)
    except RevisionConflict:
        return _conflict_page(request, editor, values, offer, expected, reason)
    return done(request.path_params["language"], f"/offers/{offer.id}", "submitted" if what == "submit" else "saved")


@router.post("/offers/{offer_id}/preview")
def preview_offer(
    request: Request, editor: Editor, form: Form, offer_id: str, part: Annotated[bool, Query()] = False
) -> Response:
    """Show what was typed as card and as chat answer; `part`: only that, for a script."""
    offer, values, errors = _tried(request, form)
    shown: dict[str, Any] = {"previews": previews(engine_of(request), offer) if offer else None}
    if part:
        return room_page(request, editor, "_preview.html", path="", errors=errors, **shown)
    return _shown_beside(request, editor, form, values, offer_id, errors, **shown)


@router.post("/offers/{offer_id}/try")
def try_offer(
    request: Request, editor: Editor, form: Form, offer_id: str, part: Annotated[bool, Query()] = False
) -> Response:
    """Show where what was typed would stand for some questions; `part`: only that, for a script."""
    offer, values, errors = _tried(request, form)
    asked = text_in(form, "questions", 4000)
    found = trials(engine_of(request), offer, asked) if offer and asked else []
    if part and not errors:
        return room_page(
            request, editor, "_trials.html", path="", trials=found, names=offer_names(catalogue_of(request))
        )
    return _shown_beside(request, editor, form, values, offer_id, errors, trials=found, questions=asked)


def _form_page(
    request: Request,
    editor: Principal,
    values: Values,
    newest: Revision | None,
    *,
    seen: int | None = None,
    errors: Errors | None = None,
    status: int = 200,
    **more: Any,
) -> Response:
    """Return the form. `seen` is the revision that was changed, the newest when not given."""
    catalogue = catalogue_of(request)
    language = request.path_params["language"]
    offer = _offer(newest) if newest else None
    published = catalogue.offers.get(newest.id) if newest else None
    todo = [] if offer is None else broken_in(catalogue, offer, Publication.PUBLISHED)
    context = {
        "values": values,
        "rows": offer_form.rows,
        "newest": newest,
        "seen": seen if seen is not None else (newest.number if newest else 0),
        "published": published,
        "errors": errors or {},
        "todo": [(control_of(one.field.split(".")), one.message) for one in todo],
        "choices": choices(catalogue, language),
        "names": offer_names(catalogue),
        "targets": list(LANGUAGES),
        "conflict": None,
        "previews": None,
        "trials": None,
        "questions": "",
        "reason": "",
        **more,
    }
    path = f"/editor/offers/{newest.id if newest else _NEW}"
    return room_page(request, editor, "form.html", path=path, status=status, **context)


def _conflict_page(
    request: Request, editor: Principal, values: Values, yours: Offer, expected: int, reason: str
) -> Response:
    editing = editing_of(request)
    newest = editing.newest("offers", yours.id)
    seen = next((one for one in editing.history("offers", yours.id) if one.number == expected), None)
    before = _offer(seen) if seen else None
    values, both = merged(values_of(before) if before else {}, values_of(_offer(newest)), values)
    conflict = {
        "newest": newest,
        "both": both,
        "theirs": marked_changes(before, newest.record),
        "yours": marked_changes(before, yours),
    }
    return _form_page(request, editor, values, newest, conflict=conflict, reason=reason, status=409)


def _own_errors(request: Request, offer: Offer | None, offer_id: str, reason: str) -> dict[str, list[str]]:
    """Return what is wrong beside the record itself."""
    say = localizer(request.path_params["language"]).text
    errors = {}
    if not reason:
        errors["reason"] = [say(N_("Write in a few words why you do this."))]
    if offer is not None and offer_id == _NEW and (offer.id == _NEW or _newest(request, offer.id) is not None):
        errors["id"] = [say(N_("There is an offer with this id already. Choose another."))]
    if offer is not None and offer_id not in (_NEW, offer.id):
        errors["id"] = [say(N_("An id never changes: make a new offer."))]
    return errors


def _tried(request: Request, form: Form) -> tuple[Offer | None, Values, dict[str, list[str]]]:
    """Return what was typed as an offer that can be shown; None with what must be mended first."""
    values = values_in(form)
    offer, errors = record_in(values)
    if offer is None:
        return None, values, errors
    if not can_be_shown(offer):
        say = localizer(request.path_params["language"]).text
        return None, values, {"texts.da.name": [say(NO_DANISH)]}
    for one in broken_in(catalogue_of(request), offer):
        errors.setdefault(control_of(one.field.split(".")), []).append(one.message)
    return (None if errors else offer), values, errors


def _shown_beside(
    request: Request, editor: Principal, form: Form, values: Values, offer_id: str, errors: Errors, **shown: Any
) -> Response:
    """Return the form as it was typed with something shown beside it."""
    reason = text_in(form, "reason", LONGEST_REASON)
    newest, seen = _newest(request, offer_id), number_in(form, "revision")
    status = 422 if errors else 200
    return _form_page(request, editor, values, newest, seen=seen, errors=errors, reason=reason, status=status, **shown)


def _with_row(values: Values, what: str) -> Values:
    """Return the form with one more row; `what` names the group and, for a criterion, which (`add:eligibility:age`)."""
    _, _, added = what.partition(":")
    group, _, kind = added.partition(":")
    number = len(offer_form.rows(values, group)) if group == "eligibility" else 0
    if group == "eligibility" and kind in (*offer_form.RANGES, *offer_form.CHOICES):
        return values | {f"eligibility.{number}.criterion": [kind], f"eligibility.{number}.strict": ["yes"]}
    return values


def _newest(request: Request, offer_id: str) -> Revision | None:
    if offer_id == _NEW:
        return None
    try:
        return editing_of(request).newest("offers", offer_id)
    except RecordNotFound:
        return None


def _offer(revision: Revision) -> Offer:
    assert isinstance(revision.record, Offer)  # noqa: S101 - every record of this kind is one
    return revision.record
