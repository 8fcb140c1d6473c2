"""What a request to `/hsds` asks for: its language, its place in the pages, what narrows the list; and how it is answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from api.authorization import staff_allowed
from api.catalogue_service import Snapshot
from api.conditional import conditional_json
from api.languages import Spoken, preferred_language
from api.moments import Written
from api.openapi import kept, problems
from api.privacy import redact
from api.problems import Problem
from services_catalog.hsds.datasets import Dataset
from services_catalog.hsds.entries import Entries, Entry, Filter
from services_catalog.hsds.objects import Json
from services_catalog.looked_up import LookedUp
from services_catalog.messages import N_

_PER_PAGE, _MOST_PER_PAGE, _MOST_TOGETHER = 50, 500, 1000
#: A search gives at most so many services, none below this share of the score of the best.
_MOST_FOUND, _LEAST_SHARE = 50, 0.1


def refused(parameter: str, message: str, detail: str, **values: str) -> Problem:
    """Return the refusal of a query parameter; `message` and `detail` say why and what to do, `values` fill `detail`."""
    errors = [{"field": f"query.{parameter}", "message": message}]
    return Problem(422, N_("Something in the request is wrong"), detail, errors=errors, headers=None, **values)


@dataclass(frozen=True)
class Asked:
    """A request, the data it may see in its language, and the snapshot these were made from."""

    request: Request
    snapshot: Snapshot
    data: Dataset
    staff: bool

    def answer(self, body: Any, entries: Iterable[Entry]) -> Response:
        """Return a body that shows some entries, in the languages of their texts."""
        spoken = {tag for entry in entries for tag in entry.languages} or {self.data.language}
        first = [self.data.language] if self.data.language in spoken else []
        language = ", ".join([*first, *sorted(spoken - {*first})])
        return conditional_json(self.request, body, language=language, modified=self.data.since, private=self.staff)

    def one(self, entries: Mapping[str, Entry], identity: str) -> Entry:
        """Return the entry with an identifier. Raises Problem 404."""
        try:
            return entries[str(UUID(identity))]
        except (KeyError, ValueError):
            detail = N_("There is nothing with the identifier “{identity}” here.")
            raise Problem(404, N_("This was not found"), detail, identity=identity) from None

    def found(self, search: str, entries: Entries, narrowing: Filter) -> LookedUp[Entry]:
        """Return the entries of the services that a search finds, the best first; without a search all of them; in both cases
        as far as a filter lets them through."""
        if not search.strip():
            return entries.narrowed(narrowing)
        hits = self.snapshot.engine.search(redact(search), staff=self.staff, limit=_MOST_FOUND).hits
        least = max((hit.score for hit in hits), default=0.0) * _LEAST_SHARE
        return entries.of_offers([hit.offer.id for hit in hits if hit.score >= least], narrowing)


def asked(
    request: Request,
    language: Annotated[
        Spoken | None, Query(description="The language of the texts; Accept-Language otherwise.")
    ] = None,
    format: Annotated[str, Query(description="Only `json` is served.", json_schema_extra={"enum": ["json"]})] = "json",
) -> Asked:
    """Return what a request asks of. Raises Problem 422 for another language or format, 401 or 403 for a wrong token."""
    if format.lower() != "json":
        detail = N_("The format “{format}” is not served. Leave `format` out, or use “json”.")
        raise refused("format", "only json is served", detail, format=format)
    staff = "authorization" in request.headers
    if staff:
        staff_allowed(request)
    snapshot: Snapshot = request.app.state.catalogue.current
    data = request.app.state.datasets.of(snapshot.catalogue, preferred_language(request), staff=staff)
    return Asked(request, snapshot, data, staff)


@dataclass(frozen=True)
class Paging:
    """Which page is wanted, counted from 1."""

    page: Annotated[int, Query(ge=1, description="Number of the page, from 1.")] = 1
    per_page: Annotated[int | None, Query(ge=1, le=_MOST_PER_PAGE, description="Objects on a page.")] = None

    def envelope(self, entries: Sequence[Entry], shown: Sequence[Json], size: int) -> Json:
        """Return a page of HSDS around what it shows."""
        pages = -(-len(entries) // size)
        return {
            "total_items": len(entries),
            "total_pages": pages,
            "page_number": self.page,
            "page": self.page,
            "per_page": size,
            "size": len(shown),
            "first_page": self.page == 1,
            "last_page": self.page >= pages,
            "empty": not shown,
            "contents": list(shown),
        }


def page_of(
    asked: Asked, paging: Paging, entries: Sequence[Entry], show: Callable[[Entry], Json], *, together: bool = False
) -> Response:
    """Return one page of entries; all of them on one, as far as that goes, when they belong `together` and no size was asked
    for."""
    size = paging.per_page or (min(max(len(entries), 1), _MOST_TOGETHER) if together else _PER_PAGE)
    shown = entries[(paging.page - 1) * size : paging.page * size]
    return asked.answer(paging.envelope(entries, [show(one) for one in shown], size), shown)


def narrowed(
    taxonomy_term_id: Annotated[UUID | None, Query(description="Classified by this very term.")] = None,
    taxonomy_id: Annotated[UUID | None, Query(description="Classified by any term of this taxonomy.")] = None,
    organization_id: Annotated[UUID | None, Query(description="Provided by this organization.")] = None,
    modified_after: Annotated[
        Annotated[dt.datetime, Written] | None,
        Query(description="Changed at this moment or later; UTC where no zone is given."),
    ] = None,
    minimum_age: Annotated[
        int | None, Query(ge=0, le=120, description="Their stated minimum age is at least this (Open Referral UK).")
    ] = None,
    maximum_age: Annotated[
        int | None, Query(ge=0, le=120, description="Their stated maximum age is at most this (Open Referral UK).")
    ] = None,
) -> Filter:
    """Return what services are narrowed by."""
    if modified_after is not None and modified_after.tzinfo is None:
        modified_after = modified_after.replace(tzinfo=dt.UTC)
    return Filter(
        taxonomy_term_id=_text(taxonomy_term_id),
        taxonomy_id=_text(taxonomy_id),
        organization_id=_text(organization_id),
        modified_after=modified_after,
        minimum_age=minimum_age,
        maximum_age=maximum_age,
    )


def _text(identity: UUID | None) -> str | None:
    return None if identity is None else str(identity)


Flag = Annotated[bool, Query()]
Search = Annotated[str, Query(max_length=4000, description="Full text search, in any of the languages.")]
Asking = Annotated[Asked, Depends(asked)]
Page = Annotated[Paging, Depends()]
Narrowing = Annotated[Filter, Depends(narrowed)]


def responses(example: Json, *, single: bool = False) -> dict[int | str, Json]:
    """Return what the OpenAPI description says of the answers."""
    described: dict[int | str, Json] = {
        200: {
            "description": "As HSDS 3.0 has it.",
            "headers": kept()[200]["headers"],
            "content": {"application/json": {"schema": {"type": "object"}, "example": example}},
        },
        304: kept()[304],
    }
    return described | problems(401, 403, *([404] if single else []))
