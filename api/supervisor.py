"""Start the three processes, wait until they are healthy, restart what dies or hangs, and stop them all together. A process
of its own (`python -m api.supervisor`), which becomes of `vejviser serve` when all is prepared.

Our own few lines rather than a process manager: it must print one clear sentence for each thing that can go wrong at a
first start (a port in use, a failed training), which supervisord and its like leave to log files.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from api.draining import BEGIN_DRAINING
from api.keeping import Component, becomes_healthy, keep, start, stop, watch
from api.settings import Settings
from api.starting import Teller, bot_python

_START_SECONDS = 120.0
#: How the public door is served: our lines in the log, and no connection that costs more than it should.
SERVER_OPTIONS = (
    "--no-proxy-headers",  # VEJVISER_TRUSTED_PROXIES says whom to believe
    "--log-config", str(Path(__file__).with_name("log_config.json")), "--log-level", "warning", "--no-access-log",
    # uvloop takes one new connection each time round its loop: when the rounds are long, everybody else waits unheard
    "--loop", "asyncio", "--http", "api.connections:GuardedConnection", "--ws", "none", "--no-server-header",
    "--timeout-keep-alive", "10", "--timeout-graceful-shutdown", "5",
)  # fmt: skip


def components(settings: Settings) -> list[Component]:
    """Return the processes of one installation, the api first: search and pages work while Rasa still loads."""
    secret = settings.internal_secret.get_secret_value() or secrets.token_urlsafe(32)
    host = "127.0.0.1" if settings.host == "0.0.0.0" else settings.host  # noqa: S104 - compared, not bound
    environment = os.environ | {
        "VEJVISER_INTERNAL_SECRET": secret,
        "VEJVISER_BOT_SECRET": secret,
        "VEJVISER_ACTIONS_URL": f"http://127.0.0.1:{settings.actions_port}/webhook",
        "VEJVISER_CATALOGUE_URL": f"http://{host}:{settings.port}",
        "VEJVISER_REDIS_URL": settings.redis_url.get_secret_value(),
        "VEJVISER_SESSION_IDLE": str(settings.session_idle),
        "PYTHONUNBUFFERED": "1",
        # Rasa's frozen dependencies warn by the dozen at every start; nothing of it is ours to mend
        "PYTHONWARNINGS": "ignore",
    }
    return [
        Component(
            "api",
            [sys.executable, "-m", "uvicorn", "--factory", "api.installation:create_installation", "--host", settings.host,
             "--port", str(settings.port), *SERVER_OPTIONS],
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
    stopping, hurry = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, lambda: (hurry if stopping.is_set() else stopping).set())
    parts = components(settings)
    for part in parts:
        await start(part)
    keepers = [asyncio.create_task(each(part, stopping, say)) for part in parts for each in (keep, watch)]
    try:
        return await _until_stopped(settings, parts, stopping, say)
    finally:
        stopping.set()
        await _stop_all(parts, settings.drain_seconds, hurry, say)
        for keeper in keepers:
            keeper.cancel()
        say("Everything is stopped.")


async def _until_stopped(
    settings: Settings, parts: list[Component], stopping: asyncio.Event, say: Callable[[str], None]
) -> int:
    """Wait until all is healthy, say where it is, and wait on. Returns 1 when the api never became healthy; without one of
    the others search, pages and answers to dangers still help, and it is tried again and again."""
    address = f"http://{settings.host}:{settings.port}"
    missing = []
    for part in parts:
        healthy = await becomes_healthy(part, stopping, _START_SECONDS)
        if stopping.is_set():
            return 0
        if not healthy:
            print(f"vejviser: {part.name} did not become healthy within {_START_SECONDS:.0f} s.", file=sys.stderr)
            if part.name == "api":
                return 1
            missing.append(part.name)
        elif part.name == "api":
            say(f"Pages and search answer at {address}; the conversation is still loading.")
    if missing:
        say(f"Vejviser answers from search alone, without {' and '.join(missing)}: {address}   (Ctrl-C stops it)")
    else:
        say(f"Vejviser is ready: {address}   (Ctrl-C stops it)")
    await stopping.wait()
    return 0


async def _stop_all(parts: list[Component], drain: float, hurry: asyncio.Event, say: Callable[[str], None]) -> None:
    """End the api first, so that what is at work is still answered, and then the others."""
    api, *others = parts
    if drain and api.process is not None and api.process.returncode is None:
        say(f"No longer ready; it stops in {drain:.0f} s.   (Ctrl-C again stops it at once)")
        api.process.send_signal(BEGIN_DRAINING)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(hurry.wait(), drain)
    await stop(api, hurry)
    await asyncio.gather(*(stop(part, hurry) for part in others))


def main() -> None:
    """Serve until SIGINT or SIGTERM; the argument is when the start began, by the monotonic clock."""
    sys.exit(asyncio.run(_serve(Settings(), Teller(float(sys.argv[1])))))


if __name__ == "__main__":
    main()
