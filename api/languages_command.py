"""`vejviser languages`: the languages of this installation, and what those that were added still lack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from services_catalog.errors import CatalogueError, Problem


def languages(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
    write: Annotated[
        Path | None,
        typer.Option(help="Write what added languages say of the catalogue in the database, for `vejviser import`."),
    ] = None,
) -> None:
    """List the languages, and what each that was added to the project's own still lacks."""
    from services_catalog.languages import LANGUAGES
    from services_catalog.seed import read_catalogue

    if write is not None:
        _write(write)
        return
    catalogue = read_catalogue()
    gaps = gaps_found()
    found: list[dict[str, Any]] = [
        {
            "tag": tag,
            "name": one.native_name,
            "growing": one.growing,
            "offers": sum(tag in offer.texts for offer in catalogue.published),
            "lacks": [vars(gap) for gap in gaps if gap.language == tag],
        }
        for tag, one in LANGUAGES.items()
    ]
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for each in found:
        typer.echo(f"{each['tag']:<4} {each['name']:<12} {each['offers']:>4} of {len(catalogue.published)} offers")
        for gap in each["lacks"]:
            typer.echo(f"     {'must' if gap['required'] else 'may '}  {gap['part']}: {gap['message']}")


def _write(folder: Path) -> None:
    from api.settings import Settings
    from services_catalog.added_texts import texts_to_add
    from services_catalog.catalogue import Catalogue
    from services_catalog.database import DatabaseRepository
    from services_catalog.exchange.exporting import write_catalogue
    from services_catalog.seed import FOLDERS, kind_of

    repository = DatabaseRepository(Settings().database_url)
    found = texts_to_add(repository.load(), FOLDERS, kind_of)
    repository.close()
    write_catalogue(Catalogue(**found), folder)  # type: ignore[arg-type]
    typer.echo(f"{sum(map(len, found.values()))} records written to {folder}.")


def gaps_found() -> list[Any]:
    """Return what the added languages lack (services_catalog/language_gaps.py). Raises CatalogueError when their crisis files
    cannot be read, with the file and what is wrong."""
    import re

    from services_catalog.crisis import CrisisTextsInvalid
    from services_catalog.language_gaps import language_gaps
    from services_catalog.seed import read_catalogue

    try:
        return language_gaps(read_catalogue())
    except (CrisisTextsInvalid, ValidationError, re.error) as error:
        raise CatalogueError(f"The crisis files of a language cannot be read: {error}") from error


def language_problems(folder: Path | None) -> tuple[list[Problem], list[str]]:
    """Return what added languages must have and lack, and a line for each thing they may still get; nothing for a folder of
    other files."""
    if folder is not None:
        return [], []
    gaps = gaps_found()
    must = [Problem(f"{gap.language}/{gap.part}", 0, "language", gap.message) for gap in gaps if gap.required]
    return must, [f"{gap.language} grows: {gap.part}: {gap.message}" for gap in gaps if not gap.required]
