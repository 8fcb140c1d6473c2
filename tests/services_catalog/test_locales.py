"""The gettext catalogues: complete in four languages, no fuzzy, empty or broken string, plural forms right."""

from __future__ import annotations

import datetime as dt
import string
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from services_catalog.languages import LANGUAGES
from services_catalog.localized import DOMAIN, LOCALES, localizer

ROOT = Path(__file__).resolve().parents[2]
PLURALS = {"da": 2, "en": 2, "uk": 3, "ar": 6}


def read(tag: str) -> Catalog:
    with (LOCALES / tag / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=tag)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("tag", sorted(LANGUAGES))
def test_every_text_is_there_and_whole(tag: str) -> None:
    catalogue = read(tag)
    assert len(catalogue) > 50
    for message in catalogue:
        if not message.id:
            continue
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        assert not message.fuzzy, ids[0]
        assert all(one.strip() for one in strings), f"{tag}: {ids[0]!r} is empty"
        if isinstance(message.id, tuple):
            assert len(strings) == PLURALS[tag], f"{tag}: {ids[0]!r} has {len(strings)} plural forms"
        else:
            assert fields(strings[0]) == fields(ids[0]), f"{tag}: the placeholders of {ids[0]!r} differ"
        for one in strings:
            assert fields(one) <= set().union(*map(fields, ids)), f"{tag}: {one!r} has a placeholder too many"


def test_the_catalogues_hold_exactly_the_texts_of_the_code(tmp_path: Path) -> None:
    template = tmp_path / "messages.pot"
    subprocess.run(
        [sys.executable, "-m", "babel.messages.frontend", "-q", "extract", "-F", "babel.cfg", "-k", "N_", "-k", "text:1",
         "-k", "plural:1,2", "--no-location", "-o", str(template), "."],
        cwd=ROOT, check=True,
    )  # fmt: skip
    with template.open("rb") as file:
        wanted = {message.id for message in read_po(file) if message.id}
    for tag in LANGUAGES:
        assert {message.id for message in read(tag) if message.id} == wanted, f"{tag}: run `make messages`"


@pytest.mark.parametrize(
    ("tag", "count", "index"), [("ar", 0, 0), ("ar", 1, 1), ("ar", 2, 2), ("ar", 3, 3), ("ar", 11, 4), ("ar", 100, 5),
                                ("uk", 1, 0), ("uk", 3, 1), ("uk", 5, 2), ("uk", 21, 0), ("da", 1, 0), ("da", 2, 1)],
)  # fmt: skip
def test_the_plural_form_follows_the_languages_rule(tag: str, count: int, index: int) -> None:
    message = read(tag).get("This offer fits:")
    assert message is not None
    shown = localizer(tag).plural("This offer fits:", "I found {count} offers that fit:", count)
    assert shown == message.string[index].format(count=localizer(tag).number(count))


def test_dates_lists_and_phones_follow_the_locale() -> None:
    day = dt.date(2023, 5, 1)
    assert localizer("da").date(day) == "1. maj 2023"
    assert localizer("uk").date(day).replace("\u202f", " ") == "1 травня 2023 р."
    assert localizer("da").list(["a", "b", "c"]) == "a, b og c"
    assert localizer("en").phone("33663366") == "33 66 33 66"
    assert localizer("ar").phone("33663366") == "\u206633 66 33 66\u2069"
