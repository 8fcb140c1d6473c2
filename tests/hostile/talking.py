"""Several clients who send hostile messages at once over kept connections, and what came of it."""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from urllib.parse import urlsplit

from tests.hostile.judging import Answer, Judge
from tests.hostile.messages import Hostile

#: Seconds an answer may take.
LONGEST = 5.0
#: Seconds until Rasa is asked again after a failure, and a bit.
_REST = 3.0
#: Share of messages that go on with the conversation before, and that come with somebody else's session id, a little changed.
_GOES_ON, _GUESSES = 0.6, 0.02
#: The first client is so old, as no example's people are, and the next a year older; each says so now and then, and no other
#: conversation may know.
_FIRST_AGE, _AGE_EVERY = 102, 25


@dataclass
class Seen:
    """What the clients saw. `findings` are told with their message; `seconds` are latencies by kind."""

    findings: list[str] = field(default_factory=list)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    degraded: list[Hostile] = field(default_factory=list)

    def table(self) -> str:
        """Return counts and latencies by kind, as lines."""
        rows = [f"{'kind':18}{'n':>7}{'p50 ms':>9}{'p99 ms':>9}{'max ms':>9}"]
        for kind, one in sorted(self.seconds.items()):
            ordered = sorted(one)
            at = [ordered[min(int(len(one) * share), len(one) - 1)] * 1000 for share in (0.5, 0.99, 1)]
            rows.append(f"{kind:18}{len(one):>7}" + "".join(f"{value:>9.0f}" for value in at))
        counts = (
            f"statuses {dict(self.statuses)}",
            f"outcomes {dict(self.outcomes)}",
            f"degraded {len(self.degraded)}",
        )
        return "\n".join([*rows, *counts])


def talk(address: str, sent: Iterator[Hostile], judge: Judge, *, clients: int) -> Seen:
    """Let some clients send all messages, each in its own conversations. What was answered without Rasa is sent once more,
    alone: a busy moment passes, a message that Rasa cannot read does not."""
    seen = _sent_by(clients, address, sent, judge)
    if seen.degraded:
        time.sleep(_REST)
        again = _sent_by(1, address, iter(seen.degraded), judge)
        seen.findings += again.findings
        seen.findings += [f"{one.kind} {one.said!r:.600}: twice without Rasa" for one in again.degraded]
    return seen


def _sent_by(clients: int, address: str, sent: Iterator[Hostile], judge: Judge) -> Seen:
    shared = _Shared(judge, sent)
    talkers = [threading.Thread(target=_Client(address, number, shared).run) for number in range(clients)]
    for one in talkers:
        one.start()
    for one in talkers:
        one.join()
    return shared.seen


class _Shared:
    """What the clients have in common: what is still to be sent, what was seen, and the ids of all conversations."""

    def __init__(self, judge: Judge, sent: Iterator[Hostile]) -> None:
        self.judge, self._sent, self._lock = judge, sent, threading.Lock()
        self.seen = Seen()
        self.ids: set[str] = set()
        self.latest: deque[str] = deque(maxlen=50)

    def next_message(self) -> Hostile | None:
        with self._lock:
            return next(self._sent, None)

    def note(self, message: Hostile, status: int, seconds: float, answer: Answer, wrong: list[str]) -> None:
        """Keep what came of a message; status 0 when nothing came."""
        with self._lock:
            self.seen.seconds.setdefault(message.kind, []).append(seconds)
            self.seen.statuses[status] += 1
            self.seen.findings += [f"{message.kind} {(message.said or message.body)!r:.600}: {one}" for one in wrong]
            if status == http.client.OK:
                self.seen.outcomes[answer["outcome"]] += 1
                self.ids.add(answer["session"])
                self.latest.append(answer["session"])
                if answer["degraded"]:
                    self.seen.degraded.append(message)


