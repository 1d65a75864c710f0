"""How many times: "twice" is one of the options "No", "Yes, once" and "Yes, two or more times"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from nlu.answers.number_words import cardinal
from nlu.reading import Reading, fold
from nlu.understanding import Option
from nlu.vocabulary import either

_MANY = 1_000_000
_TIMES = r"(?:times?|veces|vez)"
_UNITS = r"(?:times?|veces|vez|pills?|meds|pastillas?|medicines?|medicinas?|drugs|visits?|visitas?)"
_AROUND = re.compile(
    either(
        """
        yes|yeah|yep|si|just|only|about|like|maybe|solo|solamente|nomas|it was|i went|fui|fue|was|i think|creo que
        como|um|pues|went|i take|take|tomo|i have|around|unas|unos
        """
    )
    + r"\s+"
)
_AFTER = re.compile(
    r"\s+(?:i think|creo|please|only|nomas|this year|last year|a day|al dia|este ano|in the last year|(?:in|en) \w+)$"
)
_SAID = (
    (re.compile(rf"once|(?:one|1|una|un) {_TIMES}"), (1, 1)),
    (re.compile(rf"twice|(?:a )?couple(?: (?:of )?{_UNITS})?|un par(?: de {_UNITS})?"), (2, 2)),
    (re.compile(rf"once or twice|una o dos veces|una vez o dos|one or two {_TIMES}|1 or 2 {_TIMES}"), (1, 2)),
    (re.compile(rf"(?:several|many|multiple|(?:a )?few|lots of|a lot of) {_TIMES}|(?:varias|muchas|unas) veces"
                r"|more than once|mas de una(?: vez)?"), (2, _MANY)),
    (re.compile(rf"(?:zero|0|no|none|cero|ninguna) {_TIMES}|zero|cero|none|never|nunca|ninguna"
                r"|not (?:even )?(?:once|one time)|ni una vez"), (0, 0)),
)  # fmt: skip
_OR_MORE = re.compile(rf"(\w+) (?:or|o) (?:more|mas)(?: {_TIMES})?|(\w+) {_TIMES} o mas")
_AT_LEAST = re.compile(rf"(?:at least|por lo menos|al menos) (\w+)(?: {_UNITS})?")
_TO = re.compile(rf"(\w+) (?:to|a) (\w+)(?: {_TIMES})?")
_MORE_THAN = re.compile(rf"(?:more than|over|mas de) (\w+)(?: {_TIMES})?")
_IN_FIGURES = re.compile(r"(\d{1,2})\s*(?:-\s*(\d{1,2})|\+)")
_TIMES_SAID = re.compile(rf"(\w+) (?:different )?{_UNITS}")
_DOZEN = re.compile(r"(?:a |una )?(?:dozen|docena)")
_NO = re.compile(r"no|none|never|not at all|nunca|ninguno|ninguna|nada")

Span = tuple[int, int]


def counted_option(reading: Reading, options: tuple[Option, ...]) -> str | None:
    """The value of the one option whose count holds the count said, or None where none is said or shown."""
    spans = _spans(options)
    if not any(low > 0 for low, _ in spans.values()):
        return None
    said = _count_said(reading.plain) or _span_in_figures(reading.text) or _number_said(reading.plain, options)
    if said is None:
        return None
    fitting = [value for value, (low, high) in spans.items() if low <= said[0] and said[1] <= high]
    return fitting[0] if len(fitting) == 1 else None


def _number_said(plain: str, options: tuple[Option, ...]) -> Span | None:
    """A number alone that is no option's: "10" where four are shown counts; "2" names the second."""
    number = cardinal(tuple(_bare(plain).split()))
    if number is None or any(option.key == str(number) for option in options):
        return None
    return number, number


def _bare(plain: str) -> str:
    while (match := _AROUND.match(plain)) is not None:
        plain = plain[match.end() :]
    return _AFTER.sub("", plain)


def _count_said(plain: str) -> Span | None:
    plain = _bare(plain)
    if _DOZEN.fullmatch(plain):
        return 12, 12
    for pattern, span in _SAID:
        if pattern.fullmatch(plain):
            return span
    if (match := _MORE_THAN.fullmatch(plain)) is not None:
        low = cardinal((match[1],))
        return None if low is None else (low + 1, _MANY)
    if (match := _AT_LEAST.fullmatch(plain)) is not None:
        low = cardinal((match[1],))
        return None if low is None else (low, _MANY)
    if (match := _OR_MORE.fullmatch(plain)) is not None:
        low = cardinal((match[1] or match[2],))
        return None if low is None else (low, _MANY)
    if (match := _TO.fullmatch(plain)) is not None:
        low, high = cardinal((match[1],)), cardinal((match[2],))
        return None if low is None or high is None else (low, high)
    if (match := _TIMES_SAID.fullmatch(plain)) is not None:
        number = cardinal((match[1],))
        return None if number is None else (number, number)
    return None


def _span_in_figures(text: str) -> Span | None:
    """ "1-3" and "8+"."""
    match = _IN_FIGURES.fullmatch(text)
    return None if match is None else (int(match[1]), int(match[2]) if match[2] else _MANY)


@lru_cache(maxsize=512)
def _spans(options: tuple[Option, ...]) -> Mapping[str, Span]:
    found: dict[str, Span] = {}
    for option in options:
        spans = (_span(fold(label)) for label in option.labels)
        if (span := next((span for span in spans if span is not None), None)) is not None:  # titles before synonyms
            found[option.value] = span
    return found


def _span(label: str) -> Span | None:
    label = re.sub(r"^(?:yes|si) ", "", label)
    if _NO.fullmatch(label):
        return 0, 0
    return _count_said(label)
