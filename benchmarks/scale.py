"""How search grows with the catalogue: the engine for large catalogues, SQLite FTS5 and bm25s on the same generated texts.

Each size is built once in a temporary folder, every engine fed in the same pass; then each engine is asked in a process of its
own, alone and by eight threads, in the municipality of the question and everywhere. FTS5 is asked in its best reasonable form:
the question's words without stop words, any of them, ranked by its own BM25, in the municipality by a column of the index.
bm25s gets the same words, and a mask for the municipality.

.venv/bin/python benchmarks/scale.py 1000 10000 100000 --output var/scale.json
.venv/bin/python benchmarks/scale.py 1000000 --without bm25s --output var/scale.json     (about an hour, 6 GB of disk)
.venv/bin/python benchmarks/scale.py --plot docs/pictures --output var/scale.json
"""

from __future__ import annotations

import argparse
import dataclasses
import itertools
import json
import multiprocessing
import pickle
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import ChainMap, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from generate import HOME, Country, GeneratedOffers, Question

from services_catalog.analysis import analyzer
from services_catalog.large.engine import LargeEngine
from services_catalog.large.index import Entry, OfferIndex
from services_catalog.large.model import QuestionModel, learned_from
from services_catalog.matching import offer_texts
from services_catalog.normalize import words
from services_catalog.offer import Offer
from services_catalog.ranking import ranking

ROOT = Path(__file__).resolve().parent.parent
SHOWN = 3
CHUNK = 500
WORKERS = 8
OFFERS_LOOKED_AT = 20_000
ENGINES = ("vejviser", "fts5", "bm25s")
Ask = Callable[[str, str, str | None], list[str]]


def text_of(offer: Offer) -> str:
    return "\n".join(text for _, _, text in offer_texts(offer, ranking()))


def content_words(text: str, language: str) -> list[str]:
    return [word for word in words(text) if word not in analyzer(language).stop_words] or words(text)


def build(country: Country, folder: Path, engines: Sequence[str], processes: int) -> dict[str, Any]:
    """Build every engine's index in one pass over the offers, and return how long each took (seconds of one processor)."""
    took = dict.fromkeys(("offers", *engines), 0.0)
    began = time.process_time()
    vocabulary = country.vocabulary()
    looked_at = {offer.id: offer for offer, _ in itertools.islice(country.offers(), OFFERS_LOOKED_AT)}
    sample = learned_from(dataclasses.replace(vocabulary, offers=looked_at), ranking())
    model = QuestionModel(vocabulary, sample, ranking())
    learned = time.process_time() - began
    (folder / "model.pickle").write_bytes(pickle.dumps(model))
    strangers = [offer for offer in sample if offer.id not in country.real.offers]
    (folder / "stranger.pickle").write_bytes(pickle.dumps(QuestionModel(vocabulary, strangers, ranking())))
    index = OfferIndex(folder / "index")
    engine = LargeEngine(vocabulary, model, index)
    base = sqlite3.connect(folder / "fts5.db")
    base.execute("PRAGMA journal_mode=OFF")
    base.execute("CREATE VIRTUAL TABLE offers USING fts5(municipality, texts, content='')")
    base.execute("CREATE TABLE ids(number INTEGER PRIMARY KEY, id TEXT)")
    kept: list[tuple[str, str, str]] = []
    ready = ((engine.entry(offer, place, "0"), text_of(offer)) for offer in country.real.published for place in (HOME,))
    done = 0

    def entries(pool: Any) -> Iterator[Entry]:
        nonlocal done
        chunks = ((at, min(at + CHUNK, country.size)) for at in range(0, country.size, CHUNK))
        for made, offers_s, entries_s in itertools.chain([(list(ready), 0.0, 0.0)], pool.imap(_made, chunks)):
            took["offers"] += offers_s
            took["vejviser"] += entries_s
            began = time.thread_time()
            if "fts5" in engines:
                rows = [(done + at, entry.municipality, text) for at, (entry, text) in enumerate(made, 1)]
                base.executemany("INSERT INTO offers(rowid, municipality, texts) VALUES (?, ?, ?)", rows)
                base.executemany(
                    "INSERT INTO ids VALUES (?, ?)", ((done + at, one.id) for at, (one, _) in enumerate(made, 1))
                )
                took["fts5"] += time.thread_time() - began
            if "bm25s" in engines:
                kept.extend((text, entry.municipality, entry.id) for entry, text in made)
            for entry, _ in made:
                yield entry
            done += len(made)
            if done % 50_000 < CHUNK:
                print(f"  {done} offers at {time.strftime('%H:%M:%S')}", flush=True)

    _here.update(country=country, engine=engine)
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        began, fts5 = time.process_time(), took.get("fts5", 0.0)
        index.write(entries(pool))
        took["vejviser"] += learned + time.process_time() - began - (took.get("fts5", 0.0) - fts5)
    if "fts5" in engines:
        began = time.thread_time()
        base.commit()
        base.execute("INSERT INTO offers(offers) VALUES ('optimize')")
        base.commit()
        took["fts5"] += time.thread_time() - began
    base.close()
    if "bm25s" in engines:
        took["bm25s"] = build_bm25s(*([one[at] for one in kept] for at in range(3)), folder / "bm25s")
    return {"built_s": took, "learned_s": learned}


