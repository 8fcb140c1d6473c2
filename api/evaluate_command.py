"""`vejviser evaluate`: measure search and crisis recognition, explain one question, hold the figures against a baseline."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from api.settings import Settings
from services_catalog.errors import CatalogueError

#: What the cross-validation gave when the baseline was last set, with `--set-baseline`.
BASELINE = Path(__file__).parent.parent / "data" / "eval" / "crossvalidation.json"

_Table = Mapping[str, Mapping[str, float]]


def evaluate(
    files: Annotated[list[Path] | None, typer.Argument(help="Questions with known answers, as JSON Lines.")] = None,
    misses: Annotated[int, typer.Option(min=0, help="Print this many questions that failed.")] = 0,
    explain: Annotated[str | None, typer.Option(help="One question: print what made each hit's score.")] = None,
    staff: Annotated[bool, typer.Option(help="With --explain: search as staff.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw the figures into this file (PNG, SVG or PDF).")] = None,
    cross_validation: Annotated[
        bool, typer.Option(help="Ask every example question of an index that lacks it; fails when a figure fell.")
    ] = False,
    set_baseline: Annotated[
        bool, typer.Option(help="With --cross-validation: keep its figures as the baseline.")
    ] = False,
    across: Annotated[
        bool,
        typer.Option("--across-languages", help="Ask of a catalogue whose answers lack the asked language's texts."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for scripts.")] = False,
) -> None:
    """Measure search and crisis recognition on questions with known answers, per language."""
    if not files and explain is None and not cross_validation:
        raise CatalogueError("Name at least one file of questions, or use --explain or --cross-validation.")
    if explain is not None:
        _explain(explain, staff, as_json)
    if files and across:
        _measure_across(files, as_json)
    elif files:
        _measure(files, misses, plot, as_json)
    if cross_validation:
        _cross_validate(set_baseline, as_json)


def _explain(question: str, staff: bool, as_json: bool) -> None:
    from services_catalog.evaluation import explanation
    from services_catalog.learned import load_crisis_rules, load_engine
    from services_catalog.seed import read_catalogue

    catalogue, folder = read_catalogue(), Settings().learned_folder
    engine = load_engine(catalogue, folder)
    result = engine.search(question, staff=staff)
    hits = explanation(result, engine)
    crisis = load_crisis_rules(folder).recognize(question)
    if as_json:
        typer.echo(
            json.dumps({"outcome": result.outcome, "crisis": crisis, "hits": hits}, ensure_ascii=False, indent=1)
        )
        return
    typer.echo(f"{result.identified.language}, {result.outcome}" + (f", crisis: {crisis}" if crisis else ""))
    for hit in hits:
        points = ", ".join(f"{name} {value:+.2f}" for name, value in hit["points"].items())
        typer.echo(f"{hit['score']:.3f} {hit['id']}: {points}; words: {', '.join(hit['words']) or '-'}")


def _measure(files: list[Path], misses: int, plot: Path | None, as_json: bool) -> None:
    from services_catalog import evaluation
    from services_catalog.learned import load_crisis_rules, load_engine
    from services_catalog.seed import read_catalogue

    rows = _rows(files)
    catalogue, folder = read_catalogue(), Settings().learned_folder
    engine, crisis = load_engine(catalogue, folder), load_crisis_rules(folder)
    engine.search("warm up")
    with typer.progressbar(length=len(rows), label="Asking", file=sys.stderr) as bar:
        judged = evaluation.judge_rows(rows, engine, crisis, lambda _one: bar.update(1))
    figures, times = evaluation.table(judged), evaluation.latency(judged)
    confusion = evaluation.costliest_confusion(judged)
    if plot is not None:
        draw(figures, plot)
    if as_json:
        typer.echo(json.dumps({"figures": figures, "latency_ms": times, "confusion": confusion}, indent=1))
        return
    failed = [one for one in judged if any(value == 0 for name, value in one.figures.items() if name != "success@1")]
    for one in failed[:misses]:
        typer.echo(f"{one.row.get('id')} {one.row['type']}: {one.row['text']} | {one.row.get('gold')} | {one.ids[:3]}")
    _print(figures)
    if confusion is not None:
        typer.echo(f"Costliest confusion: {confusion[1]} instead of {confusion[0]}, {confusion[2]} times")
    typer.echo(f"{len(judged)} questions, p50 {times['p50']} ms, p95 {times['p95']} ms")


def _rows(files: list[Path]) -> list[dict[str, Any]]:
    from services_catalog.evaluation import read_rows

    try:
        rows = list(read_rows(files))
    except (OSError, ValueError) as error:
        raise CatalogueError(str(error)) from error
    if not rows:
        raise CatalogueError("The files hold no question.")
    return rows


def _measure_across(files: list[Path], as_json: bool) -> None:
    from services_catalog.crossvalidation import across_languages
    from services_catalog.evaluation import FINDABLE
    from services_catalog.seed import read_catalogue

    rows = [row for row in _rows(files) if row["type"] in FINDABLE - {"name"} and row.get("gold")]
    parts = 4
    with typer.progressbar(
        length=parts * len({row["lang"] for row in rows}), label="Learning and asking", file=sys.stderr
    ) as bar:
        figures = across_languages(read_catalogue(), rows, parts, lambda: bar.update(1))
    if as_json:
        typer.echo(json.dumps(figures, indent=1))
    else:
        _print(figures)


def _cross_validate(set_baseline: bool, as_json: bool) -> None:
    from services_catalog.crossvalidation import cross_validate, falls
    from services_catalog.seed import read_catalogue

    folds = 4
    with typer.progressbar(length=folds, label="Learning and asking", file=sys.stderr) as bar:
        figures = cross_validate(read_catalogue(), folds, lambda: bar.update(1), every=2)
    if as_json:
        typer.echo(json.dumps(figures, indent=1))
    else:
        _print(figures)
    if set_baseline:
        BASELINE.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    elif BASELINE.is_file():
        fallen = falls(figures, json.loads(BASELINE.read_text(encoding="utf-8")))
        for sentence in fallen:
            typer.echo(sentence, err=True)
        if fallen:
            raise typer.Exit(1)


def _print(figures: _Table) -> None:
    columns = list(dict.fromkeys(column for values in figures.values() for column in values))
    columns.sort(key=lambda column: column in ("worst", "gap"))
    typer.echo(f"{'':<18}" + "".join(f"{column:>8}" for column in columns))
    for name, values in figures.items():
        typer.echo(f"{name:<18}" + "".join(f"{values.get(column, float('nan')):8.3f}" for column in columns))


def draw(figures: _Table, path: Path) -> None:
    """Draw each figure as a group of bars, one a language. Raises CatalogueError without matplotlib or for an unknown
    kind of file."""
    try:
        import matplotlib
    except ImportError as error:
        raise CatalogueError("Plots need matplotlib, which the development environment has: uv sync") from error
    matplotlib.use("agg")
    from matplotlib import pyplot

    languages = sorted({tag for values in figures.values() for tag in values} - {"worst", "gap"})
    fewest = 6.0
    drawing, axes = pyplot.subplots(figsize=(max(fewest, 1.3 * len(figures)), 4.0), layout="constrained")
    width = 0.8 / len(languages)
    for place, tag in enumerate(languages):
        heights: list[Any] = [values.get(tag, float("nan")) for values in figures.values()]
        axes.bar([number + place * width for number in range(len(figures))], heights, width, label=tag)
    axes.set_xticks(
        [number + 0.4 - width / 2 for number in range(len(figures))], list(figures), rotation=30, ha="right"
    )
    axes.set_ylim(0, 1.05)
    axes.legend(ncols=len(languages), loc="lower right")
    try:
        drawing.savefig(path)
    except (ValueError, OSError) as error:
        raise CatalogueError(f"{path} could not be drawn: {error}") from error
    finally:
        pyplot.close(drawing)
