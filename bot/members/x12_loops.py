"""Puts the segments of X12 834 files together: transactions, and the loop of each member in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from bot.members.csv_rows import Progress
from bot.members.x12_segments import BrokenSegment, Delimiters, EnvelopeProblem, Segment, read_segments

MAX_SEGMENTS = 1_000  # of one member, and of a transaction's header
_VERSION = "005010X220"


@dataclass(frozen=True, slots=True)
class Transaction:
    """One ST of an 834 file. `head` as in Origin; `reason` says why nothing in it can be read, where that is so."""

    number: int  # of its ST segment
    control: str  # ST02, fit to print
    sender: str  # ISA06 GS02
    sender_ids: tuple[str, ...]
    interchange: str  # ISA13
    group: str  # GS06
    payer_id: str  # N104 of N1*IN
    created: str  # BGN03 and BGN04, fourteen digits; empty: not known
    whole: bool  # a full file (BGN08 is 4 or RX), not one of changes
    effective: str  # DTP*007, or else BGN03: eight digits
    head: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Loop:
    """What a transaction says of one member. `reasons`: why it cannot be read, where that is so."""

    transaction: Transaction
    segments: tuple[Segment, ...]
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Closed:
    """A transaction came to its end in good order."""

    transaction: Transaction


Found = Transaction | Loop | Closed | EnvelopeProblem


def read_loops(path: Path, progress: Progress | None = None) -> Iterator[Found]:
    """Every transaction, its members' loops and its end, in the file's order. Raises Unreadable."""
    grouping = _Grouping()
    for read in read_segments(path, progress):
        match read:
            case Segment():
                yield from grouping.take(read)
            case BrokenSegment():
                yield from grouping.spoil(read)
            case Delimiters():
                yield from grouping.cut_off()
                grouping = _Grouping((read.element, read.segment))
            case EnvelopeProblem():
                yield read
    yield from grouping.cut_off()


@dataclass(slots=True)
class _Grouping:
    """Where in an interchange we are."""

    delimiters: tuple[str, ...] = ()
    isa: Segment | None = None
    gs: Segment | None = None
    transaction: Transaction | None = None
    header: list[Segment] | None = None  # of a transaction that has no members yet
    loop: list[Segment] | None = None
    reasons: list[str] = field(default_factory=list)  # why what is being collected cannot be read

    def take(self, segment: Segment) -> Iterator[Found]:
        match segment.id:
            case "ISA":
                self.isa = segment
            case "GS":
                yield from self.cut_off()
                self.gs = segment
            case "ST":
                yield from self.cut_off()
                self.header = [segment]
            case "INS":
                yield from self._finish()
                if self.transaction is None:
                    yield EnvelopeProblem(segment.number, "a member (INS) stands outside of a transaction (ST)")
                else:
                    self.loop = [segment]
            case "SE":
                yield from self._finish()
                if self.transaction is not None and not self.transaction.reason:
                    yield Closed(self.transaction)
                self.transaction = None
            case "GE" | "IEA":
                yield from self.cut_off()
            case _:
                self._add(segment)

    def spoil(self, broken: BrokenSegment) -> Iterator[Found]:
        """A member, or a whole transaction, of which a part cannot be read."""
        if self.loop is None and self.header is None:
            yield EnvelopeProblem(broken.number, broken.reason)
        else:
            self._because(f"segment {broken.number}: {broken.reason}")

    def cut_off(self) -> Iterator[Found]:
        """What was begun and is not closed: its last member may not be all there."""
        if self.loop is not None:
            self._because("the transaction ends inside this loop")
        if self.header is not None:
            self._because("the transaction ends before its first member")
        yield from self._finish()
        self.transaction = None

    def _add(self, segment: Segment) -> None:
        collected = self.loop if self.loop is not None else self.header
        if collected is None:
            return
        if len(collected) < MAX_SEGMENTS:
            collected.append(segment)
        else:
            self._because(f"there are more than {MAX_SEGMENTS:,} segments")

    def _because(self, reason: str) -> None:
        if len(self.reasons) < 5 and reason not in self.reasons:
            self.reasons.append(reason)

    def _finish(self) -> Iterator[Found]:
        if self.header is not None:
            self.transaction = self._opened(self.header)
            yield self.transaction
        elif self.loop is not None and self.transaction is not None:
            yield Loop(self.transaction, tuple(self.loop), tuple(self.reasons))
        self.header, self.loop = None, None
        self.reasons.clear()

    def _opened(self, header: list[Segment]) -> Transaction:
        st, isa, gs = header[0], self.isa, self.gs
        bgn = _first(header, "BGN")
        created = _digits(bgn[3] + bgn[4]).ljust(14, "0")[:14] if bgn else ""
        effective = next((one[3] for one in header if one.id == "DTP" and one[1] == "007"), "")
        sender_ids = tuple(filter(None, (gs[2] if gs else "", isa[6] if isa else "")))
        return Transaction(
            number=st.number,
            control=_printable(st[2]),
            sender=_storable(f"{isa[6][:20] if isa else ''} {gs[2][:18] if gs else ''}"),
            sender_ids=sender_ids,
            interchange=_digits(isa[13] if isa else "")[:16].zfill(16),
            group=_digits(gs[6] if gs else "")[:16].zfill(16),
            payer_id=next((one[4] for one in header if one.id == "N1" and one[1] == "IN"), ""),
            created=created if _is_moment(created) else "",
            whole=bgn is not None and bgn[8] in ("4", "RX"),
            effective=effective if re.fullmatch("[0-9]{8}", effective) else created[:8],
            head=(*self.delimiters, *(one.raw for one in (isa, gs) if one), *(one.raw for one in header)),
            reason="; ".join(self.reasons) or self._unusable(st, bgn),
        )

    def _unusable(self, st: Segment, bgn: Segment | None) -> str:
        version = st[3] or (self.gs[8] if self.gs else "")
        if self.gs is None:
            return "it stands outside of a group (GS)"
        if st[1] != "834":
            return "it is no 834 (ST01)"
        if not version.startswith(_VERSION):
            return "it is not of version 005010X220A1 (ST03, GS08)"
        if bgn is None or not _is_moment(_digits(bgn[3] + bgn[4]).ljust(14, "0")[:14]):
            return "its date and time (BGN03, BGN04) cannot be read"
        return ""


def _first(segments: list[Segment], name: str) -> Segment | None:
    return next((one for one in segments if one.id == name), None)


def _digits(text: str) -> str:
    return re.sub("[^0-9]", "", text)


def _storable(text: str) -> str:
    """PostgreSQL takes no NUL."""
    return "".join(character if character.isprintable() else "?" for character in text)


def _printable(control: str) -> str:
    """A control number as it may stand in a report: whatever else a damaged file has there is not shown."""
    return control if re.fullmatch("[0-9A-Z]{0,3}[0-9]{1,9}", control) else "?"


def _is_moment(digits: str) -> bool:
    try:
        datetime.strptime(digits, "%Y%m%d%H%M%S")  # noqa: DTZ007 (only whether it is one)
    except ValueError:
        return False
    return True