_here: dict[str, Any] = {}


def _made(chunk: tuple[int, int]) -> tuple[list[tuple[Entry, str]], float, float]:
    """Return the entries and texts of some offers, in a process of the pool, and the seconds that each took."""
    country, engine = _here["country"], _here["engine"]
    began = time.thread_time()
    offers = [(country.offer(number), country.outline(number).municipality) for number in range(*chunk)]
    texts = [text_of(offer) for offer, _ in offers]
    between = time.thread_time()
    made = [(engine.entry(offer, place, "0"), text) for (offer, place), text in zip(offers, texts, strict=True)]
    return made, between - began, time.thread_time() - between


def build_bm25s(texts: list[str], places: list[str], ids: list[str], folder: Path) -> float:
    import bm25s

    began = time.process_time()
    index = bm25s.BM25()
    index.index(bm25s.tokenize(texts, stopwords=None, show_progress=False), show_progress=False)
    index.save(folder)
    (folder / "offers.json").write_text(json.dumps([ids, places]), encoding="utf-8")
    return time.process_time() - began


def open_vejviser(country: Country, folder: Path, model: str = "model") -> LargeEngine:
    learned = pickle.loads((folder / f"{model}.pickle").read_bytes())  # noqa: S301 - written by this benchmark
    catalogue = dataclasses.replace(country.vocabulary(), offers=GeneratedOffers(country))
    return LargeEngine(catalogue, learned, OfferIndex(folder / "index"))


def ask_vejviser(country: Country, folder: Path, model: str = "model") -> Ask:
    engine = open_vejviser(country, folder, model)

    def ask(text: str, language: str, municipality: str | None) -> list[str]:
        found = engine.within(municipality).search(text, conversation=language, staff=True, limit=SHOWN)
        return [hit.offer.id for hit in found.hits]

    return ask


def ask_fts5(_country: Country, folder: Path) -> Ask:
    here = threading.local()

    def ask(text: str, language: str, municipality: str | None) -> list[str]:
        if not hasattr(here, "base"):
            here.base = sqlite3.connect(folder / "fts5.db")
            here.base.execute("PRAGMA mmap_size=8000000000")
        query = "texts : (" + " OR ".join(f'"{word}"' for word in content_words(text, language)) + ")"
        if municipality is not None:
            query = f'municipality : "{municipality}" AND {query}'
        rows = here.base.execute(
            "SELECT id FROM (SELECT rowid FROM offers WHERE offers MATCH ? ORDER BY rank LIMIT ?) AS found"
            " JOIN ids ON ids.number = found.rowid",
            (query, SHOWN),
        )
        return [row[0] for row in rows]

    return ask


def ask_bm25s(_country: Country, folder: Path) -> Ask:
    import bm25s

    index = bm25s.BM25.load(folder / "bm25s", mmap=True)
    ids, places = json.loads((folder / "bm25s" / "offers.json").read_text(encoding="utf-8"))
    masks = {one: (np.array(places) == one).astype(np.float32) for one in set(places)}

    def ask(text: str, language: str, municipality: str | None) -> list[str]:
        tokens = bm25s.tokenize([" ".join(content_words(text, language))], stopwords=None, show_progress=False)
        mask = masks[municipality] if municipality is not None else None
        found, scores = index.retrieve(tokens, k=SHOWN, show_progress=False, weight_mask=mask)
        return [ids[number] for number, score in zip(found[0], scores[0], strict=True) if score > 0]

    return ask


OPENED: dict[str, Callable[[Country, Path], Ask]] = {"vejviser": ask_vejviser, "fts5": ask_fts5, "bm25s": ask_bm25s}


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    return {f"p{at}": round(float(np.percentile(seconds, at)) * 1e3, 3) for at in (50, 95, 99)}


