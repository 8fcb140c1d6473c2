"""The files of an import, from a folder or a zip that is never unpacked to disk, within bounds.

A zip is judged by its table of contents before anything in it is unpacked: what it says it holds is the most that is ever
read from it.
"""

from __future__ import annotations

import os
import zipfile
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services_catalog.errors import CatalogueUnavailable, Problem, RecordInvalid

_ARCHIVES = (".zip", ".xlsx", ".xlsm", ".ods", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar")
#: What desktop systems put into archives and folders unasked.
_CLUTTER = ("__MACOSX", "desktop.ini", "Thumbs.db")


@dataclass(frozen=True)
class Limits:
    """How much one import may hold. `file_bytes` is the size of what is handed in; unpacked it may be five times that."""

    file_bytes: int = 100_000_000
    files: int = 50_000

    @property
    def unpacked_bytes(self) -> int:
        return 5 * self.file_bytes


class Files(Protocol):
    """Some files by their names, which are relative and have `/` between their parts."""

    @property
    def names(self) -> Sequence[str]:
        """The names, sorted."""
        ...

    def read(self, name: str) -> bytes:
        """Return what a file holds. Raises RecordInvalid when it cannot be read."""
        ...


def refuse(path: str, message: str) -> RecordInvalid:
    """Return the error that turns down a whole file."""
    return RecordInvalid([Problem(path, 0, "file", message)])


def check_size(path: Path, limits: Limits) -> None:
    """Raises RecordInvalid for a file larger than may be imported, CatalogueUnavailable for one that is not there."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise CatalogueUnavailable(f"{path} cannot be read: {error.strerror}.") from None
    if size > limits.file_bytes:
        raise refuse(path.name, f"is {_megabytes(size)}; at most {_megabytes(limits.file_bytes)} can be imported")


class FolderFiles:
    """The files below a folder; hidden ones are left out. Raises RecordInvalid when there are too many or too much."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self._folder = folder
        found: list[str] = []
        size = 0
        for place, folders, files in os.walk(folder):
            folders[:] = sorted(one for one in folders if not one.startswith(".") and one not in _CLUTTER)
            for file in files:
                path = Path(place, file)
                if file.startswith(".") or file in _CLUTTER or not path.is_file():
                    continue
                found.append(path.relative_to(folder).as_posix())
                size += path.stat().st_size
            if len(found) > limits.files:
                raise refuse(folder.name, f"holds more than {limits.files} files")
        if size > limits.unpacked_bytes:
            raise refuse(folder.name, f"holds {_megabytes(size)}; at most {_megabytes(limits.unpacked_bytes)} are read")
        self.names: Sequence[str] = sorted(found)

    def read(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except OSError as error:
            raise refuse(name, f"cannot be read: {error.strerror}") from None


class ZipFiles:
    """The files in a zip. Raises RecordInvalid when it is broken, encrypted, too large unpacked, or holds archives or
    names that lead outside. A folder that everything lies in, as desktop systems make it, is left out of the names unless
    it is one of `places`."""

    def __init__(self, path: Path, limits: Limits, places: Collection[str] = ()) -> None:
        check_size(path, limits)
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise refuse(path.name, f"is not a whole zip file: {error}") from None
        entries = [one for one in self._zip.infolist() if not one.is_dir() and not _is_clutter(one.filename)]
        problems = [Problem(path.name, 0, one.filename, said) for one in entries if (said := _wrong(one))]
        size = sum(one.file_size for one in entries)
        if size > limits.unpacked_bytes:
            said = f"would unpack to {_megabytes(size)}; at most {_megabytes(limits.unpacked_bytes)} are read"
            problems.insert(0, Problem(path.name, 0, "file", said))
        if len(entries) > limits.files:
            problems = [Problem(path.name, 0, "file", f"holds {len(entries)} files; at most {limits.files} are read")]
        if len({one.filename for one in entries}) < len(entries):
            problems.append(Problem(path.name, 0, "file", "holds two files of one name"))
        if problems:
            raise RecordInvalid(problems)
        tops = {one.filename.partition("/")[0] for one in entries if "/" in one.filename}
        nested = len(tops) == 1 and not tops & set(places) and all("/" in one.filename for one in entries)
        top = f"{tops.pop()}/" if nested else ""
        self._entries = {one.filename.removeprefix(top): one for one in entries}
        self.names: Sequence[str] = sorted(self._entries)

    def read(self, name: str) -> bytes:
        return self.head(name, -1)

    def head(self, name: str, size: int) -> bytes:
        """Return the first bytes of a file, all of them for -1. Raises RecordInvalid."""
        try:
            with self._zip.open(self._entries[name]) as file:
                data = file.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
            raise refuse(name, f"cannot be unpacked: {error}") from None
        if data[:4] == b"PK\x03\x04":
            raise refuse(name, "is an archive inside the archive")
        return data


def _wrong(entry: zipfile.ZipInfo) -> str | None:
    name = entry.filename
    if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
        return "this name leads outside the archive: no “..”, “:”, “\\” or leading “/”"
    if name.lower().endswith(_ARCHIVES):
        return "an archive inside the archive is not read"
    if entry.flag_bits & 0x1:
        return "is encrypted: save it without a password"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is compressed in a way that is not read here: use the ordinary one (deflate)"
    return None


def _is_clutter(name: str) -> bool:
    parts = name.split("/")
    return parts[0] in _CLUTTER or parts[-1] in _CLUTTER or parts[-1] == ".DS_Store"


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
