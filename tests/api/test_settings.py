"""Every setting is documented, with its default."""

from __future__ import annotations

from pathlib import Path

from api.settings import Settings

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


def test_every_setting_is_documented_and_nothing_else() -> None:
    rows = [line.split("|") for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| `VEJ")]
    documented = {row[1].strip().strip("`"): row[2].strip().strip("`") for row in rows}
    assert set(documented) == {f"VEJVISER_{name.upper()}" for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, (int, float)):
            assert float(documented[f"VEJVISER_{name.upper()}"]) == float(default), name
