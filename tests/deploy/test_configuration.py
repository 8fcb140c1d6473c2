"""What `deploy/configure` makes: complete, valid for the programs that read it, and closed to others where it holds secrets."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from api.preparation import NAMES_VARIABLE
from api.settings import Settings
from deploy.configure import main
from deploy.site import Site, SiteError, configure, read_site
from tests.conftest import ROOT

EXAMPLE = ROOT / "deploy" / "site.example.toml"
UNITS = ("vejviser@.service", "vejviser-backup.service", "vejviser-backup.timer")


@pytest.fixture(scope="module")
def site() -> Site:
    return read_site(EXAMPLE).model_copy(update={"folder": str(ROOT)})


@pytest.fixture(scope="module")
def made(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("configuration")
    configure(site, folder)
    return folder


def test_only_the_owner_reads_secrets_and_they_stand_nowhere_else(made: Path) -> None:
    secrets = {file.name: file.read_text() for file in (made / "secrets").iterdir()}
    assert len(set(secrets.values())) == len(secrets) == 6
    for file in made.rglob("*"):
        holds = file.is_file() and any(secret in file.read_text() for secret in secrets.values())
        assert not holds or file.stat().st_mode & 0o077 == 0, file.name
    assert (made / "secrets").stat().st_mode & 0o077 == 0


def test_a_second_time_secrets_stay_and_the_rest_follows_the_site(site: Site, tmp_path: Path) -> None:
    configure(site, tmp_path)
    before = {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()}
    configure(site.model_copy(update={"server_name": "hjaelp.example.org"}), tmp_path)
    assert {file.name: file.read_text() for file in (tmp_path / "secrets").iterdir()} == before
    assert "server_name hjaelp.example.org;" in (tmp_path / "nginx.conf").read_text()


def test_every_setting_and_secret_is_one_the_service_knows(made: Path, site: Site) -> None:
    given = re.findall(r"^(\w+)=", "".join(file.read_text() for file in made.glob("*.env")), re.MULTILINE)
    given += re.findall(r"^LoadCredential=(\w+):", (made / "vejviser@.service").read_text(), re.MULTILINE)
    assert len(given) > 10
    known = {f"vejviser_{name}" for name in Settings.model_fields} | {NAMES_VARIABLE.lower()}
    assert {name.lower() for name in given} - known == set()


def test_systemd_takes_the_units_and_finds_little_exposed(made: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    checked = ["systemd-analyze", "verify", "--man=no", *(str(made / unit) for unit in UNITS)]
    done = subprocess.run(checked, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    # from 0 (closed) to 10; 2 is what systemd calls OK
    for unit in UNITS[:2]:
        judged = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(made / unit)]
        assert subprocess.run(judged, capture_output=True, check=False).returncode == 0, unit


def test_the_page_for_an_outage_speaks_every_language(made: Path) -> None:
    page = (made / "away.html").read_text()
    assert re.findall(r'<section lang="(\w+)" dir="(\w+)">', page) == [
        ("da", "ltr"), ("en", "ltr"), ("uk", "ltr"), ("ar", "rtl"),
    ]  # fmt: skip
    assert page.count("33 66 33 66") == 4


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('server_name = "a b"', "server_name"),
        ("nodes = []", "nodes"),
        ('unknown = "x"', "unknown"),
        ('server_name = "x', "cannot be read"),
    ],
)
def test_a_wrong_site_file_is_one_clear_sentence(tmp_path: Path, wrong: str, said: str) -> None:
    file = tmp_path / "site.toml"
    key = wrong.split(" ")[0]
    kept = [line for line in EXAMPLE.read_text().splitlines() if not line.startswith(f"{key} ")]
    if key == "nodes":
        kept = kept[: kept.index("[[nodes]]")]
    file.write_text("\n".join([wrong, *kept]))
    with pytest.raises(SiteError, match=said):
        read_site(file)


def test_the_command_says_where_the_files_are_and_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "none.toml"), str(tmp_path / "out")]) == 1
    assert "none.toml cannot be read" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    assert main([str(EXAMPLE), str(tmp_path / "out")]) == 0
    assert str(tmp_path / "out") in capsys.readouterr().out
