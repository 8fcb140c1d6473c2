"""Imports run api → services_catalog ← actions; the bot imports none of them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("api", "actions", "bot", "services_catalog")
ALLOWED = {
    "api": {"api", "services_catalog"},
    "actions": {"actions", "services_catalog"},
    "services_catalog": {"services_catalog"},
    "bot": {"bot"},
}


def imported_rooms(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found & set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_what_it_may(room: str) -> None:
    files = [path for path in (ROOT / room).rglob("*.py") if ".venv" not in path.parts]
    assert files
    strangers = {str(path.relative_to(ROOT)): imported_rooms(path) - ALLOWED[room] for path in files}
    assert {path: rooms for path, rooms in strangers.items() if rooms} == {}


def test_actions_stay_flat_so_that_nothing_there_shadows_a_room() -> None:
    assert [path.name for path in (ROOT / "actions").iterdir() if path.is_dir() and path.name != "__pycache__"] == []
