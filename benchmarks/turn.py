"""One full service-finding turn against the greeting turn of a bare `rasa init` bot, both on this machine in one run.

    .venv/bin/python benchmarks/turn.py [--turns 400]

Starts both stacks on free ports (the bare bot is made and trained once, in var/benchmarks), sends turns one at a time,
in alternating blocks so that both meet the same weather, and prints p50 and p95, their ratio, where the time of our turn
goes, how long a model takes to load, what the processes hold in memory, and what it costs to send twice at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import secrets
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

import httpx
from running import children_of, command_of, free_port, process, quiet, resident_megabytes, wait_for

ROOT = Path(__file__).resolve().parents[1]
BARE = ROOT / "var" / "benchmarks" / "rasa-init"
RASA = ROOT / "bot" / ".venv" / "bin" / "rasa"
#: Turns in a row of one kind before the other has its turn.
_BLOCK = 20
_WARM_UP = 40
_AIM = 0.75


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=400, help="measured turns of each kind")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    make_bare_bot()
    with bare_bot() as bare, vejviser() as (ours, secret, find_at, pids):
        bare_times, our_times, steps, sizes = measure(bare, ours, secret, find_at, options.turns)
        twice = asyncio.run(send_twice(ours))
        memory = {name: resident_megabytes(pid) for name, pid in pids.items()}
    found = {
        "bare greeting": percentiles(bare_times),
        "full turn": percentiles(our_times),
        "ratio": {p: round(percentiles(our_times)[p] / percentiles(bare_times)[p], 3) for p in ("p50", "p95")},
        "steps, p50 ms": {name: round(median(some) * 1e3, 2) for name, some in steps.items()},
        "answer, median bytes": median(sizes),
        "two messages sent at once, slower of both, p50 ms": round(twice * 1e3, 1),
        "memory, MB": memory | {"all": sum(memory.values())},
    }
    if options.json:
        print(json.dumps(found, indent=1))
        return
    for name, value in found.items():
        print(f"{name}: {value}")
    print(f"The aim is a ratio of at most {_AIM}.")


def percentiles(seconds: list[float]) -> dict[str, float]:
    cuts = quantiles(seconds, n=100)
    return {"p50": round(cuts[49] * 1e3, 2), "p95": round(cuts[94] * 1e3, 2)}


def make_bare_bot() -> None:
    if not (BARE / "models").is_dir():
        print("Making and training the bare bot, once …", file=sys.stderr)
        BARE.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [RASA, "init", "--no-prompt", "--init-dir", BARE], cwd=BARE, check=True, capture_output=True, env=quiet()
        )


@contextmanager
def bare_bot() -> Iterator[str]:
    port = free_port()
    with process([RASA, "run", "--port", str(port), "-i", "127.0.0.1"], BARE, quiet()):
        wait_for(f"http://127.0.0.1:{port}/webhooks/rest/", lambda answer: answer.status_code == 200)
        yield f"http://127.0.0.1:{port}/webhooks/rest/webhook"


@contextmanager
def vejviser() -> Iterator[tuple[str, str, str, dict[str, int]]]:
    port, bot_port, actions_port, secret = free_port(), free_port(), free_port(), secrets.token_hex(16)
    environment = quiet() | {
        "VEJVISER_PORT": str(port),
        "VEJVISER_BOT_PORT": str(bot_port),
        "VEJVISER_ACTIONS_PORT": str(actions_port),
        "VEJVISER_INTERNAL_SECRET": secret,
    }
    with process([ROOT / ".venv" / "bin" / "vejviser", "serve"], ROOT, environment) as parent:
        wait_for(f"http://127.0.0.1:{port}/health/ready", lambda answer: answer.json().get("conversation") is True)
        pids = {" ".join(command_of(pid))[-40:]: pid for pid in [parent, *children_of(parent)]}
        yield f"http://127.0.0.1:{port}/api/v1/chat", secret, f"http://127.0.0.1:{port}/internal/find", pids


def measure(
    bare: str, ours: str, secret: str, find_at: str, turns: int
) -> tuple[list[float], list[float], dict[str, list[float]], list[int]]:
    questions = list(read_questions())
    bare_times: list[float] = []
    our_times: list[float] = []
    sizes: list[int] = []
    steps: dict[str, list[float]] = defaultdict(list)
    with httpx.Client(timeout=30, trust_env=False) as client:
        for number in range(_WARM_UP):
            client.post(bare, json={"sender": secrets.token_hex(8), "message": "hello"})
            client.post(ours, json={"text": questions[number % len(questions)][1]}).raise_for_status()
        for start in range(0, turns, _BLOCK):
            for _ in range(_BLOCK):
                _, seconds = timed(client, bare, {"sender": secrets.token_hex(8), "message": "hello"})
                bare_times.append(seconds)
            for number in range(start, start + _BLOCK):
                language, text = questions[number % len(questions)]
                response, seconds = timed(client, ours, {"text": text})
                if response.json()["degraded"]:
                    raise SystemExit("an answer came without Rasa: what was measured is not the whole turn")
                our_times.append(seconds)
                sizes.append(len(response.content))
                for name, milliseconds in re.findall(r"(\w+);dur=([\d.]+)", response.headers["server-timing"]):
                    steps[name].append(float(milliseconds) / 1e3)
                body = {"text": text, "language": language, "limit": 3, "asked": []}
                _, searched = timed(client, find_at, body, {"X-Vejviser-Secret": secret})
                steps["of which the action's search, over HTTP"].append(searched)
    return bare_times, our_times, steps, sizes


def timed(
    client: httpx.Client, address: str, body: dict[str, object], headers: dict[str, str] | None = None
) -> tuple[httpx.Response, float]:
    began = time.perf_counter()
    response = client.post(address, json=body, headers=headers)
    seconds = time.perf_counter() - began
    response.raise_for_status()
    return response, seconds


async def send_twice(address: str, times: int = 20) -> float:
    """Return the median of the slower of two messages sent at once in one conversation, in seconds."""
    slower = []
    async with httpx.AsyncClient(timeout=30, trust_env=False) as client:
        for _ in range(times):
            session = (await client.post(address, json={"text": "football for my son"})).json()["session"]
            began = time.perf_counter()
            await asyncio.gather(
                *(client.post(address, json={"session": session, "text": text}) for text in ("he is 8", "is it free?"))
            )
            slower.append(time.perf_counter() - began)
    return median(slower)


def read_questions() -> Iterator[tuple[str, str]]:
    """Yield (language, question) of our own evaluation set, the languages in turn."""
    by_language = [
        [
            (row["lang"], row["text"])
            for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())
            if row["type"] == "need"
        ]
        for path in sorted((ROOT / "data" / "eval").glob("*.jsonl"))
    ]
    for group in zip(*by_language, strict=False):
        yield from group


if __name__ == "__main__":
    main()
