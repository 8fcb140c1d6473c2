"""Conversations live as long as they may, and no longer."""

from __future__ import annotations

from api.sessions import SessionStore


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_session_ends_after_its_idle_time() -> None:
    clock = Clock()
    store = SessionStore(idle=1800, limit=10, clock=clock)
    first = store.get_or_create(None)
    clock.now = 1799
    assert store.get_or_create(first.id) is first
    clock.now = 1799 + 1801
    assert store.get_or_create(first.id) is not first
    assert len(store) == 1


def test_the_oldest_session_goes_when_there_are_too_many() -> None:
    store = SessionStore(idle=1800, limit=2, clock=Clock())
    first, second = store.get_or_create(None), store.get_or_create(None)
    store.get_or_create(first.id)
    store.get_or_create(None)
    assert store.known(first.id)
    assert not store.known(second.id)


def test_ids_cannot_be_guessed_or_chosen() -> None:
    store = SessionStore(idle=1800, limit=100, clock=Clock())
    ids = {store.get_or_create("mine").id for _ in range(50)}
    assert len(ids) == 50
    assert all(len(one) >= 43 for one in ids)
