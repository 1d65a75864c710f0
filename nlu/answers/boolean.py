"""Yes or no, and 1 or 2 where the question shows them so."""

from __future__ import annotations

from nlu.answers import choice
from nlu.answers.yes_no import yes_or_no
from nlu.reading import Reading
from nlu.understanding import Answer, Expecting, NotAnAnswer, Value

_TRUTH = {"true": True, "yes": True, "false": False, "no": False}


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """True or False. Options, where there are any, carry the values "true" and "false"."""
    said = yes_or_no(reading, agreeing=True)
    if not expecting.options:
        return NotAnAnswer() if said is None else Value(said)
    chosen = choice.parse(reading, expecting)
    if isinstance(chosen, Value) and isinstance(chosen.value, str):
        truth = _TRUTH.get(chosen.value.casefold())
        return NotAnAnswer() if truth is None else Value(truth)
    return chosen if said is None else Value(said)
