"""What a start needs beside the catalogue and the model, what it says on its way, and how it fails. Imports next to nothing:
the supervisor keeps what it imports in memory as long as the service runs."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from api.settings import Settings

ROOT = Path(__file__).resolve().parent.parent


class PreparationFailed(Exception):
    """Something needed could not be made; the text is one sentence that says what and what to do."""


class Teller:
    """Prints progress with the seconds since the start; `began` is a time of the machine's monotonic clock."""

    def __init__(self, began: float | None = None) -> None:
        self.began = time.monotonic() if began is None else began

    def __call__(self, text: str) -> None:
        print(f"[{time.monotonic() - self.began:5.1f} s] {text}", flush=True)


def bot_python() -> Path:
    """Return the interpreter of the bot's own environment. Raises PreparationFailed when it is not there."""
    python = ROOT / "bot" / ".venv" / "bin" / "python"
    if not python.exists():
        raise PreparationFailed("the bot's environment is missing: run `make setup`.")
    return python


def require_free_ports(settings: Settings) -> None:
    """Raise PreparationFailed when a port that is wanted is in use."""
    for name, port in (("api", settings.port), ("bot", settings.bot_port), ("actions", settings.actions_port)):
        _require_free_port(name, settings.host if name == "api" else "127.0.0.1", port)


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
