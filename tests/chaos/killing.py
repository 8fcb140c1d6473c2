"""Kills the parts of an installation again and again while residents talk and an editor publishes, and tells what it saw."""

from __future__ import annotations

import itertools
import os
import signal
import statistics
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

from deploy.installation import Installation, RunningNode
from deploy.residents import Turn, residents

#: Seconds until PostgreSQL or Redis are started again, as systemd would do it.
_DOWN = 3.0
#: Seconds of ordinary talk before the next kill.
_QUIET = 4.0
#: Seconds that are waited for all to be as before.
_LONGEST_WAIT = 120.0
_PUBLICATION = 6.0
EDITED = "feriecamps"
_LOOKS = itertools.count()


@dataclass(frozen=True)
class Kill:
    """One kill: what, when, and how long until all was as before (seconds)."""

    part: str
    began: float
    to_normal: float


class Editor:
    """Publishes a change every few seconds through the public door, and remembers what was acknowledged."""

    def __init__(self, client: httpx.Client, token: str) -> None:
        self._client, self._headers = client, {"Authorization": f"Bearer {token}"}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._edit, daemon=True)
        #: Number of the revision, whom it names, and whether it was published.
        self.acknowledged: list[tuple[int, str, bool]] = []
        self.refused = 0

    def __enter__(self) -> Editor:
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._stop.set()
        self._thread.join()

    def _edit(self) -> None:
        count = 0
        while not self._stop.wait(_PUBLICATION):
            count += 1
            try:
                self._publish(f"Anna {count}")
            except (httpx.HTTPError, KeyError):
                self.refused += 1  # not acknowledged: she tries again

    def _publish(self, owner: str) -> None:
        """Save, hand in and publish; note each as soon as it is acknowledged. Raises HTTPError."""
        read = self._send("GET", "")
        body = {"record": read.json()["record"] | {"owner": owner}, "reason": "a test"}
        saved = self._send("PUT", "", read, body)
        self.acknowledged.append((saved.json()["number"], owner, False))
        handed_in = self._send("POST", "/submit", saved, {"reason": "a test"})
        published = self._send("POST", "/publish", handed_in, {"reason": "a test"})
        self.acknowledged.append((published.json()["revision"]["number"], owner, True))

    def _send(
        self, method: str, step: str, seen: httpx.Response | None = None, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        headers = self._headers | ({"If-Match": seen.headers["etag"]} if seen is not None else {})
        address = f"/api/v1/editor/records/offers/{EDITED}{step}"
        answer = self._client.request(method, address, json=body, headers=headers, timeout=30)
        answer.raise_for_status()
        return answer

    def reaches_the_database(self) -> bool:
        """Tell whether the working copy can be read."""
        try:
            return self._send("GET", "").is_success
        except httpx.HTTPError:
            return False

    def lost(self) -> list[str]:
        """Return what was acknowledged and is not there."""
        revisions = {one["number"]: one for one in self._send("GET", "/revisions").json()}
        problems = [
            f"revision {number} of {owner}" for number, owner, _ in self.acknowledged if number not in revisions
        ]
        last = max((number for number, _, published in self.acknowledged if published), default=0)
        public = max((number for number, one in revisions.items() if one["state"] == "published"), default=0)
        for number, owner, published in self.acknowledged:
            kept = self._send("GET", f"/revisions/{number}").json()
            if kept["record"]["owner"] != owner or (published and kept["state"] != "published"):
                problems.append(f"revision {number}: {kept['record']['owner']}, {kept['state']}")
        return problems if public >= last else [*problems, f"published is {public}, acknowledged was {last}"]


def _kill(part: str) -> Callable[[Installation, RunningNode], None]:
    return lambda _all, node: os.kill(node.pid_of(part), signal.SIGKILL)


def _without_postgresql(everything: Installation, _node: RunningNode) -> None:
    everything.postgresql.kill()
    time.sleep(_DOWN)
    everything.postgresql.start()


def _without_redis(everything: Installation, _node: RunningNode) -> None:
    everything.redis.kill()
    time.sleep(_DOWN)
    everything.redis.start()


PARTS: dict[str, Callable[[Installation, RunningNode], None]] = {
    "Rasa": _kill("bot"),
    "action server": _kill("actions"),
    "one of two apis": _kill("api"),
    "PostgreSQL": _without_postgresql,
    "Redis": _without_redis,
}
#: Seconds within which all must be as before.
LONGEST_FAULT = dict.fromkeys(PARTS, 30.0) | {"Rasa": 60.0}


@dataclass
class Report:
    """All kills, all that was said meanwhile, and which acknowledged edits were lost."""

    kills: list[Kill]
    turns: list[Turn]
    edits: int
    refused_edits: int
    lost: list[str] = field(default_factory=list)

    def during(self, part: str) -> list[Turn]:
        """Return what was said from each kill of a part until all was as before; before the first kill nothing counts."""
        spans = [(one.began, one.began + one.to_normal) for one in self.kills if one.part == part]
        return [turn for turn in self.turns if any(begin - turn.seconds <= turn.began <= end for begin, end in spans)]

    def table(self) -> str:
        """Return the figures as a table in Markdown."""
        rows = [
            "| killed | times | messages meanwhile | from search alone | sent twice | memory lost | longest answer | "
            "as before after: median, longest |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for part in PARTS:
            turns, times = self.during(part), [one.to_normal for one in self.kills if one.part == part]
            rows.append(
                f"| {part} | {len(times)} | {len(turns)} | {_count(turn.degraded for turn in turns)} | "
                f"{_count(turn.resent for turn in turns)} | {_count(turn.forgotten for turn in turns)} | "
                f"{max(turn.seconds for turn in turns):.1f} s | {statistics.median(times):.1f}, {max(times):.1f} s |"
            )
        longest = max(turn.seconds for turn in self.turns)
        rows.append("")
        rows.append(
            f"{len(self.turns)} messages of 20 residents in all, longest answer {longest:.1f} s, "
            f"{_count(bool(turn.wrong) for turn in self.turns)} wrong; {self.edits} edits acknowledged, {self.refused_edits} "
            f"refused meanwhile, {len(self.lost)} lost."
        )
        return "\n".join(rows)


def kill_all(everything: Installation, editor: Editor, times: int) -> list[Kill]:
    """Kill each part `times` times, in turn, so that none is killed again while it is still new; nodes take turns too."""
    kills = []
    for number in range(times):
        for part, kill in PARTS.items():
            node = everything.nodes[number % len(everything.nodes)]
            began = time.monotonic()
            kill(everything, node)
            while not normal(everything, editor) and time.monotonic() < began + _LONGEST_WAIT:
                time.sleep(0.25)
            kills.append(Kill(part, began, time.monotonic() - began))
            time.sleep(_QUIET)
    return kills


def normal(everything: Installation, editor: Editor) -> bool:
    """Tell whether all is as it should be: each node holds conversations, one remembers what was said on the other, and
    editors reach the database."""
    if not all(node.ready() for node in everything.nodes):
        return False
    for first, second in (everything.nodes, everything.nodes[::-1]):
        mine = f"127.0.2.{next(_LOOKS) % 250 + 1}"  # many looks, and a limit for each address
        with first.client(mine) as here, second.client(mine) as there:
            resident = residents(lambda _, here=here: here, 1)[0]  # type: ignore[misc]
            turns = [resident.say("name")]
            resident.client = there
            turns.append(resident.say("follow_up"))
        if any(turn.degraded or turn.wrong or turn.forgotten for turn in turns):
            return False
    return editor.reaches_the_database()


def _count(found: Iterable[bool]) -> int:
    return sum(found)
