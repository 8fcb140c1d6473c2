"""Network namespaces as machines: reached, cut off, without power, and gone without a trace afterwards."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.machines import Machine, Network, namespaces_permitted, network
from deploy.programs import Program

pytestmark = pytest.mark.skipif(not namespaces_permitted(), reason="network namespaces are not permitted here")


@pytest.fixture
def net() -> Iterator[Network]:
    with network(2, real=True) as made:
        yield made


def reached(machine: Machine) -> bool:
    try:
        socket.create_connection((machine.address, 8000), timeout=0.5).close()
    except OSError:
        return False
    return True


def serving(machine: Machine, folder: Path) -> Program:
    command = machine.command(sys.executable, "-m", "http.server", "-b", machine.address, "8000")
    return Program("a server", command, lambda: reached(machine), folder / "log")


def test_each_machine_is_reached_until_its_cable_is_pulled_or_its_power_cut(net: Network, tmp_path: Path) -> None:
    first, second = net.machines
    servers = [serving(machine, tmp_path) for machine in (first, second)]
    for server in servers:
        server.start()
    first.pull_cable()
    assert not reached(first)
    assert reached(second)
    first.plug_cable()
    deadline = time.monotonic() + 10
    while not reached(first):
        assert time.monotonic() < deadline, "the machine did not come back"
    second.cut_power()
    assert reached(first)
    assert not reached(second)
    second.plug_cable()
    assert not reached(second), "what ran on it should be gone"
    servers[1].start()


def test_nothing_is_left_of_machines_with_programs_on_them(tmp_path: Path) -> None:
    with network(2, real=True) as made:
        server = serving(made.machines[0], tmp_path)
        server.start()
        names = [str(machine.namespace) for machine in made.machines] + [
            str(machine.cable) for machine in made.machines
        ]
    listed = "".join(
        subprocess.run(["/usr/sbin/ip", *one], capture_output=True, text=True, check=True).stdout
        for one in (("netns",), ("link",))
    )
    assert [name for name in names if name in listed] == []
    server.kill()


def test_without_namespaces_all_machines_are_this_one() -> None:
    with network(2, real=False) as made:
        assert not made.real
        assert {machine.address for machine in made.machines} == {made.front} == {"127.0.0.1"}
        assert made.machines[0].command("true") == ["true"]
