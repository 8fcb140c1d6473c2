"""A whole installation on this machine: PostgreSQL, Redis, nginx and nodes, configured as `deploy/configure` does it."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import redis

from deploy.machines import Machine, Network, namespaces_permitted, network
from deploy.programs import Program, command_line, descendants
from deploy.site import Node, Postgresql, Redis, Site, configure

ROOT = Path(__file__).resolve().parent.parent
_VEJVISER = ROOT / ".venv" / "bin" / "vejviser"
_NAME = "vejviser.example"
#: PostgreSQL refuses to run as root; Debian's package makes this user.
_POSTGRES = "postgres"
#: What a node learned and trained, made by `make train`.
_MADE = ROOT / "var"
#: Which of a node's processes is meant, by a word of its command line.
PARTS = {"api": "api.main", "bot": "bot.serve", "actions": "actions.server"}


class CannotTry(Exception):
    """Something is missing on this machine; the text says what and what to do."""


@dataclass(frozen=True)
class RunningNode:
    """One node: its settings, the machine it runs on, and `vejviser serve`."""

    node: Node
    machine: Machine
    serve: Program

    @property
    def base(self) -> str:
        """The address of its api."""
        return f"http://{self.node.address}:{self.node.port}"

    def pid_of(self, part: str) -> int:
        """Return the process of a part (`PARTS`). Raises StopIteration while it does not run."""
        return next(one for one in descendants(self.serve.pid) if PARTS[part] in command_line(one))

    def ready(self) -> bool:
        """Tell whether it holds conversations."""
        try:
            answer = httpx.get(f"{self.base}/health/ready", timeout=2, trust_env=False)
            return answer.status_code == 200 and bool(answer.json()["conversation"])
        except (httpx.HTTPError, ValueError):
            return False


@dataclass(frozen=True)
class Installation:
    """All that runs, and the way in."""

    folder: Path
    site: Site
    network: Network
    nodes: tuple[RunningNode, ...]
    postgresql: Program
    redis: Program
    nginx: Program

    def secret(self, name: str) -> str:
        """Return a secret of the installation by the name of its file."""
        return (self.folder / "configuration" / "secrets" / name).read_text()

    def client(self, timeout: float = 10.0) -> httpx.Client:
        """Return a client that comes in as residents do: by TLS and the public name, through nginx."""
        certificate = ssl.create_default_context(cafile=self.folder / "certificate.pem")

        def by_name(request: httpx.Request) -> None:
            request.extensions["sni_hostname"] = _NAME  # no name server knows it

        return httpx.Client(
            base_url=f"https://{self.network.front}:{self.site.https_port}",
            headers={"Host": _NAME},
            verify=certificate,
            timeout=timeout,
            trust_env=False,
            event_hooks={"request": [by_name]},
        )

    def command(self, *arguments: str, said: str = "") -> str:
        """Run a command of `vejviser` with the settings of the first node, and return its output. Raises
        CalledProcessError."""
        environment = _environment(self.folder / "configuration", self.nodes[0].node)
        done = subprocess.run(  # noqa: S603 - our own command
            [_VEJVISER, *arguments], cwd=ROOT, env=environment, input=said, text=True, check=True, capture_output=True
        )
        return done.stdout


@contextlib.contextmanager
def installation(
    count: int = 2, *, namespaces: bool | None = None, say: Callable[[str], None] = lambda _text: None
) -> Iterator[Installation]:
    """Bring up an installation of `count` nodes while the block runs, and take everything down again. Machines are
    namespaces where those are permitted (or as `namespaces` says). Raises CannotTry and NotStarted."""
    programs = _programs()
    real = namespaces_permitted() if namespaces is None else namespaces
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vejviser-try-")))
        folder.chmod(0o755)  # PostgreSQL's user goes through it
        net = stack.enter_context(network(count, real=real))
        say(f"Machines: {count} network namespaces." if real else "Machines: none, all on the loopback.")
        site = _site(folder, net)
        configure(site, folder / "configuration")
        postgresql = _postgresql(folder, site, programs)
        stack.callback(postgresql.stop)
        postgresql.start()
        _create_database(folder, site, programs)
        cache = _redis(folder, site)
        stack.callback(cache.stop)
        cache.start()
        nodes = tuple(
            RunningNode(node, machine, _serve(folder, node, machine))
            for node, machine in zip(site.nodes, net.machines, strict=True)
        )
        front = _nginx(folder, site)
        stack.callback(front.stop)
        whole = Installation(folder, site, net, nodes, postgresql, cache, front)
        say("PostgreSQL and Redis run; the nodes start …")
        whole.command("init")
        for one in nodes:
            stack.callback(one.serve.stop)
            one.serve.begin()
        for one in nodes:
            one.serve.wait()
        front.start()
        yield whole
        say("Taking everything down …")


def _programs() -> Path:
    """Return the folder of PostgreSQL's programs. Raises CannotTry when anything is missing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    missing = [name for name in ("redis-server", "nginx", "openssl") if shutil.which(name, path=_PATH) is None]
    missing += [] if found else ["postgresql"]
    if missing:
        raise CannotTry(
            f"not installed: {', '.join(missing)} (Debian: apt-get install postgresql redis-server nginx openssl)"
        )
    if not (_MADE / "models" / "vejviser.tar.gz").exists():
        raise CannotTry("there is no model yet: run `make train` first.")
    return found[0].parent


