"""Measure the search on questions with known answers, as JSON Lines: one question a line.

A row holds `lang`, `type` (need, name, noisy, mixed, staff, trap, oos, crisis), `role`, `text`, `gold` (ids that answer it),
`must_not` (ids that must not be recommended) and `crisis` (a category or null).
"""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, quantiles
from typing import Any

import numpy as np

from services_catalog.crisis import CrisisRules
from services_catalog.search import Outcome, SearchResult
from services_catalog.searching import Search

FINDABLE = frozenset({"need", "name", "noisy", "mixed", "staff"})
_SHOWN = 5


@dataclass(frozen=True)
class Judged:
    """One question with its figures (each 0 to 1) and how long its search took, in seconds."""

    row: dict[str, Any]
    ids: tuple[str, ...]
    figures: dict[str, float]
    seconds: float


def read_rows(paths: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """Yield the questions of some files. Raises ValueError naming file and line for a line that is no JSON object."""
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise ValueError(f"{path}:{number}: is not JSON: {error.msg}") from None
            if not isinstance(row, dict) or not {"lang", "type", "text"} <= set(row):
                raise ValueError(f"{path}:{number}: needs at least lang, type and text")
            yield row


def judge_rows(
    rows: Iterable[dict[str, Any]],
    engine: Search,
    crisis: CrisisRules,
    progress: Callable[[Judged], None] = lambda _judged: None,
) -> list[Judged]:
    """Search for every question and hold the result against its row."""
    judged = []
    for row in rows:
        began = time.perf_counter()
        result = engine.search(row["text"], staff=row.get("role") == "staff", limit=_SHOWN)
        category = crisis.recognize(row["text"])
        seconds = time.perf_counter() - began
        one = Judged(row, tuple(hit.offer.id for hit in result.hits), _figures(row, result, category), seconds)
        judged.append(one)
        progress(one)
    return judged


def _figures(row: dict[str, Any], result: SearchResult, category: str | None) -> dict[str, float]:
    ids = [hit.offer.id for hit in result.hits]
    gold, kind = set(row.get("gold") or []), row["type"]
    figures: dict[str, float] = {}
    if kind in FINDABLE and gold:
        figures["success@1"] = float(bool(gold & set(ids[:1])))
        figures["success@3"] = float(bool(gold & set(ids[:3])))
        figures["mrr@5"] = next((1 / rank for rank, one in enumerate(ids, 1) if one in gold), 0.0)
        figures["language"] = float(result.identified.language == row["lang"])
    elif kind == "trap":
        recommended = {hit.offer.id for hit in result.hits[:3] if hit.available}
        figures["trap avoided"] = float(not recommended & set(row.get("must_not") or []))
        if gold:
            figures["trap answered"] = float(bool(gold & set(ids[:3])))
    elif kind == "oos":
        figures["refused"] = float(result.outcome is Outcome.NOTHING_FOUND)
    if row.get("crisis"):
        figures["crisis recall"] = float(category is not None)
        figures["crisis category"] = float(category == row["crisis"])
    elif kind == "crisis":
        figures["near miss quiet"] = float(category is None)
    else:
        figures["no false alarm"] = float(category is None)
    return figures


def table(judged: Iterable[Judged]) -> dict[str, dict[str, float]]:
    """Return each figure's mean per language, with the worst language and the gap between best and worst."""
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for one in judged:
        for name, value in one.figures.items():
            values[name][one.row["lang"]].append(value)
    found = {}
    for name, by_language in sorted(values.items()):
        means = {tag: round(fmean(some), 3) for tag, some in sorted(by_language.items())}
        found[name] = means | {"worst": min(means.values()), "gap": round(max(means.values()) - min(means.values()), 3)}
    return found


def costliest_confusion(judged: Iterable[Judged]) -> tuple[str, str, int] | None:
    """Return (offer that was right, offer that stood first instead, how often), the most frequent; None without misses."""
    seen: Counter[tuple[str, str]] = Counter()
    for one in judged:
        gold = one.row.get("gold") or []
        if one.figures.get("success@1") == 0.0:
            seen[(gold[0], one.ids[0] if one.ids else "nothing found")] += 1
    return next(((right, wrong, count) for (right, wrong), count in seen.most_common(1)), None)


def explanation(result: SearchResult, engine: Search) -> list[dict[str, Any]]:
    """Return for each hit what made its score: points from each signal, from the person's facts, and its words."""
    explained = []
    for hit in result.hits:
        translated = result.identified.language in hit.offer.texts
        weights = engine.ranking.signals if translated else engine.ranking.untranslated
        base = engine.ranking.base if translated else engine.ranking.untranslated.base
        points = {
            "learned": round(weights.learned * hit.signals["learned"], 2),
            "need": round(weights.need * hit.signals["need"], 2),
            "name": round(engine.ranking.signals.name * hit.signals["name"], 2),
        }
        final = float(np.log(hit.score / (1 - hit.score))) if 0 < hit.score < 1 else float("inf")
        told = base + sum(points.values())
        explained.append(
            {
                "id": hit.offer.id,
                "score": round(hit.score, 3),
                "points": {
                    "base": engine.ranking.base,
                    **points,
                    "eligibility and availability": round(final - told, 2),
                },
                "words": list(hit.words),
                "needs": list(hit.needs),
            }
        )
    return explained


def latency(judged: Iterable[Judged]) -> dict[str, float]:
    """Return the median and the 95th percentile of a search with the crisis check, in milliseconds."""
    seconds = [one.seconds for one in judged]
    if len(seconds) < 2:
        return {"p50": round(sum(seconds) * 1e3, 1), "p95": round(sum(seconds) * 1e3, 1)}
    cuts = quantiles(seconds, n=100)
    return {"p50": round(cuts[49] * 1e3, 1), "p95": round(cuts[94] * 1e3, 1)}
