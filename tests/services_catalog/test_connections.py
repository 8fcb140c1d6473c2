"""What a database that hangs, is full, locked or damaged does to those who use it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa

from services_catalog import postgres_line
from services_catalog.connections import NotSaved, create_engine, reading, writing
from services_catalog.database import DatabaseRepository, catalogue_state, locked_version, migrate, new_version
from services_catalog.errors import CatalogueUnavailable
from services_catalog.notices import Publications
from tests.databases import PostgresServer


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits of a hung server, five times as short."""
    for name, seconds in {"PATIENCE": 2.0, "_REST": 0.6, "_LITTLE_PATIENCE": 0.4, "_LOCK_TIMEOUT_MS": 1000}.items():
        monkeypatch.setattr(postgres_line, name, seconds)


@pytest.fixture
def repository(postgres_server: PostgresServer) -> Iterator[DatabaseRepository]:
    url = postgres_server.new_database()
    deadline = time.monotonic() + 10  # after a test in which it hung it is left alone for a moment
    while True:
        try:
            migrate(url)
            break
        except CatalogueUnavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    made = DatabaseRepository(url)
    yield made
    made.close()


def seconds_of_failure(repository: DatabaseRepository) -> float:
    began = time.monotonic()
    with pytest.raises(CatalogueUnavailable):
        repository.version()
    return time.monotonic() - began


@pytest.mark.usefixtures("impatient")
def test_a_hung_server_is_waited_for_once_and_taken_up_again(
    repository: DatabaseRepository, postgres_server: PostgresServer
) -> None:
    assert repository.version() == 0
    with postgres_server.hanging():
        assert 1.9 < seconds_of_failure(repository) < 4
        for _ in range(20):
            assert seconds_of_failure(repository) < 0.3
        time.sleep(0.7)  # it has been left alone: of many at once one tries
        with ThreadPoolExecutor(8) as many:
            took = sorted(many.map(lambda _: seconds_of_failure(repository), range(8)))
        assert took[-2] < 0.3
        assert took[-1] < 5
    deadline = time.monotonic() + 5
    while True:
        try:
            assert repository.version() == 0
            break
        except CatalogueUnavailable:
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert {repository.version() for _ in range(10)} == {0}


@pytest.mark.usefixtures("impatient")
def test_a_connection_to_a_hung_server_is_not_waited_for(
    repository: DatabaseRepository, postgres_server: PostgresServer
) -> None:
    with postgres_server.hanging():
        assert seconds_of_failure(repository) < 5  # nobody is connected yet: three seconds, by libpq
        assert seconds_of_failure(repository) < 0.3
    time.sleep(0.7)
    assert repository.version() == 0


@pytest.mark.usefixtures("impatient")
def test_waiting_for_another_writer_is_no_silence(repository: DatabaseRepository) -> None:
    with writing(repository.engine) as first:
        locked_version(first)
        began = time.monotonic()
        with pytest.raises(NotSaved, match="lock timeout"), writing(repository.engine) as second:
            locked_version(second)
        assert time.monotonic() - began < 1.9
        assert repository.version() == 0  # the server is well
        new_version(first, 3)
    assert repository.version() == 3


@pytest.mark.usefixtures("impatient")
def test_long_work_waits_for_a_server_that_hangs(postgres_server: PostgresServer) -> None:
    engine = create_engine(postgres_server.new_database(), long_work=True)
    with engine.connect() as connection:
        done = threading.Event()

        def slow() -> None:
            connection.execute(sa.text("SELECT pg_sleep(0.1)"))
            done.set()

        with postgres_server.hanging():
            threading.Thread(target=slow, daemon=True).start()
            assert not done.wait(2.6)
        assert done.wait(5)
    engine.dispose()


def test_a_publication_is_told_and_a_hung_server_is_no_error(
    repository: DatabaseRepository, postgres_server: PostgresServer
) -> None:
    publications = Publications(repository.engine)
    publications.wait(0.05)
    with postgres_server.hanging():
        began = time.monotonic()
        publications.wait(0.3)
        assert time.monotonic() - began < 2
    with writing(repository.engine) as connection:
        new_version(connection, 1)
    began = time.monotonic()
    publications.wait(20)
    assert time.monotonic() - began < 10
    publications.close()


def test_a_full_database_saves_nothing_and_says_so(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/catalogue.db"
    migrate(url)
    repository = DatabaseRepository(url)
    with reading(repository.engine) as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    limited = create_engine(url)
    sa.event.listen(limited, "connect", lambda one, _: one.execute(f"PRAGMA max_page_count={pages}"))
    with pytest.raises(NotSaved, match="full") as caught:  # noqa: PT012, SIM117 - the block is what fails
        with writing(limited) as connection:
            connection.execute(sa.update(catalogue_state).values(version=5))
            connection.exec_driver_sql("CREATE TABLE large (text TEXT)")
            connection.exec_driver_sql("INSERT INTO large VALUES (zeroblob(1000000))")
    assert caught.value.no_room
    assert "INSERT" not in str(caught.value)
    assert repository.version() == 0
    with writing(repository.engine) as connection:
        new_version(connection, 1)
    assert repository.version() == 1
    limited.dispose()
    repository.close()


def test_an_error_of_the_database_quotes_nobody(empty_database: str) -> None:
    engine = create_engine(empty_database)
    with pytest.raises(NotSaved) as caught, writing(engine) as connection:
        connection.execute(sa.text("INSERT INTO nowhere VALUES (:text)"), {"text": "my husband hits me"})
    cause = caught.value.__cause__
    assert "husband" not in f"{caught.value} {cause}"
    engine.dispose()


@pytest.mark.parametrize(
    "content", [b"not a database, " * 5000, b"SQLite format 3\0" + b"\xff" * 90_000], ids=["text", "torn"]
)
def test_a_file_that_is_no_database_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "catalogue.db"
    file.write_bytes(content)
    with pytest.raises(CatalogueUnavailable, match=r"catalogue\.db cannot be used: "):
        migrate(f"sqlite:///{file}")
    assert file.read_bytes() == content
