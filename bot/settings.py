"""What an operator can set for the conversation, all by environment variables.

| variable | meaning | default |
|---|---|---|
| VEJVISER_BOT_SECRET | shared with the api, sent in X-Vejviser-Secret; required, 16 characters or more | none |
| VEJVISER_BOT_PORT | TCP port on 127.0.0.1 | 5005 |
| VEJVISER_BOT_MODEL | model file, or a folder whose newest *.tar.gz is taken | bot/models |
| VEJVISER_ACTIONS_URL | the action server's webhook | http://127.0.0.1:5055/webhook |
| VEJVISER_REDIS_URL | redis:// or rediss://: conversations and locks are kept there instead of in memory | none |
| VEJVISER_SESSION_IDLE | seconds a conversation is kept after its last message | 1800 |
| VEJVISER_OFFER_NAMES | JSON file of offer names, `{"<id>": ["name", …]}` | bot/generated/offer_names.json |
| VEJVISER_LOG_LEVEL, VEJVISER_LOG_FORMAT | as for the api: `logs.py` | auto |
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BOT = ROOT / "bot"
#: Never another one: the bot has no public door.
HOST = "127.0.0.1"
SHORTEST_SECRET = 16
SECRET_HEADER = "X-Vejviser-Secret"


class SettingError(ValueError):
    """A setting cannot be used; the text names it and the remedy."""


class MissingSecretError(SettingError):
    """There is no secret, or one that could be guessed."""


@dataclass(frozen=True)
class Settings:
    """The settings of one run."""

    port: int
    model: Path
    actions_url: str
    redis_url: str | None
    session_idle: float = 1800.0

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        """Read the environment. Raises SettingError."""
        port = environment.get("VEJVISER_BOT_PORT", "5005")
        if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise SettingError(f"VEJVISER_BOT_PORT is {port!r}; it must be a number from 1 to 65535.")
        try:
            idle = float(environment.get("VEJVISER_SESSION_IDLE", "1800"))
        except ValueError:
            idle = 0.0
        if not 1 <= idle < float("inf"):
            raise SettingError("VEJVISER_SESSION_IDLE must be a number of seconds, 1 or more.")
        return cls(
            port=int(port),
            model=Path(environment.get("VEJVISER_BOT_MODEL", str(BOT / "models"))),
            actions_url=environment.get("VEJVISER_ACTIONS_URL", "http://127.0.0.1:5055/webhook"),
            redis_url=environment.get("VEJVISER_REDIS_URL") or None,
            session_idle=idle,
        )


def secret_from(environment: Mapping[str, str]) -> str:
    """Return the shared secret. Raises MissingSecretError."""
    secret = environment.get("VEJVISER_BOT_SECRET", "")
    if len(secret) < SHORTEST_SECRET:
        raise MissingSecretError(
            f"VEJVISER_BOT_SECRET must be set to at least {SHORTEST_SECRET} characters, the same for api and bot."
        )
    return secret


def model_file(model: Path) -> Path:
    """Return `model` itself, or the newest model in that folder. Raises SettingError when there is none."""
    if model.is_file():
        return model
    found = sorted(model.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime)
    if not found:
        raise SettingError(f"There is no model in {model}: train one with `python -m bot.train`.")
    return found[-1]
