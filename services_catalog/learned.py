"""Keep on disk what was learned, so that the next start does not learn it again.

A file bears the digest of everything it was learned from: the data, the code and the versions of the libraries. When any
of them changes, it is learned anew and the old file goes. The folder belongs to the service alone: the files are pickles,
which must never come from anywhere else.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import logging
import os
import pickle
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from services_catalog.catalogue import Catalogue
from services_catalog.crisis import FOLDER as CRISIS_FOLDER
from services_catalog.crisis import NLU_FOLDER, CrisisRules, ordinary_questions
from services_catalog.crisis_detector import CrisisDetector, training_sentences
from services_catalog.languages import LANGUAGES, added_files
from services_catalog.lexicon import Lexicon
from services_catalog.offer_records import changed_records
from services_catalog.scope import FOLDER as SCOPE_FOLDER
from services_catalog.search import SearchEngine
from services_catalog.seed import FOLDERS, read_catalogue, seed_digest

Learned = TypeVar("Learned")

#: Where learned files lie when nobody says otherwise: in the project, beside the catalogue.
DEFAULT_FOLDER = Path("var/learned")
#: So many files of a kind are kept: two services may share the folder, and a publication may be taken back.
_KEPT = 3
#: An engine is brought up to date for at most so many offers that differ: about a second and a half for all of them.
_FEW = 30
#: A file's name tells the code it was learned with by so many letters of the digest.
_CODE_LETTERS = 12
#: Where learning begins: what these modules and all they import do decides what is learned.
_LEARNING = ("search", "crisis_detector")
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "spacy", "pymorphy3", "snowballstemmer")

log = logging.getLogger(__name__)


def load_engine(catalogue: Catalogue, folder: Path | None = None) -> SearchEngine:
    """Return the search engine of a catalogue, from `folder` if it was learned before (None: always learn)."""
    engine = remembered(folder, "engine", SearchEngine, _contents(catalogue), lambda: SearchEngine(catalogue))
    engine.catalogue = catalogue
    return engine


def load_engine_soon(catalogue: Catalogue, folder: Path) -> tuple[SearchEngine, bool]:
    """Return an engine for a catalogue as soon as can be, and whether everything in it was learned together.

    Where this very catalogue was not learned before, the last one that was is brought up to date, if it differs in few
    offers: a service that comes back must not keep residents waiting for what can be learned while it answers them.
    """
    path = _place(folder, "engine", _contents(catalogue))
    if not path.is_file():
        for earlier in _newest_first(folder, "engine", code_name()):
            engine = _read(earlier, SearchEngine)
            if engine is not None and len(changed_records(engine.catalogue.offers, catalogue.offers)) <= _FEW:
                return engine.updated(catalogue), False
    return load_engine(catalogue, folder), True


def load_crisis_rules(folder: Path | None = None) -> CrisisRules:
    """Return the crisis rules with their detector, from `folder` if it was learned before (None: always learn).

    What is no danger it learns from the project's own questions, whatever is in the catalogue that is served: danger sounds
    the same everywhere, and no edit of an offer changes who is told where help is.
    """

    def learn() -> CrisisDetector:
        own = read_catalogue()
        sentences = training_sentences(CRISIS_FOLDER / "sentences", ordinary_questions(own))
        return CrisisDetector(Lexicon(own, tuple(LANGUAGES)), sentences)

    return CrisisRules.load(detector=remembered(folder, "crisis", CrisisDetector, _words_of_danger(), learn))


def _words_of_danger() -> Iterator[str]:
    yield seed_digest()
    own = [*CRISIS_FOLDER.glob("sentences/*/*.txt"), *SCOPE_FOLDER.glob("*.yml"), *NLU_FOLDER.glob("*/*.yml")]
    added = [path for place in ("crisis/sentences/*.txt", "scope.yml", "nlu/*.yml") for _, path in added_files(place)]
    for path in (*sorted(own), *added):
        yield path.read_text(encoding="utf-8")


def _contents(catalogue: Catalogue) -> Iterable[str]:
    for name in FOLDERS:
        for record in getattr(catalogue, name).values():
            yield record.model_dump_json()
    added = (path for _, path in added_files("scope.yml"))
    for path in (*sorted(SCOPE_FOLDER.glob("*.yml")), *added, Path(__file__).with_name("ranking.yml")):
        yield path.read_text(encoding="utf-8")


def remembered(
    folder: Path | None, name: str, kind: type[Learned], ingredients: Iterable[str], learn: Callable[[], Learned]
) -> Learned:
    """Return what was learned from some ingredients with today's code, from `folder` if it lies there; else learn and keep it.
    `name` begins the name of its files."""
    if folder is None:
        return learn()
    path = _place(folder, name, ingredients)
    if (found := _read(path, kind)) is not None:
        return found
    with _one_at_a_time(folder / f"{name.partition('-')[0]}.lock"):
        # another process may have learned it while this one waited
        found = _read(path, kind)
        if found is None:
            found = learn()
            _keep(path, found)
    return found


def is_remembered(folder: Path, name: str, ingredients: Iterable[str]) -> bool:
    """Tell whether there is a file of what `remembered` would learn."""
    return _place(folder, name, ingredients).is_file()


def last_remembered(folder: Path, name: str, kind: type[Learned]) -> Learned | None:
    """Return what was last learned under a name with today's code, whatever from; None where there is nothing."""
    for path in _newest_first(folder, name, code_name()):
        if (found := _read(path, kind)) is not None:
            return found
    return None