def asked(ask: Ask, questions: Sequence[Question], *, everywhere: bool) -> dict[str, Any]:
    """Ask every question, first alone, then eight at a time."""
    wall, busy, right = [], [], defaultdict(list)

    def one(question: Question) -> tuple[float, float, list[str]]:
        began, worked = time.perf_counter(), time.thread_time()
        found = ask(question.text, question.language, None if everywhere else question.municipality)
        return time.perf_counter() - began, time.thread_time() - worked, found

    for question in questions:
        took, worked, found = one(question)
        wall.append(took)
        busy.append(worked)
        right[question.kind].append(not question.gold.isdisjoint(found))
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(one, questions[:100]))
        began = time.perf_counter()
        together = [took for took, _, _ in pool.map(one, questions)]
        rate = len(questions) / (time.perf_counter() - began)
    return {
        "wall_ms": percentiles(wall),
        "cpu_ms": percentiles(busy),
        "per_s": round(len(questions) / sum(wall)),
        "together_ms": percentiles(together),
        "together_per_s": round(rate),
        "success@3": {kind: round(fmean(some), 3) for kind, some in right.items()},
        "success@3 of all": round(fmean(itertools.chain.from_iterable(right.values())), 3),
    }


def memory() -> dict[str, float]:
    """Return the megabytes of this process that are its own, and those of files that all processes share."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return {
        name: round(int(status[key].split()[0]) / 1024) for name, key in (("own", "RssAnon"), ("shared", "RssFile"))
    }


def inquire(name: str, country: Country, folder: Path) -> dict[str, Any]:
    """Open one engine, ask it everything, and publish one offer to it."""
    questions: list[Question] = pickle.loads((folder / "questions.pickle").read_bytes())  # noqa: S301 - our own
    for tag in ("da", "en", "uk", "ar"):
        analyzer(tag)("et ord")  # the tables of the languages are every engine's
    before = memory()
    began = time.perf_counter()
    ask = OPENED[name](country, folder)
    ask("svømning", "da", HOME)
    started = time.perf_counter() - began
    answer: dict[str, Any] = {"start_s": round(started, 2)}
    for scope in ("municipality", "everywhere"):
        for question in questions:  # what is shown is in memory then, as a catalogue's offers are
            ask(question.text, question.language, None if scope == "everywhere" else question.municipality)
        answer[scope] = asked(ask, questions, everywhere=scope == "everywhere")
    answer["memory_mb"] = {key: value - before[key] for key, value in memory().items()}
    answer["published_s"] = PUBLISHED[name](country, folder)
    return answer


class Took:
    """Seconds since it was made: on the clock, and of this process's own work."""

    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def __call__(self) -> dict[str, float]:
        return {
            "wall": round(time.perf_counter() - self._began[0], 3),
            "cpu": round(time.process_time() - self._began[1], 3),
        }


def publish_vejviser(country: Country, folder: Path) -> dict[str, Any]:
    """Return how long until a publisher's own process finds a new offer, until it stands in the index on disk and another
    process finds it there, and how long the needs learn from 20 new questions."""
    engine = open_vejviser(country, folder)
    name = "Quidditchklubben Nimbus"
    offer = country.offer(0).model_copy(update={"id": "quidditch-1", "official_name": name})
    catalogue = dataclasses.replace(engine.catalogue, offers=ChainMap({offer.id: offer}, engine.catalogue.offers))  # type: ignore[arg-type]
    took = Took()
    after = engine.within(HOME).with_offers(catalogue, [offer.id])
    assert after.search(name, language="da").hits[0].offer.id == offer.id  # noqa: S101
    own, took = took(), Took()
    engine.index.write(after.additions.entries.values())
    other = LargeEngine(catalogue, engine.model, engine.index.reopened()).within(HOME)
    assert other.search(name, language="da").hits[0].offer.id == offer.id  # noqa: S101
    other_process = took()
    engine.index.write([], gone=[offer.id])
    need = engine.catalogue.questions["find-a-club"]
    asked = (*need.questions["da"], *(f"hvor spiller man quidditch {number}" for number in range(20)))
    more = need.model_copy(update={"questions": {**need.questions, "da": asked}})
    changed = dataclasses.replace(engine.catalogue, questions={**engine.catalogue.questions, need.id: more})
    took = Took()
    engine.model.updated(changed, [need.id], reading=False)
    return {"own": own, "on disk": other_process, "needs learned": took()}


def publish_fts5(_country: Country, folder: Path) -> dict[str, Any]:
    base = sqlite3.connect(folder / "fts5.db")
    took = Took()
    base.execute("INSERT INTO offers(municipality, texts) VALUES ('x', 'quidditchklubben nimbus')")
    base.commit()
    base.execute("SELECT rowid FROM offers WHERE offers MATCH 'quidditchklubben' ORDER BY rank LIMIT 3").fetchall()
    return {"on disk": took()}


