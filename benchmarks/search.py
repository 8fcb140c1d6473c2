"""How long one search takes, how long learning takes, and how much memory both need, on the real catalogue.

.venv/bin/python benchmarks/search.py data/eval/*.jsonl
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path
from statistics import quantiles

from services_catalog.search import SearchEngine
from services_catalog.seed import read_catalogue


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    options = parser.parse_args()
    questions = [json.loads(line)["text"] for path in options.files for line in path.read_text("utf-8").splitlines()]
    catalogue = read_catalogue()
    began = time.perf_counter()
    engine = SearchEngine(catalogue)
    learned = time.perf_counter() - began
    for question in questions[:50]:  # what is loaded at first use is loaded now
        engine.search(question)
    seconds = []
    for question in questions:
        began = time.perf_counter()
        engine.search(question)
        seconds.append(time.perf_counter() - began)
    cuts = quantiles(seconds, n=100)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"learned in {learned:.1f} s; at most {memory:.0f} MB while learning")
    print(f"{len(questions)} searches: p50 {cuts[49] * 1e3:.1f} ms, p95 {cuts[94] * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
