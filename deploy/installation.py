"""A whole installation on this machine: PostgreSQL, Redis, nginx and nodes, configured as `deploy/configure` does it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.machines import Machine, Network, namespaces_permitted, network
from deploy.programs import Program, command_line, descendants
from deploy.servers import (
    PATH,
    ROOT,
    create_database,
    example_site,
    missing_packages,
    nginx,
    postgresql,
    public_client,
    redis_server,
)
from deploy.site import Node, Site, configure

_VEJVISER = ROOT / ".venv" / "bin" / "vejviser"
#: What a node learned and trained, made by `make train`.
_MADE = ROOT / "var"
#: Which of a node's processes is meant, by a word of its command line.
PARTS = {"api": "-m uvicorn", "bot": "bot.serve", "actions": "actions.server"}
#: Seconds a node may take to come up on a busy machine.
_START_SECONDS = 300


class CannotTry(Exception):
    """Something is missing on this machine; the text says what and what to do."""


@dataclass(frozen=True)
class RunningNode:
    """One node: its settings, the machine it runs on, and `vejviser serve`."""

    node: Node
    machine: Machine
    serve: Program

    def pid_of(self, part: str) -> int:
        """Return the process of a part (`PARTS`). Raises StopIteration while it does not run."""
        return next(one for one in descendants(self.serve.pid) if PARTS[part] in command_line(one))

    def client(self, own_address: str | None = None) -> httpx.Client:
        """Return a client that goes straight to its api; on the loopback from an address of its own if one is given."""
        transport = httpx.HTTPTransport(local_address=own_address)
        return httpx.Client(base_url=_base(self.node), transport=transport, timeout=10, trust_env=False)

    def ready(self) -> bool:
        """Tell whether it holds conversations."""
        return _ready(self.node)


@dataclass(frozen=True)
class Installation:
    """All that runs, and the way in."""

    folder: Path
    site: Site
    network: Network
    nodes: tuple[RunningNode, ...]
    postgresql: Program
    redis: Program

    def client(self, own_address: str | None = None) -> httpx.Client:
        """Return a client that comes in as residents do; on the loopback from an address of its own if one is given."""
        return public_client(self.folder, self.site, own_address)

    def command(self, *arguments: str, said: str = "") -> str:
        """Run a command of `vejviser` with the settings of the first node, and return its output. Raises
        CalledProcessError."""
        environment = _environment(self.folder, self.site.nodes[0])
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
    if missing := missing_packages():
        raise CannotTry(f"not installed: {', '.join(missing)} (Debian: apt-get install {' '.join(missing)})")
    if not (_MADE / "models" / "vejviser.tar.gz").exists():
        raise CannotTry("there is no model yet: run `make train` first.")
    real = namespaces_permitted() if namespaces is None else namespaces
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="vejviser-try-")))
        folder.chmod(0o755)  # PostgreSQL's user goes through it
        net = stack.enter_context(network(count, real=real))
        say(f"Machines: {count} network namespaces." if real else "Machines: none, all on the loopback.")
        site = example_site(folder, net)
        configure(site, folder / "configuration")
        database, cache = postgresql(folder, site), redis_server(folder)
        for server in (database, cache):
            stack.callback(server.stop)
            server.start()
        create_database(folder, site)
        nodes = tuple(
            RunningNode(node, machine, _serve(folder, node, machine))
            for node, machine in zip(site.nodes, net.machines, strict=True)
        )
        whole = Installation(folder, site, net, nodes, database, cache)
        say("PostgreSQL and Redis run; the nodes start …")
        whole.command("init")
        stack.callback(_stop_together, [one.serve for one in nodes])
        for one in nodes:
            one.serve.begin()
        for one in nodes:
            one.serve.wait()
        front = nginx(folder, site)
        stack.callback(front.stop)
        front.start()
        yield whole
        say("Taking everything down …")


def _serve(folder: Path, node: Node, machine: Machine) -> Program:
    data = folder / "data" / node.name
    (data / "learned").mkdir(parents=True)
    (data / "models").symlink_to(_MADE / "models")
    for file in (_MADE / "learned").glob("*.pickle"):
        (data / "learned" / file.name).symlink_to(file)  # what is learned anew replaces the link, not the file
    return Program(
        f"node {node.name}",
        machine.command(str(_VEJVISER), "serve"),
        lambda: _ready(node),
        folder / "logs" / f"node-{node.name}.log",
        environment=_environment(folder, node),
        seconds=_START_SECONDS,
    )


def _stop_together(programs: Sequence[Program]) -> None:
    with ThreadPoolExecutor(len(programs)) as threads:
        list(threads.map(Program.stop, programs))


def _environment(folder: Path, node: Node) -> dict[str, str]:
    """Return the environment that systemd would give a node."""
    configuration = folder / "configuration"
    found = {"PATH": os.environ.get("PATH", PATH), "LC_ALL": "C.UTF-8", "HOME": str(folder), "TMPDIR": str(folder),
             "CREDENTIALS_DIRECTORY": str(configuration / "secrets")}  # fmt: skip
    for file in ("common.env", f"node-{node.name}.env"):
        lines = (configuration / file).read_text().splitlines()
        found |= dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return found


def _base(node: Node) -> str:
    return f"http://{node.address}:{node.port}"


def _ready(node: Node) -> bool:
    try:
        answer = httpx.get(f"{_base(node)}/health/ready", timeout=2, trust_env=False)
        return answer.status_code == 200 and bool(answer.json()["conversation"])
    except (httpx.HTTPError, ValueError):
        return False
