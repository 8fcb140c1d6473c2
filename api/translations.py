"""`/api/v1/editor/translations`: what waits for a translator, and texts out to an agency and back as XLIFF."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api.authorization import Principal, require
from api.openapi import problems
from api.problems import Problem
from services_catalog.accounts.accounts import Role
from services_catalog.editors.translation_desk import WAITING, TranslationDesk
from services_catalog.editors.translations import QueueEntry
from services_catalog.exchange.xliff import Conflict, Translated
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.messages import N_
from services_catalog.offer import TranslationState

#: The media type of XLIFF (OASIS, registered with IANA).
MEDIA_TYPE = "application/xliff+xml"

router = APIRouter(prefix="/api/v1/editor", tags=["editor"])

_TARGETS = [tag for tag in LANGUAGES if tag != SOURCE_LANGUAGE]


@dataclass(frozen=True)
class Queue:
    """What waits for a translator into `language`, in the order to take it up; `words` are Danish ones to translate."""

    language: str
    words: int
    words_to_review: int
    entries: list[QueueEntry]


@dataclass(frozen=True)
class Returned:
    """What came back for one offer: the fields the agency changed and the state its texts have now, the conflicts with a
    Danish text that changed meanwhile, the units not finished yet. `state` is None when nothing is to be saved."""

    offer_id: str
    language: str
    state: TranslationState | None
    fields: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    unfinished: tuple[str, ...]


@dataclass(frozen=True)
class Import:
    """What an import came to. `saved` counts the offers that have a new draft; none has in a dry run."""

    dry_run: bool
    saved: int
    offers: list[Returned]


def _language(
    language: Annotated[
        str, Query(description="The language that is translated into.", json_schema_extra={"enum": _TARGETS})
    ],
) -> str:
    if language not in _TARGETS:
        detail = N_("Nothing is translated into “{language}”. Use one of: {languages}.")
        raise Problem(422, N_("Something in the request is wrong"), detail, language=language, languages=", ".join(_TARGETS),
                      errors=[{"field": "query.language", "message": "unknown language"}])  # fmt: skip
    return language


def _desk(request: Request) -> TranslationDesk:
    return TranslationDesk(request.app.state.catalogue.current.catalogue, request.app.state.editing)


Editor = Annotated[Principal, Depends(require(Role.EDITOR))]
Language = Annotated[str, Depends(_language)]
Desk = Annotated[TranslationDesk, Depends(_desk)]
States = Annotated[list[TranslationState], Query(description="Only what is outdated, missing or unreviewed.")]


@router.get("/translations", summary="What waits for a translator")
def waiting(_editor: Editor, language: Language, desk: Desk, state: States = list(WAITING)) -> Queue:  # noqa: B006
    """Return what waits for a translator: outdated texts first, then missing, then unreviewed ones."""
    entries = desk.queue(language, state)
    words, words_to_review = sum(one.words for one in entries), sum(one.words_to_review for one in entries)
    return Queue(language, words, words_to_review, entries)


@router.get(
    "/translations.xlf",
    summary="Texts for a translation agency",
    response_class=Response,
    responses=problems(404)
    | {200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}, "description": "XLIFF 1.2, a <file> an offer."}},
)
def exported(
    _editor: Editor,
    language: Language,
    desk: Desk,
    state: States = list(WAITING),  # noqa: B006
    offer: Annotated[list[str], Query(max_length=500, description="Only these offers, whatever their state.")] = [],  # noqa: B006
) -> Response:
    """Return texts for a translation agency as XLIFF 1.2: the offers named, or what waits for a translator."""
    data = desk.export(language, state, offer)
    name = f'attachment; filename="vejviser-{language}.xlf"'
    return Response(data, media_type=MEDIA_TYPE, headers={"Content-Disposition": name})


@router.post(
    "/translations",
    summary="Take in what an agency sent back",
    openapi_extra={"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
)
async def imported(
    request: Request,
    editor: Editor,
    dry_run: Annotated[bool, Query(description="Say what would be saved, and save nothing.")] = False,
    language: Annotated[str | None, Query(description="Refuse a file in another language.")] = None,
    reason: Annotated[str, Query(max_length=400)] = "translation came back",
) -> Import:
    """Save what an agency sent back, as drafts, all of it or nothing.

    A text whose Danish changed since the export is reported as a conflict and left out; a unit that came back empty is left
    as it was.
    """
    data = await request.body()  # only now: nobody else may fill our memory
    return await run_in_threadpool(_import, request, data, editor.name, dry_run, language, reason)


def _import(request: Request, data: bytes, author: str, dry_run: bool, language: str | None, reason: str) -> Import:
    desk = _desk(request)
    translated = desk.read(data, language)
    saved = 0 if dry_run else len(desk.save(translated, author=author, reason=reason))
    return Import(dry_run, saved, [returned(one) for one in translated])


def returned(one: Translated) -> Returned:
    """Return what came back for an offer without its whole texts."""
    state = one.texts.state if one.texts is not None else None
    return Returned(one.offer_id, one.language, state, one.fields, one.conflicts, one.unfinished)


def returned_json(one: Translated) -> dict[str, Any]:
    """Return the same as plain values for the command line."""
    return asdict(returned(one))
