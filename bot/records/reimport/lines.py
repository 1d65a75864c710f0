"""The lines of NDJSON files, one after the other and each of bounded length."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bot.members.csv_rows import Unreadable

Progress = Callable[[float], None]  # share of all files read, 0 to 1

MAX_LINE = 1_048_576  # bytes; a screening with every answer has some tens of thousands
_ROWS, _BYTES = 500, 4_194_304  # of a batch at most, so that memory does not grow with what a line holds
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it stands in its file, without its end; `raw` is empty where it is too long."""

    file: Path
    number: int
    raw: bytes
    too_long: bool = False


def read_lines(files: Sequence[Path], progress: Progress | None = None) -> Iterator[Line]:
    """The lines of these files, in order; blank ones are passed over. Raises Unreadable."""
    total, before = sum(_size(file) for file in files) or 1, 0
    for file in files:
        try:
            with file.open("rb") as source:
                for line in _lines(file, source):
                    if line.too_long or line.raw.strip():
                        yield line
                    if progress is not None and line.number % 200 == 0:
                        progress(min(1.0, (before + source.tell()) / total))
        except OSError as error:
            raise Unreadable(f"{file}: {error.strerror or 'cannot be read'}") from error
        before += _size(file)


def _size(file: Path) -> int:
    try:
        if file.is_dir():
            raise Unreadable(f"{file}: is a folder")
        return file.stat().st_size
    except OSError as error:
        raise Unreadable(f"{file}: {error.strerror or 'cannot be read'}") from error


def _lines(file: Path, source: BinaryIO) -> Iterator[Line]:
    number = 0
    while raw := source.readline(MAX_LINE + 1):
        number += 1
        too_long = len(raw) > MAX_LINE and not raw.endswith(b"\n")
        while len(raw) > MAX_LINE and not raw.endswith(b"\n"):
            raw = source.readline(MAX_LINE + 1) or b"\n"
        if number == 1:
            raw = raw.removeprefix(_MARK)
        yield Line(file, number, b"" if too_long else raw.rstrip(b"\r\n"), too_long)


def in_batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """So many that a transaction is short and memory is bounded."""
    batch: list[Line] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line.raw)
        if len(batch) >= _ROWS or size >= _BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
