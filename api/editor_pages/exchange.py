"""The catalogue in from files and out to them. What comes in becomes drafts; nothing is public before it is handed in and
published."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile

from api.authorization import Principal
from api.editor_pages.room import (
    Editor,
    Form,
    catalogue_of,
    chosen,
    editing_of,
    file_in,
    reason_in,
    room_page,
    room_router,
    text_in,
)
from services_catalog.catalogue import Catalogue
from services_catalog.editors.revisions import record_id_of
from services_catalog.errors import RecordInvalid
from services_catalog.exchange.archives import Limits
from services_catalog.exchange.csv_files import write_csv
from services_catalog.exchange.exporting import write_zip
from services_catalog.exchange.importing import Import, Plan, plan, read_import
from services_catalog.exchange.workbook import write_xlsx
from services_catalog.hsds.exchange import hsds_export
from services_catalog.seed import FOLDERS

router = room_router()

_COPY_BYTES = 1024 * 1024
Write = Callable[[Catalogue, Path, str, str], object]


def _write_hsds(catalogue: Catalogue, path: Path, language: str, public_url: str) -> None:
    document = hsds_export(catalogue, language=language, public_url=public_url)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")


#: The forms of an export: name of the file, how it is written.
_FORMS: dict[str, tuple[str, Write]] = {
    "yaml": ("vejviser-yaml.zip", lambda catalogue, path, _language, _url: write_zip(catalogue, path)),
    "xlsx": ("vejviser.xlsx", lambda catalogue, path, language, _url: write_xlsx(catalogue, path, language)),
    "csv": ("vejviser-csv.zip", lambda catalogue, path, _language, _url: write_csv(catalogue, path)),
    "hsds": ("vejviser-hsds.json", _write_hsds),
}


@router.get("/exchange")
def exchange_page(request: Request, editor: Editor) -> Response:
    """Show how the catalogue gets out and in."""
    return _exchange_page(request, editor)


@router.get("/exchange/export")
def export(
    request: Request, _editor: Editor, form: Annotated[str, Query(alias="as")] = "", drafts: bool = False
) -> Response:
    """Send the whole catalogue as a file: what is public, or the working copies (`drafts`)."""
    name, write = _FORMS[chosen(form, _FORMS, "yaml")]
    catalogue = _working_copies(request) if drafts else catalogue_of(request)
    folder = tempfile.TemporaryDirectory(prefix="vejviser-export-")
    path = Path(folder.name) / name
    try:
        write(catalogue, path, request.path_params["language"], request.app.state.settings.public_url)
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(
        path, filename=name, headers={"Cache-Control": "no-store"}, background=BackgroundTask(folder.cleanup)
    )


@router.post("/exchange")
def import_file(request: Request, editor: Editor, form: Form) -> Response:
    """Say what a file would change, with every problem by its cell or line; save it as drafts when asked, all or nothing."""
    save = text_in(form, "do", 10) == "save"
    with tempfile.TemporaryDirectory(prefix="vejviser-import-") as folder:
        path = _kept(file_in(form, "file"), Path(folder))
        try:
            found = read_import(path, limits=Limits(request.app.state.settings.import_limit))
            planned = plan(_working_copies(request), found)
        except RecordInvalid as error:
            return _exchange_page(request, editor, status=422, problems=error.problems)
    if planned.problems:
        return _exchange_page(request, editor, status=422, problems=planned.problems, ignored=found.ignored)
    saved = _save(request, editor, planned, reason_in(form)) if save else None
    return _exchange_page(request, editor, **_report(planned, found), saved=saved)


def _save(request: Request, editor: Principal, planned: Plan, reason: str) -> int:
    changes = [*planned.new, *planned.changed]
    return len(editing_of(request).save_all(changes, author=editor.name, reason=reason)) if changes else 0


def _report(planned: Plan, found: Import) -> dict[str, Any]:
    return {
        "new": [(kind, record_id_of(record)) for kind, record in planned.new],
        "changed": [(kind, record_id_of(record)) for kind, record in planned.changed],
        "unchanged": planned.unchanged,
        "ignored": found.ignored,
    }


def _kept(upload: UploadFile, folder: Path) -> Path:
    """Write what was uploaded to a file whose name tells nothing but its ending."""
    ending = Path(upload.filename or "").suffix.lower()
    path = folder / f"upload{ending if ending.isascii() and len(ending) <= 6 else ''}"
    with path.open("wb") as file:
        while part := upload.file.read(_COPY_BYTES):
            file.write(part)
    return path


def _working_copies(request: Request) -> Catalogue:
    """Return the catalogue as editors have it in front of them."""
    editing = editing_of(request)
    copies: dict[str, Any] = {kind: {one.id: one.record for one in editing.working_copies(kind)} for kind in FOLDERS}
    return replace(catalogue_of(request), **copies)


def _exchange_page(request: Request, editor: Principal, *, status: int = 200, **more: Any) -> Response:
    context = {"problems": [], "new": None, "changed": (), "unchanged": 0, "ignored": (), "saved": None, **more}
    return room_page(
        request, editor, "exchange.html", path="/editor/exchange", status=status, forms=list(_FORMS), **context
    )
