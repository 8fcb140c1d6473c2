"""Trains the model: `bot/.venv/bin/python -m bot.train` from the repository root; a second run skips what is done.

Exit status 0 when a model is there, 1 when training failed.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bot.added_languages import EXAMPLES, GAZETTEER, added_languages
from bot.settings import BOT, ROOT

MODEL = BOT / "models" / "vejviser.tar.gz"
#: Everything that a model depends on; a change in any of them trains anew.
INPUTS = ("bot/config.yml", "bot/uv.lock", "bot/domain", "bot/components", "bot/gazetteers", "data/nlu", "data/rules")
_SUFFIXES = {".yml", ".py", ".lock"}


def main(arguments: list[str] | None = None) -> int:
    """Train when an input changed or `--force` is given; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bot.train", description=__doc__.split("\n\n")[0])
    parser.add_argument("--force", action="store_true", help="train although no input changed")
    parser.add_argument("--nlu", type=Path, default=ROOT / "data" / "nlu", help="folder of the NLU examples")
    parser.add_argument("--output", type=Path, default=MODEL, help="where the model is written (*.tar.gz)")
    options = parser.parse_args(arguments)
    stamp = options.output.with_name(options.output.name + ".inputs")
    inputs = fingerprint(options.nlu)
    if not options.force and options.output.exists() and stamp.exists() and stamp.read_text() == inputs:
        print(f"The model is up to date: {options.output}")
        return 0
    if not any(options.nlu.rglob("*.yml")):
        print(f"There are no examples in {options.nlu}; nothing to train on.", file=sys.stderr)
        return 1
    started = time.monotonic()
    print("Training the conversation model (two to three minutes) …", flush=True)
    if not _train(options.nlu, options.output):
        print("Training failed; the messages above say why. The old model, if any, is untouched.", file=sys.stderr)
        return 1
    stamp.write_text(inputs)
    print(f"Trained in {time.monotonic() - started:.0f} s: {options.output}")
    return 0


def fingerprint(nlu: Path) -> str:
    """Return a digest of the contents of every input."""
    digest = hashlib.sha256()
    for path in _files(nlu):
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _files(nlu: Path) -> Iterator[Path]:
    roots = [nlu if name == "data/nlu" else ROOT / name for name in INPUTS]
    for root in roots:
        found = [root] if root.is_file() else sorted(root.rglob("*"))
        yield from (path for path in found if path.is_file() and path.suffix in _SUFFIXES)
    for folder in added_languages().values():
        yield from sorted((folder / EXAMPLES).glob("*.yml"))
        yield from folder.glob(GAZETTEER)


def _train(nlu: Path, output: Path) -> bool:
    os.chdir(ROOT)  # the configuration's paths are relative to the repository
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    # Rasa's own cache would write a database beside the sources and saves nothing at this size.
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # imported by Rasa's checks, not used
    os.environ["LOG_LEVEL"] = "ERROR"  # all that Rasa does with it is to leave out its progress bars
    from bot.logs import configure_logging

    configure_logging()
    import rasa

    output.parent.mkdir(parents=True, exist_ok=True)
    added = [folder / EXAMPLES for folder in added_languages().values() if (folder / EXAMPLES).is_dir()]
    result = rasa.train(
        domain=str(BOT / "domain"),
        config=str(BOT / "config.yml"),
        training_files=[*map(str, (nlu, *added)), str(ROOT / "data" / "rules")],
        output=str(output.parent),
        fixed_model_name=output.name.removesuffix(".tar.gz"),
        force_training=True,
    )
    return bool(result.model) and result.code == 0


if __name__ == "__main__":
    sys.exit(main())
