"""Runs the conversation: `bot/.venv/bin/python -m bot.serve` from the repository root. Settings: `settings.py`.

Listens on 127.0.0.1 only, with our channel only and without Rasa's HTTP API. Exit status 1 when it cannot start.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path
from typing import Any

from bot.settings import BOT, HOST, ROOT, SECRET_HEADER, SettingError, Settings, model_file, secret_from


def main(arguments: list[str] | None = None) -> int:
    """Serve until ended; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bot.serve", description=__doc__.split("\n\n")[0])
    parser.add_argument("--port", help="TCP port on 127.0.0.1 (VEJVISER_BOT_PORT)")
    parser.add_argument("--model", type=Path, help="model file or folder (VEJVISER_BOT_MODEL)")
    options = parser.parse_args(arguments)
    if options.port is not None:
        os.environ["VEJVISER_BOT_PORT"] = options.port
    if options.model is not None:
        os.environ["VEJVISER_BOT_MODEL"] = str(options.model.resolve())
    try:
        settings = Settings.read(os.environ)
        secret_from(os.environ)  # before anything heavy is loaded
        model = model_file(settings.model).resolve()
    except SettingError as error:
        print(f"bot: {error}", file=sys.stderr)
        return 1
    _prepare_process()
    _serve(settings, model)
    return 0


def _prepare_process() -> None:
    """Do what must precede the import of Rasa."""
    os.chdir(ROOT)  # the model's configuration has paths relative to the repository
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    # One thread for linear algebra: the model is small, and idle threads cost memory and wake-ups.
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    from bot.lean_imports import without_tensorflow
    from bot.logs import configure_logging

    configure_logging()
    without_tensorflow()


def endpoints(settings: Settings) -> Any:
    """Return Rasa's endpoints: the action server over a kept line, the stores in memory or in Redis."""
    from rasa.core.utils import AvailableEndpoints

    from bot.action_line import KeptEndpoint

    os.environ["VEJVISER_ACTIONS_URL"] = settings.actions_url
    os.environ["VEJVISER_REDIS_URL"] = settings.redis_url or ""
    os.environ["VEJVISER_SESSION_IDLE"] = str(settings.session_idle)
    file = "endpoints.redis.yml" if settings.redis_url else "endpoints.yml"
    read = AvailableEndpoints.read_endpoints(str(BOT / file))
    read.action = KeptEndpoint(url=read.action.url, headers={SECRET_HEADER: os.environ.get("VEJVISER_BOT_SECRET", "")})
    return read


def _serve(settings: Settings, model: Path) -> None:
    import rasa.core.run

    from bot import patches

    patches.apply()
    rasa.core.run.serve_application(
        model_path=str(model),
        interface=HOST,
        port=settings.port,
        credentials=str(BOT / "credentials.yml"),
        endpoints=endpoints(settings),
        enable_api=False,
        server_listeners=[(_require_model, "after_server_start"), (_close_line, "before_server_stop")],
    )


async def _require_model(app: Any, _loop: Any) -> None:
    """Stop when the model could not be loaded: Rasa would go on and answer nothing."""
    if not app.ctx.agent.is_ready():
        print("bot: the model could not be loaded; the log above says why.", file=sys.stderr)
        app.stop()
        return
    # The stores end a conversation in time (VEJVISER_SESSION_IDLE); Rasa's own clock stands fixed in the model.
    domain = app.ctx.agent.domain
    domain.session_config = domain.session_config._replace(session_expiration_time=0)
    # The model stays for good: what is there now is left out of every later garbage collection.
    gc.collect()
    gc.freeze()


async def _close_line(app: Any, _loop: Any) -> None:
    agent = getattr(app.ctx, "agent", None)
    if agent is not None and agent.action_endpoint is not None:
        await agent.action_endpoint.close()


if __name__ == "__main__":
    sys.exit(main())
