"""`deploy/try` as an operator runs it: it says what it saw, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.machines import namespaces_permitted
from deploy.servers import missing_packages
from tests.conftest import ROOT

TRY = str(ROOT / "deploy" / "try")

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(bool(missing_packages()), reason=f"not installed: {', '.join(missing_packages())}"),
]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for temporary files that PostgreSQL's user may enter, unlike pytest's own."""
    made = Path(tempfile.mkdtemp(prefix="vejviser-tried-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


def left_behind(folder: Path) -> list[str]:
    """Return what is left of a trial whose temporary folder was below `folder`: files, processes, namespaces."""
    found = [str(one) for one in folder.iterdir()]
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            said = process.read_bytes()
        except OSError:
            continue
        found += [said.decode(errors="replace")] if str(folder).encode() in said else []
    if namespaces_permitted():
        found += subprocess.run(["/usr/sbin/ip", "netns"], capture_output=True, text=True, check=True).stdout.split()
    return found


@pytest.mark.timeout(900)
def test_a_conversation_goes_on_when_a_process_and_a_machine_go_away(folder: Path) -> None:
    scenes = ["--scene", "2", "--scene", "5"]  # the api is killed; the cable is pulled
    done = subprocess.run(
        [TRY, *scenes], env=os.environ | {"TMPDIR": str(folder)}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "it remembers what was said on the other" in done.stdout
    killed = re.search(r"its api is killed: (\d+) messages answered", done.stdout)
    assert killed is not None
    assert int(killed[1]) > 10
    pulled = "cable of its machine is pulled: " + (r"\d+ messages" if namespaces_permitted() else "not tried")
    assert re.search(pulled, done.stdout)
    assert left_behind(folder) == []


def test_stopped_in_the_middle_it_takes_all_down(folder: Path) -> None:
    with subprocess.Popen(
        [TRY], env=os.environ | {"TMPDIR": str(folder)}, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "the nodes start" in line:
                break
        time.sleep(2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 128 + signal.SIGTERM
    assert left_behind(folder) == []


def test_what_is_missing_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "deploy").mkdir()
    (tmp_path / "deploy" / "try").write_text((ROOT / "deploy" / "try").read_text())
    done = subprocess.run(["sh", str(tmp_path / "deploy" / "try")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "deploy/try: run `make setup` first.\n")
