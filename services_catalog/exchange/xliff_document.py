"""XLIFF 1.2 as a file: how it is begun, and how one from outside is opened safely and laid out as plain units.

XLIFF 1.2 (OASIS, 2008) is what every translation tool reads and writes. What a text means is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]
from translate.storage.xliff import Xliff1File, Xliff1Unit

from services_catalog.errors import Problem, RecordInvalid

NAMESPACE = "urn:oasis:names:tc:xliff:document:1.2"
#: Largest file that is opened, in bytes; all offers of Copenhagen in one language are about half a megabyte.
MOST_BYTES = 20 * 1024 * 1024

#: Marks that tools leave around a sentence; every other element inside a text is markup, which our texts do not have.
_SENTENCE_MARK = f"{{{NAMESPACE}}}mrk"


class _TransUnit(Xliff1Unit):
    namespace = NAMESPACE


class XliffFile(Xliff1File[_TransUnit]):
    """The toolkit's store, beginning as XLIFF 1.2 instead of 1.1."""

    UnitClass = _TransUnit
    namespace = NAMESPACE
    XMLskeleton = (
        f"<xliff version='1.2' xmlns='{NAMESPACE}'>"
        "<file original='NoName' source-language='da' datatype='plaintext'><body/></file></xliff>"
    )


@dataclass(frozen=True)
class Unit:
    """One text of a file that came back. `file` and `id` say what it belongs to, `line` counts from 1.

    `state` is the word of the tool (`translated`, `final` …), `approved` its yes or no; None where it said nothing.
    """

    file: str
    id: str
    line: int
    source_language: str
    target_language: str
    source: str
    target: str
    state: str | None
    approved: str | None
    markup: tuple[str, ...]


def read_units(data: bytes) -> Iterator[Unit]:
    """Yield every unit of an XLIFF 1.2 file. Raises RecordInvalid for anything else, before much of it is read."""
    _check(data)
    store: Any = XliffFile()
    try:
        store.parse(data)
    except (SyntaxError, ValueError) as error:  # libxml2 is stricter than expat: depth, the form of names
        raise _refused(getattr(error, "lineno", None) or 0, f"is not XLIFF that can be read: {error}") from error
    for unit in store.units:
        file = next(unit.xmlelement.iterancestors(f"{{{NAMESPACE}}}file"))
        target = unit.target_dom if unit.target_dom is not unit.source_dom else None
        yield Unit(
            file=file.get("original"),
            id=unit.xmlelement.get("id"),
            line=unit.xmlelement.sourceline or 0,
            source_language=file.get("source-language", ""),
            target_language=file.get("target-language", ""),
            source=_plain(unit.source),
            target=_plain(unit.target) if target is not None else "",
            state=target.get("state") if target is not None else None,
            approved=unit.xmlelement.get("approved"),
            markup=tuple(_markup(target)) if target is not None else (),
        )


def _plain(text: str | None) -> str:
    return (text or "").strip()


def _markup(target: Any) -> Iterator[str]:
    for element in target.iterdescendants("*"):
        if element.tag != _SENTENCE_MARK:
            yield str(element.tag).rpartition("}")[2]


def _check(data: bytes) -> None:
    if len(data) > MOST_BYTES:
        raise _refused(
            0, f"is larger than {MOST_BYTES // 2**20} MB, which no export of ours is: send it in several parts"
        )
    try:
        root = fromstring(data, forbid_dtd=True)
    except ParseError as error:
        raise _refused(error.position[0], f"is not well-formed XML: {error}") from error
    except DefusedXmlException as error:
        raise _refused(0, "declares a document type or entities, which an XLIFF file does not need") from error
    except (ValueError, LookupError) as error:
        raise _refused(0, f"is in a character encoding that is not understood: {error}") from error
    if root.tag != f"{{{NAMESPACE}}}xliff":
        raise _refused(1, f"is not an XLIFF 1.2 file (its root is <{root.tag}>): save it as XLIFF 1.2")
    problems = list(_misplaced(root))
    if problems:
        raise RecordInvalid(problems)


def _misplaced(root: Element) -> Iterator[Problem]:
    """Yield what keeps a file from being laid out as units: files without a name, units without an id or outside."""
    files = root.findall(f"{{{NAMESPACE}}}file")
    if not files:
        yield Problem("xliff", 0, "file", "there is no <file> in it")
    inside = 0
    for file in files:
        name = file.get("original")
        if not name:
            yield Problem("xliff", 0, "file", "a <file> lacks its `original`: it is the id of the offer")
        for unit in file.iter(f"{{{NAMESPACE}}}trans-unit"):
            inside += 1
            if not unit.get("id"):
                yield Problem(name or "xliff", 0, "trans-unit", "a unit lacks its `id`: it is the name of the field")
            if unit.find(f"{{{NAMESPACE}}}source") is None:
                yield Problem(name or "xliff", 0, unit.get("id") or "trans-unit", "the <source> is missing")
    if inside < sum(1 for _ in root.iter(f"{{{NAMESPACE}}}trans-unit")):
        yield Problem("xliff", 0, "trans-unit", "a unit stands outside every <file>")


def _refused(line: int, message: str) -> RecordInvalid:
    return RecordInvalid([Problem("xliff", line, "file", message)])
