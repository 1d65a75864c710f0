"""Reads an X12 file segment by segment in bounded memory: pyx12 parses and checks the envelopes, we find the segments.

pyx12's own source of segments (RawX12File) ends without a word at an empty segment and at one over 8 KB, and keeps the
first interchange's delimiters for the next. Ours takes its place; X12Reader reads what it finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import BinaryIO

from pyx12.errors import X12Error
from pyx12.segment import Segment as ParsedSegment
from pyx12.x12file import X12Reader

from bot.members.csv_rows import Progress, Unreadable, decoded

MAX_SEGMENT = 8_192
_CHUNK = 65_536
_ISA_LENGTH = 106
_CONTROL_NUMBERS = 100  # that are kept to notice one that comes twice
_SPACE = " \t\r\n\x1a\x00"  # between interchanges, and what old systems put at a file's end
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
# What pyx12 finds wrong with an envelope, by its code: its own messages quote what is in the file.
_WRONG = {
    ("isa", "001"): "the interchange's control number (IEA02) is not that of its beginning (ISA13)",
    ("isa", "021"): "the count of groups (IEA01) is wrong",
    ("isa", "023"): "the interchange is not closed (IEA is missing)",
    ("isa", "024"): "the interchange is closed before its group",
    ("isa", "025"): "an interchange's control number (ISA13) comes twice",
    ("gs", "3"): "the group is not closed (GE is missing)",
    ("gs", "4"): "the group's control number (GE02) is not that of its beginning (GS06)",
    ("gs", "5"): "the count of transactions (GE01) is wrong",
    ("gs", "6"): "a group's control number (GS06) comes twice",
    ("st", "2"): "the transaction is not closed (SE is missing)",
    ("st", "3"): "the transaction's control number (SE02) is not that of its beginning (ST02)",
    ("st", "4"): "the count of segments (SE01) is wrong",
    ("st", "23"): "a transaction's control number (ST02) comes twice",
    ("seg", "1"): "a segment does not begin with its name",
}


@dataclass(frozen=True, slots=True)
class Segment:
    """`number` counts from 1 over the whole file. `raw` is as it stood, without its end."""

    number: int
    id: str
    elements: tuple[str, ...]  # of composites, the first component
    raw: str

    def __getitem__(self, place: int) -> str:
        """Element `place`, counted from 1 as X12 does (3 of N4 is N403); empty where there is none."""
        return self.elements[place - 1].strip() if place <= len(self.elements) else ""


@dataclass(frozen=True, slots=True)
class Delimiters:
    """As an interchange's first segment sets them."""

    element: str
    segment: str


@dataclass(frozen=True, slots=True)
class BrokenSegment:
    """A stretch that is no segment that can be read."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class EnvelopeProblem:
    """Something is wrong with what stands around the members, found at this segment."""

    number: int
    reason: str


Read = Segment | BrokenSegment | EnvelopeProblem | Delimiters


def is_x12(path: Path) -> bool:
    """Whether a file begins as X12 does, whatever it is called. Raises Unreadable."""
    try:
        with path.open("rb") as file:
            beginning = file.read(256)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or 'cannot be read'}") from error
    return beginning.removeprefix(_BYTE_ORDER_MARK).lstrip()[:3] == b"ISA"


def read_segments(path: Path, progress: Progress | None = None) -> Iterator[Read]:
    """Everything in the file, in its order; each interchange begins with its Delimiters. Raises Unreadable."""
    try:
        size = path.stat().st_size or 1
        with path.open("rb") as file:
            source = _Source(file, size, progress)
            source.skip_byte_order_mark()
            yield from _interchanges(source)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror or 'cannot be read'}") from error


def _interchanges(source: _Source) -> Iterator[Read]:
    ends = ""
    while source.skip(_SPACE + ends):
        isa = source.peek(_ISA_LENGTH)
        if not isa.startswith("ISA"):
            yield EnvelopeProblem(source.number + 1, "what follows the last interchange is no X12 and was not read")
            return
        try:
            reader = _Interchange(isa, source)
        except X12Error:
            reason = "the interchange's first segment (ISA) is not 106 characters, or its version not 00501 or 00401"
            yield EnvelopeProblem(source.number + 1, reason)
            return
        ends = isa[-1]
        yield Delimiters(isa[3], ends)
        yield from reader.read()


class _Interchange(X12Reader):  # type: ignore[misc]
    """pyx12's reader over our segments."""

    def __init__(self, isa: str, source: _Source) -> None:
        super().__init__(StringIO(isa))
        self.raw = _Lines(source, isa)

    def read(self) -> Iterator[Read]:
        lines = self.raw
        segments = iter(self)
        while True:
            try:
                parsed = next(segments, None)
            except X12Error:
                yield EnvelopeProblem(lines.source.number, "the interchange's first segment (ISA) has not 16 elements")
                return
            yield from lines.broken()
            if parsed is None:
                break
            number, raw = lines.source.number, lines.text
            yield Segment(number, parsed.get_seg_id() or "", tuple(map(_first_component, parsed.elements)), raw)
            yield from self._problems(number)
        self.cleanup()
        yield from self._problems(lines.source.number)
        if lines.cut:
            yield EnvelopeProblem(lines.source.number + 1, "the file ends inside a segment")

    def _problems(self, number: int) -> Iterator[EnvelopeProblem]:
        if self.err_list:
            for level, code, *_ in self.pop_errors():
                if reason := _WRONG.get((level, code)):
                    yield EnvelopeProblem(number, reason)

    def _parse_segment(self, seg_data: ParsedSegment) -> None:
        # Each control number is looked for among all before it: a file with a transaction for each member would crawl.
        del self.st_ids[:-_CONTROL_NUMBERS], self.gs_ids[:-_CONTROL_NUMBERS]
        try:
            super()._parse_segment(seg_data)
        except IndexError:  # a trailer where nothing is open
            self._st_error("3", "")


