"""How long the steps of one request took: told to whoever measures in the `Server-Timing` header (W3C Server Timing), to the
figures and to the traces."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from fastapi import Request


def _unwatched(_name: str) -> AbstractContextManager[object]:
    return nullcontext()


def _unnoted(_name: str, _seconds: float) -> None:
    return None


class Steps:
    """Collects the time of named steps; a step that runs twice adds up. `note` hears of each with its seconds, `span` gives
    what is entered around it."""

    def __init__(
        self,
        note: Callable[[str, float], None] = _unnoted,
        span: Callable[[str], AbstractContextManager[object]] = _unwatched,
    ) -> None:
        self._seconds: dict[str, float] = {}
        self._note, self._span = note, span

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time what runs inside, also when it fails."""
        began = time.perf_counter()
        try:
            with self._span(name):
                yield
        finally:
            seconds = time.perf_counter() - began
            self._seconds[name] = self._seconds.get(name, 0.0) + seconds
            self._note(name, seconds)

    def header(self) -> str:
        """Return the value of the header, in milliseconds."""
        return ", ".join(f"{name};dur={seconds * 1e3:.2f}" for name, seconds in self._seconds.items())


def steps_of(request: Request) -> Steps:
    """Return the steps of a request, which `api.requests` began."""
    steps: Steps = request.state.steps
    return steps
