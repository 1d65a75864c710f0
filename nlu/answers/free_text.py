"""Any words at all, as typed."""

from __future__ import annotations

from nlu.reading import Reading
from nlu.understanding import Answer, Expecting, NotAnAnswer, Value

_UNSURE = frozenset(
    {"idk", "i dont know", "dont know", "no se", "no lo se", "huh", "what", "que", "thumbsup", "thumbsdown"}
)


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """The text itself when it says something."""
    says = any(map(str.isalnum, reading.plain)) and reading.plain not in _UNSURE
    return Value(reading.text) if says and not reading.question else NotAnAnswer()
