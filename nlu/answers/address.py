"""A street or post-office address as typed."""

from __future__ import annotations

import re

from nlu.answers.number_words import CARDINALS
from nlu.reading import Reading, fold
from nlu.understanding import Answer, Expecting, NotAnAnswer, Value
from nlu.vocabulary import either, vocabulary

_LEADS = either(
    """
    ok|yes|si|sí|my (?:new |mailing |home )?address is|the address is|address is|its|it's|it is|i live (?:at|on)
    send it to|mail it to|mi direcci[oó]n es|la direcci[oó]n es|es|vivo en|m[aá]ndelo a
    """
)
_LEAD = re.compile(rf"^(?:{_LEADS}\b[\s:,]*)+", re.IGNORECASE)
_STREETS = vocabulary(
    """
    street st avenue ave av road rd drive dr lane ln court ct place pl way boulevard blvd circle cir highway hwy box
    trail terrace parkway calle avenida camino apartado carretera paseo
    """
)
_FEWEST_LETTERS = 3
_MOST_CHARACTERS = 200


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """Two words or more with a number in them: enough for a person to confirm, not a proof that it exists."""
    address = " ".join(_LEAD.sub("", reading.text).split()).strip(' .,;!"')
    letters = sum(character.isalpha() for character in address)
    if reading.question or letters < _FEWEST_LETTERS or len(address) > _MOST_CHARACTERS:
        return NotAnAnswer()
    return Value(address) if len(address.split()) > 1 and _has_number(address) else NotAnAnswer()


def _has_number(address: str) -> bool:
    """In figures, or said in front of a street: "one Main Street" but not "quiero una cita"."""
    words = fold(address).split()
    spoken = words[0] in CARDINALS or words[-1] in CARDINALS
    return any(map(str.isdigit, address)) or (spoken and not _STREETS.isdisjoint(words))