_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def _site(folder: Path, net: Network) -> Site:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    subprocess.run(  # noqa: S603
        ["/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", f"/CN={_NAME}", "-addext", f"subjectAltName=DNS:{_NAME}", "-out", certificate,
         "-keyout", key],
        check=True, capture_output=True,
    )  # fmt: skip
    for name in ("pages", "redis", "logs", "data"):
        (folder / name).mkdir()
    front = net.front
    nodes = [
        Node(name=str(place), address=machine.address)
        if machine.namespace
        else Node(name=str(place), address=machine.address, port=_port(), bot_port=_port(), actions_port=_port())
        for place, machine in enumerate(net.machines, 1)
    ]
    return Site(
        server_name=_NAME,
        certificate=str(certificate),
        certificate_key=str(key),
        proxy=front,
        listen=(front,),
        http_port=_port(),
        https_port=_port(),
        postgresql=Postgresql(address=front, port=_port(), network=f"{front.rsplit('.', 1)[0]}.0/24", tls=False),
        redis=Redis(address=front, port=_port(), folder=str(folder / "redis")),
        nodes=tuple(nodes),
        folder=str(ROOT),
        data=str(folder / "data"),
        configuration=str(folder / "configuration"),
        logs=str(folder / "logs"),
        pages=str(folder / "configuration"),
    )


def _postgresql(folder: Path, site: Site, programs: Path) -> Program:
    home = folder / "postgresql"
    home.mkdir(mode=0o700)
    user = _POSTGRES if os.geteuid() == 0 else None
    if user:
        shutil.chown(home, user)
    subprocess.run(  # noqa: S603
        [programs / "initdb", "-D", home / "data", "-U", _POSTGRES, "--auth-local=trust", "--auth-host=scram-sha-256",
         "-E", "UTF8", "--no-sync"],
        check=True, capture_output=True, user=user, cwd="/", env={"PATH": _PATH, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    server = site.postgresql
    with (home / "data" / "pg_hba.conf").open("a") as rules:
        rules.write(f"host {server.database} {server.user} {server.network} scram-sha-256\n")
    command: list[str | Path] = [programs / "postgres", "-D", home / "data", "-p", str(server.port), "-k", home,
               "-c", f"listen_addresses={server.address}"]  # fmt: skip
    ready = [str(programs / "pg_isready"), "-h", str(home), "-p", str(server.port), "-q"]
    environment = {"PATH": _PATH, "LC_ALL": "C.UTF-8"}
    return Program(
        "PostgreSQL", command, lambda: subprocess.run(ready, check=False).returncode == 0,  # noqa: S603
        folder / "logs" / "postgresql.log", environment=environment, user=_POSTGRES,
    )  # fmt: skip


def _create_database(folder: Path, site: Site, programs: Path) -> None:
    subprocess.run(  # noqa: S603
        [programs / "psql", "-h", folder / "postgresql", "-p", str(site.postgresql.port), "-U", _POSTGRES, "-q", "-v",
         "ON_ERROR_STOP=1", "-f", folder / "configuration" / "postgresql.sql"],
        check=True, capture_output=True,
    )  # fmt: skip


def _redis(folder: Path, site: Site) -> Program:
    url = (folder / "configuration" / "secrets" / "vejviser_redis_url").read_text()

    def answers() -> bool:
        try:
            with redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    command: list[str | Path] = ["/usr/bin/redis-server", folder / "configuration" / "redis.conf"]
    return Program("Redis", command, answers, folder / "logs" / "redis.log")


def _nginx(folder: Path, site: Site) -> Program:
    """Return nginx with a main file as Debian's, but for the folders."""
    paths = " ".join(
        f"{name}_temp_path {folder}/nginx/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx").mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    main = folder / "nginx" / "nginx.conf"
    main.write_text(
        f"{user} worker_processes 2; daemon off; pid {folder}/nginx/pid; error_log {folder}/logs/nginx.log alert;\n"
        f"events {{ }}\nhttp {{ include /etc/nginx/mime.types; {paths}\ninclude {folder}/configuration/nginx.conf; }}\n"
    )

    def answers() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex((site.listen[0], site.https_port)) == 0

    command: list[str | Path] = ["/usr/sbin/nginx", "-e", folder / "logs" / "nginx.log", "-c", main]
    return Program("nginx", command, answers, folder / "logs" / "nginx-start.log")


def _serve(folder: Path, node: Node, machine: Machine) -> Program:
    data = folder / "data" / node.name
    data.mkdir()
    (data / "models").symlink_to(_MADE / "models")
    (data / "learned").mkdir()
    for file in (_MADE / "learned").glob("*.pickle"):
        (data / "learned" / file.name).symlink_to(file)  # what is learned anew replaces the link, not the file
    environment = _environment(folder / "configuration", node)

    def answers() -> bool:
        return RunningNode(node, machine, program).ready()

    program = Program(
        f"node {node.name}",
        machine.command(str(_VEJVISER), "serve"),
        answers,
        folder / "logs" / f"node-{node.name}.log",
        environment=environment,
        seconds=300,
    )
    return program


def _environment(configuration: Path, node: Node) -> dict[str, str]:
    """Return the environment that systemd would give a node."""
    found = {"PATH": os.environ.get("PATH", _PATH), "HOME": str(configuration.parent), "LC_ALL": "C.UTF-8",
             "TMPDIR": str(configuration.parent), "CREDENTIALS_DIRECTORY": str(configuration / "secrets")}  # fmt: skip
    for file in ("common.env", f"node-{node.name}.env"):
        lines = (configuration / file).read_text().splitlines()
        found |= dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return found


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
