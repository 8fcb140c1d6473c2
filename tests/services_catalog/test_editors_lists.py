"""The editors' list of offers, the audit, and words that changed."""

from __future__ import annotations

import datetime as dt

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.database import DatabaseRepository
from services_catalog.editors import revisions
from services_catalog.editors.audit import Audit
from services_catalog.editors.editing import Editing
from services_catalog.editors.offer_list import SORTS, Copy, Filters, WorkingCopies, listed, ordered
from services_catalog.marking import Mark, Piece, marked
from services_catalog.offer import Offer, Publication, TranslationState
from services_catalog.outlines import outline_of

WHO = {"author": "anna", "reason": "a test"}
TODAY = dt.date(2026, 11, 30)


def changed(offer: Offer, **fields: object) -> Copy:
    at = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    return Copy(outline_of(offer.model_copy(update=fields)), Publication.DRAFT, "anna", at)


def test_all_filters_must_hold(catalogue: Catalogue) -> None:
    offer = catalogue.offer("brobold")
    behind = offer.texts | {"uk": offer.texts["uk"].model_copy(update={"state": TranslationState.OUTDATED})}
    mine = changed(offer, owner="Anna", review_by=TODAY - dt.timedelta(days=1), texts=behind)
    other = changed(catalogue.offer("geist"), owner="Bent", review_by=TODAY + dt.timedelta(days=9))
    every = [mine, other]

    def ids(**filters: object) -> list[str]:
        return [one.id for one in listed(every, Filters(**filters), {"find-a-club"}, TODAY)]  # type: ignore[arg-type]

    assert ids() == ["brobold", "geist"]
    assert ids(overdue=True) == ["brobold"]
    assert ids(owner="anna") == ["brobold"]
    assert ids(outdated="uk") == ["brobold"]
    assert ids(outdated="uk", owner="bent") == []
    assert ids(unreviewed="ar") == ["brobold", "geist"]
    assert ids(state=Publication.PUBLISHED) == []
    assert ids(words="BROB") == ["brobold"]
    needs = {one.id for one in every if "find-a-club" in one.outline.needs}
    assert set(ids(demanded=True)) == needs


def test_an_offer_without_the_value_is_sorted_last_both_ways(catalogue: Catalogue) -> None:
    some = [changed(catalogue.offer(one)) for one in ("geist", "brobold", "nexus")]
    dated = [changed(catalogue.offer("sjakket"), review_by=None), *some]
    for descending in (False, True):
        assert ordered(dated, "review_by", descending=descending)[-1].id == "sjakket"
    assert [one.id for one in ordered(some, "name")] == [one.id for one in ordered(some, "name", descending=True)][::-1]
    with pytest.raises(KeyError):
        ordered(some, "colour")
    assert all(len(ordered(dated, sort)) == len(dated) for sort in SORTS)


def test_the_list_holds_what_editors_work_on_and_reads_an_edited_offer_once(
    repository: DatabaseRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    published, editing, copies = repository.load(), Editing(repository.engine), WorkingCopies(repository.engine)
    untouched = {one.id: one for one in copies.all(published)}
    assert untouched.keys() == published.offers.keys()
    assert untouched["brobold"].author == ""
    renamed = published.offers["brobold"].model_copy(update={"official_name": "Brobold på ny", "owner": "anna"})
    editing.save("offers", renamed, expected=1, **WHO)
    edited = {one.id: one for one in copies.all(published)}["brobold"]
    assert (edited.outline.name, edited.state, edited.author) == ("Brobold på ny", Publication.DRAFT, "anna")
    read: list[str] = []
    newest_of = revisions.newest_of
    monkeypatch.setattr(revisions, "newest_of", lambda *asked: read.extend(asked[2]) or newest_of(*asked))
    assert copies.all(published) == copies.all(published)
    assert read == []
    editing.save("offers", renamed.model_copy(update={"owner": "bent"}), expected=2, **WHO)
    assert {one.id: one for one in copies.all(published)}["brobold"].outline.owner == "bent"
    assert read == ["brobold"]


def test_the_audit_tells_who_changed_what_and_leaves_out_what_was_there_before(repository: DatabaseRepository) -> None:
    editing, audit = Editing(repository.engine), Audit(repository.engine)
    assert audit.changes() == ([], 0)
    for author, offer_id in (("anna", "brobold"), ("bent", "geist")):
        offer = editing.newest("offers", offer_id).record
        assert isinstance(offer, Offer)
        editing.save("offers", offer.model_copy(update={"owner": author}), author=author, reason="mine", expected=1)
    editing.submit("offers", "geist", author="bent", reason="ready", expected=2)
    found, total = audit.changes()
    assert (total, [(one.author, one.id, one.number, one.state.value) for one in found]) == (
        3,
        [("bent", "geist", 3, "in_review"), ("bent", "geist", 2, "draft"), ("anna", "brobold", 2, "draft")],
    )
    assert [one.id for one in audit.changes(author="anna")[0]] == ["brobold"]
    assert audit.changes(kind="needs") == ([], 0)
    assert [one.number for one in audit.changes(page=2, per_page=2)[0]] == [2]


def test_only_the_words_that_changed_are_marked() -> None:
    assert marked("Hjælp til børn på 3-17 år.", "Hjælp til unge på 3-17 år.") == [
        [
            Piece(Mark.SAME, "Hjælp til "),
            Piece(Mark.GONE, "børn"),
            Piece(Mark.NEW, "unge"),
            Piece(Mark.SAME, " på 3-17 år."),
        ]
    ]
    assert marked(None, "ny") == [[Piece(Mark.NEW, "ny")]]


def test_of_a_list_only_the_items_that_changed_are_told() -> None:
    lines = marked(["en", "to", "tre"], ["en", "to gange", "tre", "fire"])
    assert lines == [[Piece(Mark.SAME, "to"), Piece(Mark.NEW, " gange")], [Piece(Mark.NEW, "fire")]]
    assert marked([{"criterion": "age", "minimum": 3}], []) == [[Piece(Mark.GONE, "criterion: age, minimum: 3")]]
