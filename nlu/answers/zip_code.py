"""A ZIP code: five digits or nine, in figures or spoken."""

from __future__ import annotations

import re

from nlu.answers.heard import in_digits
from nlu.answers.number_words import spoken_digits
from nlu.answers.small_words import DOUBT, FILLER, NEGATION
from nlu.reading import Reading
from nlu.understanding import Answer, Expecting, NotAnAnswer, Value
from nlu.vocabulary import vocabulary

_AROUND = vocabulary(
    """
    zip zipcode code postal codigo area home casa live vivo in near cerca moved dash guion at and sure
    """
)
_OLD = vocabulary("old former previous last vieja viejo anterior or o box po")
_MOST_WORDS_BESIDE = 6
_WRITTEN = re.compile(r"(?<![\d-])(\d{5})(?:[- ]?\d{4})?(?![\d-])")


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """The first five digits. Two different codes, or anything else beside the code, is not an answer."""
    if reading.question:
        return NotAnAnswer()
    words = tuple(_letter_o_as_zero(word) for word in reading.words)
    digits = _code(words) or _code(in_digits(words)) or _beside_a_place(reading)
    return NotAnAnswer() if digits is None or not int(digits[:5]) else Value(digits[:5])


def _code(words: tuple[str, ...]) -> str | None:
    digits = spoken_digits([word for word in words if not _is_padding(word)])
    return digits if digits is not None and len(digits) in (5, 9) else None


def _beside_a_place(reading: Reading) -> str | None:
    """ "Indianapolis 46204": the only figures in a few words that doubt nothing."""
    codes = codes_in(reading.text)
    letters = [word for word in reading.words if word.isalpha()]
    bare = reading.text.replace(codes[0], "", 1) if len(codes) == 1 else "0"
    if any(map(str.isdigit, bare)) or len(letters) > _MOST_WORDS_BESIDE:
        return None
    return codes[0] if _OLD.union(DOUBT, NEGATION).isdisjoint(letters) else None


def codes_in(text: str) -> list[str]:
    """Every ZIP code written in figures, as five digits."""
    return _WRITTEN.findall(text)


def _letter_o_as_zero(word: str) -> str:
    return word.replace("o", "0") if any(character.isdigit() for character in word) else word


def _is_padding(word: str) -> bool:
    return word in _AROUND or (word in FILLER and word not in {"o", "one"})
