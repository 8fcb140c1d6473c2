"""A circuit breaker: who does not answer is left alone until somebody has looked and found it well again.

Closed, every call passes. One failure opens it: no call passes and a look goes out every half second. Once a look finds
the other side well, a single call passes as a trial while the others are still turned away; it closes the circuit or
opens it again, so that somebody who answers the look and nothing else keeps at most one caller waiting.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum, auto

#: Seconds between two looks.
LOOK_EVERY = 0.5


class _State(Enum):
    CLOSED = auto()
    OPEN = auto()
    TRIAL_DUE = auto()
    TRIAL = auto()


class Circuit:
    """One breaker, for one event loop. `look` tells whether the other side is well."""

    def __init__(self, look: Callable[[], Awaitable[bool]], every: float = LOOK_EVERY) -> None:
        self._look, self._every = look, every
        self._state = _State.CLOSED
        self._looking: asyncio.Task[None] | None = None

    @property
    def closed(self) -> bool:
        """Whether every call passes."""
        return self._state is _State.CLOSED

    def admit(self) -> bool:
        """Tell whether a call may pass now. One that passes ends with `succeeded`, `failed` or `given_up`."""
        if self._state is _State.TRIAL_DUE:
            self._state = _State.TRIAL
            return True
        return self.closed

    def succeeded(self) -> None:
        """A call was answered: a trial closes the circuit. Of calls begun before it opened nothing follows."""
        if self._state is _State.TRIAL:
            self._state = _State.CLOSED

    def failed(self) -> None:
        """A call was not answered: nothing passes until a look says otherwise."""
        if self._looking is None or self._looking.done():
            self._state = _State.OPEN
            self._looking = asyncio.create_task(self._look_until_well())

    def given_up(self) -> None:
        """A caller went away before there was an answer: another one may try."""
        if self._state is _State.TRIAL:
            self._state = _State.TRIAL_DUE

    def close(self) -> None:
        """End the looking."""
        if self._looking is not None:
            self._looking.cancel()

    async def _look_until_well(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            if await self._look():
                self._state = _State.TRIAL_DUE
                return
