"""Make revisions public: checked against every rule and every check first, then all at once.

The work is done before the database is touched: the catalogue as it would be, its search engine, the checks asked of it.
Only the last step writes; if somebody else published in between, everything is done again on top of that.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from services_catalog.catalogue import Catalogue
from services_catalog.database import (
    DatabaseRepository,
    body_of,
    locked_version,
    new_version,
    reading,
    records,
    writing,
)
from services_catalog.editors import revisions
from services_catalog.editors.checks import Check, CheckList, broken_by
from services_catalog.editors.revisions import Entry, Revision
from services_catalog.errors import PublicationRefused, RecordNotFound, RevisionConflict, StateRefused
from services_catalog.offer import Offer, Publication, Record
from services_catalog.searching import Search
from services_catalog.validation import validate

#: So often somebody else may come in between before we give up.
_ATTEMPTS = 5


@dataclass(frozen=True)
class Target:
    """A record to be published, as of the revision the publisher has seen."""

    kind: str
    id: str
    expected: int


@dataclass(frozen=True)
class Published:
    """What a publication came to: the new version of the catalogue, its engine, the revisions; and the checks that fail,
    which they did before."""

    engine: Search
    revisions: tuple[Revision, ...]
    failing: tuple[Check, ...]

    @property
    def version(self) -> int:
        return self.engine.catalogue.version


class Publishing:
    """Publishes into one database. `engine` gives the search engine of the newest version this process knows; `accept`
    is handed the one of a new version, before anybody else asks for it."""

    def __init__(
        self,
        repository: DatabaseRepository,
        engine: Callable[[], Search],
        accept: Callable[[Search], None],
    ) -> None:
        self._repository, self._engine, self._accept = repository, engine, accept
        self._checks = CheckList(repository.engine)
        self._one_at_a_time = threading.Lock()

    def publish(self, targets: Sequence[Target], *, author: str, reason: str) -> Published:
        """Make records public together. Raises StateRefused for one that is not in review, RevisionConflict,
        RecordNotFound, and PublicationRefused when a rule or a check would break."""
        return self._move(targets, Entry(author, reason), Publication.PUBLISHED)

    def archive(self, targets: Sequence[Target], *, author: str, reason: str) -> Published:
        """Take records out of what is public together. Raises as `publish`; a record that another one needs stays."""
        return self._move(targets, Entry(author, reason), Publication.ARCHIVED)

    def roll_back(
        self, kind: str, record_id: str, number: int, *, expected: int, author: str, reason: str
    ) -> Published:
        """Make an earlier revision public again, at once. Raises as `publish`."""
        earlier = revisions.one_revision(self._repository.engine, kind, record_id, number)
        entry = Entry(author, reason)
        return self._move(
            [Target(kind, record_id, expected)], entry, Publication.PUBLISHED, {record_id: earlier.record}
        )

    def _move(
        self,
        targets: Sequence[Target],
        entry: Entry,
        state: Publication,
        instead: Mapping[str, Record] | None = None,
    ) -> Published:
        with self._one_at_a_time:
            for _ in range(_ATTEMPTS):
                done = self._attempt(targets, entry, state, instead or {})
                if done is not None:
                    return done
        raise RevisionConflict(targets[0].kind, targets[0].id, targets[0].expected, None)

    def _attempt(
        self, targets: Sequence[Target], entry: Entry, state: Publication, instead: Mapping[str, Record]
    ) -> Published | None:
        """Publish on top of the newest version; None when another publication came in between."""
        before = self._newest_engine()
        with reading(self._repository.engine) as connection:
            moved = [self._seen(connection, target, state, forced=target.id in instead) for target in targets]
        chosen = [replace(one, record=instead.get(one.id, one.record)) for one in moved]
        catalogue = _with(before.catalogue, chosen, state)
        problems = validate(catalogue, since=before.catalogue)
        if problems:
            raise PublicationRefused(problems)
        after = before.updated(catalogue)
        checks = self._checks.all()
        broken = broken_by(checks, before, after)
        if broken:
            raise PublicationRefused([], broken)
        with writing(self._repository.engine) as connection:
            if locked_version(connection) != before.catalogue.version:
                return None
            version = before.catalogue.version + 1
            saved = tuple(
                revisions.add(connection, one.kind, one.record, state, entry, expected=target.expected)
                for one, target in zip(chosen, targets, strict=True)
            )
            for revision in saved:
                _show(connection, revision, version)
            new_version(connection, version)
        modified = {revision.id: revision.at for revision in saved if revision.kind == "offers"}
        after.catalogue = replace(catalogue, version=version, modified={**catalogue.modified, **modified})
        self._accept(after)
        return Published(after, saved, tuple(check for check in checks if not check.holds(after)))

    def _newest_engine(self) -> Search:
        engine = self._engine()
        if engine.catalogue.version == self._repository.version():
            return engine
        return engine.updated(self._repository.load(engine.catalogue))

    def _seen(self, connection: Connection, target: Target, state: Publication, *, forced: bool) -> Revision:
        newest = revisions.newest(connection, target.kind, target.id)
        if newest is None:
            raise RecordNotFound(target.kind, target.id)
        if newest.number != target.expected:
            raise RevisionConflict(target.kind, target.id, target.expected, newest)
        if state is Publication.PUBLISHED and not forced and newest.state is not Publication.IN_REVIEW:
            raise StateRefused(target.kind, target.id, newest.state.value, "published", "in review")
        if state is Publication.ARCHIVED and newest.state is Publication.ARCHIVED:
            raise StateRefused(target.kind, target.id, newest.state.value, "archived", "not archived yet")
        return newest


def _with(catalogue: Catalogue, chosen: Sequence[Revision], state: Publication) -> Catalogue:
    """Return the catalogue with some records in their new state. An archived offer stays, so that its address can say what
    became of it; another archived record goes."""
    offers: dict[str, Offer | None] = {}
    others: dict[str, dict[str, Record]] = {}
    for one in chosen:
        if isinstance(one.record, Offer):
            offers[one.id] = one.record.model_copy(update={"publication": state})
            continue
        group = others.setdefault(one.kind, dict(getattr(catalogue, one.kind)))
        if state is Publication.ARCHIVED:
            group.pop(one.id, None)
        else:
            group[one.id] = one.record
    catalogue = replace(catalogue, **others)  # type: ignore[arg-type]
    return catalogue.with_offers(offers) if offers else catalogue


def _show(connection: Connection, revision: Revision, version: int) -> None:
    """Make a revision the row that everybody reads."""
    gone = revision.state is Publication.ARCHIVED and not isinstance(revision.record, Offer)
    values = {
        "body": None if gone else body_of(revision.record),
        "version": version,
        "revision": revision.number,
        "published_at": revision.at,
    }
    key = (records.c.kind == revision.kind) & (records.c.id == revision.id)
    if connection.execute(sa.update(records).where(key).values(**values)).rowcount:
        return
    last = sa.select(sa.func.coalesce(sa.func.max(records.c.position), -1)).where(records.c.kind == revision.kind)
    position = connection.execute(last).scalar_one() + 1
    connection.execute(sa.insert(records).values(kind=revision.kind, id=revision.id, position=position, **values))
