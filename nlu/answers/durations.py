"""How long ago: "18 months ago" is one of the options "Less than a year", "One to two years" and "Over two years"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from nlu.answers.number_words import cardinal
from nlu.reading import Reading, fold
from nlu.understanding import Option
from nlu.vocabulary import either

Span = tuple[int, int]  # days, both ends included

_EVER = 1_000_000
_MOST_TO_OFFER = 3
_DAYS: Mapping[str, int] = {
    "day": 1, "days": 1, "dia": 1, "dias": 1, "week": 7, "weeks": 7, "semana": 7, "semanas": 7,
    "month": 30, "months": 30, "mes": 30, "meses": 30, "year": 360, "years": 360, "yr": 360, "yrs": 360,
    "ano": 360, "anos": 360,
}  # fmt: skip
_POINTS: Mapping[str, int] = {
    "today": 0, "hoy": 0, "yesterday": 1, "ayer": 1, "this week": 3, "esta semana": 3, "last week": 7,
    "la semana pasada": 7, "this month": 15, "este mes": 15, "last month": 30, "el mes pasado": 30,
}  # fmt: skip
_FEW = frozenset({"few", "several", "unos", "unas", "varios", "varias"})
_ONE = frozenset({"a", "an", "un", "una"})
_COUPLE = frozenset({"couple", "par"})
_UNIT = f"(?:{'|'.join(_DAYS)})"
_BEFORE = re.compile(
    either(
        """
        it was|its been|it has been|been|has been|its|it is|hace|hara|fue|i think|creo que|um|pues|yes|si|tiene
        desde hace|probably|im pretty sure|fui|fue
        only|just|solo|apenas|de|maybe
        """
    )
    + r"\s+"
)
_AFTER = re.compile(r"\s+(?:ago|or so|i think|creo|atras|back|now|already|ya|i guess|please|gracias|thanks)$")
_ABOUT = re.compile(r"(?:about|like|around|como|casi|almost|nearly|roughly|approximately|unos? como|mas o menos)\s+")
_OVER = re.compile(r"(?:over|more than|longer than|at least|mas de|por lo menos|al menos)\s+(.+)")
_UNDER = re.compile(
    r"(?:less than|under|menos de|within(?: the)?(?: last| past)?|in(?: less than)?(?: the)?(?: last| past)?"
    r"|en menos de)\s+(.+)"
)
_BETWEEN = re.compile(
    rf"(?:(?:between|entre|from|de)\s+)?(.+?)\s+(?:to|and|or|a|y|o)\s+(\S+\s+{_UNIT}|\S+ \S+ {_UNIT})"
)
_AND_A_HALF = re.compile(rf"(.*?)\b({_UNIT})\s+(?:and a half|y medio|y media)|(.+?) and a half ({_UNIT})")
_HALF = re.compile(rf"(?:half an?|medio|media) ({_UNIT})")
_AMOUNT = re.compile(rf"(.*?)\s*\b({_UNIT})")
_FIGURES = re.compile(r"(\d)\s*-\s*(\d)")


def lasting(reading: Reading, options: tuple[Option, ...]) -> frozenset[str]:
    """The options whose time holds the time said, or that it may be; none where no time is said or shown."""
    spans = _spans(options)
    if len(spans) < 2:
        return frozenset()
    said = _said(fold(_FIGURES.sub(r"\1 to \2", reading.text)))
    if said is None:
        return frozenset()
    held = [value for value, (low, high) in spans.items() if low <= said[0] and said[1] <= high]
    met = [value for value, (low, high) in spans.items() if low <= said[1] and said[0] <= high]
    found = frozenset(held or met)
    return found if len(found) <= _MOST_TO_OFFER else frozenset()


@lru_cache(maxsize=512)
def _spans(options: tuple[Option, ...]) -> Mapping[str, Span]:
    found: dict[str, Span] = {}
    for option in options:
        spans = (_said(fold(label)) for label in option.labels)
        if (span := next((span for span in spans if span is not None), None)) is not None:
            found[option.value] = span
    return found


def _said(plain: str) -> Span | None:
    """The days a text says and nothing else: an about is wide, an over has no end."""
    while (match := _BEFORE.match(plain)) is not None:
        plain = plain[match.end() :]
    while (match := _AFTER.search(plain)) is not None:
        plain = plain[: match.start()]
    if (match := _OVER.fullmatch(plain)) is not None:
        span = _amount(match[1])
        return None if span is None else (span[0] + 1, _EVER)
    if (match := _UNDER.fullmatch(plain)) is not None:
        span = _amount(match[1]) or _amount(f"one {match[1]}")  # "within the last year"
        return None if span is None else (0, span[0] - 1)
    if (match := _ABOUT.match(plain)) is not None:
        span = _amount(plain[match.end() :])
        return None if span is None else (span[0] * 9 // 10, span[1] * 11 // 10)
    return _range(plain) or _amount(plain)


def _range(plain: str) -> Span | None:
    """ "one to two years", "between six months and a year"."""
    match = _BETWEEN.fullmatch(plain)
    if match is None:
        return None
    high = _amount(match[2])
    low = _amount(match[1]) or _amount(f"{match[1]} {match[2].split()[-1]}")
    return None if low is None or high is None or low[0] > high[1] else (low[0], high[1])


def _amount(plain: str) -> Span | None:
    """ "3 months", "a couple years", "a year and a half"."""
    if plain in _POINTS:
        return _POINTS[plain], _POINTS[plain]
    if (match := _HALF.fullmatch(plain)) is not None:
        return _DAYS[match[1]] // 2, _DAYS[match[1]] // 2
    half = 0
    if (match := _AND_A_HALF.fullmatch(plain)) is not None:
        number, unit, half = match[1] if match[2] else match[3], match[2] or match[4], 1
    elif (match := _AMOUNT.fullmatch(plain)) is not None:
        number, unit = match[1], match[2]
    else:
        return None
    counted = _number(number.split(), bare=half == 1)
    if counted is None:
        return None
    days = _DAYS[unit]
    return counted[0] * days + half * days // 2, counted[1] * days + half * days // 2


def _number(words: list[str], *, bare: bool) -> Span | None:
    said = [word for word in words if word not in {"of", "de"}]
    if not said:
        return (1, 1) if bare else None
    if said[-1] in _FEW and len(said) <= 2:
        return 3, 5
    if said[-1] in _COUPLE and len(said) <= 2:
        return 2, 2
    if len(said) == 1 and said[0] in _ONE:
        return 1, 1
    number = cardinal(said)
    return None if number is None or number > 120 else (number, number)
