"""A draft as residents would see it, and where it would stand for a question."""

from __future__ import annotations

from markupsafe import Markup

from api.page_templates import render
from api.presenting import hit_view
from api.privacy import redact
from services_catalog import replies
from services_catalog.answers import answer
from services_catalog.catalogue import Catalogue
from services_catalog.editors.trying import Trial, try_out
from services_catalog.languages import LANGUAGES, SOURCE_LANGUAGE
from services_catalog.messages import N_
from services_catalog.offer import Offer, Publication
from services_catalog.searching import Search
from services_catalog.validation import Broken, broken_rules_of

#: More questions at once would keep the editor waiting.
MOST_QUESTIONS = 10
NO_DANISH = N_("Write the Danish name and what it is first.")


def broken_in(catalogue: Catalogue, offer: Offer, state: Publication = Publication.DRAFT) -> list[Broken]:
    """Return the rules an offer breaks in a state: of a draft, only what it says must hold."""
    shown = offer.model_copy(update={"publication": state})
    return list(broken_rules_of(shown, catalogue.with_offers({offer.id: shown})))


def previews(engine: Search, offer: Offer) -> list[tuple[str, Markup]]:
    """Return, for each language, the card and the chat's answer as HTML, drawn as residents see them. The offer must break
    no rule of a draft and have Danish texts."""
    catalogue = engine.catalogue.with_offers({offer.id: offer})
    return [(tag, _preview(engine, offer, tag, catalogue)) for tag in LANGUAGES]


def trials(engine: Search, offer: Offer, questions: str) -> list[Trial]:
    """Return where a draft would stand for each line of `questions`. The same must hold as for `previews`."""
    asked = [redact(line.strip()[:400]) for line in questions.split("\n") if line.strip()]
    return try_out(engine, offer, asked[:MOST_QUESTIONS])


def can_be_shown(offer: Offer) -> bool:
    """Return whether an offer has the texts that others are held against."""
    return SOURCE_LANGUAGE in offer.texts


def _preview(engine: Search, offer: Offer, language: str, catalogue: Catalogue) -> Markup:
    context = {
        "hit": hit_view(engine.hit_for(offer), language, catalogue),
        "found": replies.offers_found(language, 1, sure=True),
        "overview": answer(offer, None, language, catalogue).text,
    }
    return Markup(render("editor/_preview_one.html", language, context))  # noqa: S704 - a template that escapes
