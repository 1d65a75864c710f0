"""Every calendar day a text can mean, in figures or in words of either language; the caller decides which counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from rapidfuzz.distance import OSA

from nlu.answers.number_words import CARDINALS, cardinal, ordinal
from nlu.reading import Reading
from nlu.vocabulary import vocabulary

_MONTH_NAMES = (
    ("january", "enero", "jan", "ene"),
    ("february", "febrero", "feb", "febuary"),
    ("march", "marzo", "mar"),
    ("april", "abril", "apr", "abr"),
    ("may", "mayo"),
    ("june", "junio", "jun"),
    ("july", "julio", "jul"),
    ("august", "agosto", "aug", "ago"),
    ("september", "septiembre", "setiembre", "sept", "sep"),
    ("october", "octubre", "oct"),
    ("november", "noviembre", "nov"),
    ("december", "diciembre", "dec", "dic"),
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}
_PADDING = vocabulary(
    """
    the of de del el en on i im was is am born birth birthday bday date dob my mine it its hes shes he she his her
    due baby day year month and naci nacio nacimiento fecha mi su es cumple cumpleanos dia mes ano yo soy for para
    bebe surgery operation procedure appointment cirugia operacion cita hers cumplo cumple born think creo i its fue
    it then sunday in the pues este es bueno bebe a un ok okay sure yes
    si please por favor um uh actually sorry thanks thank you ty gracias monday tuesday
    wednesday thursday friday saturday sunday lunes martes miercoles jueves viernes sabado domingo
    """
)
_ZERO = frozenset({"oh", "o", "zero", "cero"})
_OF = frozenset({"of", "de", "del"})
_HEARD = {"tree": "three", "won": "one", "ate": "eight", "forth": "fourth", "3th": "3rd", "2th": "2nd", "1th": "1st"}
_MOST_WORDS = 14
_GLUED = re.compile(r"(\d+)([a-z]{3,})(\d*)|([a-z]{3,})(\d+)")
_YEARS = range(1850, 2150)


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A day with the year as written: 85 with `short` set, or 1985."""

    year: int
    month: int
    day: int
    short: bool

    def in_century(self, century: int) -> date | None:
        """The calendar day, or None where there is none (30 February)."""
        try:
            return date(self.year + century if self.short else self.year, self.month, self.day)
        except ValueError:
            return None


def written_dates(reading: Reading) -> frozenset[WrittenDate]:
    """Month before day, as in the United States; day first only where the first number cannot be a month."""
    words = [part for word in reading.words for part in _unglued(_HEARD.get(word, word))]
    if (day_first := _of_between_numbers(words)) is not None:
        return frozenset(_day_first(*day_first))
    words = [word for word in words if word not in _PADDING or word in {"and", "y"}]
    words = words[1:] if words[:1] in (["and"], ["y"]) else words
    if not 1 <= len(words) <= _MOST_WORDS:
        return frozenset()
    run = "".join(words) if len(words) == 1 else _said_one_by_one(words)
    if run.isdigit():
        return frozenset(_from_run(run))
    named = [(place, month) for place, word in enumerate(words) if (month := _month(word)) is not None]
    if len(named) > 1:
        return frozenset()
    if named:
        return frozenset(_with_month(words, *named[0]))
    return frozenset(_in_figures(words))


def _of_between_numbers(words: list[str]) -> tuple[int, list[str]] | None:
    """The day and what follows in "el 3 del 4 del 85": with "of" after it the day comes first in both languages."""
    said = [word for word in words if word in _OF or word not in _PADDING or word in {"and", "y"}]
    place = next((place for place, word in enumerate(said) if word in _OF), 0)
    day = _day(said[:place])
    if day is None or any(_month(word) is not None for word in said):
        return None
    return day, [word for word in said[place:] if word not in _OF]


def _day_first(day: int, after: list[str]) -> Iterator[WrittenDate]:
    for cut in range(1, len(after)):
        month, year = _day(after[:cut]), _year(after[cut:])
        if month and year and _is_month(month):
            yield WrittenDate(year[0], month, day, year[1])


def _unglued(word: str) -> list[str]:
    """ "4mar1985" in parts; "3rd" stays whole."""
    match = _GLUED.fullmatch(word)
    return [part for part in match.groups() if part] if match else [word]


def _said_one_by_one(words: list[str]) -> str:
    """ "zero three zero three one nine eight five", or nothing."""
    figures = [0 if word in _ZERO else CARDINALS.get(word, 10) for word in words]
    return "".join(map(str, figures)) if len(words) == 8 and max(figures) < 10 else ""


