"""A ZIP code: five digits or nine, in figures or spoken."""

from __future__ import annotations

import re

from nlu.answers.number_words import spoken_digits
from nlu.answers.small_words import FILLER
from nlu.reading import Reading
from nlu.understanding import Answer, Expecting, NotAnAnswer, Value
from nlu.vocabulary import vocabulary

_AROUND = vocabulary(
    """
    zip zipcode code postal codigo area home casa live vivo in near cerca moved dash guion at and
    """
)
_WRITTEN = re.compile(r"(?<![\d-])(\d{5})(?:[- ]?\d{4})?(?![\d-])")


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """The first five digits. Two different codes, or anything else beside the code, is not an answer."""
    if reading.question:
        return NotAnAnswer()
    words = [_letter_o_as_zero(word) for word in reading.words]
    digits = spoken_digits([word for word in words if not _is_padding(word)])
    if digits is None or len(digits) not in (5, 9) or not int(digits[:5]):
        return NotAnAnswer()
    return Value(digits[:5])


def codes_in(text: str) -> list[str]:
    """Every ZIP code written in figures, as five digits."""
    return _WRITTEN.findall(text)


def _letter_o_as_zero(word: str) -> str:
    return word.replace("o", "0") if any(character.isdigit() for character in word) else word


def _is_padding(word: str) -> bool:
    return word in _AROUND or (word in FILLER and word not in {"o", "one"})
