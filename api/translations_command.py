"""`vejviser translations`: what waits for a translator, and texts out to an agency and back as XLIFF."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from api.settings import Settings
from services_catalog.errors import CatalogueError
from services_catalog.offer import TranslationState

if TYPE_CHECKING:
    from services_catalog.editors.translation_desk import TranslationDesk
    from services_catalog.exchange.xliff import Translated

translations = typer.Typer(no_args_is_help=True, help="What waits for a translator; texts out to an agency and back.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]
Language = Annotated[str, typer.Option(help="The language that is translated into (ar, uk, en).")]
States = Annotated[
    list[TranslationState] | None, typer.Option("--state", help="Only what is outdated, missing or unreviewed.")
]


@translations.command()
def queue(language: Language, state: States = None, as_json: AsJson = False) -> None:
    """List what waits for a translator: outdated texts first, then missing, then unreviewed ones."""
    from services_catalog.editors.translation_desk import WAITING

    _check(language)
    entries = _desk().queue(language, state or WAITING)
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in entries], ensure_ascii=False, indent=1))
        return
    for one in entries:
        fields = ", ".join((*one.outdated, *one.missing) or one.unreviewed)
        typer.echo(f"{one.state:<10} {one.words or one.words_to_review:>5} words  {one.offer_id}: {fields}")
    words, review = sum(one.words for one in entries), sum(one.words_to_review for one in entries)
    typer.echo(f"{len(entries)} offers; {words} Danish words to translate, {review} to review.")


@translations.command("export")
def export_(
    file: Annotated[Path, typer.Argument(help="The XLIFF file to write.")],
    language: Language,
    state: States = None,
    offer: Annotated[list[str] | None, typer.Option(help="Only this offer; may be given again.")] = None,
) -> None:
    """Write what waits for a translator, or the named offers, as XLIFF 1.2 for a translation agency."""
    from services_catalog.editors.translation_desk import WAITING

    _check(language)
    data = _desk().export(language, state or WAITING, offer or ())
    try:
        file.write_bytes(data)
    except OSError as error:
        raise CatalogueError(f"{file} cannot be written: {error.strerror}") from error
    typer.echo(f"{data.count(b'<file ') if b'<trans-unit ' in data else 0} offers written to {file}.")


@translations.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="The XLIFF file that came back.")],
    language: Annotated[str | None, typer.Option(help="Refuse a file in another language.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Say what would be saved, and save nothing.")] = False,
    author: Annotated[str, typer.Option(help="Who saves it; stands in the history.")] = "command line",
    reason: Annotated[str, typer.Option(help="Why; stands in the history.")] = "translation came back",
    as_json: AsJson = False,
) -> None:
    """Save what an agency sent back, as drafts: all of it, or nothing when one unit is wrong."""
    from api.translations import returned_json
    from services_catalog.exchange.xliff_document import MOST_BYTES

    try:
        with file.open("rb") as opened:
            data = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise CatalogueError(f"{file} cannot be read: {error.strerror}") from error
    desk = _desk()
    translated = desk.read(data, language)
    saved = 0 if dry_run else len(desk.save(translated, author=author, reason=reason))
    if as_json:
        shown = {"dry_run": dry_run, "saved": saved, "offers": [returned_json(one) for one in translated]}
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=1))
        return
    for one in translated:
        _tell(one)
    would = sum(one.texts is not None for one in translated)
    typer.echo(f"{would} offers would be saved." if dry_run else f"{saved} offers saved as drafts.")


def _tell(one: Translated) -> None:
    where = f"{one.offer_id} [{one.language}]"
    if one.texts is not None:
        typer.echo(f"{where}: {', '.join(one.fields) or 'no text changed'}; now {one.texts.state}")
    for conflict in one.conflicts:
        now = "there is no such text today" if conflict.now is None else f"today it says “{conflict.now}”"
        typer.echo(f"{where} {conflict.field}: left out, its Danish has changed since the export: {now}")
    for field in one.unfinished:
        typer.echo(f"{where} {field}: left out, not finished yet")


def _check(language: str) -> None:
    from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE

    known = [tag for tag in LANGUAGES if tag != SOURCE_LANGUAGE]
    if language not in known:
        raise CatalogueError(f"Nothing is translated into {language!r}. Use one of: {', '.join(known)}.")


def _desk() -> TranslationDesk:
    from api.opening import filled_repository
    from services_catalog.editors.editing import Editing
    from services_catalog.editors.translation_desk import TranslationDesk

    repository = filled_repository(Settings().database_url)
    return TranslationDesk(repository.load(), Editing(repository.engine))
