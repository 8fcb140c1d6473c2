"""The referral desk: staff find offers for a client, hold them side by side, and hand out a slip.

What is asked travels in the body of a form and comes back in the answer: it stands in no address, so in no log and no
history, and the service keeps nothing of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from api.account_pages import Posted
from api.authorization import Principal
from api.catalogue_service import Snapshot
from api.desk_form import PAGE, Asked, choices, picked, read_form
from api.page_authorization import Answered, page_language, page_role, private_page, problem_page
from api.presenting import crisis_view, hit_view
from api.problems import Problem
from api.resident_page import unavailable_page
from services_catalog.accounts.roles import Role
from services_catalog.answers import answer, texts_in
from services_catalog.browsing import visible
from services_catalog.catalogue import Catalogue
from services_catalog.desk import MOST_COMPARED, Found, compare, find, requirements, speaks
from services_catalog.errors import CatalogueUnavailable
from services_catalog.explain import aspect
from services_catalog.languages import SOURCE_LANGUAGE
from services_catalog.localized import localizer
from services_catalog.messages import N_
from services_catalog.offer import Offer, Publication
from services_catalog.profile import Profile
from services_catalog.records import Attribute
from services_catalog.remembered import remembered
from services_catalog.search import Hit
from services_catalog.slips import LABELS, MOST

router = APIRouter(include_in_schema=False)

_METHODS = ["GET", "HEAD"]

Staff = Annotated[Principal, Depends(page_role(Role.STAFF))]


def _snapshot(request: Request) -> Snapshot:
    try:
        return request.app.state.catalogue.current  # type: ignore[no-any-return]
    except CatalogueUnavailable:
        raise Answered(unavailable_page(request, page_language(request))) from None


Now = Annotated[Snapshot, Depends(_snapshot)]


@router.api_route("/{language:language}/desk", methods=_METHODS)
def empty_desk(request: Request, staff: Staff, now: Now) -> Response:
    """Show the desk for a new client; `?pick=` puts offers on the list. A question in the address is not looked at."""
    return _desk(request, staff, now, Asked(picks=picked(request.query_params, now.catalogue)))


@router.post("/{language:language}/desk")
def desk(request: Request, staff: Staff, now: Now, form: Posted) -> Response:
    """Show what a question and filters find."""
    return _desk(request, staff, now, _asked(request, form, now), search=True)


@router.api_route("/{language:language}/desk/compare", methods=_METHODS)
def compare_offers(request: Request, staff: Staff, now: Now) -> Response:
    """Show the offers named by `?offer=` side by side, for nobody in particular."""
    asked = request.query_params.getlist("offer")
    return _comparison(request, staff, now, Asked(picks=picked(request.query_params, now.catalogue)), asked, Profile())


@router.post("/{language:language}/desk/compare")
def compare_for_client(request: Request, staff: Staff, now: Now, form: Posted) -> Response:
    """Show the first offers of the list, or of those found while it is empty, side by side for the client. A comparison
    that is shown already (`offer`) stays as it is."""
    asked = _asked(request, form, now)
    client = find(now.engine, asked.question, asked.filters).client
    shown, found = (form.getlist(name) for name in ("offer", "found"))
    named = [str(one) for one in shown or asked.picks or found]
    return _comparison(request, staff, now, asked, named, client)


@router.post("/{language:language}/desk/slip")
def slip(request: Request, staff: Staff, now: Now, form: Posted) -> Response:
    """Go to the slip of the offers on the list that residents may see, in the client's language."""
    asked = _asked(request, form, now)
    offers = _for_slip(asked, now.catalogue)
    if not 1 <= len(offers) <= MOST:
        detail = N_("Put one to {most} offers for residents on the list first.")
        return problem_page(request, staff, Problem(422, N_("There is no slip for this list"), detail, most=MOST))
    return RedirectResponse(_slip_address(asked, offers, page_language(request)), 303, {"Cache-Control": "no-store"})


def _asked(request: Request, form: Posted, now: Snapshot) -> Asked:
    return read_form(form, now.catalogue, request.app.state.settings.message_limit)


