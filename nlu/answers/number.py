"""A quantity: 3, 3.5, 1,200, fifty-two, a hundred and ten pounds, ninguno."""

from __future__ import annotations

import re
from dataclasses import replace

from nlu.answers.heard import alone
from nlu.answers.number_words import CARDINALS, cardinal
from nlu.answers.small_words import FILLER
from nlu.reading import Reading
from nlu.understanding import Answer, Expecting, NotAnAnswer, Value
from nlu.vocabulary import vocabulary

_FIGURE = re.compile(r"(?<![\w.,'/-])(-?\d{1,9}(?:,\d{3})*(?:\.\d{1,6})?)(?![\w'/\"-]|[.,]\d)")
_NOTHING = frozenset({"none", "ninguno", "ninguna", "nothing", "nada", "zero", "cero", "oh", "never", "nunca"})
_ARTICLE = frozenset({"un", "una"})
_DOZEN = frozenset({"a dozen", "dozen", "una docena"})
_PAIR = frozenset({"a couple", "couple", "un par", "twice"})
_GLUED_UNIT = re.compile(r"(?<=\d)(?=(?:lbs?|kgs?|pounds?|libras?|kilos?|x)\b)")
_UNITS = vocabulary(
    """
    times time veces vez days day dias dia years year anos ano old months month meses mes weeks week semanas semana
    pounds pound lbs lb libras libra kilos kilo kg people person personas persona pills pastillas hours horas inches
    feet pies kids kid children child hijos hijas hijo hija ninos ninas us nosotros somos
    """
)
_NUMBER_WORDS = frozenset(CARDINALS) | {"hundred", "thousand", "mil", "and", "y", "a"}


def parse(reading: Reading, expecting: Expecting) -> Answer:
    """The one number in the text: int where it is whole, else float."""
    if reading.question:
        return NotAnAnswer()
    if reading.plain in _PAIR:
        return Value(2)
    if reading.plain in _DOZEN:
        return Value(12)
    reading = _as_meant(reading)
    if _is_article(reading):
        return NotAnAnswer()
    figures = _FIGURE.findall(reading.text)
    if any(character.isdigit() for character in reading.text):
        rest = [word for word in reading.words if not word.replace("-", "").isdigit()]
        return _value(figures[0]) if len(figures) == 1 and _only_padding(rest) else NotAnAnswer()
    return _from_words(reading.words)


def _is_article(reading: Reading) -> bool:
    """ "un" counts only beside a unit: "un humano" is no number, "un día" is."""
    said = [word for word in reading.words if word.isdigit() or word in CARDINALS or word in _NOTHING]
    return bool(said) and _ARTICLE.issuperset(said) and _UNITS.isdisjoint(reading.words)


def _as_meant(reading: Reading) -> Reading:
    """ "150lbs" in two words, "for" alone as the number."""
    words = alone(reading.words)
    if words != reading.words:
        return replace(reading, text=" ".join(words), words=words)
    apart = tuple(_GLUED_UNIT.sub(" ", " ".join(words)).split())
    return replace(reading, text=_GLUED_UNIT.sub(" ", reading.text), words=apart)


def _value(figure: str) -> Answer:
    number = float(figure.replace(",", ""))
    return Value(int(number) if number.is_integer() else number)


def _from_words(words: tuple[str, ...]) -> Answer:
    rest = [word for word in words if word not in _UNITS]
    while rest and not _is_number_word(rest[0]):
        if rest[0] not in FILLER:
            return NotAnAnswer()
        rest.pop(0)
    while rest and not _is_number_word(rest[-1]):
        if rest[-1] not in FILLER:
            return NotAnAnswer()
        rest.pop()
    if len(rest) == 1 and rest[0] in _NOTHING:
        return Value(0)
    number = cardinal(rest)
    return NotAnAnswer() if number is None else Value(number)


def _is_number_word(word: str) -> bool:
    return word in _NUMBER_WORDS or word in _NOTHING


def _only_padding(words: list[str]) -> bool:
    return all(word in FILLER or word in _UNITS for word in words)