def _first_component(element: object) -> str:
    parts = element.elements  # type: ignore[attr-defined]
    return str(parts[0].value) if parts else ""


class _Lines:
    """The segments of one interchange, for X12Reader to go through; what is none is kept aside for `broken`."""

    def __init__(self, source: _Source, isa: str) -> None:
        self.source = source
        self.text = ""
        self.cut = False
        self._delimiters = Delimiters(isa[3], isa[-1])
        self._broken: list[BrokenSegment] = []

    def __iter__(self) -> Iterator[str]:
        ends, begins = "IEA" + self._delimiters.element, "ISA" + self._delimiters.element
        first = True
        while True:
            if not first and self.source.stands_at(begins):
                return  # the last interchange was not closed
            found = self.source.segment(self._delimiters.segment)
            if found is None:
                self.cut = self.source.rest()
                return
            first = False
            text = decoded(found, "latin-1") if not found.isascii() else found
            if not text.strip():
                continue
            self.source.number += 1
            if reason := _unreadable(text):
                self._broken.append(BrokenSegment(self.source.number, reason))
                continue
            self.text = text
            yield text
            if text.startswith(ends):
                return

    def broken(self) -> Iterator[BrokenSegment]:
        yield from self._broken
        self._broken.clear()


def _unreadable(text: str) -> str | None:
    if len(text) > MAX_SEGMENT:
        return f"the segment is longer than {MAX_SEGMENT:,} characters"
    return None if re.match("[A-Z][A-Z0-9]{1,2}(?![A-Za-z0-9])", text) else "a segment does not begin with its name"


class _Source:
    """A file in chunks, as Latin-1: every byte is kept, and each segment is then decoded on its own."""

    def __init__(self, file: BinaryIO, size: int, progress: Progress | None) -> None:
        self._file, self._size, self._progress = file, size, progress
        self._buffer, self._at = "", 0
        self.number = 0  # of the segment last given

    def skip_byte_order_mark(self) -> None:
        if self.peek(3).encode("latin-1") == _BYTE_ORDER_MARK:
            self._at += 3

    def skip(self, characters: str) -> bool:
        """Pass over these; False at the end of the file."""
        while True:
            while self._at < len(self._buffer) and self._buffer[self._at] in characters:
                self._at += 1
            if self._at < len(self._buffer):
                return True
            if not self._more():
                return False

    def peek(self, length: int) -> str:
        while len(self._buffer) - self._at < length and self._more():
            pass
        return self._buffer[self._at : self._at + length]

    def stands_at(self, text: str) -> bool:
        """Whether this comes next, after line breaks."""
        self.skip("\r\n")
        return self.peek(len(text)) == text

    def segment(self, end: str) -> str | None:
        """Up to the next `end`, without line breaks before it; None where the file has no more ends. Of one that is too
        long, the beginning."""
        place = self._buffer.find(end, self._at)
        if place < 0:
            return self._across_chunks(end)
        text = self._buffer[self._at : place]
        self._at = place + 1
        return text.lstrip("\r\n")

    def _across_chunks(self, end: str) -> str | None:
        kept = ""
        while (place := self._buffer.find(end, self._at)) < 0:
            kept = (kept + self._buffer[self._at :])[: MAX_SEGMENT + 2]
            self._at = len(self._buffer)
            if not self._more():
                self._buffer, self._at = kept, 0
                return None
        text = kept + self._buffer[self._at : place]
        self._at = place + 1
        return text.lstrip("\r\n")[: MAX_SEGMENT + 1]

    def rest(self) -> bool:
        """Whether something is left that is more than blanks; it is passed over."""
        left = bool(self._buffer[self._at :].strip(_SPACE))
        self._buffer, self._at = "", 0
        return left

    def _more(self) -> bool:
        chunk = self._file.read(_CHUNK).decode("latin-1")
        self._buffer, self._at = self._buffer[self._at :] + chunk, 0
        if self._progress is not None:
            self._progress(min(1.0, self._file.tell() / self._size))
        return bool(chunk)