def _desk(request: Request, staff: Principal, now: Snapshot, asked: Asked, *, search: bool = False) -> Response:
    language = page_language(request)
    found = find(now.engine, asked.question, asked.filters) if search and not asked.wrong else None
    category = now.crisis.recognize(asked.question) if asked.question else None
    return private_page(
        request,
        staff,
        "staff/desk.html",
        path="/desk",
        status=422 if asked.wrong else 200,
        found=found,
        hits=[_hit(hit, asked, language, now.catalogue) for hit in found.hits[: asked.shown]] if found else [],
        crisis=crisis_view(now.crisis.answer(category, language)) if category else None,
        more=asked.shown + PAGE,
        **_form(asked, found, language, now.catalogue),
    )


def _comparison(
    request: Request, staff: Principal, now: Snapshot, asked: Asked, named: Sequence[str], client: Profile
) -> Response:
    language, known = page_language(request), now.catalogue.offers
    offers = [known[one] for one in dict.fromkeys(named) if one in known]
    offers = [offer for offer in offers if offer.publication is Publication.PUBLISHED]
    if not offers:
        detail = N_("Find offers first, or put up to {most} on the list.")
        problem = Problem(404, N_("There is nothing to compare"), detail, most=MOST_COMPARED)
        return problem_page(request, staff, problem)
    compared = compare(offers, client, language, now.catalogue)
    say = localizer(language).text
    titles = {attribute: say(title) for attribute, title in LABELS.items()}
    titles[Attribute.SOURCE] = say(N_("Where this comes from"))
    path = f"/desk/compare?{urlencode({'offer': [one.id for one in compared.offers]}, doseq=True)}"
    return private_page(
        request,
        staff,
        "staff/compare.html",
        path=path,
        offers=[_offer(one, asked, language, now.catalogue) for one in compared.offers],
        criteria=[(aspect(one, language), cells) for one, cells in compared.criteria.items()],
        facts=[(titles[one], cells) for one, cells in compared.facts.items()],
        left_out=len(offers) - len(compared.offers),
        **_form(asked, None, language, now.catalogue, client),
    )


def _form(
    asked: Asked, found: Found | None, language: str, catalogue: Catalogue, client: Profile | None = None
) -> dict[str, Any]:
    """Return what the form and the list for the client are drawn with."""
    told = client or (found.client if found else Profile())
    on_slip = _for_slip(asked, catalogue)
    return {
        "asked": asked,
        "question": asked.question,
        "wrong": {name: localizer(language).text(message) for name, message in asked.wrong.items()},
        "choices": choices(catalogue, language),
        "client_facts": [fact.text for fact in remembered(told, language, catalogue)],
        "picks": [_offer(catalogue.offers[one], asked, language, catalogue) for one in asked.picks],
        "automatic": replace(asked, client_language="").slip_language(language),
        "slip_address": _slip_address(asked, on_slip, language) if on_slip else "",
        "most_on_slip": MOST,
        "most_compared": MOST_COMPARED,
    }


def _for_slip(asked: Asked, catalogue: Catalogue) -> list[str]:
    return [one for one in asked.picks if visible(catalogue.offers[one])]


def _slip_address(asked: Asked, offers: Sequence[str], language: str) -> str:
    return f"/{asked.slip_language(language)}/slip?{urlencode({'offer': offers}, doseq=True)}"


def _hit(hit: Hit, asked: Asked, language: str, catalogue: Catalogue) -> dict[str, Any]:
    """Return a hit as residents would see it, with what is for staff."""
    facts = [
        (localizer(language).text(title), answer(hit.offer, one, language, catalogue)) for one, title in LABELS.items()
    ]
    spoken = asked.filters.spoken
    return {
        **hit_view(hit, language, catalogue),
        **_offer(hit.offer, asked, language, catalogue),
        "requirements": requirements(hit.eligibility, language, catalogue),
        "speaks": speaks(hit.offer, spoken) if spoken else None,
        "facts": [(title, said.text) for title, said in facts if said.stated],
        "not_stated": [title for title, said in facts if not said.stated],
    }


def _offer(offer: Offer, asked: Asked, language: str, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "id": offer.id,
        "name": texts_in(offer, language).name,
        "danish_name": offer.official_name,
        "language": language if language in offer.texts else SOURCE_LANGUAGE,
        "availability": offer.availability.value,
        "audience": offer.audience.value,
        "provider": catalogue.organisations[offer.provider].name,
        "notes": offer.editor_notes,
        "assured_on": offer.assured_on.isoformat() if offer.assured_on else None,
        "page": f"/{language}/offers/{offer.id}" if visible(offer) else None,
        "picked": offer.id in asked.picks,
    }
