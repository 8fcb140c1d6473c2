"""Where a draft would stand for a question, and that trying changes nothing."""

from __future__ import annotations

from services_catalog.editors.trying import try_out
from services_catalog.offer import Audience, Offer, Publication
from services_catalog.search import Outcome, SearchEngine

QUESTION = "Hvor kan min datter spille kvidditch på kost?"


def with_example(offer: Offer, question: str) -> Offer:
    danish = offer.texts["da"]
    more = danish.model_copy(update={"examples": (*danish.examples, question)})
    return offer.model_copy(update={"publication": Publication.DRAFT, "texts": offer.texts | {"da": more}})


def test_a_new_example_brings_its_offer_to_the_top(engine: SearchEngine) -> None:
    draft = with_example(engine.catalogue.offer("brobold"), QUESTION)
    (trial,) = try_out(engine, draft, [QUESTION])
    assert (trial.language, trial.before) == ("da", Outcome.NOTHING_FOUND)
    assert (trial.own.before, trial.own.after) == (None, 1)
    assert trial.own.moved


def test_another_offer_is_seen_to_give_way(engine: SearchEngine) -> None:
    asked = "Min søn vil til fodbold, men vi kan ikke betale kontingentet"
    draft = with_example(engine.catalogue.offer("brobold"), asked)
    (trial,) = try_out(engine, draft, [asked], "da")
    moves = {move.offer_id: move for move in trial.others}
    assert moves["kontingentstoette"].before == 1
    places = [one.after for one in (trial.own, *trial.others) if one.after is not None]
    assert sorted(places) == list(range(1, len(places) + 1)), "two offers cannot stand in one place"


def test_trying_leaves_the_engine_as_it_was(engine: SearchEngine) -> None:
    before = engine.catalogue
    try_out(engine, with_example(engine.catalogue.offer("brobold"), QUESTION), [QUESTION])
    assert engine.catalogue is before
    assert engine.search(QUESTION, language="da").outcome is Outcome.NOTHING_FOUND


def test_a_draft_for_staff_is_tried_as_staff_would_ask(engine: SearchEngine) -> None:
    staff = next(one for one in engine.catalogue.published if one.audience is Audience.STAFF)
    (trial,) = try_out(engine, with_example(staff, QUESTION), [QUESTION], "da")
    assert trial.own.after == 1
    resident = with_example(engine.catalogue.offer("brobold"), QUESTION)
    (trial,) = try_out(engine, resident, [QUESTION], "da")
    audiences = {engine.catalogue.offer(one.offer_id).audience for one in trial.others}
    assert Audience.STAFF not in audiences
