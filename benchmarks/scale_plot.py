"""Draw what `scale.py` measured: how the time of a search and the size of what is kept grow with the catalogue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


def tables(figures: dict[str, Any]) -> str:
    """Return what was measured as tables in Markdown."""
    sizes = sorted(figures, key=int)
    lines = [
        "| offers | engine | in the municipality, p50 / p95 / p99 | everywhere, p50 / p95 / p99 |",
        "|---|---|---|---|",
    ]
    for size, name, one in _each(figures, sizes):
        lines.append(f"| {int(size):,} | {NAMES[name]} | {_three(one, 'cpu_ms')} |")
    lines += [
        "",
        "| offers | engine | on the clock, everywhere | eight at once, p50 / p95 / p99 | searches a second, one / eight |",
    ]
    lines.append("|---|---|---|---|---|")
    for size, name, one in _each(figures, sizes):
        there = one["everywhere"]
        lines.append(
            f"| {int(size):,} | {NAMES[name]} | {_row(there['wall_ms'])} | {_row(there['together_ms'])} |"
            f" {there['per_s']} / {there['together_per_s']} |"
        )
    lines += ["", "| offers | engine | success@3: name / need / mistyped | on disk | own memory | built | opened |"]
    lines.append("|---|---|---|---|---|---|---|")
    for size, name, one in _each(figures, sizes):
        right = one["municipality"]["success@3"]
        lines.append(
            f"| {int(size):,} | {NAMES[name]} | {right['name']:.2f} / {right['need']:.2f} / {right['typo']:.2f} |"
            f" {figures[size]['disk_mb'][name]:.0f} MB | {one['memory_mb']['own']:.0f} MB |"
            f" {figures[size]['built_s'][name]:.0f} s | {one['start_s']:.1f} s |"
        )
    lines += [
        "",
        "| offers | found in the publisher's process | written, and found by another | a need learned anew | FTS5 |",
    ]
    lines.append("|---|---|---|---|---|")
    for size in sizes:
        engines = figures[size]["engines"]
        ours = engines["vejviser"]["published_s"]
        cells = [ours["own"], ours["on disk"], ours["needs learned"], engines["fts5"]["published_s"]["on disk"]]
        lines.append(
            f"| {int(size):,} | " + " | ".join(f"{one['cpu']:.2f} ({one['wall']:.2f}) s" for one in cells) + " |"
        )
    lines += ["", "| real questions, success@1 / @3 | ar | da | en | uk |", "|---|---|---|---|---|"]
    for size in sizes:
        for how, by_language in figures[size]["real questions"].items():
            cells = " | ".join(f"{first:.3f} / {third:.3f}" for _, (first, third) in sorted(by_language.items()))
            lines.append(f"| {int(size):,}, {how} | {cells} |")
    return "\n".join(lines)


def _each(figures: dict[str, Any], sizes: list[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for size in sizes:
        for name in NAMES:
            if name in figures[size]["engines"]:
                yield size, name, figures[size]["engines"][name]


def _three(one: dict[str, Any], unit: str) -> str:
    return f"{_row(one['municipality'][unit])} | {_row(one['everywhere'][unit])}"


def _row(times: dict[str, float]) -> str:
    return " / ".join(f"{times[at]:.1f}" for at in ("p50", "p95", "p99"))
