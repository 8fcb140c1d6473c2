"""`vejviser municipalities`: add a municipality to the installation, and list those it has."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from api.preparation import make_folder_of
from api.settings import Settings
from api.sites import served
from services_catalog.errors import CatalogueUnavailable
from services_catalog.languages import LANGUAGES
from services_catalog.municipality_folder import NewMunicipality, make_folder
from services_catalog.seeding import seed_database

municipalities = typer.Typer(no_args_is_help=True, help="The municipalities of this installation.")

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


@municipalities.command()
def add(
    slug: Annotated[str, typer.Argument(help="Its short name, which its folder gets: small letters, digits, hyphens.")],
    name: Annotated[str, typer.Option(help="Its Danish name, such as “Aarhus Kommune”.")],
    host: Annotated[
        list[str], typer.Option(help="The host name at which its pages answer; may be given several times.")
    ],
    phone: Annotated[str, typer.Option(help="The number of its contact centre, to which every hand-over leads.")],
    seen_at: Annotated[str, typer.Option(help="The public page that gives this number.")],
    called: Annotated[
        list[str], typer.Option(help="What people call the place, such as “aarhus”; may be given several times.")
    ] = [],  # noqa: B006 - typer reads it
    language: Annotated[
        list[str], typer.Option(help="A language that it answers in; Danish always is one. None given: all of them.")
    ] = [],  # noqa: B006
) -> None:
    """Make the folder and the database of a municipality. Its offers, districts and papers come into the folder, or by
    `vejviser --municipality SLUG import`."""
    settings = Settings()
    root = settings.municipalities_folder
    if root is None:
        raise CatalogueUnavailable("Set VEJVISER_MUNICIPALITIES_FOLDER to a folder that is to hold the municipalities.")
    unknown = sorted(set(language) - set(LANGUAGES))
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)} is not spoken here: choose from {', '.join(LANGUAGES)}.")
    taken = {
        one_host: one.slug
        for one in (served(settings) if any(root.glob("*/site.yml")) else ())
        for one_host in one.site.hosts
    }
    for one in host:
        if one.lower() in taken:
            raise CatalogueUnavailable(f"{one} is the address of {taken[one.lower()]} already.")
    new = NewMunicipality(slug, name, tuple(host), phone, seen_at, tuple(called), tuple(language))
    folder = make_folder(root, new)
    own = settings.of(slug)
    own.data_folder.mkdir(parents=True, exist_ok=True)
    make_folder_of(own.database_url)
    seed_database(own.database_url, own.seed_folder)
    typer.echo(
        f"{name} is added: {folder}. It is served after the next start. First of all check crisis numbers and contacts: "
        f"vejviser --municipality {slug} launch-check"
    )


@municipalities.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the municipalities with the addresses of their pages."""
    found = served(Settings())
    if as_json:
        typer.echo(
            json.dumps([{"slug": one.slug, **one.site.model_dump(mode="json")} for one in found], ensure_ascii=False)
        )
        return
    for one in found:
        typer.echo(f"{one.slug:<20} {one.site.name:<30} {', '.join(one.site.hosts)}")
    if not found:
        typer.echo("There is only one catalogue: VEJVISER_MUNICIPALITIES_FOLDER is not set.")
