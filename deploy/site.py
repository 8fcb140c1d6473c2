"""What is particular to an installation, and the configuration of every part made from it: `deploy/configure`."""

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services_catalog.answers import whom_to_ask
from services_catalog.languages import LANGUAGES, direction_of
from services_catalog.localized import localizer
from services_catalog.messages import N_
from services_catalog.seed import read_catalogue

TEMPLATES = Path(__file__).with_name("templates")
#: Made once, at random and safe in addresses.
_MADE = ("vejviser_internal_secret", "vejviser_metrics_token", "redis_password", "postgresql_password")
_WITH_PASSWORD = ("redis.conf", "postgresql.sql")
#: Modes of files.
_PRIVATE, _PUBLIC = 0o600, 0o644

Port = Annotated[int, Field(ge=1, le=65535)]
#: Words that stand in configuration files as they are.
Plain = Annotated[str, Field(pattern=r"^[A-Za-z0-9_./:\[\]-]+$")]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Node(_Part):
    """One `vejviser serve`: an api on an address of its own, Rasa and the action server on the loopback beside it."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    address: Plain
    port: Port = 8000
    bot_port: Port = 5005
    actions_port: Port = 5055


class Postgresql(_Part):
    """Where the catalogue and the accounts are, and from which network the nodes come."""

    address: Plain
    network: Plain
    port: Port = 5432
    database: Plain = "vejviser"
    user: Plain = "vejviser"
    tls: bool = True


class Redis(_Part):
    """Where conversations, limits and locks are."""

    address: Plain
    port: Port = 6379
    memory: Plain = "256mb"
    folder: Plain = "/var/lib/redis"


class Site(_Part):
    """One installation. `proxy` is nginx's address as the nodes see it; paths are those on the machines."""

    server_name: Plain
    certificate: Plain
    certificate_key: Plain
    proxy: Plain
    postgresql: Postgresql
    redis: Redis
    nodes: Annotated[tuple[Node, ...], Field(min_length=1)]
    listen: tuple[Plain, ...] = ("0.0.0.0", "[::]")  # noqa: S104 - nginx is the public door
    http_port: Port = 80
    https_port: Port = 443
    hsts_seconds: Annotated[int, Field(ge=0)] = 31_536_000
    import_megabytes: Annotated[int, Field(ge=1)] = 100
    folder: Plain = "/opt/vejviser"
    data: Plain = "/var/lib/vejviser"
    configuration: Plain = "/etc/vejviser"
    logs: Plain = "/var/log/nginx"
    pages: Plain = "/var/www/vejviser"
    memory_high: Plain = "2500M"
    memory_max: Plain = "3G"
    backup_days: Annotated[int, Field(ge=1)] = 30

    @property
    def public_url(self) -> str:
        """The address residents see."""
        return f"https://{self.server_name}" + ("" if self.https_port == 443 else f":{self.https_port}")


class SiteError(ValueError):
    """A site file cannot be used; the text names what is wrong."""


def read_site(file: Path) -> Site:
    """Return the installation that a file describes. Raises SiteError."""
    try:
        return Site.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SiteError(f"{file} cannot be read: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise SiteError(f"{file}: {wrong}") from error


def configure(site: Site, output: Path) -> None:
    """Write the configuration of every part below `output`. Secrets that are there already stay as they are."""
    folder = output / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = {name: _kept(folder / name) for name in _MADE}
    of_nodes = _secrets_of_nodes(site, known)
    for name, value in of_nodes.items():
        _write(folder / name, value, _PRIVATE)
    templates = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        keep_trailing_newline=True, autoescape=select_autoescape(["html"]),
    )  # fmt: skip
    values: dict[str, object] = {**dict(site), **known} | {
        "made": "Made by deploy/configure; change the site file or deploy/templates instead.",
        "public_url": site.public_url,
        "secrets": sorted(of_nodes),
        "away": _away(),
    }  # fmt: skip
    for template in sorted(TEMPLATES.iterdir()):
        if template.name != "node.env":
            text = templates.get_template(template.name).render(values)
            _write(output / template.name, text, _PRIVATE if template.name in _WITH_PASSWORD else _PUBLIC)
    for node in site.nodes:
        text = templates.get_template("node.env").render(values | {"node": node})
        _write(output / f"node-{node.name}.env", text, _PUBLIC)


def _secrets_of_nodes(site: Site, known: Mapping[str, str]) -> dict[str, str]:
    """Return the secret settings of a node by the name of their file, which is the setting's in lower case."""
    server, redis = site.postgresql, site.redis
    tls = "?sslmode=require" if server.tls else ""
    return {
        "vejviser_internal_secret": known["vejviser_internal_secret"],
        "vejviser_metrics_token": known["vejviser_metrics_token"],
        "vejviser_redis_url": f"redis://:{known['redis_password']}@{redis.address}:{redis.port}/0",
        "vejviser_database_url": (
            f"postgresql://{server.user}:{known['postgresql_password']}@{server.address}:{server.port}/"
            f"{server.database}{tls}"
        ),
    }


def _away() -> list[dict[str, str]]:
    """Return what residents read, a language each, while no node can be reached."""
    catalogue = read_catalogue()
    return [
        {
            "language": tag,
            "direction": direction_of(tag),
            "title": localizer(tag).text(N_("Vejviser cannot answer just now")),
            "detail": localizer(tag).text(N_("Please try again in a few minutes.")),
            "person": whom_to_ask(tag, catalogue),
        }
        for tag in LANGUAGES
    ]


def _kept(file: Path) -> str:
    if not file.exists():
        _write(file, secrets.token_urlsafe(32), _PRIVATE)
    return file.read_text()


def _write(file: Path, text: str, mode: int) -> None:
    file.touch(mode=mode)
    file.chmod(mode)
    file.write_text(text, encoding="utf-8")
