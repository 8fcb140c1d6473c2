"""Machines for the worked example: a network namespace each, on a bridge; or the loopback, where those are not permitted."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

from deploy.programs import end_at_once

_IP = "/usr/sbin/ip"
_NETWORKS = [f"10.77.{third}" for third in range(1, 250)]


@dataclass(frozen=True)
class Machine:
    """Where a node runs. `namespace` is None on the loopback, which has no cable to pull."""

    address: str
    namespace: str | None = None
    cable: str | None = None

    def command(self, *command: str) -> list[str]:
        """Return a command as it is run on this machine."""
        return [_IP, "netns", "exec", self.namespace, *command] if self.namespace else list(command)

    def pull_cable(self) -> None:
        """Cut it off: nothing arrives and nothing says so."""
        _ip("link", "set", str(self.cable), "down")

    def plug_cable(self) -> None:
        _ip("link", "set", str(self.cable), "up")

    def cut_power(self) -> None:
        """End everything on it at once and cut it off."""
        self.pull_cable()
        end_at_once(*_running_in(str(self.namespace)))


@dataclass(frozen=True)
class Network:
    """The machine in front, which has nginx, PostgreSQL and Redis, and those of the nodes."""

    front: str
    machines: tuple[Machine, ...]

    @property
    def real(self) -> bool:
        """Whether each machine has a network of its own."""
        return all(machine.namespace for machine in self.machines)


def namespaces_permitted() -> bool:
    """Tell whether this process may make network namespaces, bridges and cables between them."""
    if os.geteuid() != 0 or not os.access(_IP, os.X_OK):
        return False
    name = f"vejviser-try-{os.getpid()}"
    try:
        _ip("netns", "add", name)
        _ip("link", "add", f"vj{os.getpid()}", "type", "bridge")
    except subprocess.CalledProcessError:
        return False
    finally:
        for command in (("link", "delete", f"vj{os.getpid()}"), ("netns", "delete", name)):
            with contextlib.suppress(subprocess.CalledProcessError):
                _ip(*command)
    return True


@contextlib.contextmanager
def network(count: int, *, real: bool) -> Iterator[Network]:
    """Keep a network of `count` machines while the block runs; `real` with a namespace each."""
    if not real:
        yield Network("127.0.0.1", tuple(Machine("127.0.0.1") for _ in range(count)))
        return
    taken = _ip("-o", "address").stdout
    prefix = next(one for one in _NETWORKS if f" {one}." not in taken)
    bridge = f"vj{prefix.rsplit('.', 1)[1]}"
    machines = tuple(
        Machine(f"{prefix}.{10 + place}", f"vejviser-{bridge}-{place}", f"{bridge}c{place}")
        for place in range(1, count + 1)
    )
    with contextlib.ExitStack() as undo:
        _ip("link", "add", bridge, "type", "bridge")
        undo.callback(_ip, "link", "delete", bridge)
        _ip("address", "add", f"{prefix}.1/24", "dev", bridge)
        _ip("link", "set", bridge, "up")
        for machine in machines:
            _ip("netns", "add", str(machine.namespace))
            undo.callback(_take_down, machine)
            _wire(machine, bridge)
        yield Network(f"{prefix}.1", machines)


def _wire(machine: Machine, bridge: str) -> None:
    space, cable, plug = str(machine.namespace), str(machine.cable), "eth0"
    _ip("link", "add", cable, "type", "veth", "peer", "name", plug, "netns", space)
    _ip("link", "set", cable, "master", bridge, "up")
    _ip("-n", space, "address", "add", f"{machine.address}/24", "dev", plug)
    _ip("-n", space, "link", "set", plug, "up")
    _ip("-n", space, "link", "set", "lo", "up")


def _take_down(machine: Machine) -> None:
    """Remove a machine, whatever still runs on it included."""
    while running := _running_in(str(machine.namespace)):
        end_at_once(*running)
        time.sleep(0.05)
    _ip("link", "delete", str(machine.cable))
    _ip("netns", "delete", str(machine.namespace))


def _running_in(namespace: str) -> list[int]:
    return [int(one) for one in _ip("netns", "pids", namespace).stdout.split()]


def _ip(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([_IP, *arguments], check=True, capture_output=True, text=True, timeout=30)  # noqa: S603