PUBLISHED: dict[str, Callable[[Country, Path], dict[str, Any]]] = {
    "vejviser": publish_vejviser,
    "fts5": publish_fts5,
    "bm25s": lambda _country, _folder: {},  # it is built anew
}


def real_questions() -> list[Question]:
    """Return our own evaluation's questions that have an answer, asked in the real municipality."""
    rows = (
        json.loads(line)
        for path in sorted((ROOT / "data" / "eval").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    )
    return [
        Question(row["text"], row["lang"], row["lang"], HOME, frozenset(row["gold"]))
        for row in rows
        if row["gold"] and row["type"] in {"need", "name", "noisy", "mixed", "staff"}
    ]


def quality(country: Country, folder: Path) -> dict[str, Any]:
    """Return success@3 on the real questions, by language: the municipality known, or not, and known to a model that has
    learned from none of its offers."""
    found = {}
    for name, model, municipality in (
        ("municipality known", "model", HOME),
        ("everywhere", "model", None),
        ("known, nothing learned of its offers", "stranger", HOME),
    ):
        ask = ask_vejviser(country, folder, model)
        right = defaultdict(list)
        for question in real_questions():
            ids = ask(question.text, question.language, municipality)
            right[question.language].append((not question.gold.isdisjoint(ids[:1]), not question.gold.isdisjoint(ids)))
        found[name] = {tag: [round(fmean(one[at] for one in some), 3) for at in (0, 1)] for tag, some in right.items()}
    return found


def size_of(*paths: Path) -> float:
    files = (file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]))
    return round(sum(file.stat().st_size for file in files if file.is_file()) / 1e6, 1)


def run(size: int, folder: Path, engines: Sequence[str], options: argparse.Namespace) -> dict[str, Any]:
    country = Country(size, options.seed)
    questions = country.questions(options.count)
    (folder / "questions.pickle").write_bytes(pickle.dumps(questions))
    built = folder / "built.json"
    if not built.exists():
        built.write_text(json.dumps(build(country, folder, engines, options.processes)), encoding="utf-8")
    result: dict[str, Any] = json.loads(built.read_text(encoding="utf-8"))
    result["disk_mb"] = {
        "vejviser": size_of(folder / "index", folder / "model.pickle"),
        "fts5": size_of(folder / "fts5.db"),
        "bm25s": size_of(folder / "bm25s"),
    }
    result["questions"], result["engines"] = len(questions), {}
    for name in engines:
        command = [
            sys.executable,
            __file__,
            str(size),
            "--inquire",
            name,
            "--folder",
            str(folder),
            "--seed",
            str(options.seed),
        ]
        output = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE).stdout
        result["engines"][name] = json.loads(output)
        print(name, json.dumps(result["engines"][name]), flush=True)
    result["real questions"] = quality(country, folder)
    print(json.dumps(result["real questions"]), flush=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", nargs="*", type=int)
    parser.add_argument("--output", type=Path, default=Path("var/scale.json"), help="where the figures are added")
    parser.add_argument("--without", action="append", default=[], choices=ENGINES[1:], help="leave an engine out")
    parser.add_argument("--count", type=int, default=100, help="questions of each kind in each language")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plot", type=Path, help="draw what is in --output into this folder, and print it as tables")
    parser.add_argument("--processes", type=int, default=1, help="read the offers in so many processes")
    parser.add_argument("--folder", type=Path, help="keep the indexes here, and ask those that are here already")
    parser.add_argument("--inquire", choices=ENGINES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inquire:
        country = Country(options.sizes[0], options.seed)
        print(json.dumps(inquire(options.inquire, country, options.folder)))
        return
    engines = [name for name in ENGINES if name not in options.without]
    for size in options.sizes:
        with tempfile.TemporaryDirectory(prefix="vejviser-scale-") as place:
            folder = options.folder / str(size) if options.folder else Path(place)
            folder.mkdir(parents=True, exist_ok=True)
            figures = run(size, folder, engines, options)
        kept = json.loads(options.output.read_text(encoding="utf-8")) if options.output.exists() else {}
        kept[str(size)] = figures
        options.output.write_text(json.dumps(kept, indent=1, ensure_ascii=False), encoding="utf-8")
    if options.plot:
        from scale_plot import plot, tables

        figures = json.loads(options.output.read_text(encoding="utf-8"))
        plot(figures, options.plot)
        print(tables(figures))


if __name__ == "__main__":
    main()
