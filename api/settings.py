"""Every setting of the service, from the environment (`VEJVISER_…`) or from a folder of files, one a setting, for secrets."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Literal, Self

from limits import parse
from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from services_catalog.accounts.roles import Role
from services_catalog.seed import SEED_FOLDER

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]


def _rate(written: str) -> str:
    if written:
        try:
            parse(written)
        except ValueError:
            raise ValueError("it must be empty or a number and a time, such as 30/minute") from None
    return written


def _networks(written: str) -> str:
    for one in filter(None, written.split(",")):
        try:
            ipaddress.ip_network(one.strip())
        except ValueError:
            raise ValueError("it must list addresses or networks such as 10.0.0.0/24, with commas between") from None
    return written


def _redis_address(url: SecretStr) -> SecretStr:
    if not re.match("(redis|rediss|unix)://|$", url.get_secret_value()):
        raise ValueError("it must begin with redis://, rediss:// or unix://")
    return url


Rate = Annotated[str, AfterValidator(_rate)]


class Settings(BaseSettings):
    """Documented in docs/settings.md, which a test holds complete."""

    model_config = SettingsConfigDict(env_prefix="VEJVISER_", extra="ignore", hide_input_in_errors=True)

    #: A folder with files such as `vejviser_internal_secret`; the environment goes before them. systemd's credentials else.
    secrets_folder: Path | None = None
    #: A folder with a folder for each municipality that this installation serves (docs/municipalities.md). None: only one.
    municipalities_folder: Annotated[Path | None, BeforeValidator(lambda given: given or None)] = None
    #: The municipality that a command works on, by the name of its folder.
    municipality: str = ""
    #: SQLAlchemy address of the catalogue; it may hold a password.
    database_url: Annotated[str, Field(repr=False)] = "sqlite:///var/catalogue.db"
    #: Address the public door listens on.
    host: str = "127.0.0.1"
    port: Port = 8000
    #: Where Rasa and the action server listen; both on loopback only.
    bot_port: Port = 5005
    actions_port: Port = 5055
    #: Shared by the three processes; made anew at each start by `vejviser serve` when not given.
    internal_secret: SecretStr = SecretStr("")
    #: Tokens that open staff search, comma-separated. Empty: nobody.
    staff_tokens: SecretStr = SecretStr("")
    #: An OpenID Connect provider that editors may sign in with: its issuer exactly as it writes it. Empty: none.
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: SecretStr = SecretStr("")
    #: The claim that holds somebody's groups or roles; a dot goes into an object (`realm_access.roles`).
    oidc_role_claim: str = "roles"
    #: Which role each of its values gives here, as a JSON object. Empty: the values are called as our roles are.
    oidc_roles: dict[str, Role] = {}
    #: How long Rasa may take before the answer comes from search alone; with all else a turn stays below five seconds.
    bot_timeout: Annotated[float, Field(gt=0, le=3)] = 3.0
    #: How long a conversation lives without a message.
    session_idle: Seconds = 1800.0
    #: Most conversations kept at once; the oldest go first.
    session_limit: Annotated[int, Field(ge=1)] = 20_000
    #: Redis for conversations and limits, `redis://[:password@]host:port/0` or `rediss://…`. Empty: each process keeps its own.
    redis_url: Annotated[SecretStr, AfterValidator(_redis_address)] = SecretStr("")
    #: How often one conversation, one address (a /64 of IPv6) and one account may ask. Empty: as often as they like.
    rate_per_session: Rate = "30/minute"
    rate_per_address: Rate = "300/minute"
    rate_per_account: Rate = "300/minute"
    #: Messages that a process answers at once, and that wait for their turn; more are told to come back.
    turns_at_work: Annotated[int, Field(ge=1)] = 16
    turns_waiting: Annotated[int, Field(ge=0)] = 64
    #: Other requests that are under way at once; more are told to come back.
    requests_in_flight: Annotated[int, Field(ge=1)] = 200
    #: Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses or networks, comma-separated. Empty: none.
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = ""
    #: Longest message in characters; longer ones are refused with a clear answer.
    message_limit: Annotated[int, Field(ge=100)] = 4000
    #: How often a worker asks whether something was published.
    refresh_interval: Seconds = 0.2
    #: How long, before it ends, the service is no longer ready but still answers, so that others are asked instead.
    drain_seconds: Annotated[float, Field(ge=0, le=300)] = 0.0
    #: How long nothing must be published before everything is learned again, in a process of its own.
    relearn_after: Seconds = 60.0
    #: From so many published offers on, an index on disk serves instead of what is learned of each offer (docs/scaling.md).
    large_catalogue_from: Annotated[int, Field(ge=1)] = 2000
    #: Largest file that may be imported, in bytes; unpacked it may be five times that.
    import_limit: Annotated[int, Field(ge=1000)] = 100_000_000
    #: Where files that are made while running are kept.
    data_folder: Path = Path("var")
    #: A folder with a folder for each language beside the project's own (docs/languages.md). Read by each process at its start,
    #: from the environment only: services_catalog/languages.py, bot/added_languages.py.
    languages_folder: Path | None = None
    #: How long any request may take; what the editors' room does may take ten times as long.
    request_seconds: Seconds = 30.0
    #: How long browsers are told to come by https only (HSTS). 0: nothing is said.
    hsts_seconds: Annotated[int, Field(ge=0)] = 0
    #: Opens /metrics from elsewhere than this machine. Empty: nobody.
    metrics_token: SecretStr = SecretStr("")
    #: Where traces go (OTLP over HTTP), without `/v1/traces`. Empty: there are none.
    otlp_endpoint: Annotated[str, Field(pattern="^(https?://.*)?$")] = ""
    #: How the three processes log. `auto`: at a terminal text and warnings only, else JSON and one line a request.
    log_format: Literal["auto", "json", "text"] = "auto"
    log_level: Literal["auto", "info", "warning", "error"] = "auto"
    #: The address residents see, for links in sitemaps and slips; the request's own when empty.
    public_url: str = ""
    #: Where "Leave this page at once" leads: a page that everybody may be looking at.
    exit_url: Annotated[str, Field(pattern="^https?://")] = "https://www.dmi.dk/"

    #: The database and the folder for data of the whole installation, where these are a municipality's.
    _of_all: tuple[str, Path] | None = PrivateAttr(None)

    @model_validator(mode="after")
    def _of_one_municipality(self) -> Self:
        """Give a municipality what is its own: a database and a folder for data."""
        if not self.municipality:
            return self
        if self.municipalities_folder is None:
            raise ValueError("a municipality is named, but VEJVISER_MUNICIPALITIES_FOLDER is not set")
        if not self.seed_folder.is_dir():
            raise ValueError(f"{self.seed_folder} does not exist: `vejviser municipalities list` shows those that do")
        self._of_all = (self.database_url, self.data_folder)
        self.data_folder = self.data_folder / self.municipality
        if "{municipality}" in self.database_url:
            self.database_url = self.database_url.replace("{municipality}", self.municipality)
        elif self.database_url.startswith("sqlite:///"):
            file = Path(self.database_url.removeprefix("sqlite:///"))
            self.database_url = f"sqlite:///{file.parent / self.municipality / file.name}"
        else:
            raise ValueError(
                "each municipality needs its own database: write {municipality} into VEJVISER_DATABASE_URL"
            )
        return self

    def of(self, municipality: str) -> Settings:
        """Return the settings of one municipality, by the name of its folder. Raises ValidationError."""
        return Settings(**(self.model_dump() | {"municipality": municipality}))

    @property
    def seed_folder(self) -> Path:
        """Where the files lie that the catalogue is first filled from."""
        if self.municipalities_folder is None or not self.municipality:
            return SEED_FOLDER
        return self.municipalities_folder / self.municipality

    def as_environment(self) -> dict[str, str]:
        """Return what a process must find in its environment to work on the same catalogue and folders."""
        database_url, data_folder = self._of_all or (self.database_url, self.data_folder)
        return {
            "VEJVISER_DATABASE_URL": database_url,
            "VEJVISER_DATA_FOLDER": str(data_folder.resolve()),
            "VEJVISER_MUNICIPALITY": self.municipality,
        }

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return where a setting is looked for, in this order: arguments, the environment, the folder of secrets.

        Raises SettingsError when that folder is named and is none.
        """
        folder = os.environ.get("VEJVISER_SECRETS_FOLDER") or os.environ.get("CREDENTIALS_DIRECTORY")
        if folder and not Path(folder).is_dir():
            raise SettingsError(f"VEJVISER_SECRETS_FOLDER: {folder} is not a folder.")
        files = [SecretsSettingsSource(settings_cls, folder)] if folder else []
        return (init_settings, env_settings, *files)

    @property
    def danger_folder(self) -> Path:
        """Where the crisis detector is kept that all municipalities of the installation share."""
        return (self._of_all[1] if self._of_all else self.data_folder) / "learned"

    @property
    def learned_folder(self) -> Path:
        """Where the search engine and the crisis detector are kept between starts."""
        return self.data_folder / "learned"


def explained(error: ValidationError | SettingsError) -> str:
    """Return what is wrong with the settings, a line for each, with the names of the variables and without their values."""
    if isinstance(error, SettingsError):
        unreadable = re.search(r'field "(\w+)"', str(error))
        return f"VEJVISER_{unreadable[1].upper()}: this is no JSON." if unreadable else str(error)
    wrong = [(".".join(map(str, one["loc"][:1])), one["msg"]) for one in error.errors(include_input=False)]
    return "\n".join(f"VEJVISER_{name.upper()}: {message}." if name else f"{message}." for name, message in wrong)
