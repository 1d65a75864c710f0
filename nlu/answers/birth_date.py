"""A birth date: never in the future, never older than a person can be, never guessed."""

from __future__ import annotations

from datetime import date

from nlu.answers.written_dates import WrittenDate, written_dates
from nlu.reading import Reading
from nlu.understanding import Answer, Expecting, NotAnAnswer, Value

OLDEST = 120  # years


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """The one possible day as an ISO date. A year of two figures means the latest one in the past."""
    if reading.question:
        return NotAnAnswer()
    days = {day for written in written_dates(reading) if (day := _born(written, expecting.today)) is not None}
    return Value(days.pop().isoformat()) if len(days) == 1 else NotAnAnswer()


def _born(written: WrittenDate, today: date) -> date | None:
    for century in (2000, 1900):
        day = written.in_century(century)
        if day is not None and day <= today:
            return day if today.year - day.year <= OLDEST else None
    return None
