"""A calendar day, past or future: when a baby is due, when surgery is planned."""

from __future__ import annotations

from nlu.answers.written_dates import written_dates
from nlu.reading import Reading
from nlu.understanding import Answer, Expecting, NotAnAnswer, Value

_CENTURIES = (1900, 2000, 2100)


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """The one possible day as an ISO date. A year of two figures means the one nearest to today.

    A day without its year would be a guess ("dec 20" said in January), so it is asked again.
    """
    if reading.question:
        return NotAnAnswer()
    days = set()
    for written in written_dates(reading):
        near = [day for century in _CENTURIES if (day := written.in_century(century)) is not None]
        if near:
            days.add(min(near, key=lambda day: abs(day - expecting.today)))
    return Value(days.pop().isoformat()) if len(days) == 1 else NotAnAnswer()
