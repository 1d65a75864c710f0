"""What an import could not take: counted, told by line and reason, written to a file to correct and import again."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path

import msgspec

from bot.members.cells import FORMULA_STARTS
from bot.members.csv_rows import PROBLEM_COLUMN, Sheet, Unreadable
from bot.records.private_file import open_private

MAX_REMEMBERED = 1_000
_MARK = "\ufeff"  # people correct it in Excel, which without this reads é as Ã© and saves it so


class Origin(msgspec.Struct, frozen=True):
    """Where a row came from, and how it stood there. Of a table `raw` is its cells; of X12 its segments."""

    line: int  # X12: the number of its first segment
    raw: tuple[str, ...]
    place: str = ""  # what to call the line, where it is none
    head: tuple[str, ...] = ()  # X12: delimiters, then the segments from ISA to the last before the members
    household: tuple[str, ...] = ()  # X12: the segments of a dependent's subscriber


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why one line was not taken. Never quotes a value."""

    line: int
    reason: str  # names the column where there is one
    place: str = ""

    def __str__(self) -> str:
        return f"{self.place or f'line {self.line}'}: {self.reason}"


@dataclass(slots=True)
class Rejects:
    """Collects rejected rows; at most MAX_REMEMBERED problems are kept in memory, the file gets every row."""

    sheet: Sheet
    path: Path | None = None
    count: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    _file: TextIOWrapper | None = None

    def add(self, origin: Origin, reasons: Iterable[str]) -> None:
        problem = RowProblem(origin.line, "; ".join(reasons))
        self.count += 1
        if len(self.problems) < MAX_REMEMBERED:
            self.problems.append(problem)
        if self.path is not None:
            self._write(self.path, problem, origin.raw)

    def _write(self, path: Path, problem: RowProblem, raw: tuple[str, ...]) -> None:
        # The file read may be one of rejects itself: its problem column is replaced.
        at = self.sheet.columns.index(PROBLEM_COLUMN) if PROBLEM_COLUMN in self.sheet.columns else None
        if self._file is None:
            self._file = open_rejects(path)
            self._file.write(_MARK)
            self._row((PROBLEM_COLUMN, *_without(self.sheet.header, at)))
        self._row((str(problem), *_without(raw, at)))

    def _row(self, cells: Iterable[str]) -> None:
        assert self._file is not None
        csv.writer(self._file).writerow([_disarmed(cell) for cell in cells])

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


@contextmanager
def rejecting(sheet: Sheet, path: Path | None) -> Iterator[Rejects]:
    """Rejects whose file (mode 0600, only made if there is a row for it) is closed at the end. Raises Unreadable."""
    if path is not None and path.resolve() == sheet.path.resolve():
        raise Unreadable(f"{path}: rejected rows cannot be written over the file that is being read")
    rejects = Rejects(sheet, path)
    try:
        yield rejects
    finally:
        rejects.close()


def open_rejects(path: Path) -> TextIOWrapper:
    """A new file for what was rejected, only for its owner's eyes. Raises Unreadable."""
    try:
        return TextIOWrapper(open_private(path), encoding="utf-8", newline="")
    except OSError as error:
        raise Unreadable(f"{path}: rejected rows cannot be written: {error.strerror}") from error


def _without(cells: tuple[str, ...], at: int | None) -> tuple[str, ...]:
    return cells if at is None else cells[:at] + cells[at + 1 :]


def _disarmed(cell: str) -> str:
    """A cell a spreadsheet would run is quoted with its own apostrophe, which the next import takes off."""
    return "'" + cell if cell[:1] and cell[0] in FORMULA_STARTS else cell
