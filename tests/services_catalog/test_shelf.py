"""The offers of a large catalogue on disk, over a real database: the same as in memory, and only what differs is read."""

from __future__ import annotations

import dataclasses
import multiprocessing
import pickle
from pathlib import Path

import pytest
from sqlalchemy import event

from services_catalog.catalogue import Catalogue
from services_catalog.database import DatabaseRepository
from services_catalog.editors.editing import Editing
from services_catalog.editors.publishing import Publishing, Target
from services_catalog.offer import Availability, Offer, Publication
from services_catalog.offer_records import Offers, changed_records
from services_catalog.outlines import Outlines, outline_of
from services_catalog.search import SearchEngine
from services_catalog.searching import Search
from services_catalog.shelf import Shelf, Shelves
from services_catalog.validation import broken_rules, validate

WHO = {"author": "anna", "reason": "a test"}
LARGE_FROM, FEW = 100, 3


@pytest.fixture
def shelves(tmp_path: Path) -> Shelves:
    return Shelves(tmp_path / "learned", "today", LARGE_FROM, FEW)


def files(shelves: Shelves) -> list[str]:
    return sorted(path.name for path in shelves._folder.glob("shelf-*.offers"))


def edited(catalogue: Catalogue, offer_id: str, **changes: object) -> Offer:
    return catalogue.offers[offer_id].model_copy(update=changes)


def stored(repository: DatabaseRepository, *offers: Offer) -> Catalogue:
    """Publish offers, and return the catalogue as it is then."""
    loaded = repository.load()
    engines: list[Search] = [_Unsearched(loaded)]  # type: ignore[list-item]
    publishing, editing = Publishing(repository, lambda: engines[-1], engines.append), Editing(repository.engine)
    targets = []
    for offer in offers:
        expected = editing.newest("offers", offer.id).number if offer.id in loaded.offers else 0
        saved = editing.save("offers", offer, expected=expected, **WHO)
        submitted = editing.submit("offers", offer.id, expected=saved.number, **WHO)
        targets.append(Target("offers", offer.id, submitted.number))
    publishing.publish(targets, **WHO)
    return repository.load()


