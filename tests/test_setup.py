"""`.ci/setup` on a machine where something is missing: one clear sentence, a status that says so."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_NEEDED = ("bash", "dirname", "cat", "cmp", "python3", "npm")


@pytest.mark.parametrize("missing", ["python3", "npm"])
def test_a_missing_tool_is_named(tmp_path: Path, missing: str) -> None:
    for tool in _NEEDED:
        # the interpreter itself: a shim of a version manager needs more than its name
        found = str(Path(sys.executable).resolve()) if tool == "python3" else shutil.which(tool)
        if found and tool != missing:
            (tmp_path / tool).symlink_to(found)
    done = subprocess.run(
        ["/bin/bash", str(ROOT / ".ci" / "setup")],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith(f"vejviser: {missing} is missing: install ")
    assert len(done.stderr.splitlines()) == 1
