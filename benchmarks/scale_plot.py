"""Draw what `scale.py` measured: how the time of a search and the size of what is kept grow with the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt

NAMES = {"vejviser": "Vejviser", "fts5": "SQLite FTS5", "bm25s": "bm25s"}
Figure = Callable[[dict[str, Any], str], float]


def plot(figures: dict[str, Any], folder: Path) -> None:
    """Write `scaling-time.png` and `scaling-size.png` into a folder."""
    sizes = sorted(figures, key=int)
    _draw(
        folder / "scaling-time.png",
        figures,
        sizes,
        "ms of processor time",
        {f"{scope}, {at}": _time(scope, at) for scope in ("municipality", "everywhere") for at in ("p50", "p99")},
    )
    _draw(
        folder / "scaling-size.png",
        figures,
        sizes,
        "",
        {
            "MB on disk": lambda one, name: one["disk_mb"][name],
            "MB of memory of its own": lambda one, name: max(1, one["engines"][name]["memory_mb"]["own"]),
            "seconds to build (one processor)": lambda one, name: one["built_s"][name],
            "success@3 in the municipality": lambda one, name: one["engines"][name]["municipality"]["success@3 of all"],
        },
    )


def _time(scope: str, at: str) -> Figure:
    return lambda one, name: one["engines"][name][scope]["cpu_ms"][at]


def _draw(path: Path, figures: dict[str, Any], sizes: list[str], unit: str, panels: dict[str, Figure]) -> None:
    drawing, places = plt.subplots(1, len(panels), figsize=(4 * len(panels), 3.4), layout="constrained")
    for place, (title, figure) in zip(places, panels.items(), strict=True):
        for name, label in NAMES.items():
            there = [size for size in sizes if name in figures[size]["engines"]]
            place.plot(
                [int(size) for size in there], [figure(figures[size], name) for size in there], "o-", label=label
            )
        place.set(title=title, xscale="log", xlabel="offers", ylabel=unit)
        place.set_yscale("linear" if "success" in title else "log")
        if "success" in title:
            place.set_ylim(0, 1)
        place.grid(alpha=0.3)
    places[0].legend()
    drawing.savefig(path, dpi=80)
    plt.close(drawing)