def _place(folder: Path, name: str, ingredients: Iterable[str]) -> Path:
    """Return the file of what is learned with today's code from some ingredients."""
    digest = hashlib.sha256()
    for one in ingredients:
        digest.update(one.encode())
        digest.update(b"\0")
    return folder / f"{name}-{code_name()}-{digest.hexdigest()[:32]}.pickle"


def _newest_first(folder: Path, name: str, code: str = "") -> list[Path]:
    """Return the files of a kind, whatever their names looked like once, or those that some code has learned."""
    found = [(path.stat().st_mtime, path) for path in folder.glob(f"{name}-{code}*.pickle")]
    return [path for _, path in sorted(found, reverse=True)]


def _read(path: Path, kind: type[Learned]) -> Learned | None:
    """Return what was learned before; None where there is nothing that can be used."""
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            found = pickle.load(file)  # noqa: S301 - only we write into this folder
    except Exception as error:  # a damaged pickle may raise anything
        log.warning("a learned file cannot be read: it is learned again", extra={"reason": type(error).__name__})
        return None
    if isinstance(found, kind):
        return found
    log.warning("a learned file holds something else: it is learned again", extra={"reason": path.name})
    return None


@contextlib.contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    """Hold a lock while the block runs, so that of several processes one learns; where no file can be made, go on without."""
    try:
        lock.parent.mkdir(parents=True, exist_ok=True)
        file = lock.open("w")
    except OSError:
        yield
        return
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _keep(path: Path, made: object) -> None:
    """Write a file whole or not at all, and remove the oldest of the same kind."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            try:
                pickle.dump(made, file, protocol=pickle.HIGHEST_PROTOCOL)
                file.flush()
                os.replace(file.name, path)
            except OSError:
                os.unlink(file.name)  # half a file would only fill the disk further
                raise
    except OSError as error:
        log.warning("what was learned could not be kept", extra={"reason": error.strerror})
        return
    with contextlib.suppress(OSError):
        for old in _newest_first(path.parent, path.name.partition("-")[0])[_KEPT:]:
            old.unlink()


def code_name() -> str:
    """Return what the names of files tell today's code by: the beginning of its digest."""
    return code_digest().hex()[:_CODE_LETTERS]


@functools.cache
def code_digest() -> bytes:
    """Return a digest of the code that learns, of the languages it knows and of the libraries it learns with."""
    digest = hashlib.sha256("".join(one.model_dump_json() for one in LANGUAGES.values()).encode())
    for path in sorted(_modules_reached(_LEARNING)):
        digest.update(path.read_bytes())
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}".encode())
    return digest.digest()


def _modules_reached(names: Iterable[str]) -> set[Path]:
    """Return the files of some modules of this package and of everything of this package that they import."""
    reached: set[Path] = set()
    waiting = list(names)
    while waiting:
        path = Path(__file__).with_name(f"{waiting.pop()}.py")
        if path not in reached:
            reached.add(path)
            waiting += re.findall(
                r"^from services_catalog\.(\w+) import", path.read_text(encoding="utf-8"), re.MULTILINE
            )
    return reached
