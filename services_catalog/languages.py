"""The languages Vejviser answers in: one record each, everything else asks this table.

The project's own are the files of `languages/`. An installation adds more: `VEJVISER_LANGUAGES_FOLDER` holds a folder for
each, named by its tag, with `language.yml` and all that goes with it (docs/languages.md).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

Direction = Literal["ltr", "rtl"]
Word = Annotated[str, StringConstraints(min_length=1, max_length=120)]

#: Names the folder of the languages that an installation adds.
ADDED_VARIABLE = "VEJVISER_LANGUAGES_FOLDER"
#: The record in the folder of an added language.
RECORD = "language.yml"


class LanguageInvalid(ValueError):
    """A language cannot be used; the text names the file, what is wrong and what to do."""


class Lemmas(BaseModel):
    """How a word is brought to its base form.

    `lookup`: the table of spacy-lookups-data; `snowball`: the stemmer called `algorithm`, after one of `prefixes` was taken
    off, the first that fits; `pymorphy3`: its dictionary; `none`: words stay as they are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Literal["lookup", "snowball", "pymorphy3", "none"] = "none"
    algorithm: str = ""
    prefixes: tuple[Word, ...] = ()


class Language(BaseModel):
    """A language of the service.

    `tag` is a BCP 47 tag, `native_name` what its speakers call it, `direction` the base direction of its script. All else
    has a default under which the language works, only less well: docs/languages.md says what each brings.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    tag: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
    native_name: Word
    direction: Direction
    #: The first word of its letters' Unicode names, in small letters.
    script: Annotated[str, StringConstraints(pattern=r"^[a-z]+$")] = "latin"
    #: ISO 639-2, as other systems may call it.
    three_letters: Annotated[str, StringConstraints(pattern=r"^[a-z]{3}$")] | None = None
    #: The place among the languages, the smallest first.
    order: int = 100
    #: A language that is still being translated: offers without its texts are shown in the source language.
    growing: bool = False
    #: spaCy's code for its stop words; `xx` knows none.
    spacy: str = "xx"
    stop_words: tuple[Word, ...] = ()
    #: Words that turn a meaning round: never dropped as stop words.
    negators: tuple[Word, ...] = ()
    lemmas: Lemmas = Lemmas()
    #: Whether words are joined to longer ones, which are then also read in their parts (needs `lookup`).
    compounds: bool = False
    #: Whether its words stand in sentences of other languages, so that Latin text is always read as this one too.
    everywhere: bool = False
    #: How letters are written by who has not the keyboard: `ł: l`.
    letters: dict[Annotated[str, StringConstraints(min_length=1, max_length=1)], str] = {}
    #: A way to write it in Latin letters that is read too (transliterate.py).
    latin_spelling: Literal["arabizi", "ukrainian"] | None = None
    #: Where all files of an added language lie.
    folder: Annotated[Path | None, Field(exclude=True)] = None


#: The language that every offer is written in first; all others are translations of it.
SOURCE_LANGUAGE = "da"
#: The language of the texts in the code: what a gettext catalogue lacks is read in it.
MESSAGE_LANGUAGE = "en"


def read_languages(own: Path, added: Path | None) -> dict[str, Language]:
    """Return the languages of the project (`own`) and of an installation (`added`), in their order, by tag.

    Raises LanguageInvalid.
    """
    found = [_read(path, path.stem) for path in sorted(own.glob("*.yml"))]
    if added is not None:
        if not added.is_dir():
            raise LanguageInvalid(
                f"{ADDED_VARIABLE} is {str(added)!r}, which is no folder: name the folder of languages."
            )
        records = sorted(added.glob(f"*/{RECORD}"))
        found += [_read(path, path.parent.name, path.parent.resolve()) for path in records]
    languages: dict[str, Language] = {}
    for language in sorted(found, key=lambda one: (one.order, one.tag)):
        if language.tag in languages:
            raise LanguageInvalid(
                f"{language.folder}: the language {language.tag!r} is there already: remove one of the two."
            )
        languages[language.tag] = language
    return languages


def _read(path: Path, tag: str, folder: Path | None = None) -> Language:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 - `no` is a word here
        language = Language.model_validate({**content, "folder": folder})
    except (OSError, UnicodeError, yaml.YAMLError, TypeError) as error:
        raise LanguageInvalid(f"{path} cannot be read: {error}") from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise LanguageInvalid(f"{path}: {wrong}") from error
    if language.tag != tag:
        raise LanguageInvalid(f"{path}: tag is {language.tag!r}, but the place says {tag!r}: they must be the same.")
    return language


def _added_folder() -> Path | None:
    name = os.environ.get(ADDED_VARIABLE)
    return Path(name) if name else None


LANGUAGES: dict[str, Language] = read_languages(Path(__file__).with_name("languages"), _added_folder())


def direction_of(tag: str) -> Direction:
    """Return the base direction of a language the service speaks. Raises KeyError for any other tag."""
    return LANGUAGES[tag].direction


def written_in(script: str) -> tuple[str, ...]:
    """Return the tags of the languages of a script (`latin`), in their order."""
    return tuple(tag for tag, one in LANGUAGES.items() if one.script == script)


def label_in(labels: Mapping[str, str], language: str) -> str:
    """Return the label in a language; where there is none, that of the first of LANGUAGES that has one; else nothing."""
    return next((labels[tag] for tag in (language, *LANGUAGES) if tag in labels), "")


def added_files(pattern: str) -> Iterator[tuple[str, Path]]:
    """Yield the tag and each file of the added languages whose place in its language's folder fits `pattern`
    (`crisis/sentences/*.txt`), in the order of tags and names."""
    for tag, language in LANGUAGES.items():
        if language.folder is not None:
            yield from ((tag, path) for path in sorted(language.folder.glob(pattern)))
