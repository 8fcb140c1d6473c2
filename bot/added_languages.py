"""The languages that an installation adds: a folder for each, named by its tag (docs/languages.md).

Of such a folder the conversation reads `nlu/*.yml`, examples like those in `data/nlu/<tag>/`, and `gazetteer.yml`,
words like those in `bot/gazetteers/<tag>.yml`. Both may be missing: a message that nothing tells is searched for.
"""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "VEJVISER_LANGUAGES_FOLDER"
RECORD = "language.yml"
GAZETTEER = "gazetteer.yml"
EXAMPLES = "nlu"


def added_languages() -> dict[str, Path]:
    """Return the folder of each added language by its tag; nothing where the variable is not set."""
    name = os.environ.get(VARIABLE)
    if not name:
        return {}
    return {path.parent.name: path.parent.resolve() for path in sorted(Path(name).glob(f"*/{RECORD}"))}


def language_of(path: Path) -> str:
    """Return the language of a file of examples: `data/nlu/<tag>/x.yml`, or `<tag>/nlu/x.yml` of an added one."""
    return path.parent.parent.name if path.parent.name == EXAMPLES else path.parent.name
