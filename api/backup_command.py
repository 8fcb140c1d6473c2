"""`vejviser backup` and `vejviser restore`: the whole database into one file and back, while the service runs."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from api.preparation import make_folder_of
from api.settings import Settings


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it. It holds password hashes: keep it to yourself.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Write everything in the database to one file, as of this moment. The service may go on running."""
    from services_catalog.backup import back_up

    manifest = back_up(Settings().database_url, file)
    if as_json:
        typer.echo(json.dumps(asdict(manifest), indent=1))
    else:
        typer.echo(f"{manifest.rows} rows, version {manifest.version} of the catalogue, written to {file}.")


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `vejviser backup` wrote.")],
    force: Annotated[bool, typer.Option(help="Replace everything that is in the database.")] = False,
) -> None:
    """Put a backup into the database, all of it or nothing. A running service takes it in; everybody signs in again."""
    from services_catalog.restoring import restore as put_back

    url = Settings().database_url
    make_folder_of(url)
    version = put_back(url, file, force=force)
    typer.echo(f"Restored from {file}; the catalogue has version {version} now.")
