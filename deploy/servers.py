"""PostgreSQL, Redis and nginx of Debian, run in a folder of their own with the configuration of `deploy/configure`."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import httpx
import redis

from deploy.machines import Network
from deploy.programs import Program
from deploy.site import Node, Postgresql, Redis, Site

ROOT = Path(__file__).resolve().parent.parent
SERVER_NAME = "vejviser.example"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
#: PostgreSQL refuses to run as root; Debian's package makes this user.
_POSTGRES = "postgres"
_CLEAN = {"PATH": PATH, "LC_ALL": "C.UTF-8"}


def missing_packages() -> list[str]:
    """Return the names of Debian's packages that are needed and not installed."""
    programs = {"nginx": "nginx", "redis-server": "redis-server", "openssl": "openssl"}
    missing = [package for program, package in programs.items() if shutil.which(program, path=PATH) is None]
    return missing if _postgresql_programs() else [*missing, "postgresql"]


def example_site(folder: Path, net: Network) -> Site:
    """Return the site of an example in `folder`, which gets a certificate and what the site's paths name."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(  # noqa: S603
        ["/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", f"/CN={SERVER_NAME}", "-addext", f"subjectAltName=DNS:{SERVER_NAME}",
         "-out", certificate, "-keyout", key],
        check=True, capture_output=True,
    )  # fmt: skip
    for name in ("redis", "logs", "data"):
        (folder / name).mkdir()
    nodes = tuple(
        Node(name=str(place), address=machine.address)
        if machine.namespace
        else Node(name=str(place), address=machine.address, port=_port(), bot_port=_port(), actions_port=_port())
        for place, machine in enumerate(net.machines, 1)
    )
    front = net.front
    return Site(
        server_name=SERVER_NAME,
        certificate=str(certificate),
        certificate_key=str(key),
        proxy=front,
        listen=(front,),
        http_port=_port(),
        https_port=_port(),
        postgresql=Postgresql(address=front, port=_port(), network=f"{front.rsplit('.', 1)[0]}.0/24", tls=False),
        redis=Redis(address=front, port=_port(), folder=str(folder / "redis")),
        nodes=nodes,
        folder=str(ROOT),
        data=str(folder / "data"),
        configuration=str(folder / "configuration"),
        logs=str(folder / "logs"),
        pages=str(folder / "configuration"),
    )


def postgresql(folder: Path, site: Site) -> Program:
    """Return a PostgreSQL with a new cluster in `folder`."""
    home, server, programs = folder / "postgresql", site.postgresql, _postgresql_programs()
    assert programs is not None  # noqa: S101 - see `missing_packages`
    home.mkdir(mode=0o700)
    user = _POSTGRES if os.geteuid() == 0 else None
    if user:
        shutil.chown(home, user)
    subprocess.run(  # noqa: S603
        [programs / "initdb", "-D", home / "data", "-U", _POSTGRES, "--auth-local=trust", "--auth-host=scram-sha-256",
         "-E", "UTF8", "--no-sync"],
        check=True, capture_output=True, user=user, cwd="/", env=_CLEAN,
    )  # fmt: skip
    with (home / "data" / "pg_hba.conf").open("a") as rules:
        rules.write(f"host {server.database} {server.user} {server.network} scram-sha-256\n")
    ready: list[str | Path] = [programs / "pg_isready", "-h", home, "-p", str(server.port), "-q"]
    return Program(
        "PostgreSQL",
        [programs / "postgres", "-D", home / "data", "-p", str(server.port), "-k", home,
         "-c", f"listen_addresses={server.address}"],
        lambda: subprocess.run(ready, check=False, env=_CLEAN).returncode == 0,  # noqa: S603
        folder / "logs" / "postgresql.log",
        environment=_CLEAN,
        user=_POSTGRES,
    )  # fmt: skip


def create_database(folder: Path, site: Site) -> None:
    """Do what postgresql.sql says. Raises CalledProcessError."""
    programs = _postgresql_programs()
    assert programs is not None  # noqa: S101
    subprocess.run(  # noqa: S603
        [programs / "psql", "-h", folder / "postgresql", "-p", str(site.postgresql.port), "-U", _POSTGRES, "-q",
         "-v", "ON_ERROR_STOP=1", "-f", folder / "configuration" / "postgresql.sql"],
        check=True, capture_output=True, env=_CLEAN,
    )  # fmt: skip


def redis_server(folder: Path) -> Program:
    """Return a Redis with redis.conf."""
    url = (folder / "configuration" / "secrets" / "vejviser_redis_url").read_text()

    def answers() -> bool:
        try:
            with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    command: list[str | Path] = ["/usr/bin/redis-server", folder / "configuration" / "redis.conf"]
    return Program("Redis", command, answers, folder / "logs" / "redis.log")


def nginx(folder: Path, site: Site) -> Program:
    """Return nginx with nginx.conf below a main file that is Debian's but for the folders."""
    home = folder / "nginx"
    home.mkdir()
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f"{kind}_temp_path {home}/{kind};" for kind in kinds)
    user = "user root;" if os.geteuid() == 0 else ""
    main = home / "nginx.conf"
    main.write_text(
        f"{user} worker_processes 2; daemon off; pid {home}/pid; error_log {folder}/logs/nginx.log alert;\n"
        f"events {{ }}\nhttp {{ include /etc/nginx/mime.types; {paths}\ninclude {folder}/configuration/nginx.conf; }}\n"
    )

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((site.listen[0], site.https_port)) == 0

    command: list[str | Path] = ["/usr/sbin/nginx", "-e", folder / "logs" / "nginx.log", "-c", main]
    return Program("nginx", command, answers, folder / "logs" / "nginx-start.log")


def public_client(folder: Path, site: Site, own_address: str | None = None) -> httpx.Client:
    """Return a client that comes in as residents do: by TLS and the public name, through nginx; from an address of its own
    if one is given."""
    certificate = ssl.create_default_context(cafile=folder / "certificate.pem")

    def by_name(request: httpx.Request) -> None:
        request.extensions["sni_hostname"] = SERVER_NAME  # no name server knows it

    return httpx.Client(
        base_url=f"https://{site.listen[0]}:{site.https_port}",
        headers={"Host": SERVER_NAME},
        transport=httpx.HTTPTransport(verify=certificate, local_address=own_address),
        timeout=10,
        trust_env=False,
        event_hooks={"request": [by_name]},
    )


def _postgresql_programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    return found[0].parent if found else None


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
