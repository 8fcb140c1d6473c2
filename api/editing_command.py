"""`vejviser records`, `checks` and `demand`: the editors' work from the command line, with the same rules as over the API."""

from __future__ import annotations

import datetime as dt
import getpass
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from api.preparation import make_folder_of
from api.settings import Settings
from services_catalog.database import DatabaseRepository, migrate
from services_catalog.editors.differences import differences
from services_catalog.editors.editing import Editing
from services_catalog.editors.revisions import Revision
from services_catalog.errors import Problem, RecordInvalid
from services_catalog.exchange.exporting import to_yaml
from services_catalog.field_errors import said
from services_catalog.offer import Publication
from services_catalog.seed import FOLDERS
from services_catalog.yaml_records import load_records

if TYPE_CHECKING:
    from services_catalog.editors.publishing import Published, Publishing, Target
    from services_catalog.searching import Search

# What loads the languages takes seconds, and most commands do not need it: it is imported where it is used.

records = typer.Typer(no_args_is_help=True, help="Drafts, revisions and publications.")
checks = typer.Typer(no_args_is_help=True, help="Questions that must find an offer.")

Kind = Annotated[str, typer.Argument(help=f"What sort of record: {', '.join(FOLDERS)}.")]
RecordId = Annotated[str, typer.Argument(help="Its id.")]
Reason = Annotated[str, typer.Option("--reason", "-r", help="Why; goes into the revision.")]
Author = Annotated[str, typer.Option(help="Who; your user name otherwise.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


@contextmanager
def _repository() -> Iterator[DatabaseRepository]:
    settings = Settings()
    make_folder_of(settings.database_url)
    migrate(settings.database_url)
    repository = DatabaseRepository(settings.database_url)
    try:
        yield repository
    finally:
        repository.close()


@contextmanager
def _publishing() -> Iterator[tuple[Editing, Publishing]]:
    from services_catalog.editors.publishing import Publishing
    from services_catalog.large.loading import load_newest

    settings = Settings()
    with _repository() as repository:
        engines: list[Search] = []

        def engine() -> Search:  # loaded when it is needed: what is refused before costs nothing
            if not engines:
                engines.append(load_newest(repository, settings.learned_folder, settings.large_catalogue_from))
            return engines[-1]

        yield Editing(repository.engine), Publishing(repository, engine, engines.append)


@records.command("list")
def list_records(
    kind: Kind,
    state: Annotated[Publication | None, typer.Option(help="Only what stands there.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the newest revision of each record of a kind."""
    with _repository() as repository:
        found = [one for one in Editing(repository.engine).working_copies(kind) if state in (None, one.state)]
    _print_revisions(found, as_json)


@records.command()
def show(
    kind: Kind, record_id: RecordId, number: Annotated[int | None, typer.Option(help="An earlier revision.")] = None
) -> None:
    """Print a record as YAML: what editors work on, or an earlier revision."""
    with _repository() as repository:
        editing = Editing(repository.engine)
        revision = editing.newest(kind, record_id) if number is None else editing.revision(kind, record_id, number)
    typer.echo(to_yaml(revision.record), nl=False)


@records.command()
def history(kind: Kind, record_id: RecordId, as_json: AsJson = False) -> None:
    """List every revision, the newest first: who, when and why."""
    with _repository() as repository:
        found = Editing(repository.engine).history(kind, record_id)
    _print_revisions(found, as_json)


@records.command()
def diff(kind: Kind, record_id: RecordId, before: int, after: int, as_json: AsJson = False) -> None:
    """Show what changed between two revisions, field by field."""
    with _repository() as repository:
        editing = Editing(repository.engine)
        changes = differences(
            editing.revision(kind, record_id, before).record, editing.revision(kind, record_id, after).record
        )
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in changes], ensure_ascii=False, indent=1))
        return
    for one in changes:
        typer.echo(f"{one.field}\n  - {_one_line(one.before)}\n  + {_one_line(one.after)}")


@records.command()
def save(
    kind: Kind,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="One record as YAML.")],
    expected: Annotated[int, typer.Option(help="The revision you changed; 0 for a new record.")],
    reason: Reason,
    author: Author = "",
) -> None:
    """Save a draft behind the revision you have seen."""
    if kind not in FOLDERS:
        raise RecordInvalid([Problem(str(file), 0, "kind", f"{kind!r} is not one of {', '.join(FOLDERS)}")])
    try:
        record = FOLDERS[kind][1].model_validate(_one_record(file))
    except ValidationError as error:
        problems = [Problem(str(file), 0, ".".join(map(str, one["loc"])), said(one)) for one in error.errors()]
        raise RecordInvalid(problems) from None
    with _repository() as repository:
        saved = Editing(repository.engine).save(kind, record, expected=expected, **_who(author, reason))
    _print_revisions([saved], False)


@records.command()
def submit(kind: Kind, record_id: RecordId, reason: Reason, author: Author = "") -> None:
    """Hand the newest draft in for review."""
    with _repository() as repository:
        editing = Editing(repository.engine)
        newest = editing.newest(kind, record_id)
        done = editing.submit(kind, record_id, expected=newest.number, **_who(author, reason))
    _print_revisions([done], False)


