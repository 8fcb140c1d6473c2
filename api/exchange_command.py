"""`vejviser export` and `vejviser import`: the catalogue out to files and back, for people, scripts and other systems."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from api.preparation import make_folder_of
from api.settings import Settings
from services_catalog.editors.revisions import Entry, record_id_of
from services_catalog.errors import CatalogueUnavailable, Problem, RecordInvalid
from services_catalog.exchange.archives import Limits
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE

if TYPE_CHECKING:
    from services_catalog.catalogue import Catalogue
    from services_catalog.database import DatabaseRepository
    from services_catalog.exchange.importing import Plan


class Format(StrEnum):
    """The forms in which the catalogue is written."""

    YAML = "yaml"
    XLSX = "xlsx"
    CSV = "csv"
    HSDS = "hsds"
    HSDS_TABULAR = "hsds-tabular"


class Separator(StrEnum):
    """What stands between the cells of a CSV file."""

    SEMICOLON = "semicolon"
    COMMA = "comma"


_SEPARATORS: dict[Separator, Literal[";", ","]] = {Separator.SEMICOLON: ";", Separator.COMMA: ","}
_BY_SUFFIX = {".xlsx": Format.XLSX, ".json": Format.HSDS}


def export(
    file: Annotated[Path, typer.Argument(help="What to write: a file, or for yaml a folder or a .zip.")],
    form: Annotated[
        Format | None, typer.Option("--format", help="Told by the ending of the file when not given; yaml otherwise.")
    ] = None,
    separator: Annotated[Separator, typer.Option(help="For csv; Danish Excel needs semicolons.")] = Separator.SEMICOLON,
    language: Annotated[
        str, typer.Option(help="Of the texts in HSDS, and of the instructions in a workbook.")
    ] = SOURCE_LANGUAGE,
) -> None:
    """Write the whole catalogue: as YAML files, for spreadsheets, or as HSDS for other systems (hsds-tabular: what is
    public alone, and not to be imported again)."""
    from api.opening import filled_catalogue

    if language not in LANGUAGES:
        raise typer.BadParameter(f"{language!r} is none of {', '.join(LANGUAGES)}", param_hint="--language")
    form = form or _BY_SUFFIX.get(file.suffix.lower(), Format.YAML)
    catalogue = filled_catalogue(Settings())
    try:
        if form is Format.YAML and file.suffix.lower() != ".zip":
            _write_folder(catalogue, file)
        else:
            with _beside(file) as part:
                _write(catalogue, part, form, separator, language)
    except OSError as error:
        raise CatalogueUnavailable(f"{file} cannot be written: {error.strerror}.") from None
    typer.echo(f"{len(catalogue.offers)} offers written to {file}.")


def import_(
    file: Annotated[Path, typer.Argument(help="A folder or zip of YAML or CSV, a workbook (.xlsx), or HSDS (.json).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen; save nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
    reason: Annotated[str, typer.Option("--reason", "-r", help="Why; goes into the revisions.")] = "",
    author: Annotated[str, typer.Option(help="Who; your user name otherwise.")] = "",
) -> None:
    """Take records over from files: all of them, or none when one has a problem. Records that are not named stay."""
    from services_catalog.database import DatabaseRepository, migrate
    from services_catalog.exchange.importing import plan, read_import

    settings = Settings()
    make_folder_of(settings.database_url)
    migrate(settings.database_url)
    repository = DatabaseRepository(settings.database_url)
    try:
        found = read_import(file, _tell, Limits(settings.import_limit))
        planned = plan(repository.load(), found, progress=_tell)
    except RecordInvalid as error:
        _report(None, error.problems, (), as_json, saved=False)
        raise typer.Exit(1) from None
    save = not planned.problems and not dry_run and bool(planned.new or planned.changed)
    if save:
        _save(repository, planned, Entry(author or getpass.getuser(), reason or f"import of {file.name}"))
    repository.close()
    _report(planned, planned.problems, found.ignored, as_json, saved=save)
    raise typer.Exit(1 if planned.problems else 0)


def _save(repository: DatabaseRepository, planned: Plan, entry: Entry) -> None:
    from services_catalog.editors.checks import CheckList
    from services_catalog.exchange.bulk import refuse_broken, take_over
    from services_catalog.large.loading import load_search

    current = repository.load()
    checks = CheckList(repository.engine).all()
    if checks:
        settings = Settings()
        engine = load_search(current, settings.learned_folder, settings.large_catalogue_from)
        refuse_broken(checks, engine, planned.catalogue)
    changes = [*planned.new, *planned.changed]
    take_over(repository, changes, entry, on_top_of=planned.catalogue.version, progress=_tell)


def _write_folder(catalogue: Catalogue, folder: Path) -> None:
    from services_catalog.exchange.exporting import write_catalogue

    write_catalogue(catalogue, folder, _tell)


def _write(catalogue: Catalogue, file: Path, form: Format, separator: Separator, language: str) -> None:
    if form is Format.YAML:
        from services_catalog.exchange.exporting import write_zip

        write_zip(catalogue, file, _tell)
    elif form is Format.XLSX:
        from services_catalog.exchange.workbook import write_xlsx

        write_xlsx(catalogue, file, language, _tell)
    elif form is Format.CSV:
        from services_catalog.exchange.csv_files import write_csv

        write_csv(catalogue, file, _SEPARATORS[separator], _tell)
    elif form is Format.HSDS:
        from services_catalog.hsds.exchange import hsds_export

        document = hsds_export(catalogue, language=language, public_url=Settings().public_url)
        file.write_text(json.dumps(document, ensure_ascii=False, indent=1), encoding="utf-8")
    else:
        from services_catalog.hsds.tabular import data_package

        file.write_bytes(data_package(catalogue, language=language, public_url=Settings().public_url))


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """Give a file to write that takes the place of `file` when it is whole, and is gone when it is not."""
    part = file.with_name(f".{file.name}.part")
    try:
        yield part
        os.replace(part, file)
    finally:
        part.unlink(missing_ok=True)


def _report(
    planned: Plan | None, problems: Sequence[Problem], ignored: Sequence[str], as_json: bool, *, saved: bool
) -> None:
    new, changed = ([], []) if planned is None else (planned.new, planned.changed)
    if as_json:
        report = {
            "saved": saved,
            "new": [{"kind": kind, "id": record_id_of(record)} for kind, record in new],
            "changed": [{"kind": kind, "id": record_id_of(record)} for kind, record in changed],
            "unchanged": planned.unchanged if planned else 0,
            "ignored": list(ignored),
            "problems": [vars(problem) for problem in problems],
        }
        typer.echo(json.dumps(report, ensure_ascii=False, indent=1))
        return
    for problem in problems:
        typer.echo(str(problem))
    for name in ignored:
        typer.echo(f"{name}: not read, for it is no part of the catalogue")
    if problems:
        typer.echo(f"{len(problems)} problems; nothing was saved.")
        return
    counts = f"{len(new)} new records, {len(changed)} changed, {planned.unchanged if planned else 0} unchanged"
    typer.echo(f"{counts}; {'saved' if saved else 'nothing was saved'}.")


def _tell(what: str, done: int, total: int) -> None:
    """Say on the error stream how far the work has come: over and over on a terminal, at the end of a step elsewhere."""
    if sys.stderr.isatty():
        typer.echo(f"\r{what}: {done} of {total}", nl=done >= total, err=True)
    elif done >= total:
        typer.echo(f"{what}: {total}", err=True)
