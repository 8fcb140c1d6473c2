"""What editors do with records: save drafts, hand them in, take an earlier state back. Nothing here is seen by residents;
that is `publishing`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence

from sqlalchemy.engine import Engine

from services_catalog.database import reading, writing
from services_catalog.editors import revisions
from services_catalog.editors.revisions import Entry, Revision, record_id_of
from services_catalog.editors.translations import outdate
from services_catalog.errors import Problem, RecordInvalid, RecordNotFound, StateRefused
from services_catalog.offer import Offer, Publication, Record
from services_catalog.seed import FOLDERS

#: So many records are saved between two reports of progress.
_REPORT_EVERY = 200


class Editing:
    """The editors' side of one catalogue. Safe to share between threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest(self, kind: str, record_id: str) -> Revision:
        """Return what editors work on. Raises RecordNotFound, also for a kind that does not exist."""
        _known(kind, record_id)
        with reading(self._engine) as connection:
            return _present(revisions.newest(connection, kind, record_id), kind, record_id)

    def history(self, kind: str, record_id: str) -> list[Revision]:
        """Return every revision of a record, the newest first. Raises RecordNotFound."""
        _known(kind, record_id)
        return revisions.history(self._engine, kind, record_id)

    def revision(self, kind: str, record_id: str, number: int) -> Revision:
        """Return one revision of a record. Raises RecordNotFound."""
        _known(kind, record_id)
        return revisions.one_revision(self._engine, kind, record_id, number)

    def working_copies(self, kind: str) -> Iterator[Revision]:
        """Yield what editors work on of every record of a kind. Raises RecordNotFound for a kind that does not exist."""
        _known(kind, "")
        return revisions.working_copies(self._engine, kind)

    def save(self, kind: str, record: Record, *, author: str, reason: str, expected: int) -> Revision:
        """Save a draft behind revision `expected` (0: the record is new). A changed Danish text makes the translations
        that were not changed with it outdated. Raises RevisionConflict, RecordNotFound for an unknown kind."""
        identity = record_id_of(record)
        _known(kind, identity)
        with writing(self._engine) as connection:
            before = revisions.newest(connection, kind, identity)
            if isinstance(record, Offer) and before is not None and isinstance(before.record, Offer):
                record = outdate(before.record, record)
            entry = Entry(author, reason)
            return revisions.add(connection, kind, record, Publication.DRAFT, entry, expected=expected)

    def save_all(
        self,
        changes: Sequence[tuple[str, Record]],
        *,
        author: str,
        reason: str,
        progress: Callable[[int], None] = lambda _: None,
    ) -> list[Revision]:
        """Save many records, each behind its newest revision, all or nothing; those that changed nothing are left out of
        what is returned. `progress` is told how many are done."""
        saved = []
        with writing(self._engine) as connection:
            for done, (kind, record) in enumerate(changes):
                identity = record_id_of(record)
                _known(kind, identity)
                before = revisions.newest(connection, kind, identity)
                if before is not None and isinstance(record, Offer) and isinstance(before.record, Offer):
                    record = outdate(before.record, record.model_copy(update={"publication": before.state}))
                if before is not None and record == before.record:
                    continue
                expected = before.number if before else 0
                entry = Entry(author, reason)
                saved.append(revisions.add(connection, kind, record, Publication.DRAFT, entry, expected=expected))
                if done % _REPORT_EVERY == 0:
                    progress(done)
        progress(len(changes))
        return saved

    def submit(self, kind: str, record_id: str, *, author: str, reason: str, expected: int) -> Revision:
        """Hand a draft in for review. Raises StateRefused for anything but a draft, RevisionConflict, RecordNotFound."""
        with writing(self._engine) as connection:
            before = _present(revisions.newest(connection, kind, record_id), kind, record_id)
            if before.state is not Publication.DRAFT:
                raise StateRefused(kind, record_id, before.state.value, "handed in", "a draft")
            entry = Entry(author, reason)
            return revisions.add(connection, kind, before.record, Publication.IN_REVIEW, entry, expected=expected)

    def restore(self, kind: str, record_id: str, number: int, *, author: str, reason: str, expected: int) -> Revision:
        """Make an earlier revision the newest draft again. Raises RevisionConflict, RecordNotFound."""
        earlier = self.revision(kind, record_id, number)
        return self.save(kind, earlier.record, author=author, reason=reason, expected=expected)

    def assure(
        self, kind: str, record_id: str, *, author: str, reason: str, review_by: dt.date, expected: int
    ) -> Revision:
        """Save that a person vouches for an offer as of today, and when that is due again. Raises RecordNotFound for
        anything but an offer, RecordInvalid when that day is not ahead, RevisionConflict."""
        offer = self.newest(kind, record_id).record
        if not isinstance(offer, Offer):
            raise RecordNotFound("offers", record_id)
        today = dt.date.today()
        if review_by <= today:
            raise RecordInvalid([Problem(f"offers/{record_id}", 0, "review_by", "must be a day ahead")])
        assured = offer.model_copy(update={"assured_on": today, "review_by": review_by})
        return self.save(kind, assured, author=author, reason=reason, expected=expected)


def _known(kind: str, record_id: str) -> None:
    if kind not in FOLDERS:
        raise RecordNotFound(kind, record_id)


def _present(revision: Revision | None, kind: str, record_id: str) -> Revision:
    if revision is None:
        raise RecordNotFound(kind, record_id)
    return revision
