"""Numbers as words, in English and Spanish: cardinals, ordinals, digits said one by one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_EN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_ES = (
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis "
    "diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco veintiseis "
    "veintisiete veintiocho veintinueve"
)
_EN_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_ES_TENS = "treinta cuarenta cincuenta sesenta setenta ochenta noventa"
_ES_HUNDREDS = "cien doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"

_EN_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
    "sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ES_ORDINAL_STEMS = "primer segund tercer cuart quint sext septim octav noven decim"
# "cuarto" is the ordinal fourth; as a misspelling of cuatro it means the same number.
_VARIANTS = (
    "ciento 100 un 1 una 1 veintiun 21 veintiuna 21 cuarto 4 kuatro 4 sinco 5 sies 6 dies 10 eigth 8 fourty 40 ninty 90"
)
_ORDINAL_VARIANTS = "primer 1 tercer 3 thirtieth 30 frist 1 secound 2 thrid 3 nineth 9 twelveth 12"


def _pairs(text: str) -> dict[str, int]:
    words = text.split()
    return {word: int(value) for word, value in zip(words[::2], words[1::2], strict=True)}


CARDINALS: Mapping[str, int] = {
    **{word: value for value, word in enumerate(_EN.split())},
    **{word: value for value, word in enumerate(_ES.split())},
    **{word: value * 10 for value, word in enumerate(_EN_TENS.split(), 2)},
    **{word: value * 10 for value, word in enumerate(_ES_TENS.split(), 3)},
    **{word: value * 100 for value, word in enumerate(_ES_HUNDREDS.split(), 1)},
    **_pairs(_VARIANTS),
}
ORDINALS: Mapping[str, int] = {
    **{word: value for value, word in enumerate(_EN_ORDINALS.split(), 1)},
    **{stem + ending: value for value, stem in enumerate(_ES_ORDINAL_STEMS.split(), 1) for ending in "oa"},
    **_pairs(_ORDINAL_VARIANTS),
}

_ORDINAL_DIGITS = re.compile(r"(\d{1,2})(?:st|nd|rd|th|ro|ra|er|do|da|to|ta|mo|ma|vo|va|no|na|o|a)")
_JOINING = frozenset({"and", "y"})
_MULTIPLIERS = {"hundred": 100, "thousand": 1000, "mil": 1000}
_REPEATED = {"double": 2, "doble": 2, "triple": 3}
_MANY_ZEROS = frozenset({"zeros", "zeroes", "ceros", "ohs"})
_ZERO = frozenset({"oh", "o"})


def cardinal(words: Sequence[str]) -> int | None:
    """The one number these words say ("a hundred and ten", "mil novecientos ochenta y cinco"), or None."""
    if len(words) == 1 and words[0].isdigit():
        return int(words[0]) if len(words[0]) < 10 else None
    if not words or words[0] in _JOINING or words[-1] in _JOINING:
        return None
    thousands = group = 0
    fresh = True  # nothing said yet
    for word in words:
        if word in _JOINING or (word == "a" and fresh):
            continue
        if word in _MULTIPLIERS:
            factor = _MULTIPLIERS[word]
            if group >= factor or (group == 0 and not fresh):
                return None
            group = (group or 1) * factor
            if factor == 1000:
                thousands, group = thousands + group, 0
        else:
            value = CARDINALS.get(word)
            if value is None or not (_may_follow(group, value) and (fresh or value)):
                return None
            group += value
        fresh = False
    return None if fresh else thousands + group


def ordinal(words: Sequence[str]) -> int | None:
    """The place these words say ("second", "la 2da" without its article, "twenty first"), or None."""
    if len(words) == 1:
        if (match := _ORDINAL_DIGITS.fullmatch(words[0])) is not None:
            return int(match[1])
        return ORDINALS.get(words[0])
    if len(words) == 2 and words[0] in {"twenty", "thirty"} and 1 <= ORDINALS.get(words[1], 10) <= 9:
        return CARDINALS[words[0]] + ORDINALS[words[1]]
    return None


def spoken_digits(words: Sequence[str]) -> str | None:
    """Digits said one by one or in pairs ("four six two oh four", "forty six 204", "double four"), or None."""
    digits: list[str] = []
    times = 1
    tens = False  # the last word was twenty, thirty...: a unit completes it
    for word in words:
        if word in _REPEATED:
            times, tens = _REPEATED[word], False
            continue
        if word in _MANY_ZEROS and digits and 1 < int(digits[-1]) < 10:
            digits[-1] = "0" * int(digits[-1])
            continue
        if word == "y" and tens:
            continue
        said = word if word.isdigit() else "0" if word in _ZERO else _said(word)
        if said is None:
            return None
        if tens and len(said) == 1 and said != "0" and not word.isdigit():
            digits[-1] = digits[-1][0] + said
            tens = False
        else:
            digits.append(said * times)
            tens = not word.isdigit() and len(said) == 2 and said[1] == "0" and said != "10" and times == 1
        times = 1
    return "".join(digits) or None


def _said(word: str) -> str | None:
    value = CARDINALS.get(word)
    return str(value) if value is not None and value < 100 else None


def _may_follow(group: int, value: int) -> bool:
    if value < 10:
        return group % 10 == 0 and group % 100 != 10
    return group % (100 if value < 100 else 1000) == 0
