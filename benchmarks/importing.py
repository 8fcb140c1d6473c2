"""How long it takes to import many offers, from a workbook, CSV files and YAML files: reading, checking, saving.

.venv/bin/python benchmarks/importing.py [--offers 10000] [--forms xlsx csv yaml]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from services_catalog.catalogue import Catalogue
from services_catalog.database import DatabaseRepository, migrate
from services_catalog.editors.revisions import Entry
from services_catalog.exchange.bulk import take_over
from services_catalog.exchange.csv_files import write_csv
from services_catalog.exchange.exporting import write_zip
from services_catalog.exchange.importing import plan, read_import
from services_catalog.exchange.workbook import write_xlsx
from services_catalog.offer import Offer
from services_catalog.seed import read_catalogue


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--offers", type=int, default=10_000)
    parser.add_argument("--forms", nargs="+", choices=_WRITERS, default=list(_WRITERS))
    options = parser.parse_args()
    current = read_catalogue()
    many = varied(current, options.offers)
    with tempfile.TemporaryDirectory() as folder:
        for form in options.forms:
            path = Path(folder, f"catalogue.{form}")
            _WRITERS[form](many, path)
            measure(form, path, current, f"sqlite:///{folder}/{form}.db")


def varied(catalogue: Catalogue, count: int) -> Catalogue:
    """Return a catalogue of new offers, made of the real ones by turns, each with its relations among its own kind."""
    offers: dict[str, Offer] = {}
    originals = list(catalogue.offers.values())
    for number in range(count):
        turn, place = divmod(number, len(originals))
        offer = originals[place]
        texts = {tag: one.model_copy(update={"name": f"{one.name} {turn}"[-200:]}) for tag, one in offer.texts.items()}
        changes = {
            "id": f"{offer.id[:70]}-copy-{turn}",
            "parent": None,
            "alternatives": tuple(f"{one[:70]}-copy-0" for one in offer.alternatives if f"{one[:70]}-copy-0" in offers),
            "official_name": f"{offer.official_name} {turn}"[-200:],
            "texts": texts,
        }
        offers[changes["id"]] = offer.model_copy(update=changes)
    return replace(catalogue, offers=offers)


_WRITERS: dict[str, Callable[[Catalogue, Path], object]] = {"xlsx": write_xlsx, "csv": write_csv, "yaml": write_zip}


def measure(form: str, path: Path, current: Catalogue, url: str) -> None:
    """Import a file into a database that holds the real catalogue, and print how long each step took."""
    migrate(url)
    repository = DatabaseRepository(url)
    repository.replace(current)
    began = time.perf_counter()
    found = read_import(path)
    read = time.perf_counter()
    planned = plan(repository.load(), found)
    if planned.problems:
        raise SystemExit(f"{len(planned.problems)} problems, the first of them: {planned.problems[0]}")
    planned_at = time.perf_counter()
    entry = Entry("benchmark", "measured")
    take_over(repository, planned.new, entry, on_top_of=planned.catalogue.version)
    saved = time.perf_counter()
    repository.close()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{form}: {len(planned.new)} offers, {path.stat().st_size / 1e6:.0f} MB: {saved - began:.1f} s "
        f"(read {read - began:.1f}, checked {planned_at - read:.1f}, saved {saved - planned_at:.1f}); "
        f"at most {memory:.0f} MB of memory"
    )


if __name__ == "__main__":
    main()
