"""Reads the CSV files plans send: any delimiter, encoding or line ending; what is no row is reported, never raised."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

DELIMITERS = ",;\t|"
MAX_LINE = 65_536
PROBLEM_COLUMN = "problem"  # the first column of a file of rejected rows; not read back
_ZIP_MAGIC = "PK\x03\x04"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

Progress = Callable[[float], None]  # share of the file read, 0 to 1


class Unreadable(Exception):
    """The file as a whole cannot be imported. The message says why and never quotes what is in a row."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line under the header: its cells by column, and as they stood."""

    line: int
    cells: dict[str, str]
    raw: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BrokenRow:
    """A line that cannot be split into the header's columns."""

    line: int
    reason: str
    raw: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """An opened file: its header is understood, its rows can be read."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]  # as written
    columns: tuple[str, ...]  # normalised: lower case, words joined by _
    header_line: int
    ignored: tuple[str, ...]  # columns nobody asked for

    def rows(self, progress: Progress | None = None) -> Iterator[Row | BrokenRow]:
        """The lines under the header; blank ones are passed over. Raises Unreadable if the file goes away."""
        for line, text in _lines(self.path, self.encoding, progress):
            if line > self.header_line and not _is_blank(text):
                yield _row(self, line, text)


def open_sheet(path: Path, required: tuple[str, ...], optional: tuple[str, ...]) -> Sheet:
    """Read the header. Raises Unreadable: no such file, empty, no table, missing or doubled columns."""
    encoding = _encoding(path)
    for line, text in _lines(path, encoding):
        if text is None:
            raise Unreadable(f"{path}: line {line} is too long for a header; this is not a CSV file")
        if _is_excel_separator(text) or _is_blank(text):
            continue
        return _sheet(path, encoding, line, text, required, optional)
    raise Unreadable(f"{path}: the file is empty")


def _sheet(
    path: Path, encoding: str, line: int, text: str, required: tuple[str, ...], optional: tuple[str, ...]
) -> Sheet:
    if text.startswith(_ZIP_MAGIC):
        raise Unreadable(f"{path}: this is a spreadsheet or archive; save it as CSV first")
    delimiter = max(DELIMITERS, key=text.count)
    header = _split(text, delimiter)
    if header is None:
        raise Unreadable(f"{path}: line {line} is not a header: its quotation marks do not pair up")
    columns = tuple(_column_name(cell) for cell in header)
    _refuse_missing(path, line, columns, required)
    _refuse_doubled(path, columns, (*required, *optional))
    ignored = tuple(c for c in columns if c and c not in (*required, *optional, PROBLEM_COLUMN))
    return Sheet(path, encoding, delimiter, header, columns, line, ignored)


def _refuse_missing(path: Path, line: int, columns: tuple[str, ...], required: tuple[str, ...]) -> None:
    missing = [column for column in required if column not in columns]
    if missing:
        raise Unreadable(f"{path}: the header (line {line}) has no column {', '.join(missing)}")


def _refuse_doubled(path: Path, columns: tuple[str, ...], known: tuple[str, ...]) -> None:
    doubled = [column for column in known if columns.count(column) > 1]
    if doubled:
        raise Unreadable(f"{path}: the header names {', '.join(doubled)} twice")


def _column_name(cell: str) -> str:
    return "_".join(cell.strip().casefold().replace("-", " ").split())


def _is_excel_separator(text: str) -> bool:
    """Excel's own first line, `sep=;`."""
    return text.strip().casefold().startswith("sep=") and len(text.strip()) <= len("sep=;")


# --- lines -----------------------------------------------------------------------------------------------------------


def _encoding(path: Path) -> str:
    """utf-16 where its mark says so, else latin-1: it keeps every byte, and each line is then decoded on its own."""
    try:
        with path.open("rb") as file:
            return "utf-16" if file.read(2) in _UTF16_MARKS else "latin-1"
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or 'cannot be read'}") from error


def _lines(path: Path, encoding: str, progress: Progress | None = None) -> Iterator[tuple[int, str | None]]:
    """Numbered lines without their ends; None stands for one over MAX_LINE."""
    try:
        size = path.stat().st_size or 1
        with path.open("rb") as source, TextIOWrapper(source, encoding, "replace", newline=None) as file:
            line = 0
            while text := file.readline(MAX_LINE):
                line += 1
                cut = _skip_to_line_end(file, text)
                yield line, None if cut else decoded(text, encoding).rstrip("\n")
                if progress is not None and line % 200 == 0:
                    progress(min(1.0, source.tell() / size))
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or 'cannot be read'}") from error


def _skip_to_line_end(file: TextIO, text: str) -> bool:
    """Pass over what is left of a line of which `text` was read; True if something was."""
    cut = False
    while not text.endswith("\n") and (text := file.readline(MAX_LINE)):
        cut = True
    return cut


def _is_blank(text: str | None) -> bool:
    return text is not None and not text.strip(DELIMITERS + '" ')


def decoded(text: str, encoding: str) -> str:
    """UTF-8, else Windows' Latin-1. By line: one old record in a file must not spoil the accents of the others."""
    if encoding != "latin-1":
        return text
    raw = text.encode("latin-1")
    for attempt in ("utf-8-sig", "cp1252"):
        with suppress(UnicodeDecodeError):
            return raw.decode(attempt)
    return text


def _row(sheet: Sheet, line: int, text: str | None) -> Row | BrokenRow:
    if text is None:
        return BrokenRow(line, f"is longer than {MAX_LINE:,} characters", ())
    raw = _split(text, sheet.delimiter)
    if raw is None:
        return BrokenRow(line, "quotation marks do not pair up on this line (a cell cannot hold a line break)", (text,))
    cells = raw[: len(sheet.columns)]
    if len(cells) < len(sheet.columns) or any(cell.strip() for cell in raw[len(sheet.columns) :]):
        return BrokenRow(line, f"has {len(raw)} cells where the header has {len(sheet.columns)}", raw)
    return Row(line, dict(zip(sheet.columns, cells, strict=True)), raw)


def _split(text: str, delimiter: str) -> tuple[str, ...] | None:
    """One line's cells, or None if its quotation marks do not pair up."""
    try:
        return tuple(next(csv.reader([text], delimiter=delimiter, strict=True), ()))
    except csv.Error:
        return None
