"""A Redis for the tests: Debian's redis-server on a free port, keeping nothing on disk, ended with the test."""

from __future__ import annotations

import contextlib
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator

PROGRAM = shutil.which("redis-server")
WHY_SKIPPED = "redis-server is not installed (Debian: redis-server)"


class RedisServer:
    """A server that a test may kill, hang and start again. Needs `PROGRAM`."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, empty, and wait until it answers."""
        assert PROGRAM is not None
        command = [PROGRAM, "--port", str(self._port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")
        deadline = time.monotonic() + 20
        while not self._answers():
            assert time.monotonic() < deadline, "redis-server did not start"
            assert self._process.poll() is None, "redis-server ended at once"
            time.sleep(0.02)

    def kill(self) -> None:
        """End the server as a power cut would."""
        self._signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def hang(self) -> None:
        """Let the server take connections and answer nothing."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let a server that hangs answer again."""
        self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End the server if it runs."""
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 1) as line:
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        return False


@contextlib.contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Run a Redis while the block runs."""
    server = RedisServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()