def _month(word: str) -> int | None:
    if word in MONTHS:
        return MONTHS[word]
    if len(word) in range(3, 6) and word.isalpha() and word not in CARDINALS:
        begun = {month for name, month in MONTHS.items() if name.startswith(word)}
        if len(begun) == 1:
            return begun.pop()
    if len(word) < 5 or not word.isalpha() or word in CARDINALS or ordinal((word,)) is not None:
        return None
    names = [name for name in MONTHS if len(name) >= 5 and name[0] == word[0]]
    near = {MONTHS[name] for name in names if OSA.distance(word, name) <= len(name) // 5}
    return near.pop() if len(near) == 1 else None


def _from_run(digits: str) -> Iterator[WrittenDate]:
    """03041985, 19850304, 030485. Seven digits can be cut two ways, so they are never a date."""
    if len(digits) == 8:
        if int(digits[:4]) in _YEARS and _is_month(int(digits[4:6])):
            yield WrittenDate(int(digits[:4]), int(digits[4:6]), int(digits[6:]), short=False)
        elif int(digits[4:]) in _YEARS:
            yield from _month_first(int(digits[:2]), int(digits[2:4]), int(digits[4:]), short=False)
    elif len(digits) == 6:
        yield from _month_first(int(digits[:2]), int(digits[2:4]), int(digits[4:]), short=True)


def _with_month(words: list[str], place: int, month: int) -> Iterator[WrittenDate]:
    before, after = words[:place], words[place + 1 :]
    if before:
        day = _day(before)
        year = _year(after)
        if day and year:
            yield WrittenDate(year[0], month, day, year[1])
        elif len(before) == 1 and len(before[0]) == 4 and (first := _year(before)) and (day := _day(after)):
            yield WrittenDate(first[0], month, day, short=False)
        return
    for cut in range(1, len(after)):
        day, year = _day(after[:cut]), _year(after[cut:])
        if day and year:
            yield WrittenDate(year[0], month, day, year[1])


def _in_figures(words: list[str]) -> Iterator[WrittenDate]:
    for first in range(1, len(words) - 1):
        for second in range(first + 1, len(words)):
            parts = words[:first], words[first:second], words[second:]
            if len(parts[0]) == 1 and len(parts[0][0]) == 4 and parts[0][0].isdigit():
                yield from _year_first(parts)
            else:
                yield from _year_last(parts)


def _year_first(parts: tuple[list[str], list[str], list[str]]) -> Iterator[WrittenDate]:
    month, day = _day(parts[1]), _day(parts[2])
    if month and day and _is_month(month) and int(parts[0][0]) in _YEARS:
        yield WrittenDate(int(parts[0][0]), month, day, short=False)


def _year_last(parts: tuple[list[str], list[str], list[str]]) -> Iterator[WrittenDate]:
    one, other, year = _day(parts[0]), _day(parts[1]), _year(parts[2])
    if one and other and year:
        yield from _month_first(one, other, year[0], short=year[1])


def _month_first(one: int, other: int, year: int, *, short: bool) -> Iterator[WrittenDate]:
    if _is_month(one):
        yield WrittenDate(year, one, other, short)
    elif _is_month(other):
        yield WrittenDate(year, other, one, short)


def _is_month(number: int) -> bool:
    return 1 <= number <= 12


def _day(words: Sequence[str]) -> int | None:
    """A number from 1 to 31, as "3", "03", "oh three", "third", "twenty first"."""
    if len(words) == 2 and words[0] in _ZERO:
        words = words[1:]
        if len(words[0]) > 1 and words[0].isdigit():
            return None
    if len(words) == 1 and words[0].isdigit() and len(words[0]) > 2:
        return None
    number = cardinal(words)
    number = ordinal(words) if number is None else number
    return number if number is not None and 1 <= number <= 31 else None


def _year(words: Sequence[str]) -> tuple[int, bool] | None:
    """A year and whether its century is left out: "1985", "85", "nineteen eighty five", "oh five", "dos mil cinco"."""
    if len(words) == 1 and words[0].isdigit():
        return _year_in_figures(words[0])
    if not words or any(word.isdigit() for word in words):
        return None
    if words[0] in _ZERO:
        unit = cardinal(words[1:])
        return (unit, True) if unit is not None and unit < 10 else None
    whole = cardinal(words)
    if whole is not None:
        return (whole, False) if whole in _YEARS else (whole, True) if 10 <= whole < 100 else None
    return _year_in_halves(words)


def _year_in_figures(digits: str) -> tuple[int, bool] | None:
    if len(digits) == 2:
        return int(digits), True
    return (int(digits), False) if len(digits) == 4 and int(digits) in _YEARS else None


def _year_in_halves(words: Sequence[str]) -> tuple[int, bool] | None:
    """ "nineteen eighty five", "nineteen oh four", "twenty ten", "diecinueve ochenta y cinco"."""
    century = cardinal(words[:1])
    if century not in {18, 19, 20}:
        return None
    rest = words[2:] if words[1] in _ZERO else words[1:]
    years = cardinal(rest)
    if years is None or not (1 <= years < 10 if words[1] in _ZERO else 10 <= years < 100):
        return None
    return century * 100 + years, False
