"""Translations in the editors' work: what waits, out to an agency, and back as drafts.

Everything here is about the working copies, not about what is published: a translation belongs to the newest Danish text,
and saving one must not undo what an editor has in draft.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from services_catalog.catalogue import Catalogue
from services_catalog.editors.differences import FieldChange
from services_catalog.editors.editing import Editing
from services_catalog.editors.revisions import Revision
from services_catalog.editors.translations import Changes, QueueEntry, changes_since_translation, queue
from services_catalog.exchange.xliff import Translated, applied, read_xliff, write_xliff
from services_catalog.offer import Offer, TranslationState

#: What a translator can be asked for.
WAITING = (TranslationState.OUTDATED, TranslationState.MISSING, TranslationState.UNREVIEWED)


class TranslationDesk:
    """The working copies of all offers at one moment, as translators see them. `catalogue` holds them."""

    def __init__(self, published: Catalogue, editing: Editing) -> None:
        self._editing = editing
        self._changes: dict[str, Changes] = {}
        copies = (revision.record for revision in editing.working_copies("offers"))
        self.catalogue = replace(published, offers={one.id: one for one in copies if isinstance(one, Offer)})

    def changes(self, language: str) -> Changes:
        """Return, for each offer whose translation is outdated, what changed in Danish since it was made; an offer whose
        history does not tell is left out."""
        if language not in self._changes:
            behind = [
                offer.id
                for offer in self.catalogue.offers.values()
                if language in offer.texts and offer.texts[language].state is TranslationState.OUTDATED
            ]
            known = {offer_id: self._changes_of(offer_id, language) for offer_id in behind}
            self._changes[language] = {offer_id: found for offer_id, found in known.items() if found is not None}
        return self._changes[language]

    def queue(self, language: str, states: Collection[TranslationState] = WAITING) -> list[QueueEntry]:
        """Return what waits for a translator, as far as it is in one of `states`."""
        return [one for one in queue(self.catalogue, language, self.changes(language)) if one.state in states]

    def export(
        self,
        language: str,
        states: Collection[TranslationState] = WAITING,
        offer_ids: Sequence[str] = (),
    ) -> bytes:
        """Return the named offers as XLIFF, or what waits in one of `states` when none is named. Raises OfferNotFound,
        RecordInvalid."""
        wanted = offer_ids or [one.offer_id for one in self.queue(language, states)]
        offers = [self.catalogue.offer(offer_id) for offer_id in wanted]
        return write_xliff(offers, language, changes=self.changes(language))

    def read(self, data: bytes, language: str | None = None) -> list[Translated]:
        """Return what an agency sent back, held against the working copies. Raises RecordInvalid; saves nothing."""
        return read_xliff(data, self.catalogue, language=language, changes=self.changes)

    def save(self, translated: Sequence[Translated], *, author: str, reason: str) -> list[Revision]:
        """Save what came back as drafts, all or nothing, and return the new revisions."""
        changes = [("offers", offer) for offer in applied(self.catalogue, translated)]
        return self._editing.save_all(changes, author=author, reason=reason) if changes else []

    def _changes_of(self, offer_id: str, language: str) -> list[FieldChange] | None:
        revisions = (revision.record for revision in self._editing.history("offers", offer_id))
        return changes_since_translation((one for one in revisions if isinstance(one, Offer)), language)
