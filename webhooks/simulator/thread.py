"""A conversation as bubbles, the days between them marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.records.transcript import Line
from bot.segments import segments


@dataclass(frozen=True, slots=True)
class Bubble:
    """One text, said at a local time; `new_day` where it is the first of its day. `segments` of the bot's only."""

    who: str  # member | bot
    text: str
    at: datetime
    new_day: bool
    segments: int = 0


def bubbles(lines: Sequence[Line], zone: str) -> list[Bubble]:
    """The lines of a transcript in the plan's time zone."""
    return list(_bubbles(lines, ZoneInfo(zone)))


def _bubbles(lines: Sequence[Line], zone: ZoneInfo) -> Iterator[Bubble]:
    day: date | None = None
    for line in lines:
        at = datetime.fromtimestamp(line.at, zone)
        ours = line.who != "member"
        who = "bot" if ours else "member"
        yield Bubble(who, line.text, at, at.date() != day, segments(line.text) if ours else 0)
        day = at.date()
