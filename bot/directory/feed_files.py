"""The files of a feed, as they lie there or packed (.zip, .gz), each read as a stream. Nothing is unpacked to disk.

What a packed file says of its own size is not believed: bytes are counted as they come, and too many end it."""

from __future__ import annotations

import gzip
import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

LINES = (".ndjson", ".jsonl")
TABLES = (".csv",)
ENDINGS = (*LINES, ".json", *TABLES)

# The NPPES monthly file is 9 GB and one tenth of it packed; JSON packs to a thirtieth. A bomb packs to a thousandth.
MOST_BYTES = 64 * 1024**3
MOST_RATIO = 200
_RATIO_COUNTS_FROM = 16 * 1024**2  # of few bytes the ratio says nothing
_MOST_MEMBERS = 100_000
_GZ_RATIO = 10  # only for the progress bar: a .gz does not say how long it is

# How a file shows that it cannot be read to its end.
BROKEN = (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError)


class DirectoryUnreadable(Exception):
    """The path holds nothing to import; the message says what to do."""


class TooLarge(OSError):
    """More came out of a packed file than a directory can be."""


@dataclass(frozen=True, slots=True)
class FeedFile:
    """A file to read: its name for people ("feed.zip/roles.ndjson"), its ending, about how many bytes it has."""

    name: str
    ending: str
    size: int
    open: Callable[[], IO[bytes]]


def feed_files(path: Path) -> list[FeedFile]:
    """The files of a folder, of a packed file, or the one file, by name; those with other endings are left out.

    Raises DirectoryUnreadable when there is none, or the path cannot be read."""
    if not path.exists():
        raise DirectoryUnreadable(f"{path}: there is no such file or folder. Check the path.")
    try:
        if path.is_dir():
            found = [f for file in sorted(path.rglob("*")) if file.is_file() for f in _unpacked(file, path)]
        else:
            found = list(_unpacked(path, path.parent))
            if not found and path.suffix.lower() != ".zip":  # a feed may have any name
                found = [_plain(path, path.name)]
        for file in found[:1]:
            file.open().close()
    except BROKEN as problem:
        said = getattr(problem, "strerror", None) or str(problem)
        raise DirectoryUnreadable(f"{path}: {said}. Check the path and its permissions.") from problem
    if not found:
        wanted = "a folder with .ndjson or .json files, one such file, a FHIR Bundle, or an NPPES .csv, packed or not"
        raise DirectoryUnreadable(f"{path}: nothing to import here. Give {wanted}.")
    return found


def _unpacked(file: Path, folder: Path) -> Iterator[FeedFile]:
    name = str(file.relative_to(folder))
    if file.suffix.lower() == ".zip":
        yield from _members(file, name)
    elif file.suffix.lower() == ".gz" and _ending(file.stem) in ENDINGS:
        size = file.stat().st_size
        yield FeedFile(name, _ending(file.stem), size * _GZ_RATIO, _gunzipper(file, size))
    elif file.suffix.lower() in ENDINGS:
        yield _plain(file, name)


def _gunzipper(file: Path, packed: int) -> Callable[[], IO[bytes]]:
    return lambda: _counted(cast("IO[bytes]", gzip.open(file)), packed)


def _plain(file: Path, name: str) -> FeedFile:
    return FeedFile(name, file.suffix.lower(), file.stat().st_size, lambda: file.open("rb"))


def _ending(name: str) -> str:
    return Path(name).suffix.lower()


def _members(file: Path, name: str) -> Iterator[FeedFile]:
    with zipfile.ZipFile(file) as packed:
        entries = packed.infolist()
    if len(entries) > _MOST_MEMBERS:
        raise TooLarge(f"over {_MOST_MEMBERS:,} files are packed in it")
    for entry in sorted(entries, key=lambda e: e.filename):
        if not entry.is_dir() and _ending(entry.filename) in ENDINGS:
            yield FeedFile(f"{name}/{entry.filename}", _ending(entry.filename), entry.file_size, _opener(file, entry))


def _opener(file: Path, entry: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    def opened() -> IO[bytes]:
        with closing(zipfile.ZipFile(file)) as packed:  # the member keeps the file open for itself
            return _counted(packed.open(entry), entry.compress_size)

    return opened


def _counted(stream: IO[bytes], packed: int) -> IO[bytes]:
    return io.BufferedReader(_Counted(stream, packed), 1024**2)


class _Counted(io.RawIOBase):
    """A stream that ends with TooLarge when it has given more than its packed bytes can mean."""

    def __init__(self, stream: IO[bytes], packed: int) -> None:
        self._stream, self._given = stream, 0
        self._most = min(MOST_BYTES, max(packed * MOST_RATIO, _RATIO_COUNTS_FROM))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        data = self._stream.read(len(memoryview(buffer)))  # type: ignore[arg-type]
        self._given += len(data)
        if self._given > self._most:
            raise TooLarge("it unpacks to more than a directory can be")
        memoryview(buffer)[: len(data)] = data  # type: ignore[arg-type]
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
