"""What is particular to one language, read from `bot/gazetteers/<tag>.yml`; a further language is a further file.

That of a language which an installation adds lies in its own folder (added_languages.py).

The pattern syntax of those files is a regular expression over normalised text with five additions:

    a space      any white space
    *            the rest of a word: `flygtning*` finds flygtninge, flygtningene
    ..           up to three words in between
    {name}       any of the file's `words: name:`
    {n} {ns}     a number of up to three digits (number words were turned into digits before); a list of such numbers
    {ord}        an ordinal word of the file's `ordinals`

Danish letters also match as people type them without the keyboard (ø: oe, o, ö). A pattern never begins or ends inside
a word. Capital letters and `*` as a quantifier are not part of the syntax.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import regex
import yaml

from bot.added_languages import GAZETTEER, added_languages
from bot.components.needles import Sieve
from bot.components.normalise import fold

GAZETTEERS = Path(__file__).resolve().parent.parent / "gazetteers"

_LATIN_VARIANTS = {"æ": "(?:æ|ae|ä)", "ø": "(?:ø|oe|o|ö)", "å": "(?:å|aa|a)"}
_MACRO = regex.compile(r"\{([a-z_]+)\}")


class GazetteerError(ValueError):
    """A gazetteer file cannot be used; the message names the file, the pattern and what is wrong with it."""


@dataclass(frozen=True)
class Rule:
    """One pattern. `value` overrides what the pattern captured; `role` is an entity role or a rule for one."""

    pattern: regex.Pattern[str]
    role: str | None = None
    value: str | int | None = None

    @cached_property
    def needs_number(self) -> bool:
        """Whether the pattern captures nothing but digits."""
        return self.value is None and "n" in self.pattern.groupindex and "ord" not in self.pattern.groupindex


class Rules:
    """Rules in the order of their file, of which only those are tried that may match."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        self._sieve = Sieve(rule.pattern.pattern for rule in self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def for_text(self, text: str) -> Iterator[Rule]:
        """Yield, in order, the rules that may match in a normalised text."""
        return map(self._rules.__getitem__, self._sieve.standing_in(text))


@dataclass(frozen=True)
class Gazetteer:
    """The words of one language. Tags are BCP 47; `script` is latin, cyrillic or arabic."""

    tag: str
    script: str
    spacy: str
    lemmas: Mapping[str, str]
    hints: frozenset[str]
    numerals: Mapping[str, int]
    ordinals: Mapping[str, int]
    negators: frozenset[str]
    rules: Mapping[str, Rules] = field(default_factory=dict)
    prefixes: tuple[str, ...] = ()


@lru_cache(maxsize=4)
def load_gazetteers(folder: Path = GAZETTEERS) -> dict[str, Gazetteer]:
    """Return every language's gazetteer by tag. Raises GazetteerError when a file cannot be used."""
    files = {path.stem: path for path in sorted(folder.glob("*.yml"))}
    if folder == GAZETTEERS:
        files |= {tag: path / GAZETTEER for tag, path in added_languages().items() if (path / GAZETTEER).is_file()}
    return {tag: _read(path, tag) for tag, path in files.items()}


def _read(path: Path, tag: str) -> Gazetteer:
    try:
        # BaseLoader reads every scalar as text: "no", "on" and "yes" are words here, not truth values.
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        if data["tag"] != tag:
            raise GazetteerError(f"{path}: tag is {data['tag']!r}, expected {tag!r} like the place's name")
        ordinals = {fold(word): int(value) for word, value in data.get("ordinals", {}).items()}
        compiler = _Compiler(path, data.get("words", {}), ordinals, data.get("prefixes", []))
        return Gazetteer(
            tag=data["tag"],
            script=data["script"],
            spacy=data["spacy"],
            lemmas=data["lemmas"],
            hints=frozenset(fold(word) for word in data["hints"]),
            numerals=_numerals(data.get("numerals", {})),
            ordinals=ordinals,
            negators=frozenset(fold(word) for word in data.get("negators", [])),
            rules={
                "age": Rules(compiler.rules(data.get("age", []))),
                "school_grade": Rules(compiler.rules(data.get("school_grade", []))),
                "ordinal": Rules(compiler.rules(data.get("ordinal", []))),
                "language_name": Rules(compiler.lists(data.get("language_names", {}))),
                "district": Rules(compiler.lists(data.get("districts", {}))),
                "situation": Rules(compiler.lists(data.get("situations", {}))),
                "concept": Rules(compiler.lists(data.get("concepts", {}))),
            },
            prefixes=tuple(fold(prefix) for prefix in data.get("prefixes", [])),
        )
    except yaml.YAMLError as error:
        raise GazetteerError(f"{path}: not valid YAML: {error}") from error
    except KeyError as error:
        raise GazetteerError(f"{path}: the key {error.args[0]!r} is missing") from error


