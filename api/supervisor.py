"""Start the three processes, wait until they are healthy, restart what dies, and stop them all together.

Our own few lines rather than a process manager: it must print one clear sentence for each thing that can go wrong at a
first start (a port in use, a failed training), which supervisord and its like leave to log files.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from api.preparation import PreparationFailed, bot_python, prepare
from api.settings import Settings

ROOT = Path(__file__).resolve().parent.parent

_FIRST_DELAY, _LONGEST_DELAY = 0.5, 10.0
_STEADY_SECONDS = 30.0
_STOP_SECONDS = 8.0
_START_SECONDS = 120.0


@dataclass
class Component:
    """One process: how it is started, and how one sees that it is healthy."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    health_url: str
    process: asyncio.subprocess.Process | None = None
    delay: float = field(default=_FIRST_DELAY)


def run(settings: Settings, *, prepare_only: bool) -> int:
    """Prepare and serve until SIGINT or SIGTERM. Returns the exit status: 0 after a wanted stop."""
    say = _Teller()
    try:
        prepare(settings, say)
        if prepare_only:
            return 0
        for name, port in _ports(settings):
            _require_free_port(name, settings.host if name == "api" else "127.0.0.1", port)
    except PreparationFailed as failure:
        print(f"vejviser: {failure}", file=sys.stderr)
        return 1
    return asyncio.run(_serve(settings, say))


def _ports(settings: Settings) -> list[tuple[str, int]]:
    return [("api", settings.port), ("bot", settings.bot_port), ("actions", settings.actions_port)]


def _require_free_port(name: str, host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            variable = "VEJVISER_PORT" if name == "api" else f"VEJVISER_{name.upper()}_PORT"
            raise PreparationFailed(
                f"port {port} on {host}, wanted by {name}, is in use: stop what uses it or set {variable}."
            ) from None


def components(settings: Settings) -> list[Component]:
    """Return the processes of one installation, the api first: search and pages work while Rasa still loads."""
    secret = settings.internal_secret.get_secret_value() or secrets.token_urlsafe(32)
    environment = os.environ | {
        "VEJVISER_INTERNAL_SECRET": secret,
        "VEJVISER_BOT_SECRET": secret,
        "VEJVISER_ACTIONS_URL": f"http://127.0.0.1:{settings.actions_port}/webhook",
        "VEJVISER_CATALOGUE_URL": f"http://127.0.0.1:{settings.port}",
        "PYTHONUNBUFFERED": "1",
        # Rasa's frozen dependencies warn by the dozen at every start; nothing of it is ours to mend
        "PYTHONWARNINGS": "ignore",
    }
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104 - compared, not bound
    return [
        Component(
            "api",
            [sys.executable, "-m", "uvicorn", "--factory", "api.main:create_app", "--host", settings.host,
             "--port", str(settings.port), "--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "5"],
            environment,
            f"http://{host}:{settings.port}/health/live",
        ),
        Component(
            "actions",
            [sys.executable, "-m", "actions.server", "--port", str(settings.actions_port)],
            environment,
            f"http://127.0.0.1:{settings.actions_port}/health",
        ),
        Component(
            "bot",
            [str(bot_python()), "-m", "bot.serve", "--port", str(settings.bot_port), "--model",
             str((settings.data_folder / "models" / "vejviser.tar.gz").resolve())],
            environment,
            f"http://127.0.0.1:{settings.bot_port}/webhooks/vejviser/health",
        ),
    ]  # fmt: skip


async def _serve(settings: Settings, say: Callable[[str], None]) -> int:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stopping.set)
    parts = components(settings)
    for part in parts:
        await _start(part)
    keepers = [asyncio.create_task(_keep(part, stopping, say)) for part in parts]
    try:
        return await _until_stopped(settings, parts, stopping, say)
    finally:
        stopping.set()
        await asyncio.gather(*(_stop(part) for part in reversed(parts)))
        for keeper in keepers:
            keeper.cancel()
        say("Everything is stopped.")


async def _until_stopped(
    settings: Settings, parts: list[Component], stopping: asyncio.Event, say: Callable[[str], None]
) -> int:
    """Wait until all is healthy, say where it is, and wait on. Returns 1 when a part never became healthy."""
    address = f"http://{settings.host}:{settings.port}"
    for part in parts:
        if not await _healthy(part, stopping):
            if stopping.is_set():
                return 0
            print(f"vejviser: {part.name} did not become healthy within {_START_SECONDS:.0f} s.", file=sys.stderr)
            return 1
        if part.name == "api":
            say(f"Pages and search answer at {address}; the conversation is still loading.")
    say(f"Vejviser is ready: {address}   (Ctrl-C stops it)")
    await stopping.wait()
    return 0


async def _start(part: Component) -> None:
    part.process = await asyncio.create_subprocess_exec(
        *part.command, env=dict(part.environment), cwd=ROOT, stdin=asyncio.subprocess.DEVNULL, start_new_session=True
    )


async def _keep(part: Component, stopping: asyncio.Event, say: Callable[[str], None]) -> None:
    """Start a part again whenever it dies, a little later each time it dies soon."""
    while not stopping.is_set():
        began = time.monotonic()
        assert part.process is not None  # noqa: S101 - started before it is kept
        status = await part.process.wait()
        if stopping.is_set():
            return
        if time.monotonic() - began > _STEADY_SECONDS:
            part.delay = _FIRST_DELAY
        say(f"{part.name} stopped with status {status}; it starts again in {part.delay:.1f} s.")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), part.delay)
            return
        part.delay = min(part.delay * 2, _LONGEST_DELAY)
        await _start(part)


async def _healthy(part: Component, stopping: asyncio.Event) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    async with httpx.AsyncClient(timeout=2.0, trust_env=False) as client:
        while time.monotonic() < deadline and not stopping.is_set():
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(part.health_url)).status_code == httpx.codes.OK:
                    return True
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), 0.2)
    return False


async def _stop(part: Component) -> None:
    """End a part and everything it started: first politely, then surely."""
    process = part.process
    if process is None or process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


class _Teller:
    """Prints progress with the seconds since the start."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, text: str) -> None:
        print(f"[{time.monotonic() - self._began:5.1f} s] {text}", flush=True)
