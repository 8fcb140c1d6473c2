"""Take many records over at once, as an import brings them: each becomes a revision, all or nothing.

What the records say of themselves decides: published ones are seen by everybody at once, drafts by editors only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services_catalog.catalogue import Catalogue
from services_catalog.database import DatabaseRepository, body_of, locked_version, new_version, records, writing
from services_catalog.editors import revisions
from services_catalog.editors.checks import Check, broken_by
from services_catalog.editors.revisions import Entry
from services_catalog.errors import CatalogueUnavailable, PublicationRefused, RecordNotFound
from services_catalog.offer import Offer, Publication, Record
from services_catalog.progress import Progress, silent
from services_catalog.searching import Search
from services_catalog.seed import FOLDERS

_SHOWN = (Publication.PUBLISHED.value, Publication.ARCHIVED.value)
#: So many records are saved between two reports of progress.
_REPORT_EVERY = 500


def take_over(
    repository: DatabaseRepository,
    changes: Sequence[tuple[str, Record]],
    entry: Entry,
    *,
    on_top_of: int,
    progress: Progress = silent,
) -> int:
    """Save and publish records that were checked against version `on_top_of` of the catalogue, and return the new version.

    Raises CatalogueUnavailable when somebody published since: nothing is saved, and the import can be made again.
    """
    with writing(repository.engine) as connection:
        before = locked_version(connection)
        if before != on_top_of:
            raise CatalogueUnavailable(
                f"Somebody published while the import was checked (version {before}, not {on_top_of}). "
                "Nothing was saved: import again."
            )
        saved = _revisions(connection, changes, entry, progress)
        connection.execute(sa.insert(revisions.revisions), saved)
        _show_all(connection, [row for row in saved if row["state"] in _SHOWN], before + 1)
        new_version(connection, before + 1)
    return before + 1


def _revisions(
    connection: Connection, changes: Sequence[tuple[str, Record]], entry: Entry, progress: Progress
) -> list[dict[str, Any]]:
    """Return the rows of the new revisions, with those of what was there before its first edit."""
    kinds = {kind for kind, _ in changes}
    if unknown := kinds - set(FOLDERS):
        kind = min(unknown)
        raise RecordNotFound(kind, next(revisions.record_id_of(record) for one, record in changes if one == kind))
    table = revisions.revisions
    last = sa.select(table.c.kind, table.c.id, sa.func.max(table.c.number)).where(table.c.kind.in_(kinds))
    numbers = {(kind, one): number for kind, one, number in connection.execute(last.group_by(table.c.kind, table.c.id))}
    unedited = revisions.unedited(connection, kinds)
    rows: list[dict[str, Any]] = []
    at = dt.datetime.now(dt.UTC)
    for done, (kind, record) in enumerate(changes, 1):
        identity = revisions.record_id_of(record)
        number = numbers.get((kind, identity), 0)
        if not number and (first := unedited.get((kind, identity))):
            rows.append(first)
            number = 1
        state = record.publication if isinstance(record, Offer) else Publication.PUBLISHED
        rows.append(
            {"kind": kind, "id": identity, "number": number + 1, "state": state.value, "author": entry.author,
             "reason": entry.reason, "at": at, "body": body_of(record)}
        )  # fmt: skip
        if done % _REPORT_EVERY == 0 or done == len(changes):
            progress("saving", done, len(changes))
    return rows


def _show_all(connection: Connection, saved: Sequence[dict[str, Any]], version: int) -> None:
    """Make the newest of the saved revisions the rows that everybody reads, those that are new behind the others."""
    newest = {(row["kind"], row["id"]): row for row in saved}
    there = set(connection.execute(sa.select(records.c.kind, records.c.id)).tuples())
    counted = sa.select(records.c.kind, sa.func.max(records.c.position)).group_by(records.c.kind)
    position = dict(connection.execute(counted).tuples().all())
    changed, new = [], []
    for key, row in newest.items():
        values = {"body": row["body"], "version": version, "revision": row["number"], "published_at": row["at"]}
        if key in there:
            changed.append({"b_kind": key[0], "b_id": key[1], **values})
            continue
        position[key[0]] = position.get(key[0], -1) + 1
        new.append({"kind": key[0], "id": key[1], "position": position[key[0]], **values})
    if changed:
        this_one = (records.c.kind == sa.bindparam("b_kind")) & (records.c.id == sa.bindparam("b_id"))
        connection.execute(sa.update(records).where(this_one), changed)
    if new:
        connection.execute(sa.insert(records), new)


def refuse_broken(checks: Iterable[Check], before: Search, catalogue: Catalogue) -> None:
    """Ask the editors' checks of a catalogue as it would be. Raises PublicationRefused for those it breaks."""
    asked = list(checks)
    broken = (
        broken_by(asked, before, before.updated(replace(catalogue, version=before.catalogue.version))) if asked else []
    )
    if broken:
        raise PublicationRefused([], broken)
