"""Translations work on what editors have in draft, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.database import DatabaseRepository
from services_catalog.editors.editing import Editing
from services_catalog.editors.translation_desk import TranslationDesk
from services_catalog.errors import OfferNotFound
from services_catalog.offer import TranslationState
from tests.services_catalog.test_translations import edited, only
from tests.services_catalog.test_xliff import tool, translated

Desk = Callable[[], TranslationDesk]


@pytest.fixture
def repository(empty_database: str, catalogue: Catalogue) -> DatabaseRepository:
    found = DatabaseRepository(empty_database)
    found.replace(only(catalogue, catalogue.offer("muhabet"), catalogue.offer("geist")))
    return found


@pytest.fixture
def editing(repository: DatabaseRepository) -> Editing:
    return Editing(repository.engine)


@pytest.fixture
def desk(repository: DatabaseRepository, editing: Editing) -> Desk:
    return lambda: TranslationDesk(repository.load(), editing)


def save_danish(editing: Editing, desk: TranslationDesk, **changes: str) -> None:
    offer = edited(desk.catalogue.offer("muhabet"), "da", **changes)
    editing.save_all([("offers", offer)], author="edda", reason="new text")


def test_a_draft_is_what_waits_not_what_is_published(
    desk: Desk, editing: Editing, repository: DatabaseRepository
) -> None:
    save_danish(editing, desk(), summary="Et nyt sted.")
    (entry,) = desk().queue("ar", [TranslationState.OUTDATED])
    assert (entry.offer_id, entry.outdated) == ("muhabet", ("summary",))
    assert repository.load().offer("muhabet").texts["ar"].state is TranslationState.UNREVIEWED


def test_changes_add_up_until_a_translation_catches_up(desk: Desk, editing: Editing) -> None:
    save_danish(editing, desk(), summary="To.")
    save_danish(editing, desk(), documents="Dit sundhedskort.")
    assert [one.field for one in desk().changes("ar")["muhabet"]] == ["summary", "documents"]
    data = tool(desk().export("ar", [TranslationState.OUTDATED]), translated("summary", "اثنان."))
    data = tool(data, translated("documents", "بطاقتك الصحية."))
    (revision,) = desk().save(desk().read(data), author="edda", reason="came back")
    assert (revision.id, revision.state.value) == ("muhabet", "draft")
    assert desk().queue("ar", [TranslationState.OUTDATED, TranslationState.MISSING]) == []
    assert [one.field for one in desk().changes("uk")["muhabet"]] == ["summary", "documents"]
    save_danish(editing, desk(), summary="Tre.")
    assert [one.field for one in desk().changes("ar")["muhabet"]] == ["summary"]


def test_a_text_that_was_outdated_from_the_start_is_outdated_as_a_whole(
    repository: DatabaseRepository, catalogue: Catalogue, desk: Desk
) -> None:
    outdated = edited(catalogue.offer("muhabet"), "ar", state=TranslationState.OUTDATED)
    repository.replace(only(catalogue, outdated))
    assert desk().changes("ar") == {}
    (entry,) = desk().queue("ar")
    assert set(entry.outdated) >= {"name", "summary"}


def test_nothing_that_changed_saves_nothing(desk: Desk, editing: Editing) -> None:
    before = editing.newest("offers", "geist").number
    assert desk().save(desk().read(desk().export("ar")), author="edda", reason="nothing") == []
    assert editing.newest("offers", "geist").number == before


def test_only_offers_that_exist_can_be_exported(desk: Desk) -> None:
    assert desk().export("ar", offer_ids=["geist"]).count(b"<file ") == 1
    with pytest.raises(OfferNotFound):
        desk().export("ar", offer_ids=["no-such-offer"])
