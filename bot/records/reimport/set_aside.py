"""Lines that could not be taken: counted, told by number and reason, written to a file to correct and import again.

NDJSON has no comments: the reasons stand in FILE.txt beside it, as those of an 834 file do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path

from bot.members.csv_rows import Unreadable
from bot.members.rejects import MAX_REMEMBERED, RowProblem, open_rejects
from bot.members.x12_rejects import reasons_path
from bot.records.reimport.lines import Line


@dataclass(slots=True)
class SetAside:
    """Collects them; at most MAX_REMEMBERED problems are kept in memory. Only what was too long is not in the file."""

    path: Path | None
    several: bool  # files are read: each problem names its own
    count: int = 0
    problems: list[RowProblem] = field(default_factory=list)
    _file: TextIOWrapper | None = None
    _reasons: TextIOWrapper | None = None

    def add(self, line: Line, reason: str) -> None:
        place = f"{line.file.name}, line {line.number}" if self.several else ""
        problem = RowProblem(line.number, reason, place)
        self.count += 1
        if len(self.problems) < MAX_REMEMBERED:
            self.problems.append(problem)
        if self.path is not None:
            self._write(self.path, line, problem)

    def _write(self, path: Path, line: Line, problem: RowProblem) -> None:
        if self._file is None or self._reasons is None:
            self._file, self._reasons = open_rejects(path), open_rejects(reasons_path(path))
        if line.raw:
            self._file.buffer.write(line.raw + b"\n")
        self._reasons.write(f"{problem}\n")

    def close(self) -> None:
        for file in (self._file, self._reasons):
            if file is not None:
                file.close()


@contextmanager
def setting_aside(read: Sequence[Path], path: Path | None) -> Iterator[SetAside]:
    """As bot.members.rejects.rejecting, for lines. Raises Unreadable."""
    if path is not None and {file.resolve() for file in read} & {path.resolve(), reasons_path(path).resolve()}:
        raise Unreadable(f"{path}: rejected lines cannot be written over a file that is being read")
    aside = SetAside(path, several=len(read) > 1)
    try:
        yield aside
    finally:
        aside.close()
