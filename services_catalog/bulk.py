"""Take many records over at once, as an import brings them: each becomes a revision, all or nothing.

What the records say of themselves decides: published ones are seen by everybody at once, drafts by editors only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from services_catalog import revisions
from services_catalog.catalogue import Catalogue
from services_catalog.checks import Check, broken_by
from services_catalog.database import DatabaseRepository, locked_version, new_version, writing
from services_catalog.errors import CatalogueUnavailable, PublicationRefused, RecordNotFound
from services_catalog.offer import Offer, Publication, Record
from services_catalog.progress import Progress, silent
from services_catalog.publishing import show
from services_catalog.revisions import Entry
from services_catalog.search import SearchEngine
from services_catalog.seed import FOLDERS

_SHOWN = (Publication.PUBLISHED, Publication.ARCHIVED)
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
        for done, (kind, record) in enumerate(changes, 1):
            if kind not in FOLDERS:
                raise RecordNotFound(kind, revisions.record_id_of(record))
            newest = revisions.newest(connection, kind, revisions.record_id_of(record))
            state = record.publication if isinstance(record, Offer) else Publication.PUBLISHED
            expected = newest.number if newest else 0
            revision = revisions.add(connection, kind, record, state, entry, expected=expected)
            if state in _SHOWN:
                show(connection, revision, before + 1)
            if done % _REPORT_EVERY == 0 or done == len(changes):
                progress("saving", done, len(changes))
        new_version(connection, before + 1)
    return before + 1


def refuse_broken(checks: Iterable[Check], before: SearchEngine, catalogue: Catalogue) -> None:
    """Ask the editors' checks of a catalogue as it would be. Raises PublicationRefused for those it breaks."""
    asked = list(checks)
    broken = (
        broken_by(asked, before, before.updated(replace(catalogue, version=before.catalogue.version))) if asked else []
    )
    if broken:
        raise PublicationRefused([], broken)
