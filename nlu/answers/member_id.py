"""A member ID as the plan writes it: spaces and hyphens out, digits in figures or spoken."""

from __future__ import annotations

import re
from functools import lru_cache

from nlu.answers.heard import in_digits
from nlu.answers.number_words import spoken_digits
from nlu.answers.small_words import FILLER
from nlu.reading import Reading
from nlu.understanding import Answer, Expecting, NotAnAnswer, Value
from nlu.vocabulary import vocabulary

_ANY = r"[A-Z0-9]{5,20}"  # where the plan file gives no pattern
_AROUND = vocabulary(
    """
    member id rid card number identification medicaid plan miembro identificacion tarjeta says dice aqui sure yes si
    dash
    guion hyphen
    """
)
_SPACING = re.compile(r"[\s.\-_/#:]+")


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """The ID, upper case, matching `Expecting.pattern` in full."""
    if reading.question:
        return NotAnAnswer()
    pattern = _pattern(expecting.pattern or _ANY)
    found = _found(reading, reading.words, pattern) or _found(reading, in_digits(reading.words), pattern)
    return Value(found.pop()) if len(found) == 1 else NotAnAnswer()


def _found(reading: Reading, words: tuple[str, ...], pattern: re.Pattern[str]) -> set[str]:
    bare = [word for word in words if word not in _AROUND and (word not in FILLER or word in {"o", "one"})]
    return {written for written in _writings(reading, bare) if pattern.fullmatch(written) and _has_digit(written)}


@lru_cache(maxsize=32)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _writings(reading: Reading, bare: list[str]) -> set[str]:
    """As typed; without the words around it; with spoken digits as figures and the letter O as zero."""
    joined = "".join(bare).upper()
    writings = {_SPACING.sub("", reading.text).upper(), joined}
    if not joined.isdigit():
        spoken = spoken_digits(
            [word.replace("o", "0") if _has_digit(word) or len(word) > 1 == len(set(word)) else word for word in bare]
        )
        writings |= {spoken} if spoken else set()
    return writings


def _has_digit(text: str) -> bool:
    return any(character.isdigit() for character in text)