@records.command()
def restore(kind: Kind, record_id: RecordId, number: int, reason: Reason, author: Author = "") -> None:
    """Make an earlier revision the newest draft."""
    with _repository() as repository:
        editing = Editing(repository.engine)
        newest = editing.newest(kind, record_id)
        done = editing.restore(kind, record_id, number, expected=newest.number, **_who(author, reason))
    _print_revisions([done], False)


@records.command()
def publish(kind: Kind, record_ids: list[str], reason: Reason, author: Author = "") -> None:
    """Make records in review public together, checked against every rule and every check."""
    with _publishing() as (editing, publishing):
        targets = _targets(editing, kind, record_ids)
        _print_published(publishing.publish(targets, **_who(author, reason)))


@records.command()
def archive(kind: Kind, record_ids: list[str], reason: Reason, author: Author = "") -> None:
    """Take records out of what is public."""
    with _publishing() as (editing, publishing):
        targets = _targets(editing, kind, record_ids)
        _print_published(publishing.archive(targets, **_who(author, reason)))


@records.command()
def rollback(kind: Kind, record_id: RecordId, number: int, reason: Reason, author: Author = "") -> None:
    """Make an earlier revision public again, at once."""
    with _publishing() as (editing, publishing):
        expected = editing.newest(kind, record_id).number
        done = publishing.roll_back(kind, record_id, number, expected=expected, **_who(author, reason))
        _print_published(done)


@checks.command("list")
def list_checks(as_json: AsJson = False) -> None:
    """Ask every check of what is published now; status 1 when one fails."""
    from services_catalog.editors.checks import CheckList
    from services_catalog.large.loading import load_newest

    settings = Settings()
    with _repository() as repository:
        engine = load_newest(repository, settings.learned_folder, settings.large_catalogue_from)
        found = [(one, one.holds(engine)) for one in CheckList(repository.engine).all()]
    if as_json:
        rows = [{**asdict(one), "at": one.at.isoformat(), "holds": holds} for one, holds in found]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        for one, holds in found:
            typer.echo(
                f"{one.id:>5} {'holds' if holds else 'FAILS':<6} {one.language:<3} {one.offer_id:<40} {one.question}"
            )
    raise typer.Exit(0 if all(holds for _, holds in found) else 1)


@checks.command("add")
def add_check(language: str, question: str, offer_id: str, author: Author = "") -> None:
    """Keep a question that must find an offer; it is asked at each publication."""
    from api.privacy import redact
    from services_catalog.editors.checks import CheckList

    with _repository() as repository:
        Editing(repository.engine).newest("offers", offer_id)
        made = CheckList(repository.engine).add(language, redact(question), offer_id, author or getpass.getuser())
    typer.echo(f"Check {made.id} is kept.")


@checks.command("remove")
def remove_check(check_id: int) -> None:
    """Forget a check."""
    from services_catalog.editors.checks import CheckList

    with _repository() as repository:
        CheckList(repository.engine).remove(check_id)
    typer.echo(f"Check {check_id} is forgotten.")


def demand(
    days: Annotated[int, typer.Option(min=1, max=3650, help="How many days back.")] = 90, as_json: AsJson = False
) -> None:
    """Show what was asked in vain, per language and need; small numbers are left out."""
    from services_catalog.editors.demand import Demand, secret_in

    with _repository() as repository:
        found = Demand(repository.engine, secret_in(Settings().data_folder)).open(
            dt.date.today() - dt.timedelta(days=days)
        )
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, indent=1, default=str))
        return
    for group in found:
        typer.echo(f"{group.times:>6}  {group.language:<3} {group.need or '(no need named)'}")
        for question in group.questions:
            typer.echo(f"{question.times:>10}  {question.outcome.value:<14} {question.text}")
    if not found:
        typer.echo(f"Nothing was asked in vain often enough in the last {days} days.")


def _targets(editing: Editing, kind: str, record_ids: list[str]) -> list[Target]:
    from services_catalog.editors.publishing import Target

    return [Target(kind, one, editing.newest(kind, one).number) for one in record_ids]


def _who(author: str, reason: str) -> dict[str, str]:
    return {"author": author or getpass.getuser(), "reason": reason}


def _one_record(file: Path) -> Any:
    found = load_records(file.name, file.read_bytes())
    if len(found) != 1:
        raise RecordInvalid([Problem(file.name, 0, "record", f"{len(found)} records; one is saved at a time")])
    return found[0]


def _print_revisions(found: list[Revision], as_json: bool) -> None:
    if as_json:
        rows = [{"kind": one.kind, "id": one.id, "number": one.number, "state": one.state.value, "author": one.author,
                 "reason": one.reason, "at": one.at.isoformat()} for one in found]  # fmt: skip
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for one in found:
        at = one.at.isoformat(timespec="seconds")
        typer.echo(f"{one.kind}/{one.id}  {one.number:>4}  {one.state.value:<10} {at}  {one.author}: {one.reason}")


def _print_published(done: Published) -> None:
    _print_revisions(list(done.revisions), False)
    typer.echo(f"The catalogue is now version {done.version}.")
    for check in done.failing:
        typer.echo(f"Still failing, as before: {check}")


def _one_line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
