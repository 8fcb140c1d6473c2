"""What an editor does about a question that found nothing: its words go where the search learns them, as a draft."""

from __future__ import annotations

from services_catalog.editors.editing import Editing
from services_catalog.editors.revisions import Revision
from services_catalog.errors import Problem, RecordInvalid, RecordNotFound
from services_catalog.offer import Offer
from services_catalog.records import Need

#: As `records.Phrase` allows.
_LONGEST_SYNONYM = 120


def add_example(editing: Editing, offer_id: str, language: str, question: str, *, author: str, reason: str) -> Revision:
    """Save a draft of an offer that has one more example question. Raises RecordNotFound; RecordInvalid when the offer has
    no text in that language."""
    newest = editing.newest("offers", offer_id)
    offer = newest.record
    texts = offer.texts.get(language) if isinstance(offer, Offer) else None
    if texts is None or not isinstance(offer, Offer):
        raise RecordInvalid([Problem(f"offers/{offer_id}", 0, "texts", f"has no text in {language!r} to add to")])
    if question in texts.examples:
        return newest
    more = texts.model_copy(update={"examples": (*texts.examples, question)})
    changed = offer.model_copy(update={"texts": offer.texts | {language: more}})
    return editing.save("offers", changed, author=author, reason=reason, expected=newest.number)


def add_synonym(editing: Editing, need_id: str, language: str, words: str, *, author: str, reason: str) -> Revision:
    """Save a draft of a need that has one more synonym. Raises RecordNotFound, and RecordInvalid when it is too long."""
    newest = editing.newest("needs", need_id)
    need = newest.record
    if not isinstance(need, Need):
        raise RecordNotFound("needs", need_id)
    known = need.synonyms.get(language, ())
    if words in known:
        return newest
    if len(words) > _LONGEST_SYNONYM:
        problem = f"a synonym has at most {_LONGEST_SYNONYM} characters: choose the words that matter"
        raise RecordInvalid([Problem(f"needs/{need_id}", 0, f"synonyms.{language}", problem)])
    changed = need.model_copy(update={"synonyms": need.synonyms | {language: (*known, words)}})
    return editing.save("needs", changed, author=author, reason=reason, expected=newest.number)
