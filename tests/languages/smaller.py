"""A copy of the project that learns in a fraction of the time: few examples and sentences in the project's languages."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: One crisis sentence in so many is kept, one example of an intent, one question for a need or about other things.
_SENTENCES, _EXAMPLES, _QUESTIONS = 12, 12, 4


def smaller_project(folder: Path) -> Path:
    """Return `folder`, filled with the project's code and fewer of the texts that it learns from. The environment of the bot
    is the project's own."""
    shutil.copytree(
        ROOT,
        folder,
        ignore=lambda place, names: {name for name in names if _left_out(Path(place), name)},
        dirs_exist_ok=True,
    )
    (folder / "bot" / ".venv").symlink_to(ROOT / "bot" / ".venv")
    for path in folder.glob("services_catalog/crisis/sentences/*/*.txt"):
        _thin(path, _SENTENCES)
    for path in folder.glob("data/nlu/*/*.yml"):
        _thin(path, _EXAMPLES, "    - ")
    for place in ("scope", "taxonomy/questions"):
        for path in folder.glob(f"services_catalog/{place}/*.yml"):
            _thin(path, _QUESTIONS, "    - " if place != "scope" else "- ")
    return folder


def _left_out(place: Path, name: str) -> bool:
    if place == ROOT:
        return name not in ("services_catalog", "api", "actions", "bot", "data")
    return name in (".venv", "__pycache__", "generated", "models", ".rasa")


def _thin(path: Path, one_in: int, mark: str = "") -> None:
    """Keep one in so many of the lines that begin with a mark, the first of each run among them, and all other lines."""
    kept: list[str] = []
    run = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        run = run + 1 if line.startswith(mark) else 0
        if run == 0 or run % one_in == 1:
            kept.append(line)
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
