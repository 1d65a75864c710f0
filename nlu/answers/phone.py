"""A telephone number in the United States, in figures or spoken."""

from __future__ import annotations

import phonenumbers

from nlu.answers.heard import in_digits
from nlu.answers.number_words import spoken_digits
from nlu.reading import Reading
from nlu.understanding import Answer, Expecting, NotAnAnswer, Value

_REGION = "US"
_FEWEST_DIGITS = 7
_MOST_DIGITS = 45  # a number, an ID, a date and a ZIP code; the search for numbers is dear


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """The one valid number in the text, in E.164."""
    if reading.question:
        return NotAnAnswer()
    found = _numbers(reading.text) or _numbers(_figures(reading.words)) or _numbers(_figures(in_digits(reading.words)))
    return Value(found.pop()) if len(found) == 1 else NotAnAnswer()


def _numbers(text: str) -> set[str]:
    if not _FEWEST_DIGITS <= sum(map(str.isdigit, text)) <= _MOST_DIGITS:
        return set()
    return {
        phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
        for match in phonenumbers.PhoneNumberMatcher(text, _REGION)
    }


def _figures(words: tuple[str, ...]) -> str:
    """The spoken digits of the text in one run; words that say none are left out."""
    spoken = [
        word for word in words if spoken_digits((word,)) is not None or word in {"double", "doble", "triple", "y"}
    ]
    return spoken_digits(spoken) or ""
