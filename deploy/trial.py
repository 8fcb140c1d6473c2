"""Bring the worked example up on this machine, let processes and machines fail while somebody talks, and take it all down.

Two nodes, each a machine of its own in a network namespace (as root; on plain loopback ports otherwise), one PostgreSQL, one
Redis, one nginx, configured from deploy/templates like any installation. Needs `make train`, and Debian's postgresql,
redis-server and nginx. Exit status 1 when a message stayed without an answer or a conversation lost its memory.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from deploy.installation import CannotTry, Installation, RunningNode, installation
from deploy.programs import NotStarted
from deploy.residents import Resident, Talk, Turn, residents

#: Seconds within which a message must be answered, and all be as before after something failed.
LONGEST_ANSWER, LONGEST_FAULT = 5.0, 60.0
#: Seconds that somebody goes on talking without what failed.
_WITHOUT = 8.0
#: Between two messages of a resident: as often as she may write.
_PAUSE = (2.0, 2.5)


@dataclass(frozen=True)
class Scene:
    """Something that happens to the first node: how it begins, and how it is put right where nothing does that by itself."""

    title: str
    begin: Callable[[Installation, RunningNode], None]
    mend: Callable[[Installation, RunningNode], None] | None = None
    needs_machines: bool = False


def _kill(part: str) -> Callable[[Installation, RunningNode], None]:
    return lambda _all, node: os.kill(node.pid_of(part), signal.SIGKILL)


def _power_again(_all: Installation, node: RunningNode) -> None:
    node.machine.plug_cable()
    node.serve.begin()


SCENES = (
    Scene("its Rasa is killed", _kill("bot")),
    Scene("its action server is killed", _kill("actions")),
    Scene("its api is killed", _kill("api")),
    Scene("all of it is killed", lambda _all, node: node.serve.kill(), lambda _all, node: node.serve.begin()),
    Scene("it is stopped and started, as for an upgrade", lambda _all, node: node.serve.stop(),
          lambda _all, node: node.serve.begin()),
    Scene("the network cable of its machine is pulled", lambda _all, node: node.machine.pull_cable(),
          lambda _all, node: node.machine.plug_cable(), needs_machines=True),
    Scene("its machine loses power", lambda _all, node: node.machine.cut_power(),
          _power_again, needs_machines=True),
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """What was seen of one scene."""

    title: str
    turns: list[Turn]
    seconds_to_normal: float

    @property
    def problems(self) -> list[str]:
        """What must not be."""
        found = [str(turn) for turn in self.turns if turn.wrong or turn.forgotten or turn.seconds > LONGEST_ANSWER]
        if self.seconds_to_normal > LONGEST_FAULT:
            found.append(f"not as before after {self.seconds_to_normal:.0f} s")
        return found

    def __str__(self) -> str:
        longest = max(turn.seconds for turn in self.turns)
        degraded, resent = sum(turn.degraded for turn in self.turns), sum(turn.resent for turn in self.turns)
        return (
            f"{self.title}: {len(self.turns)} messages answered, longest {longest:.1f} s, {degraded} from the search alone, "
            f"{resent} sent twice; as before after {self.seconds_to_normal:.0f} s"
        )


def seen(scene: Scene, everything: Installation) -> Seen:
    """Let a scene happen while residents talk in each language, until all is as before."""
    node = everything.nodes[0]
    talkers = residents(lambda _: everything.client(), 8)
    with Talk(talkers, _PAUSE):
        time.sleep(2)
        began = time.monotonic()
        scene.begin(everything, node)
        if scene.mend is not None:
            time.sleep(max(0.0, began + _WITHOUT - time.monotonic()))
            began = time.monotonic()
            scene.mend(everything, node)
        while not node.ready() and time.monotonic() < began + 2 * LONGEST_FAULT:
            time.sleep(0.2)
        normal = time.monotonic() - began
        time.sleep(3)
    for one in talkers:
        one.client.close()
    return Seen(scene.title, [turn for one in talkers for turn in one.turns], normal)


def shared_memory(everything: Installation) -> list[str]:
    """Let a conversation go from node to node, and return what it lost on the way."""
    problems = []
    with everything.client() as client:
        resident = residents(lambda _: client, 1)[0]
        for node in (*everything.nodes, *everything.nodes):
            with node.client() as direct:
                there = Resident(
                    direct, resident.language, resident.offer, resident.name, resident.age, resident.session
                )
                turn = there.say("name" if resident.session is None else "follow_up")
                resident.session = there.session
            problems += [turn.wrong] if turn.wrong else []
            problems += ["it was forgotten on the way"] if turn.forgotten else []
    return problems


def main(arguments: list[str] | None = None) -> int:
    """Run the scenes and say what was seen; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="deploy/try", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--loopback", action="store_true", help="make no namespaces, although they are permitted")
    parser.add_argument("--scene", type=int, action="append", choices=range(len(SCENES)), help="only this one (from 0)")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"[{time.monotonic() - began:5.1f} s] {text}", flush=True)

    chosen = options.scene or range(len(SCENES))
    failed = False
    try:
        with installation(namespaces=False if options.loopback else None, say=say) as everything:
            say(f"The installation is up; residents come in by {everything.site.public_url}.")
            lost = shared_memory(everything)
            say(
                f"A conversation goes from node to node: {'; '.join(lost) or 'it remembers what was said on the other'}."
            )
            failed |= bool(lost)
            for scene in (SCENES[place] for place in chosen):
                if scene.needs_machines and not everything.network.real:
                    say(f"Node 1, {scene.title}: not tried, there are no namespaces here.")
                    continue
                found = seen(scene, everything)
                say(f"Node 1, {found}.")
                for problem in found.problems:
                    say(f"    wrong: {problem}")
                failed |= bool(found.problems)
    except (CannotTry, NotStarted) as error:
        print(f"deploy/try: {error}", file=sys.stderr)
        return 1
    say("Everything is taken down." if not failed else "Everything is taken down; not all went as it should.")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
