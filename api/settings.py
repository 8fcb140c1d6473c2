"""Every setting of the service, from the environment (`VEJVISER_…`) or a file named by `VEJVISER_ENV_FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from services_catalog.accounts.roles import Role

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """Documented in docs/settings.md, which a test holds complete."""

    model_config = SettingsConfigDict(env_prefix="VEJVISER_", extra="ignore")

    #: SQLAlchemy address of the catalogue.
    database_url: str = "sqlite:///var/catalogue.db"
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
    #: How long Rasa may take before the answer comes from search alone.
    bot_timeout: Seconds = 4.0
    #: How long a conversation lives without a message.
    session_idle: Seconds = 1800.0
    #: Most conversations kept at once; the oldest go first.
    session_limit: Annotated[int, Field(ge=1)] = 20_000
    #: Longest message in characters; longer ones are refused with a clear answer.
    message_limit: Annotated[int, Field(ge=100)] = 4000
    #: How often a worker asks whether something was published.
    refresh_interval: Seconds = 0.2
    #: How long nothing must be published before everything is learned again, in a process of its own.
    relearn_after: Seconds = 60.0
    #: Largest file that may be imported, in bytes; unpacked it may be five times that.
    import_limit: Annotated[int, Field(ge=1000)] = 100_000_000
    #: Where files that are made while running are kept.
    data_folder: Path = Path("var")
    #: The address residents see, for links in sitemaps and slips; the request's own when empty.
    public_url: str = ""
    #: Where "Leave this page at once" leads: a page that everybody may be looking at.
    exit_url: Annotated[str, Field(pattern="^https?://")] = "https://www.dmi.dk/"

    def as_environment(self) -> dict[str, str]:
        """Return what a process must find in its environment to work on the same catalogue and folders."""
        return {
            "VEJVISER_DATABASE_URL": self.database_url,
            "VEJVISER_DATA_FOLDER": str(self.data_folder.resolve()),
        }

    @property
    def learned_folder(self) -> Path:
        """Where the search engine and the crisis detector are kept between starts."""
        return self.data_folder / "learned"
