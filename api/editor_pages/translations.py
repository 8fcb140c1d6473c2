"""What waits for a translator, and texts out to an agency and back as XLIFF."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request, Response

from api.authorization import Principal
from api.editor_pages.room import (
    Editor,
    Form,
    catalogue_of,
    editing_of,
    file_in,
    reason_in,
    room_page,
    room_router,
    target_language,
    text_in,
)
from api.problems import Problem
from api.translations import MEDIA_TYPE, returned
from services_catalog.editors.translation_desk import WAITING, TranslationDesk
from services_catalog.errors import RecordInvalid
from services_catalog.exchange.xliff_document import MOST_BYTES
from services_catalog.messages import N_
from services_catalog.offer import TranslationState

router = room_router()


@router.get("/translations")
def translations_page(
    request: Request, editor: Editor, to: Annotated[str, Query(max_length=10)] = "", state: str = ""
) -> Response:
    """Show what waits for a translator into a language, in the order to take it up."""
    return _queue_page(request, editor, target_language(to), state)


@router.get("/translations/{target}.xlf")
def exported(request: Request, _editor: Editor, target: str, state: str = "") -> Response:
    """Send the texts that wait, for a translation agency."""
    target = target_language(target)
    data = _desk(request).export(target, _states(state))
    name = f'attachment; filename="vejviser-{target}.xlf"'
    return Response(data, media_type=MEDIA_TYPE, headers={"Content-Disposition": name, "Cache-Control": "no-store"})


@router.post("/translations")
def imported(request: Request, editor: Editor, form: Form, to: Annotated[str, Query(max_length=10)] = "") -> Response:
    """Say what came back from an agency, and save it as drafts when asked: all of it or nothing."""
    target = target_language(to)
    check_only = text_in(form, "do", 10) != "save"
    data = file_in(form, "file").file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Problem(413, N_("The request is too large"), N_("The file is larger than can be taken in."))
    desk = _desk(request)
    try:
        translated = desk.read(data, target)
        saved = [] if check_only else desk.save(translated, author=editor.name, reason=reason_in(form))
    except RecordInvalid as error:
        return _queue_page(request, editor, target, "", status=422, problems=error.problems)
    results = [returned(one) for one in translated]
    return _queue_page(request, editor, target, "", results=results, saved=None if check_only else len(saved))


def _queue_page(
    request: Request, editor: Principal, target: str, state: str, *, status: int = 200, **more: Any
) -> Response:
    desk = _desk(request)
    entries = desk.queue(target, _states(state))
    context = {"problems": [], "results": None, "saved": None, **more}
    return room_page(
        request,
        editor,
        "translations.html",
        path=f"/editor/translations?to={target}",
        status=status,
        target=target,
        state=state if state in WAITING else "",
        entries=entries,
        words_waiting=sum(one.words for one in entries),
        offers=desk.catalogue.offers,
        **context,
    )


def _desk(request: Request) -> TranslationDesk:
    return TranslationDesk(catalogue_of(request), editing_of(request))


def _states(state: str) -> tuple[TranslationState, ...]:
    return (TranslationState(state),) if state in WAITING else WAITING