class _Client:
    def __init__(self, address: str, number: int, shared: _Shared) -> None:
        self._line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
        self._chance = Random(number)  # noqa: S311
        self._age, self._shared = _FIRST_AGE + number, shared
        self._session: str | None = None

    def run(self) -> None:
        for count in itertools.count():
            message = self._age_told() if count % _AGE_EVERY == 0 else self._shared.next_message()
            if message is None:
                return
            status, answer, wrong, began = 0, {}, [], time.perf_counter()
            try:
                session, guessed = self._chosen_session()
                body = _within(session, message.body)
                response, data = self._post(body, {"Content-Type": "application/json", **message.headers})
                seconds = time.perf_counter() - began
                status, answer = response.status, json.loads(data)
                if seconds > LONGEST:
                    wrong.append(f"took {seconds:.1f} s")
                if status not in message.statuses:
                    wrong.append(f"status {status}: {data[:300]!r}")
                if status == http.client.OK:
                    given = json.loads(body).get("session")
                    mine = given == self._session and not guessed and "Cookie" not in message.headers
                    wrong += self._wrong_answer(message, answer, given if mine else None)
                else:
                    wrong += _wrong_problem(answer, response)
            except (OSError, http.client.HTTPException, ValueError, KeyError) as failure:
                seconds = time.perf_counter() - began
                wrong.append(f"failed: {failure!r}")
                self._line.close()
            self._shared.note(message, status, seconds, answer, wrong)

    def _age_told(self) -> Hostile:
        said = f"Jeg er {self._age} år og vil gerne lære dansk"
        return Hostile("age", json.dumps({"text": said}).encode(), said, "da")

    def _chosen_session(self) -> tuple[str | None, bool]:
        """Return the session to send and whether it is one guessed from another's."""
        if self._shared.latest and self._chance.random() < _GUESSES:
            known = self._shared.latest[-1]
            changed = (known[:-1] + "\0", known.swapcase(), f"{known}=", f" {known}", known[:-2])
            return self._chance.choice(changed), True
        return (self._session if self._chance.random() < _GOES_ON else None), False

    def _post(self, body: bytes, headers: dict[str, str]) -> tuple[http.client.HTTPResponse, bytes]:
        """Send a request as a browser does: once more when the kept connection was closed meanwhile, and listening to an
        answer that comes before all is sent."""
        sent = {name: value.encode("latin-1") for name, value in headers.items()}
        for again in (False, True):
            try:
                with contextlib.suppress(BrokenPipeError):
                    self._line.request("POST", "/api/v1/chat", body, sent)
                response = self._line.getresponse()
                return response, response.read()
            except ConnectionError:
                self._line.close()
                if again:
                    raise
        raise AssertionError("not reached")

    def _wrong_answer(self, message: Hostile, answer: Answer, mine: str | None) -> Iterator[str]:
        """Yield what is wrong with an answer in a conversation of one's own (`mine`), or to a message with none or another."""
        if (
            mine is not None and answer["session"] != mine and answer["outcome"] != "reset"
        ):  # who starts over gets a new one
            yield "lost its conversation"
        if mine is None and answer["session"] in self._shared.ids:
            yield "came into another's conversation"
        told = {int(number) for fact in answer["remembered"] for number in re.findall(r"\d+", fact["text"])}
        if told & set(range(_FIRST_AGE, _FIRST_AGE + 8)) - {self._age}:
            yield f"knows what another said: {answer['remembered']}"
        yield from self._shared.judge.wrong_with(answer, language=message.language)
        # who asked for a language keeps it whatever she writes, and a conversation belongs to what one is signed in with
        ends = answer["outcome"] == "language_switch" or "Cookie" in message.headers
        self._session = None if ends else answer["session"]


def _within(session: str | None, body: bytes) -> bytes:
    """Return a message of a conversation; what is no message stays as it is."""
    if session is None or not body.startswith(b'{"text"'):
        return body
    return b'{"session": %s, ' % json.dumps(session).encode() + body[1:]


def _wrong_problem(problem: Answer, response: http.client.HTTPResponse) -> Iterator[str]:
    if response.headers.get_content_type() != "application/problem+json" or problem.get("status") != response.status:
        yield f"no problem detail: {problem}"
