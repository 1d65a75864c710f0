"""Records that were not loaded, written to a file to correct and load again, each with the reason."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

import msgspec

from bot.directory.feed_files import DirectoryUnreadable, FeedFile
from bot.directory.report import RULES, Ledger
from bot.directory.resource_files import read_resources
from bot.directory.shelf import Shelf
from bot.records.private_file import open_private

_PROBLEM = "problem"


class RejectsFile:
    """A table of rejected rows with the reason in its first column; made when there is one."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: TextIOWrapper | None = None

    def __enter__(self) -> RejectsFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def row(self, header: Sequence[str], cells: Sequence[str], rule: str) -> None:
        """Add a row. The file read may be such a file itself: its own column of reasons is replaced."""
        if self._path is None:
            return
        kept = [at for at, name in enumerate(header) if name != _PROBLEM]
        if self._file is None:
            self._file = TextIOWrapper(_opened(self._path), encoding="utf-8", newline="")
            csv.writer(self._file).writerow([_PROBLEM, *(header[at] for at in kept)])
        shown = [cells[at] for at in kept] if len(cells) == len(header) else list(cells)
        csv.writer(self._file).writerow([RULES[rule][1], *shown])


def write_rejected_resources(path: Path, files: Sequence[FeedFile], shelf: Shelf) -> None:
    """Read the files once more and write what was not loaded as NDJSON: resources with their `problem`, lines that are
    no JSON as they are."""
    out = _opened(path)
    with out:
        ledger = Ledger(on_unreadable=lambda line: out.write(line.rstrip(b"\r\n") + b"\n"))
        for where, resource in read_resources(files, ledger):
            if rule := shelf.skipped(where.file, where.line):
                out.write(msgspec.json.encode({_PROBLEM: RULES[rule][1]} | resource) + b"\n")


def _opened(path: Path) -> BinaryIO:
    try:
        return open_private(path)
    except OSError as error:
        raise DirectoryUnreadable(f"{path}: rejected records cannot be written: {error.strerror}") from error
