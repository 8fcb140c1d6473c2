"""A process that is about to end says so before it does, and whoever spreads residents over processes sends no more."""

from __future__ import annotations

import asyncio
import signal
import threading

#: The supervisor sends this to the api some seconds (`VEJVISER_DRAIN_SECONDS`) before it ends it.
BEGIN_DRAINING = signal.SIGUSR1


class Draining:
    """Whether this process is about to end. Until then it answers as ever."""

    def __init__(self) -> None:
        self.begun = False

    def listen(self) -> None:
        """Hear the supervisor's signal, where signals can be heard: in the main thread of a process."""
        if threading.current_thread() is threading.main_thread():
            asyncio.get_running_loop().add_signal_handler(BEGIN_DRAINING, self.begin)

    def begin(self) -> None:
        self.begun = True
