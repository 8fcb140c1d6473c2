"""Drafts, revisions, conflicts and publications, on SQLite and on PostgreSQL."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.database import DatabaseRepository
from services_catalog.editors.checks import CheckList
from services_catalog.editors.differences import differences
from services_catalog.editors.editing import Editing
from services_catalog.editors.publishing import Publishing, Target
from services_catalog.editors.revisions import Entry
from services_catalog.errors import (
    CatalogueUnavailable,
    PublicationRefused,
    RecordNotFound,
    RevisionConflict,
    StateRefused,
)
from services_catalog.exchange.bulk import refuse_broken, take_over
from services_catalog.offer import Offer, Publication, TranslationState
from services_catalog.search import SearchEngine

WHO = {"author": "anna", "reason": "a test"}
OFFER = "brobold"


@dataclass
class Desk:
    """Everything an editor works with, over one filled database."""

    repository: DatabaseRepository
    editing: Editing
    publishing: Publishing
    engines: list[SearchEngine]

    def offer(self, offer_id: str = OFFER) -> Offer:
        record = self.editing.newest("offers", offer_id).record
        assert isinstance(record, Offer)
        return record

    def save(self, offer: Offer, expected: int) -> int:
        return self.editing.save("offers", offer, expected=expected, **WHO).number

    def publish(self, offer: Offer, expected: int) -> int:
        self.save(offer, expected)
        self.editing.submit("offers", offer.id, expected=expected + 1, **WHO)
        self.publishing.publish([Target("offers", offer.id, expected + 2)], **WHO)
        return expected + 3

    def found(self, question: str, language: str) -> list[str]:
        return [hit.offer.id for hit in self.engines[-1].search(question, language=language, limit=3).hits]


@pytest.fixture
def desk(empty_database: str, catalogue: Catalogue, engine: SearchEngine) -> Iterator[Desk]:
    repository = DatabaseRepository(empty_database)
    repository.replace(catalogue)
    loaded = repository.load()
    engines = [engine.updated(loaded)]
    yield Desk(
        repository,
        Editing(repository.engine),
        Publishing(repository, lambda: engines[-1], engines.append),
        engines,
    )
    repository.close()


def renamed(offer: Offer, name: str, tag: str = "da") -> Offer:
    return offer.model_copy(update={"texts": offer.texts | {tag: offer.texts[tag].model_copy(update={"name": name})}})


def test_a_draft_is_a_revision_and_nobody_else_sees_it(desk: Desk) -> None:
    number = desk.save(renamed(desk.offer(), "Brobold og meget mere"), 1)
    newest = desk.editing.newest("offers", OFFER)
    assert (number, newest.state, newest.author, newest.reason) == (2, Publication.DRAFT, "anna", "a test")
    assert desk.repository.load().offers[OFFER].texts["da"].name == "Brobold"
    first = desk.editing.history("offers", OFFER)[-1]
    changes = differences(first.record, newest.record)
    assert [(one.field, one.before, one.after) for one in changes if one.field.endswith("da.name")] == [
        ("texts.da.name", "Brobold", "Brobold og meget mere")
    ]


def test_a_changed_danish_text_makes_the_others_outdated(desk: Desk) -> None:
    desk.save(renamed(desk.offer(), "Brobold og meget mere"), 1)
    states = {tag: texts.state for tag, texts in desk.offer().texts.items()}
    assert states == {
        "da": TranslationState.SOURCE,
        "en": TranslationState.OUTDATED,
        "uk": TranslationState.OUTDATED,
        "ar": TranslationState.OUTDATED,
    }


def test_the_second_of_two_editors_is_told_and_nothing_is_lost(desk: Desk) -> None:
    seen = desk.offer()
    desk.save(renamed(seen, "Annas navn"), 1)
    with pytest.raises(RevisionConflict) as refused:
        desk.save(renamed(seen, "Bents navn"), 1)
    assert refused.value.newest.number == 2
    assert refused.value.newest.record.texts["da"].name == "Annas navn"
    assert [one.number for one in desk.editing.history("offers", OFFER)] == [2, 1]


def test_of_ten_editors_at_once_one_saves(desk: Desk) -> None:
    seen = desk.offer()
    outcomes: list[object] = []

    def save(number: int) -> None:
        try:
            outcomes.append(desk.save(renamed(seen, f"Navn {number}"), 1))
        except RevisionConflict as refused:
            outcomes.append(refused)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one == 2 for one in outcomes) == 1
    assert sum(isinstance(one, RevisionConflict) for one in outcomes) == 9


def test_only_what_is_in_review_is_published_and_the_search_finds_it(desk: Desk) -> None:
    question = "hvor kan man spille kvidditch på kost"
    assert OFFER not in desk.found(question, "da")
    offer = desk.offer()
    danish = offer.texts["da"]
    more = danish.model_copy(update={"examples": (*danish.examples, "Hvor kan min datter spille kvidditch på kost?")})
    offer = offer.model_copy(update={"texts": offer.texts | {"da": more}})
    desk.save(offer, 1)
    with pytest.raises(StateRefused, match="draft"):
        desk.publishing.publish([Target("offers", OFFER, 2)], **WHO)
    desk.editing.submit("offers", OFFER, expected=2, **WHO)
    with pytest.raises(StateRefused, match="handed in"):
        desk.editing.submit("offers", OFFER, expected=3, **WHO)
    version = desk.repository.version()
    done = desk.publishing.publish([Target("offers", OFFER, 3)], **WHO)
    assert done.version == version + 1 == desk.repository.version()
    assert OFFER in desk.found(question, "da")
    # another worker reads what changed, and comes to the same
    loaded = desk.repository.load(desk.engines[0].catalogue)
    assert loaded.offers == desk.engines[-1].catalogue.offers
    assert loaded.offers["feriecamps"] is desk.engines[0].catalogue.offers["feriecamps"]
    assert loaded.modified[OFFER] > loaded.modified["feriecamps"]


def test_what_breaks_a_rule_is_not_published_and_the_rule_is_named(desk: Desk) -> None:
    before = desk.repository.version()
    offer = desk.offer().model_copy(update={"parent": OFFER})
    desk.save(offer, 1)
    desk.editing.submit("offers", OFFER, expected=2, **WHO)
    with pytest.raises(PublicationRefused) as refused:
        desk.publishing.publish([Target("offers", OFFER, 3)], **WHO)
    assert [problem.field for problem in refused.value.problems] == ["parent"]
    assert desk.repository.version() == before
    assert desk.editing.newest("offers", OFFER).number == 3


def test_a_publication_that_breaks_another_offers_check_is_stopped(desk: Desk) -> None:
    question = "min søn vil gerne på feriecamp"
    assert desk.found(question, "da")[0] == "feriecamps"
    check = CheckList(desk.repository.engine).add("da", question, "feriecamps", "anna")
    with pytest.raises(PublicationRefused) as refused:
        desk.publishing.archive([Target("offers", "feriecamps", 1)], **WHO)
    assert refused.value.broken == [check] or refused.value.problems  # an offer names it as its alternative, too
    assert "feriecamps" in {offer.id for offer in desk.repository.load().published}
    # a check that failed before is nobody's fault: it is reported, not blamed
    CheckList(desk.repository.engine).add("da", "hvordan bager man et rugbrød", OFFER, "anna")
    desk.save(renamed(desk.offer(), "Brobold!"), 1)
    desk.editing.submit("offers", OFFER, expected=2, **WHO)
    done = desk.publishing.publish([Target("offers", OFFER, 3)], **WHO)
    assert [one.offer_id for one in done.failing] == [OFFER]


def test_an_earlier_revision_is_restored_or_rolled_back_to(desk: Desk) -> None:
    before = desk.offer()
    number = desk.publish(renamed(before, "Et nyt navn"), 1)
    restored = desk.editing.restore("offers", OFFER, 1, expected=number, **WHO)
    assert restored.state is Publication.DRAFT
    assert restored.record.texts["da"].name == "Brobold"
    done = desk.publishing.roll_back("offers", OFFER, 1, expected=number + 1, **WHO)
    assert done.engine.catalogue.offers[OFFER] == before
    assert desk.repository.load().offers[OFFER] == before
    assert [one.state.value for one in desk.editing.history("offers", OFFER)] == [
        "published", "draft", "published", "in_review", "draft", "published",
    ]  # fmt: skip


def test_an_archived_offer_is_found_no_more_and_can_come_back(desk: Desk) -> None:
    offer_id = "menneskebiblioteket" if "menneskebiblioteket" in desk.engines[-1].catalogue.offers else "fakti"
    named = desk.offer(offer_id).official_name
    assert offer_id in desk.found(named, "da")
    desk.publishing.archive([Target("offers", offer_id, 1)], **WHO)
    assert offer_id not in desk.found(named, "da")
    desk.publishing.roll_back("offers", offer_id, 1, expected=2, **WHO)
    assert offer_id in desk.found(named, "da")


def test_a_new_offer_begins_at_nothing_and_is_published(desk: Desk) -> None:
    new = renamed(
        desk.offer().model_copy(update={"id": "kvidditchklubben", "official_name": "Kvidditchklubben"}),
        "Kvidditchklubben",
    )
    desk.publish(new.model_copy(update={"aliases": ()}), 0)
    assert desk.found("kvidditchklubben", "da")[0] == "kvidditchklubben"
    with pytest.raises(RevisionConflict):
        desk.save(new, 0)


def test_a_synonym_is_a_publication_like_any_other(desk: Desk) -> None:
    need = desk.engines[-1].catalogue.needs["find-a-club"]
    more = need.model_copy(update={"synonyms": need.synonyms | {"da": (*need.synonyms.get("da", ()), "kostesport")}})
    desk.editing.save("needs", more, expected=1, **WHO)
    desk.editing.submit("needs", "find-a-club", expected=2, **WHO)
    desk.publishing.publish([Target("needs", "find-a-club", 3)], **WHO)
    needs = [desk.engines[-1].catalogue.offers[one].needs for one in desk.found("kostesport", "da")]
    assert any("find-a-club" in some for some in needs)


def test_many_records_are_saved_together_or_not_at_all(desk: Desk) -> None:
    good = renamed(desk.offer(), "Et nyt navn")
    unchanged = desk.offer("feriecamps")
    saved = desk.editing.save_all([("offers", good), ("offers", unchanged)], **WHO)
    assert [one.id for one in saved] == [OFFER]
    with pytest.raises(RecordNotFound):
        desk.editing.save_all([("offers", renamed(good, "Igen")), ("houses", unchanged)], **WHO)
    assert desk.editing.newest("offers", OFFER).number == 2


def test_two_publications_at_once_both_arrive(desk: Desk) -> None:
    chosen = ["feriecamps", "brobold", "kontingentstoette", "fritidsguiderne"]
    for offer_id in chosen:
        desk.save(renamed(desk.offer(offer_id), f"Nyt navn til {offer_id}"), 1)
        desk.editing.submit("offers", offer_id, expected=2, **WHO)
    # a second worker, with its own idea of the newest engine
    engines = [desk.engines[0]]
    other = Publishing(desk.repository, lambda: engines[-1], engines.append)
    failures: list[Exception] = []

    def publish(publishing: Publishing, offer_id: str) -> None:
        try:
            publishing.publish([Target("offers", offer_id, 3)], **WHO)
        except Exception as failure:
            failures.append(failure)

    threads = [
        threading.Thread(target=publish, args=(publishing, offer_id))
        for publishing, offer_id in zip([desk.publishing, other] * 2, chosen, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    published = desk.repository.load()
    assert [published.offers[one].texts["da"].name for one in chosen] == [f"Nyt navn til {one}" for one in chosen]


def test_vouching_for_an_offer_moves_its_dates(desk: Desk) -> None:
    due = dt.date.today() + dt.timedelta(days=180)
    done = desk.editing.assure("offers", OFFER, review_by=due, expected=1, **WHO)
    assert (done.record.assured_on, done.record.review_by) == (dt.date.today(), due)


def test_what_does_not_exist_is_named(desk: Desk) -> None:
    for kind, record_id in (("offers", "no-such-offer"), ("houses", OFFER)):
        with pytest.raises(RecordNotFound, match=record_id):
            desk.editing.newest(kind, record_id)
    with pytest.raises(RecordNotFound, match="revision 9"):
        desk.editing.restore("offers", OFFER, 9, expected=1, **WHO)


def test_the_unedited_catalogue_and_the_engines_agree(desk: Desk, catalogue: Catalogue) -> None:
    assert replace(desk.repository.load(), version=0, modified={}) == replace(catalogue, version=0)
    assert len(list(desk.editing.working_copies("offers"))) == len(catalogue.offers)


def test_an_import_is_published_with_its_revisions_or_not_at_all(desk: Desk) -> None:
    before = desk.repository.version()
    published = renamed(desk.offer(), "Et importeret navn")
    draft = published.model_copy(update={"id": "et-udkast", "publication": Publication.DRAFT})
    entry = Entry("anna", "the new season's list")
    with pytest.raises(CatalogueUnavailable, match="import again"):
        take_over(desk.repository, [("offers", published)], entry, on_top_of=before - 1)
    assert desk.repository.version() == before
    with pytest.raises(RecordNotFound):
        take_over(desk.repository, [("offers", published), ("houses", published)], entry, on_top_of=before)
    assert desk.editing.newest("offers", OFFER).number == 1
    take_over(desk.repository, [("offers", published), ("offers", draft)], entry, on_top_of=before)
    catalogue = desk.repository.load(desk.engines[0].catalogue)
    assert catalogue.offers[OFFER].texts["da"].name == "Et importeret navn"
    assert "et-udkast" not in catalogue.offers
    assert desk.editing.newest("offers", "et-udkast").state is Publication.DRAFT
    assert [one.reason for one in desk.editing.history("offers", OFFER)] == [
        "the new season's list",
        "filled from files",
    ]


def test_an_import_that_breaks_a_check_is_refused(desk: Desk) -> None:
    check = CheckList(desk.repository.engine).add("da", "min søn vil gerne på feriecamp", "feriecamps", "anna")
    engine = desk.engines[-1]
    gone = replace(engine.catalogue, offers={k: v for k, v in engine.catalogue.offers.items() if k != "feriecamps"})
    with pytest.raises(PublicationRefused) as refused:
        refuse_broken([check], engine, gone)
    assert refused.value.broken == [check]
    refuse_broken([check], engine, engine.catalogue)