def _numerals(data: Mapping[str, Any]) -> dict[str, int]:
    """Return number words by spelling: those listed, and the tens joined with the units as `joined` says."""
    plain = {fold(word): int(value) for word, value in data.get("plain", {}).items()}
    tens = {word: value for word, value in plain.items() if 20 <= value < 100 and value % 10 == 0}
    units = {word: value for word, value in plain.items() if value < 10}
    units |= {fold(word): int(value) for word, value in data.get("only_joined", {}).items()}
    words = dict(plain)
    for template in data.get("joined", []):
        for ten, ten_value in tens.items():
            for unit, unit_value in units.items():
                words[fold(template).format(tens=ten, unit=unit)] = ten_value + unit_value
    return words


class _Compiler:
    """Turns one file's patterns into regular expressions, naming file and pattern when one is wrong."""

    def __init__(self, path: Path, words: Mapping[str, list[str]], ordinals: Mapping[str, int], prefixes: list[str]):
        self._path = path
        self._macros: dict[str, str] = {}
        for name, listed in words.items():
            self._macros[name] = self._any(listed)
        never = f"(?!\\s*(?:{self._macros['not_age']}))" if "not_age" in self._macros else ""
        number = rf"(?P<n>\d{{1,3}})(?![\d]|[.,:/]\d){never}"
        joiner = self._macros.get("and", "&")
        self._macros["n"] = rf"(?<![\d.,:/]){number}"
        self._macros["ns"] = rf"(?<![\d.:/]){number}(?:\s*(?:,|{joiner})\s*{number}){{0,6}}"
        self._macros["ord"] = "(?P<ord>" + "|".join(sorted(ordinals, key=len, reverse=True) or ["(?!)"]) + ")"
        self._before = f"(?:{'|'.join(fold(prefix) for prefix in prefixes)})?" if prefixes else ""

    def rules(self, listed: list[Mapping[str, Any]]) -> Iterator[Rule]:
        """Compile an ordered list of `{match, role, value}`."""
        for entry in listed:
            matches = entry["match"] if isinstance(entry["match"], list) else [entry["match"]]
            for match in matches:
                yield Rule(self._compile(match), entry.get("role"), entry.get("value"))

    def lists(self, listed: Mapping[str, list[str]]) -> Iterator[Rule]:
        """Compile `{value: [phrase, ...]}`, one expression per value, the longest phrase first."""
        for value, phrases in listed.items():
            yield Rule(self._compile(self._any(phrases, raw=True)), None, value)

    def _any(self, phrases: list[str], raw: bool = False) -> str:
        ordered = sorted(phrases, key=len, reverse=True)
        return "(?:" + "|".join(ordered if raw else (self._translate(phrase) for phrase in ordered)) + ")"

    def _translate(self, pattern: str) -> str:
        text = fold(pattern)
        text = regex.sub(r"\s*\.\.\s*", "<gap>", text)
        text = text.replace("*", r"\w{0,}").replace("<gap>", r"(?:[\s,]+[\w']+){0,3}[\s,]+")
        text = text.replace(" ", r"(?:\s+)")
        for letter, variants in _LATIN_VARIANTS.items():
            text = text.replace(letter, variants)
        return _MACRO.sub(self._expand, text)

    def _expand(self, match: regex.Match[str]) -> str:
        name = match.group(1)
        if name not in self._macros:
            raise GazetteerError(f"{self._path}: the pattern uses {{{name}}}, which `words` does not list")
        return self._macros[name]

    def _compile(self, pattern: str) -> regex.Pattern[str]:
        try:
            return regex.compile(rf"(?<!\w){self._before}(?:{self._translate(pattern)})(?!\w)")
        except regex.error as error:
            raise GazetteerError(f"{self._path}: the pattern {pattern!r} is not valid: {error}") from error