class _Unsearched:
    """Stands for an engine where nothing is searched."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def updated(self, catalogue: Catalogue) -> _Unsearched:
        return _Unsearched(catalogue)


def test_what_lies_on_disk_is_the_same_catalogue(repository: DatabaseRepository, shelves: Shelves) -> None:
    in_memory, on_disk = repository.load(), repository.load(shelves=shelves)
    assert isinstance(on_disk.offers, Offers)
    assert dict(on_disk.offers) == dict(in_memory.offers)
    assert list(on_disk.offers) == list(in_memory.offers)
    assert dict(on_disk.outlines) == dict(in_memory.outlines)
    assert on_disk.published == in_memory.published
    assert on_disk.modified == in_memory.modified
    assert on_disk.needs == in_memory.needs
    assert len(files(shelves)) == 1
    assert changed_records(repository.load(shelves=shelves).offers, on_disk.offers) == set()


def test_a_small_catalogue_needs_no_file(repository: DatabaseRepository, tmp_path: Path) -> None:
    repository.load(shelves=Shelves(tmp_path / "none", "today", 10_000, FEW))
    assert not (tmp_path / "none").exists()


def test_a_start_reads_only_what_was_published_since(repository: DatabaseRepository, shelves: Shelves) -> None:
    before = repository.load(shelves=shelves)
    stored(repository, edited(before, "brobold", official_name="Brobold på ny"))
    read: list[str] = []
    event.listen(repository.engine, "after_cursor_execute", lambda *said: read.append(f"{said[2]} {said[3]}"))
    again = repository.load(shelves=shelves)
    bodies = [statement for statement in read if "records.body" in statement.split("FROM")[0] and " IN " in statement]
    assert len(bodies) == 1
    assert "brobold" in bodies[0]
    assert "geist" not in bodies[0]
    assert again.offers["brobold"].official_name == "Brobold på ny"
    assert again.outlines["brobold"].name == "Brobold på ny"
    assert changed_records(before.offers, again.offers) == {"brobold"}
    assert before.offers["brobold"].official_name != "Brobold på ny", "an earlier state changed"
    assert len(files(shelves)) == 1
    assert repository.load(before).offers["brobold"] == again.offers["brobold"]


def test_where_much_differs_a_new_file_is_written_and_the_oldest_go(
    repository: DatabaseRepository, shelves: Shelves
) -> None:
    first = repository.load(shelves=shelves)
    seen = set(files(shelves))
    for number in range(3):
        now = repository.load()
        some = [edited(now, one, owner=f"owner-{number}") for one in list(now.outlines.published)[: FEW + 1]]
        expected = stored(repository, *some)
        assert dict(repository.load(shelves=shelves).offers) == dict(expected.offers)
        seen |= set(files(shelves))
    assert len(seen) == 4
    assert len(files(shelves)) == 2
    assert first.offers["geist"].id == "geist", "what is mapped is read on"


def test_what_was_taken_away_is_gone_and_what_is_new_is_there(
    repository: DatabaseRepository, shelves: Shelves, catalogue: Catalogue
) -> None:
    before = repository.load(shelves=shelves)
    new = edited(before, "brobold", id="brobold-2")
    less = {one: offer for one, offer in catalogue.offers.items() if one != "geist"}
    repository.replace(dataclasses.replace(catalogue, offers=less | {new.id: new}))
    for shelf in (shelves, Shelves(shelves._folder, "today", LARGE_FROM, 10_000)):
        after = repository.load(shelves=shelf)
        assert "geist" not in after.offers
        assert after.offers["brobold-2"] == new
        assert dict(after.offers) == less | {new.id: new}
        assert len(after.offers) == len(list(after.offers)) == len(catalogue.offers)
    assert changed_records(before.offers, after.offers) == {"geist", "brobold-2"}


def test_the_file_of_another_database_is_not_taken_for_ones_own(
    repository: DatabaseRepository, shelves: Shelves, catalogue: Catalogue, tmp_path: Path
) -> None:
    from services_catalog.database import migrate

    repository.load(shelves=shelves)
    url = f"sqlite:///{tmp_path}/other.db"
    migrate(url)
    other = DatabaseRepository(url)
    renamed = edited(catalogue, "geist", official_name="Et andet sted")
    other.replace(dataclasses.replace(catalogue, offers={**catalogue.offers, "geist": renamed}))
    assert other.version() == repository.version()
    assert other.load(shelves=shelves).offers["geist"].official_name == "Et andet sted"
    other.close()


@pytest.mark.parametrize("torn", [b"", b"torn", b"\0" * 64])
def test_a_damaged_file_is_written_again(repository: DatabaseRepository, shelves: Shelves, torn: bytes) -> None:
    repository.load(shelves=shelves)
    path = shelves._folder / files(shelves)[0]
    path.write_bytes(torn)
    assert dict(repository.load(shelves=shelves).offers) == dict(repository.load().offers)
    assert files(shelves) != [path.name]


def _load(url: str, folder: Path) -> list[str]:
    repository = DatabaseRepository(url)
    found = list(repository.load(shelves=Shelves(folder, "today", LARGE_FROM, FEW)).offers)
    repository.close()
    return found


def test_several_processes_write_one_file(empty_database: str, catalogue: Catalogue, tmp_path: Path) -> None:
    repository = DatabaseRepository(empty_database)
    repository.replace(catalogue)
    folder = tmp_path / "learned"
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        found = pool.starmap(_load, [(str(repository.engine.url.render_as_string(hide_password=False)), folder)] * 3)
    assert found == [list(repository.load().offers)] * 3
    assert len(list(folder.glob("shelf-*.offers"))) == 1
    assert not (folder / "shelf.part").exists()
    repository.close()


def test_outlines_brought_up_to_date_are_those_of_the_later_state(catalogue: Catalogue) -> None:
    before = Outlines(map(outline_of, catalogue.offers.values()))
    needs = list(catalogue.needs)

    def shown(outlines: Outlines) -> dict[tuple[str, bool], list[str]]:
        return {(need, had): outlines.for_needs([need], available=had) for need in needs for had in (True, False)}

    as_it_was = shown(before)
    brobold = edited(catalogue, "brobold", needs=("learn-danish", *catalogue.offers["brobold"].needs))
    hidden = edited(catalogue, "kontingentstoette", publication=Publication.ARCHIVED)
    ended = edited(catalogue, "muhabet", availability=Availability.HISTORICAL)
    changes = {one.id: outline_of(one) for one in (brobold, hidden, ended)}
    after = before.with_changes({**changes, "geist": None})
    expected = {**catalogue.offers, **{one.id: one for one in (brobold, hidden, ended)}}
    del expected["geist"]
    anew = Outlines(map(outline_of, expected.values()))
    assert after.published == anew.published
    assert shown(after) == shown(anew)
    assert shown(after) != as_it_was
    assert (shown(before), "geist" in before) == (as_it_was, True)
    assert after.count_for(needs, available=True) == len(after.for_needs(needs, available=True))


def test_rules_are_asked_of_what_differs_and_of_what_names_it(catalogue: Catalogue) -> None:
    read: list[str] = []

    class Watched(dict[str, Offer]):
        def __getitem__(self, offer_id: str) -> Offer:
            read.append(offer_id)
            return super().__getitem__(offer_id)

    watched = dataclasses.replace(catalogue, offers=Offers(Watched(catalogue.offers)))
    named = next(one.alternatives[0] for one in catalogue.published if one.alternatives)
    naming = {one.id for one in catalogue.published if named in (*one.alternatives, one.parent)}
    gone = watched.with_offers({named: None})
    read.clear()
    problems = validate(gone, since=watched)
    assert {problem.path.removeprefix("offers/").removesuffix(".yml") for problem in problems} == naming
    assert len(set(read)) < len(catalogue.offers) / 2
    assert sorted(broken_rules(gone)) == sorted(broken_rules(gone, since=watched))
    told = next(one.facts[0] for one in catalogue.outlines.values() if one.facts)
    fewer = {one: fact for one, fact in catalogue.facts.items() if one != told}
    without = dataclasses.replace(watched, facts=fewer)
    assert sorted(broken_rules(without, since=watched)) == sorted(broken_rules(without))
    assert list(broken_rules(watched, since=watched)) == []


def test_a_search_engine_over_offers_on_disk_may_be_kept(
    repository: DatabaseRepository, small_catalogue: Catalogue, tmp_path: Path
) -> None:
    repository.replace(small_catalogue)
    engine = SearchEngine(repository.load())
    name = engine.catalogue.published[0].official_name
    again: SearchEngine = pickle.loads(pickle.dumps(engine))  # noqa: S301 - our own
    assert again.search(name).hits[0].offer == engine.search(name).hits[0].offer


def test_a_file_holds_each_body_as_the_database_has_it(repository: DatabaseRepository, shelves: Shelves) -> None:
    repository.load(shelves=shelves)
    shelf = Shelf(shelves._folder / files(shelves)[0])
    assert Offer.model_validate_json(shelf.body("geist")) == shelf["geist"]
    with pytest.raises(KeyError):
        shelf["no-such-offer"]
