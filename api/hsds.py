"""`/hsds`: the catalogue for other systems, as the Human Services Data Specification 3.0 has it (docs/hsds.md)."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from api import hsds_examples as examples
from api.addresses import public_address
from api.hsds_request import Asking, Flag, Narrowing, Page, Search, narrowed, page_of, refused, responses
from services_catalog.hsds.datasets import holding
from services_catalog.messages import N_

router = APIRouter(prefix="/hsds", tags=["hsds"])

VERSION = "3.0"
PROFILE = "https://docs.openreferral.org/en/latest/hsds/"


@router.get("", include_in_schema=False)
@router.get("/", summary="What this API serves", responses=responses(examples.ROOT))
def root(asked: Asking) -> Response:
    """Tell the version of HSDS, its profile, and where this description is."""
    address = f"{public_address(asked.request)}{asked.request.app.openapi_url}"
    described = {"version": VERSION, "profile": PROFILE, "openapi_url": address}
    return asked.answer(described, ())


@router.get("/services", summary="Services, a page at a time", responses=responses(examples.page(examples.SERVICE)))
def services(
    asked: Asking, paging: Page, narrowing: Narrowing, search: Search = "", minimal: Flag = False, full: Flag = False
) -> Response:
    """List the published services. Every parameter narrows the list; with `search` the best come first.

    `full` shows each with everything that belongs to it. `minimal` shows identifier, name, status and last change, of all
    services on one page where these are no more than 1,000, unless `per_page` is given. Services for staff are there for
    a staff token only."""
    entries = asked.found(search, asked.data.services, narrowing)
    if minimal:
        return page_of(asked, paging, entries, lambda one: one.minimal, together=True)
    return page_of(asked, paging, entries, lambda one: one.full if full else one.listed)


@router.get("/services/{id}", summary="One service", responses=responses(examples.FULL_SERVICE, single=True))
def service(asked: Asking, id: str) -> Response:
    """Show one service with its organization, places, phones, costs, languages and classification."""
    entry = asked.one(asked.data.services, id)
    return asked.answer(entry.full, [entry])


@router.get(
    "/organizations",
    summary="Organizations, a page at a time",
    responses=responses(examples.page(examples.ORGANIZATION)),
)
def organizations(
    asked: Asking, paging: Page, search: Search = "", taxonomy_term_id: UUID | None = None, taxonomy_id: UUID | None = None,
    full: Flag = False, full_service: Flag = False,
) -> Response:  # fmt: skip
    """List the organizations that provide services or take part in them, and those they belong to.

    `search` looks for words in name and description; the taxonomy parameters hold for any of the services. `full` adds
    places and services, `full_service` these with everything that belongs to them."""
    narrowing = narrowed(taxonomy_term_id, taxonomy_id)
    entries = [one for one in holding(asked.data.organizations.values(), search) if narrowing.lets(one.facets)]
    if full_service:
        return page_of(asked, paging, entries, asked.data.organization_with_services)
    return page_of(asked, paging, entries, lambda one: one.full if full else one.listed)


@router.get(
    "/organizations/{id}", summary="One organization", responses=responses(examples.FULL_ORGANIZATION, single=True)
)
def organization(asked: Asking, id: str, full_service: Flag = False) -> Response:
    """Show one organization with its places and services; with `full_service` everything that belongs to these."""
    entry = asked.one(asked.data.organizations, id)
    return asked.answer(asked.data.organization_with_services(entry) if full_service else entry.full, [entry])


@router.get(
    "/service_at_locations",
    summary="Where services can be had, a page at a time",
    responses=responses(examples.page(examples.AT_LOCATION)),
)
def service_at_locations(
    asked: Asking,
    paging: Page,
    narrowing: Narrowing,
    search: Search = "",
    full: Flag = False,
    postcode: Annotated[str | None, Query(include_in_schema=False)] = None,
    proximity: Annotated[str | None, Query(include_in_schema=False)] = None,
) -> Response:
    """List the places where services can be had, each with its service; only places that a source names.

    The parameters are those of services. `postcode` and `proximity` are refused: the catalogue has no coordinates."""
    for field, value in (("postcode", postcode), ("proximity", proximity)):
        if value is not None:
            detail = N_("“{field}” cannot be searched by: the catalogue has no coordinates. Leave it out.")
            raise refused(field, "not served", detail, field=field)
    entries = asked.found(search, asked.data.service_at_locations, narrowing)
    return page_of(asked, paging, entries, lambda one: one.full if full else one.listed)


@router.get(
    "/service_at_locations/{id}",
    summary="One service at one place",
    responses=responses(examples.AT_LOCATION, single=True),
)
def service_at_location(asked: Asking, id: str) -> Response:
    """Show one place where a service can be had, and the service with everything that belongs to it."""
    entry = asked.one(asked.data.service_at_locations, id)
    return asked.answer(entry.full, [entry])


@router.get("/taxonomies", summary="Taxonomies", responses=responses(examples.page(examples.TAXONOMY)))
def taxonomies(asked: Asking, paging: Page, search: Search = "") -> Response:
    """List the vocabularies that services are classified by: needs, situations of life, districts."""
    return page_of(asked, paging, holding(asked.data.taxonomies.values(), search), lambda one: one.listed)


@router.get("/taxonomies/{id}", summary="One taxonomy", responses=responses(examples.TAXONOMY, single=True))
def taxonomy(asked: Asking, id: str) -> Response:
    """Show one vocabulary."""
    entry = asked.one(asked.data.taxonomies, id)
    return asked.answer(entry.full, [entry])


@router.get("/taxonomy_terms", summary="Terms, a page at a time", responses=responses(examples.page(examples.TERM)))
def taxonomy_terms(
    asked: Asking,
    paging: Page,
    search: Search = "",
    taxonomy_id: UUID | None = None,
    parent_id: UUID | None = None,
    top_only: Flag = False,
) -> Response:
    """List the terms of all taxonomies, or of one; those right below `parent_id`; with `top_only` those without a parent."""
    entries = [
        one
        for one in holding(asked.data.taxonomy_terms.values(), search)
        if (taxonomy_id is None or one.full["taxonomy_id"] == str(taxonomy_id))
        and (parent_id is None or one.full.get("parent_id") == str(parent_id))
        and not (top_only and "parent_id" in one.full)
    ]
    return page_of(asked, paging, entries, lambda one: one.listed)


@router.get("/taxonomy_terms/{id}", summary="One term", responses=responses(examples.FULL_TERM, single=True))
def taxonomy_term(asked: Asking, id: str) -> Response:
    """Show one term with its taxonomy."""
    entry = asked.one(asked.data.taxonomy_terms, id)
    return asked.answer(entry.full, [entry])
