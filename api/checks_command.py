"""`vejviser launch-check` and `vejviser trace`: what a person must confirm, and what rests on what."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.settings import Settings
from services_catalog.errors import CatalogueError

if TYPE_CHECKING:
    from services_catalog.catalogue import Catalogue
    from services_catalog.editors.launch_check import Item

#: A value for scripts, and the lines for people.
_Shown = tuple[Any, list[str]]

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")]


def launch_check(as_json: AsJson = False) -> None:
    """List every fact that a person must confirm before going live, the numbers for people in danger first."""
    import datetime as dt

    from services_catalog.editors.launch_check import crisis_steps
    from services_catalog.editors.launch_check import launch_check as checked

    items = checked(_catalogue(), crisis_steps(), dt.date.today())
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in items], ensure_ascii=False, indent=1))
    else:
        _list(items)


def trace(
    offer: Annotated[str | None, typer.Argument(help="An offer: what does it rest on?")] = None,
    document: Annotated[str | None, typer.Option(help="A file name or an address: what rests on it?")] = None,
    policy: Annotated[str | None, typer.Option(help="The id of a policy: what rests on it?")] = None,
    ending: Annotated[int | None, typer.Option(min=1990, max=2100, help="Which policies end by this year?")] = None,
    as_json: AsJson = False,
) -> None:
    """Follow an offer to its sources, or a document, a page or a policy to everything that rests on it."""
    if sum(one is not None for one in (offer, document, policy, ending)) != 1:
        raise CatalogueError("Name one thing to follow: an offer, --document, --policy or --ending.")
    catalogue = _catalogue()
    if ending is not None:
        value, lines = _ending(catalogue, ending)
    elif offer is not None:
        value, lines = _offer(catalogue, offer)
    elif policy is not None and policy not in catalogue.policies:
        raise CatalogueError(f"There is no policy {policy!r}. The policies are {', '.join(catalogue.policies)}.")
    else:
        value, lines = _resting(catalogue, str(document or policy))
    typer.echo(json.dumps(value, ensure_ascii=False, indent=1) if as_json else "\n".join(lines))


def _ending(catalogue: Catalogue, year: int) -> _Shown:
    from api.trace import ending_policies

    policies = ending_policies(catalogue, year)
    lines = []
    for one in policies:
        lines += [f"{one.year}  {one.name} [{one.policy_id}], offers: {len(one.offers)}", *_indented(one.offers)]
    return [asdict(one) for one in policies], lines or [f"No policy in the catalogue ends by {year}."]


def _offer(catalogue: Catalogue, offer_id: str) -> _Shown:
    from api.trace import offer_trace

    found = offer_trace(catalogue, catalogue.offer(offer_id))
    lines = [f"{found.name} [{found.offer_id}], from {', '.join(found.policies) or 'no policy'}"]
    for one in found.sources:
        lines += [
            f"{one.document or one.address}" + (f", {one.section}" if one.section else ""),
            *_indented([f"“{one.quote}”", f"for {', '.join(one.supports) or 'the texts'}"]),
        ]
    return asdict(found), lines


def _resting(catalogue: Catalogue, name: str) -> _Shown:
    from api.trace import source_trace

    found = source_trace(catalogue, name)
    lines = []
    for one in found.resting:
        words = [one.section, f"“{one.quote}”" if one.quote else None]
        lines += [f"{one.kind} {one.id}: {one.name}", *_indented(word for word in words if word)]
    return asdict(found), [*lines, f"Offers that rest on {found.name}: {found.offers}."]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"       {line}" for line in lines]


def _list(items: list[Item]) -> None:
    """Print the items, those about texts only as a count for each language."""
    from services_catalog.editors.launch_check import TITLES, Group, counted
    from services_catalog.languages import LANGUAGES

    for group in Group:
        chosen = [one for one in items if one.group is group]
        typer.echo(f"\n{TITLES[group]} ({len(chosen)})")
        if group is Group.TEXT:
            for tag, count in counted(items).items():
                typer.echo(
                    f"  {LANGUAGES[tag].native_name}: {count} offers (vejviser translations queue --language {tag})"
                )
            continue
        for one in chosen:
            typer.echo(f"{one.order:>5}. {one.what} [{one.id}]\n       {one.why}")
            if one.source:
                typer.echo(f"       {one.source}" + (f" ({one.seen_date})" if one.seen_date else ""))
    typer.echo(f"\n{len(items)} things to confirm.")


def _catalogue() -> Catalogue:
    from api.opening import filled_catalogue

    return filled_catalogue(Settings())
