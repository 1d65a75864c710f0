"""Writes the loops that could not be loaded as an 834 file of changes, and beside it a list of what is wrong with each.

Each stands under the envelope it came in, a dependent under its subscriber. The reasons go to FILE.txt, because X12 has
no comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path

from bot.members.csv_rows import Unreadable
from bot.members.rejects import MAX_REMEMBERED, Origin, RowProblem, open_rejects

_ISA = 2  # in Origin.head, after the delimiters


@dataclass(slots=True)
class LoopRejects:
    """Collects rejected loops and what is wrong around them; at most MAX_REMEMBERED problems are kept in memory."""

    path: Path | None = None
    count: int = 0  # loops
    around: int = 0  # problems of envelopes and transactions
    problems: list[RowProblem] = field(default_factory=list)
    _file: TextIOWrapper | None = None
    _reasons: TextIOWrapper | None = None
    _head: tuple[str, ...] = ()
    _under: tuple[str, ...] = ()  # the subscriber written last
    _segments: int = 0  # of the file so far
    _counted: int = 0  # of the open transaction

    def add(self, origin: Origin, reasons: Iterable[str]) -> None:
        """A loop that cannot be loaded, or not all of it."""
        self.count += 1
        problem = RowProblem(origin.line, "; ".join(reasons), origin.place)
        self._remember(problem)
        if self.path is not None and origin.head:
            self._write(self.path, origin, problem)

    def note(self, problem: RowProblem) -> None:
        """Something is wrong that is no member's."""
        self.around += 1
        self._remember(problem)

    def close(self) -> None:
        self._close_envelope()
        for file in (self._file, self._reasons):
            if file is not None:
                file.close()

    def _remember(self, problem: RowProblem) -> None:
        if len(self.problems) < MAX_REMEMBERED:
            self.problems.append(problem)

    def _write(self, path: Path, origin: Origin, problem: RowProblem) -> None:
        if self._file is None or self._reasons is None:
            self._file = open_rejects(path)
            self._reasons = open_rejects(reasons_path(path))
        if origin.head != self._head:
            self._close_envelope()
            self._open_envelope(origin.head)
        if origin.household and origin.household != self._under:
            self._put(origin.household)
            self._under = origin.household
        self._reasons.write(f"segment {self._segments + 1:,}: was {problem}\n")
        self._put(origin.raw)
        if _is_subscriber(origin.raw, origin.head[0]):
            self._under = origin.raw

    def _open_envelope(self, head: tuple[str, ...]) -> None:
        element = head[0]
        self._head, self._under, self._counted = head, (), 0
        isa, *others = head[_ISA:]
        self._put(["".join(c if c.isascii() else "?" for c in isa)])
        before_st = sum(1 for raw in others if raw.startswith("GS" + element))
        self._put(_as_change(raw, element) for raw in others)
        self._counted -= 1 + before_st

    def _close_envelope(self) -> None:
        if not self._head:
            return
        element = self._head[0]
        named = {raw.split(element, 1)[0]: raw.split(element) for raw in self._head[_ISA:]}
        st, gs, isa = (named.get(name, []) for name in ("ST", "GS", "ISA"))
        self._put([element.join(("SE", str(self._counted + 1), _at(st, 2)))])
        self._put([element.join(("GE", "1", _at(gs, 6))), element.join(("IEA", "1", _at(isa, 13)))])
        self._head = ()

    def _put(self, segments: Iterable[str]) -> None:
        assert self._file is not None
        end = self._head[1]
        for raw in segments:
            self._file.write(raw + (end if end in "\r\n" else end + "\n"))
            self._segments += 1
            self._counted += 1


def reasons_path(path: Path) -> Path:
    """Where the reasons stand for the rejected loops of this file."""
    return path.with_name(path.name + ".txt")


@contextmanager
def rejecting_loops(read: Path, path: Path | None) -> Iterator[LoopRejects]:
    """As `rejecting`, for loops. Raises Unreadable."""
    if path is not None and read.resolve() in (path.resolve(), reasons_path(path).resolve()):
        raise Unreadable(f"{path}: rejected loops cannot be written over the file that is being read")
    rejects = LoopRejects(path)
    try:
        yield rejects
    finally:
        rejects.close()


def _as_change(raw: str, element: str) -> str:
    """BGN of a file of changes: a few rejected loops are no full file, from which the others would be missing."""
    parts = raw.split(element)
    if parts[0] != "BGN":
        return raw
    return element.join([*(parts + [""] * 9)[:8], "2", *parts[9:]])


def _is_subscriber(raw: tuple[str, ...], element: str) -> bool:
    return bool(raw) and raw[0].split(element)[1:2] == ["Y"]


def _at(parts: list[str], place: int) -> str:
    return parts[place].strip() if place < len(parts) else ""
