"""When a translation is behind its Danish text, by which fields, and what a translator should take up first.

Danish is the source: every other language is a translation of it. What a person reads counts here; keywords and example
questions belong to the search of each language and are no translations of each other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services_catalog.catalogue import Catalogue
from services_catalog.editors.differences import FieldChange
from services_catalog.languages import SOURCE_LANGUAGE
from services_catalog.offer import Offer, Publication, Texts, TranslationState

#: The fields of a text that people read, in the order of the record.
READ_FIELDS: tuple[str, ...] = tuple(
    field for field in Texts.model_fields if field not in ("state", "keywords", "examples")
)

_TRANSLATED = (TranslationState.REVIEWED, TranslationState.UNREVIEWED)
#: What a queue takes up first.
_URGENCY = (TranslationState.OUTDATED, TranslationState.MISSING, TranslationState.UNREVIEWED)


#: By offer, what changed in Danish since the translation into one language was made.
Changes = Mapping[str, Sequence[FieldChange]]


@dataclass(frozen=True)
class QueueEntry:
    """An offer that waits for a translator, in one language.

    `state` is the most urgent of its fields'. `words` counts the Danish words to translate (the missing and outdated
    fields), `words_to_review` those of texts that nobody has reviewed.
    """

    offer_id: str
    state: TranslationState
    missing: tuple[str, ...]
    outdated: tuple[str, ...]
    unreviewed: tuple[str, ...]
    words: int
    words_to_review: int


def danish_changes(then: Texts, now: Texts) -> list[FieldChange]:
    """Return the fields that differ between two texts and that people read, in the order of the record."""
    pairs = ((field, getattr(then, field), getattr(now, field)) for field in READ_FIELDS)
    return [FieldChange(field, before, after) for field, before, after in pairs if before != after]


def outdate(before: Offer, after: Offer) -> Offer:
    """Return `after` with every translation that the edit left behind its Danish text marked as outdated.

    A language whose own text or state was edited in the same step keeps the state the editor gave it.
    """
    if SOURCE_LANGUAGE not in before.texts or SOURCE_LANGUAGE not in after.texts:
        return after
    if not danish_changes(before.texts[SOURCE_LANGUAGE], after.texts[SOURCE_LANGUAGE]):
        return after
    behind = {
        tag: texts.model_copy(update={"state": TranslationState.OUTDATED})
        for tag, texts in after.texts.items()
        if tag != SOURCE_LANGUAGE and texts.state in _TRANSLATED and _untouched(before.texts.get(tag), texts)
    }
    return after.model_copy(update={"texts": after.texts | behind}) if behind else after


def _untouched(before: Texts | None, after: Texts) -> bool:
    return before is not None and before.state is after.state and not danish_changes(before, after)


def changes_since_translation(history: Iterable[Offer], language: str) -> list[FieldChange] | None:
    """Return what changed in Danish since an outdated translation was last up to date.

    `history` is one offer's revisions, the newest (today's) first. None when the history does not reach back so far.
    """
    today: Texts | None = None
    for offer in history:
        today = today or offer.texts[SOURCE_LANGUAGE]
        texts = offer.texts.get(language)
        if texts is not None and texts.state in _TRANSLATED:
            return danish_changes(offer.texts[SOURCE_LANGUAGE], today)
    return None


def field_state(
    offer: Offer, language: str, field: str, changed: Collection[str] | None = None
) -> TranslationState | None:
    """Return how far one field can be trusted in a language; None when neither language has it.

    `changed` names the Danish fields that changed since the translation; when nobody knows them (None), every field of an
    outdated text is outdated.
    """
    texts = offer.texts.get(language)
    if texts is None or getattr(texts, field) is None:
        return TranslationState.MISSING if getattr(offer.texts.get(SOURCE_LANGUAGE), field, None) is not None else None
    untouched = texts.state is TranslationState.OUTDATED and changed is not None and field not in changed
    # only Danish is the source, whatever a draft says
    return TranslationState.UNREVIEWED if untouched or texts.state is TranslationState.SOURCE else texts.state


def queue(catalogue: Catalogue, language: str, changes: Changes | None = None) -> list[QueueEntry]:
    """Return what waits for a translator into `language`: outdated texts first, then missing, then unreviewed ones, and
    within each the offers that people can have before the others. Archived offers wait for nobody."""
    found = [
        entry
        for offer in catalogue.offers.values()
        if offer.publication is not Publication.ARCHIVED and SOURCE_LANGUAGE in offer.texts
        if (entry := _entry(offer, language, changed_fields(changes, offer.id))) is not None
    ]
    return sorted(
        found,
        key=lambda one: (
            _URGENCY.index(one.state),
            not catalogue.offers[one.offer_id].availability.recommendable,
            one.offer_id,
        ),
    )


def changed_fields(changes: Changes | None, offer_id: str) -> frozenset[str] | None:
    """Return the names of the Danish fields that changed for an offer; None when nobody knows."""
    known = (changes or {}).get(offer_id)
    return None if known is None else frozenset(one.field for one in known)


def _entry(offer: Offer, language: str, changed: Collection[str] | None) -> QueueEntry | None:
    states = {field: field_state(offer, language, field, changed) for field in READ_FIELDS}
    outdated, missing, unreviewed = (
        tuple(field for field, state in states.items() if state is wanted) for wanted in _URGENCY
    )
    urgent = next((state for state in _URGENCY if state in states.values()), None)
    if urgent is None:
        return None
    danish = offer.texts[SOURCE_LANGUAGE]
    return QueueEntry(
        offer.id,
        urgent,
        missing,
        outdated,
        unreviewed,
        words=_words(danish, (*missing, *outdated)),
        words_to_review=_words(danish, unreviewed),
    )


def _words(texts: Texts, fields: Iterable[str]) -> int:
    return sum(len((getattr(texts, field) or "").split()) for field in fields)
