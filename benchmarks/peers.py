"""Ask the same questions of Vejviser and of what a municipality would otherwise use, over the same texts, in one run.

Each peer runs in a process of its own, one after the other: it reads the texts and questions as JSON, and answers with the
ids found for each question, the time of each search, the time to build its index and its memory. A peer that searches
texts gets the better of two ways to cut them: a document for each offer, or for each text with the best one deciding.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean, quantiles
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FINDABLE = {"need", "name", "noisy", "mixed", "staff"}
SHOWN = 3
Answer = Callable[[str, str], list[str]]


def texts_of_the_catalogue(*, examples: bool) -> list[dict[str, str]]:
    """Return the texts of the offers that can be had, as {"id", "text"}: what their pages say, in four languages, and
    with `examples` also the questions that were written for Vejviser."""
    from services_catalog.matching import offer_texts
    from services_catalog.ranking import ranking
    from services_catalog.seed import read_catalogue

    return [
        {"id": offer.id, "text": text}
        for offer in read_catalogue().published
        if offer.availability.recommendable
        for _, _, text in offer_texts(offer, ranking())
        if examples or text not in {question for one in offer.texts.values() for question in one.examples}
    ]


def documents(texts: list[dict[str, str]], cut: str) -> list[dict[str, str]]:
    if cut == "text":
        return texts
    whole: dict[str, list[str]] = defaultdict(list)
    for one in texts:
        whole[one["id"]].append(one["text"])
    return [{"id": key, "text": "\n".join(some)} for key, some in whole.items()]


def first_offers(ids: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(ids))[:SHOWN]


def fts5(texts: list[dict[str, str]], tokenizer: str, cut: str) -> Answer:
    base = sqlite3.connect(":memory:")
    base.execute(f"CREATE VIRTUAL TABLE offers USING fts5(id UNINDEXED, text, tokenize='{tokenizer}')")
    base.executemany("INSERT INTO offers VALUES (:id, :text)", documents(texts, cut))

    def ask(question: str, _language: str) -> list[str]:
        words = [word for word in re.findall(r"\w+", question) if tokenizer != "trigram" or len(word) >= 3]
        if not words:
            return []
        query = " OR ".join(f'"{word}"' for word in words)
        rows = base.execute("SELECT id FROM offers WHERE offers MATCH ? ORDER BY rank LIMIT 60", (query,))
        return first_offers([row[0] for row in rows])

    return ask


def bm25(texts: list[dict[str, str]], cut: str) -> Answer:
    import bm25s

    some = documents(texts, cut)
    index = bm25s.BM25()
    index.index(bm25s.tokenize([one["text"] for one in some], stopwords=None, show_progress=False), show_progress=False)
    most = min(60, len(some))

    def ask(question: str, _language: str) -> list[str]:
        tokens = bm25s.tokenize([question], stopwords=None, show_progress=False)
        found, scores = index.retrieve(tokens, k=most, show_progress=False)
        return first_offers(
            [some[number]["id"] for number, score in zip(found[0], scores[0], strict=True) if score > 0]
        )

    return ask


def vejviser(_texts: list[dict[str, str]], _cut: str) -> Answer:
    from services_catalog.search import SearchEngine
    from services_catalog.seed import read_catalogue

    engine = SearchEngine(read_catalogue())
    return lambda question, _language: [hit.offer.id for hit in engine.search(question, staff=True, limit=SHOWN).hits]


PEERS: dict[str, tuple[Callable[[list[dict[str, str]], str], Answer], tuple[str, ...]]] = {
    "vejviser": (vejviser, ("offer",)),
    "fts5 unicode61": (lambda texts, cut: fts5(texts, "unicode61", cut), ("offer", "text")),
    "fts5 trigram": (lambda texts, cut: fts5(texts, "trigram", cut), ("offer", "text")),
    "bm25s": (bm25, ("offer", "text")),
}
OUTSIDE = {
    "minisearch": (["node", str(ROOT / "benchmarks" / "minisearch.mjs")], ("offer", "text")),
    "rasa diet": ([str(ROOT / "bot" / ".venv" / "bin" / "python"), str(ROOT / "benchmarks" / "diet.py")], ("text",)),
}


def run_inside(peer: str, cut: str, work: dict[str, Any]) -> dict[str, Any]:
    began = time.perf_counter()
    ask = PEERS[peer][0](work["texts"], cut)
    built = time.perf_counter() - began
    ask("warm up", "en")
    found, seconds = [], []
    for row in work["questions"]:
        began = time.perf_counter()
        found.append(ask(row["text"], row["lang"]))
        seconds.append(time.perf_counter() - began)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"found": found, "seconds": seconds, "built": built, "memory": memory}


def figures(answer: dict[str, Any], rows: list[dict[str, Any]]) -> dict[str, Any]:
    hits: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
    for ids, row in zip(answer["found"], rows, strict=True):
        gold = set(row["gold"])
        hits[row["lang"]].append((bool(gold & set(ids[:1])), bool(gold & set(ids[:SHOWN]))))
    cuts = quantiles(answer["seconds"], n=100)
    return {
        "by_language": {tag: [round(fmean(one[at] for one in some), 3) for at in (0, 1)] for tag, some in hits.items()},
        "p50_ms": round(cuts[49] * 1e3, 2),
        "p95_ms": round(cuts[94] * 1e3, 2),
        "built_s": round(answer["built"], 1),
        "memory_mb": round(answer["memory"]),
    }


def run_apart(peer: str, cut: str, folder: Path) -> dict[str, Any]:
    command = OUTSIDE[peer][0] if peer in OUTSIDE else [sys.executable, __file__, "--peer", peer]
    subprocess.run([*command, str(folder / "work.json"), cut, str(folder / "answer.json")], check=True, cwd=ROOT)
    return dict(json.loads((folder / "answer.json").read_text(encoding="utf-8")))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--without", action="append", default=[], help="leave a peer out")
    parser.add_argument("--pages", action="store_true", help="give the peers the texts of the pages only")
    parser.add_argument("--peer", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        work_file, cut, answer_file = options.files[0], str(options.files[1]), options.files[2]
        answer = run_inside(options.peer, cut, json.loads(work_file.read_text(encoding="utf-8")))
        answer_file.write_text(json.dumps(answer), encoding="utf-8")
        return
    rows = [json.loads(line) for path in options.files for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["type"] in FINDABLE and row["gold"]]
    if not rows:
        parser.error("name files with questions and their answers, such as data/eval/*.jsonl")
    table = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        work = {"texts": texts_of_the_catalogue(examples=not options.pages), "questions": rows}
        (folder / "work.json").write_text(json.dumps(work, ensure_ascii=False), encoding="utf-8")
        for peer in [*PEERS, *OUTSIDE]:
            if any(peer.startswith(left) for left in options.without):
                continue
            cuts = (PEERS.get(peer) or OUTSIDE[peer])[1]
            tried = [figures(run_apart(peer, cut, folder), rows) for cut in cuts]
            table[peer] = max(tried, key=lambda one: fmean(pair[1] for pair in one["by_language"].values()))
            show(peer, table[peer])
    worst = {peer: min(pair[1] for pair in one["by_language"].values()) for peer, one in table.items()}
    for peer, value in worst.items():
        if peer != "vejviser" and "vejviser" in worst:
            print(
                f"lead over {peer} in the worst language: {100 * (worst['vejviser'] - value):.0f} points of success@3"
            )


def show(peer: str, one: dict[str, Any]) -> None:
    languages = " ".join(f"{tag} {first:.3f}/{third:.3f}" for tag, (first, third) in sorted(one["by_language"].items()))
    cost = f"p50 {one['p50_ms']} ms  p95 {one['p95_ms']} ms  index {one['built_s']} s  {one['memory_mb']} MB"
    print(f"{peer:<15} {languages}  {cost}", flush=True)


if __name__ == "__main__":
    main()
