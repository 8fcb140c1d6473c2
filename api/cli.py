"""The command line, `vejviser`: make, serve, search, check and measure the catalogue."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from api import preparation
from api.backup_command import backup, restore
from api.chat_command import chat, transcripts
from api.checks_command import launch_check, trace
from api.editing_command import checks, demand, records
from api.evaluate_command import evaluate
from api.exchange_command import export, import_
from api.languages_command import language_problems, languages
from api.municipalities_command import municipalities
from api.settings import Settings, explained
from api.starting import PreparationFailed, Teller, require_free_ports
from api.translations_command import translations
from api.users_command import users
from services_catalog.errors import CatalogueError
from services_catalog.languages import LANGUAGES

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


@app.command()
def init(
    force: Annotated[bool, typer.Option(help="Replace what is in the database by the seed files.")] = False,
) -> None:
    """Create the catalogue database, and fill it from the seed files when it is empty or they changed."""
    from services_catalog.seeding import SeedOutcome, seed_database

    settings = Settings()
    preparation.make_folder_of(settings.database_url)
    outcome = seed_database(settings.database_url, settings.seed_folder, force=force)
    said = {
        SeedOutcome.FILLED: "The catalogue was filled from the seed files.",
        SeedOutcome.UNCHANGED: "The catalogue is up to date.",
        SeedOutcome.EDITED: "The catalogue was edited here and stays as it is. `--force` replaces it by the seed files.",
    }
    typer.echo(said[outcome])


@app.command()
def validate(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder of catalogue files; the project's own otherwise.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check every catalogue file and list all problems at once, with file and line."""
    from services_catalog.validation import validate_folder

    problems = validate_folder(folder or Settings().seed_folder)
    missing, wished = ([], []) if problems else language_problems(folder)
    problems += missing
    if as_json:
        typer.echo(json.dumps([vars(problem) for problem in problems], ensure_ascii=False, indent=1))
    else:
        for problem in problems:
            typer.echo(str(problem))
        for line in wished:
            typer.echo(line)
        typer.echo(f"{len(problems)} problems." if problems else "No problems.")
    raise typer.Exit(1 if problems else 0)


@app.command()
def search(
    question: Annotated[str, typer.Argument(help="The question, in any of the languages.")],
    language: Annotated[str | None, typer.Option(help=f"Answer in this language ({', '.join(LANGUAGES)}).")] = None,
    limit: Annotated[int, typer.Option(min=1, max=50)] = 5,
    staff: Annotated[bool, typer.Option(help="Search the offers for staff too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Search the catalogue from here, without a running service."""
    from api.catalogue_service import CatalogueService
    from api.opening import filled_repository
    from api.search import search_view
    from api.sites import danger_of

    settings = Settings()
    service = CatalogueService(
        filled_repository(settings.database_url),
        danger_of(settings),
        settings.refresh_interval,
        settings.learned_folder,
        large_from=settings.large_catalogue_from,
    )
    began = time.perf_counter()
    result = service.current.engine.search(question, language=language, limit=limit, staff=staff)
    seconds = time.perf_counter() - began
    view = search_view(result, service.current)
    if as_json:
        typer.echo(json.dumps(view, ensure_ascii=False, indent=1))
        return
    if view["crisis"]:
        typer.echo(view["crisis"]["title"])
        for step in view["crisis"]["steps"]:
            typer.echo(f"  {step['text']} {step['phone'] or ''}")
    for hit in view["hits"]:
        typer.echo(f"{hit['score']:.2f}  {hit['name']}  [{hit['id']}, {hit['availability']}]")
        typer.echo(f"      {' '.join(hit['why'])}")
    typer.echo(f"{view['outcome']}, {view['language']}, {seconds * 1000:.1f} ms")


@app.callback()
def of_one_municipality(
    municipality: Annotated[
        str, typer.Option(help="The municipality to work on, where this installation serves several.")
    ] = "",
) -> None:
    if municipality:
        os.environ["VEJVISER_MUNICIPALITY"] = municipality


app.command()(evaluate)
app.command()(chat)
app.command()(export)
app.command("import")(import_)
app.command()(transcripts)
app.command()(backup)
app.command()(restore)
app.command()(launch_check)
app.command()(languages)
app.command()(trace)
app.add_typer(translations, name="translations")
app.add_typer(users, name="users")
app.add_typer(records, name="records")
app.add_typer(municipalities, name="municipalities")
app.add_typer(checks, name="checks")
app.command()(demand)


@app.command()
def counts(
    days: Annotated[int, typer.Option(min=1, max=3650, help="How many days back.")] = 30,
    as_json: AsJson = False,
) -> None:
    """Show what was counted for editors, such as why conversations were handed to a person; small numbers are hidden."""
    from datetime import date, timedelta

    from services_catalog.database import migrate
    from services_catalog.tallies import FEWEST_SHOWN, Tallies

    url = Settings().database_url
    preparation.make_folder_of(url)
    migrate(url)
    found = list(Tallies(url).since(date.today() - timedelta(days=days)))
    if as_json:
        typer.echo(json.dumps([vars(one) for one in found], ensure_ascii=False, indent=1))
        return
    for one in found:
        times = f"fewer than {FEWEST_SHOWN}" if one.times is None else str(one.times)
        typer.echo(f"{one.name:<12} {one.detail:<20} {one.language:<4} {times}")
    if not found:
        typer.echo(f"Nothing was counted in the last {days} days.")


@app.command()
def learn() -> None:
    """Learn the search and the danger detection from the catalogue, when anything changed, and keep them on disk."""
    from api.opening import filled_repository
    from api.sites import catalogues, danger_of
    from services_catalog.large.loading import load_newest

    settings = Settings()
    began = time.perf_counter()
    for one in catalogues(settings):
        danger_of(one)
        load_newest(filled_repository(one.database_url), one.learned_folder, one.large_catalogue_from)
    typer.echo(f"Learned, or found unchanged, in {time.perf_counter() - began:.1f} s.")


@app.command()
def serve(
    prepare: Annotated[bool, typer.Option(help="Only create the catalogue and train; start nothing.")] = False,
) -> None:
    """Start everything (api, Rasa, actions), wait until it is healthy, and keep it running until Ctrl-C."""
    settings, say = Settings(), Teller()
    try:
        preparation.prepare(settings, say)
        if prepare:
            return
        require_free_ports(settings)
    except PreparationFailed as failure:
        typer.echo(f"vejviser: {failure}", err=True)
        raise typer.Exit(1) from None
    # begun anew, without what preparing needs: a fifth of the memory, as long as the service runs
    os.execv(sys.executable, [sys.executable, "-m", "api.supervisor", str(say.began)])  # noqa: S606 - our own module


def main() -> None:
    """Run the command line; an error of the catalogue is one clear sentence and status 1."""
    try:
        app()
    except CatalogueError as error:
        typer.echo(f"vejviser: {error}", err=True)
        sys.exit(1)
    except (ValidationError, SettingsError) as error:
        if isinstance(error, ValidationError) and error.title != Settings.__name__:
            raise
        typer.echo(f"vejviser: a setting cannot be used.\n{explained(error)}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
