"""Each dependency has one line that says what it is for, and comes from the standard index."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[\[<>=~ ]", one)[0] for one in project["dependencies"]}
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    explained = {line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")} - {"package"}
    assert names == explained


@pytest.mark.parametrize("lock", ["uv.lock", "bot/uv.lock"])
def test_the_lock_names_only_the_standard_index(lock: str) -> None:
    hosts = set(re.findall(r"https://([^/\"]+)", (ROOT / lock).read_text(encoding="utf-8")))
    assert hosts <= {"pypi.org", "files.pythonhosted.org"}
