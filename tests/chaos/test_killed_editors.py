"""Ten editors at work in a process that is killed, fifty times over: what was acknowledged is there, whole."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from dataclasses import replace

import pytest

from services_catalog.catalogue import Catalogue
from services_catalog.database import DatabaseRepository
from services_catalog.editors.editing import Editing
from services_catalog.editors.publishing import Publishing, Target
from services_catalog.errors import CatalogueError
from services_catalog.offer import Offer, Publication
from services_catalog.search import SearchEngine
from tests.databases import PostgresServer

ROUNDS = 50
EDITORS = 10
#: Seconds in which the first publication of a process must come.
_LONGEST_WAIT = 20
WHO = {"author": "anna", "reason": "a test"}

#: What an editor was told: offer, number of the revision, and whether it was published.
Acknowledged = tuple[str, int, bool]


@pytest.fixture(scope="module")
def small(catalogue: Catalogue) -> SearchEngine:
    """A few offers that need no others, without needs, so that one is published in a tenth of a second: what is tested
    here is not the search."""
    alone = [one for one in catalogue.published if not one.parent and not one.alternatives][:EDITORS]
    offers = {one.id: one.model_copy(update={"needs": ()}) for one in alone}
    return SearchEngine(replace(catalogue, offers=offers, needs={}, questions={}, concepts={}, version=1))


@pytest.fixture
def filled(empty_database: str, small: SearchEngine) -> str:
    repository = DatabaseRepository(empty_database)
    repository.replace(small.catalogue)
    repository.close()
    return empty_database


def test_no_acknowledged_change_is_lost(filled: str, small: SearchEngine, request: pytest.FixtureRequest) -> None:
    chance = random.Random(7)  # noqa: S311
    server: PostgresServer | None = (
        request.getfixturevalue("postgres_server") if filled.startswith("postgresql") else None
    )
    told: list[Acknowledged] = []
    for turn in range(ROUNDS):
        power_cut = server is not None and turn % 10 == 9
        told += _work_until_killed(filled, small, chance.uniform(0.0, 0.5), server if power_cut else None)
        _assert_all_there(filled, small, told)
    assert len([one for one in told if one[2]]) >= ROUNDS, "hardly anything was published: the test shows nothing"


def _work_until_killed(
    url: str, engine: SearchEngine, seconds: float, server: PostgresServer | None
) -> list[Acknowledged]:
    """Let editors work in a process of their own until something is published and some time more, kill it (or the database
    below it), and return what they were told."""
    heard, told = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(heard)
        _edit_for_ever(url, engine, told)
        os._exit(0)
    os.close(told)
    complete: list[list[str]] = []
    published = threading.Event()
    listener = threading.Thread(target=_listen, args=(heard, complete, published))
    listener.start()
    published.wait(_LONGEST_WAIT)  # a slow machine gets the time it needs until there is something to lose
    time.sleep(seconds)
    if server is not None:
        server.kill()
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    listener.join()
    if server is not None:
        server.start()
    return [(offer_id, int(number), published == "published") for offer_id, number, published in complete]


def _listen(heard: int, complete: list[list[str]], published: threading.Event) -> None:
    """Keep what the editors are told, whole lines only, until their process is gone."""
    with os.fdopen(heard) as lines:
        for line in lines:
            if line.endswith("\n"):
                complete.append(line.split())
            if line.endswith("published\n"):
                published.set()


def _edit_for_ever(url: str, engine: SearchEngine, told: int) -> None:
    repository = DatabaseRepository(url)
    editing = Editing(repository.engine)
    engines = [engine.updated(repository.load())]
    publishing = Publishing(repository, lambda: engines[-1], engines.append)

    def edit(offer_id: str) -> None:
        while True:
            try:
                newest = editing.newest("offers", offer_id)
                offer = newest.record
                assert isinstance(offer, Offer)
                changed = offer.model_copy(update={"owner": f"Anna {newest.number}"})
                saved = editing.save("offers", changed, expected=newest.number, **WHO)
                os.write(told, f"{offer_id} {saved.number} saved\n".encode())
                handed_in = editing.submit("offers", offer_id, expected=saved.number, **WHO)
                done = publishing.publish([Target("offers", offer_id, handed_in.number)], **WHO)
                os.write(told, f"{offer_id} {done.revisions[0].number} published\n".encode())
            except CatalogueError:
                time.sleep(0.01)  # the database is gone, or busy: whoever edits tries again

    threads = [threading.Thread(target=edit, args=(one,), daemon=True) for one in engine.catalogue.offers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _assert_all_there(url: str, engine: SearchEngine, told: list[Acknowledged]) -> None:
    repository = DatabaseRepository(url)
    editing = Editing(repository.engine)
    catalogue = repository.load()
    for offer_id, offer in catalogue.offers.items():
        mine = [(number, published) for one, number, published in told if one == offer_id]
        history = editing.history("offers", offer_id)
        assert [one.number for one in history] == list(range(len(history), 0, -1)), "a revision is missing"
        assert max((number for number, _ in mine), default=0) <= history[0].number
        by_number = {one.number: one for one in history}
        last = 0
        for number, published in mine:
            assert by_number[number].state is (Publication.PUBLISHED if published else Publication.DRAFT)
            last = max(last, number if published else 0)
        # what residents read is the newest published revision, whole
        published_ones = [one for one in history if one.state is Publication.PUBLISHED]
        assert offer == published_ones[0].record
        assert published_ones[0].number >= last
    assert len(catalogue.offers) == len(engine.catalogue.offers)
    repository.close()
