"""A street or post-office address as typed."""

from __future__ import annotations

import re

from nlu.answers.number_words import CARDINALS
from nlu.reading import Reading
from nlu.understanding import Answer, Expecting, NotAnAnswer, Value
from nlu.vocabulary import either

_LEADS = either(
    """
    ok|yes|si|sí|my (?:new |mailing |home )?address is|the address is|address is|its|it's|it is|i live (?:at|on)
    send it to|mail it to|mi direcci[oó]n es|la direcci[oó]n es|es|vivo en|m[aá]ndelo a
    """
)
_LEAD = re.compile(rf"^(?:{_LEADS}\b[\s:,]*)+", re.IGNORECASE)
_FEWEST_LETTERS = 3
_MOST_CHARACTERS = 200


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """Two words or more with a number in them: enough for a person to confirm, not a proof that it exists."""
    address = " ".join(_LEAD.sub("", reading.text).split()).strip(' .,;!"')
    letters = sum(character.isalpha() for character in address)
    if reading.question or letters < _FEWEST_LETTERS or len(address) > _MOST_CHARACTERS:
        return NotAnAnswer()
    return Value(address) if len(address.split()) > 1 and _has_number(reading) else NotAnAnswer()


def _has_number(reading: Reading) -> bool:
    return any(word in CARDINALS or any(map(str.isdigit, word)) for word in reading.words)
