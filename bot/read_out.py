"""Texts as a voice can read them: numbers digit by digit, dates with the month's name, names letter by letter. Pure.

Digits are written apart ("3 1 7"), not marked up: what voices make of marks differs, see
https://www.twilio.com/docs/voice/twiml/say."""

from __future__ import annotations

import re
from datetime import date

_SENTENCE = re.compile(r"(?<!\b[DSM][rts]\.)(?<!\bMrs\.)(?<!\b[ap]\.)(?<![ap]\.m\.)(?<![ap]\. m\.)(?<=[.!?])\s+|\n+")
_PHONE = re.compile(r"\b(?:(1)-)?(\d{3})-(\d{3})-(\d{4})\b")
_DATE = re.compile(r"\b(\d{1,2})/(\d{1,2})/(\d{4})\b")
_SHORT_NUMBER = re.compile(r"\b(?:[2-9]11|988)\b")
_LONG_NUMBER = re.compile(r"\b\d{5,}\b")
_IN_BRACKETS = re.compile(r"\s*\([A-Z]{2,}\)")
_MASKED_EMAIL = re.compile(r"\b(\w?)\*+@([\w.-]+\w)")
_MASKED_HOUSE = re.compile(r"\*\*(\d+)")
_WEB = re.compile(r"\b(?:[\w-]+\.)+(?:com|org|gov|net)\b(?:/[\w./-]*\w)?")

_MILES = re.compile(r"\b(\d+) mi\b")
_ENDS = (".", "!", "?", ":", ",", "…")  # the voice pauses there
_EITHER_ENDING = re.compile(r"(?<=\w)\((?:a|as|es|s)\)")  # "nervioso(a)"
_PAUSES = ",;:()"

_MONTHS = {
    "en": "January|February|March|April|May|June|July|August|September|October|November|December".split("|"),  # noqa: SIM905
    "es": "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre".split("|"),  # noqa: SIM905
}
_WORDS = {
    "en": {"at": "at", "dot": "dot", "slash": "slash", "dash": "dash", "under": "underscore", "plus": "plus"},
    "es": {"at": "arroba", "dot": "punto", "slash": "diagonal", "dash": "guion", "under": "guion bajo", "plus": "más"},
}
_MASKED = {
    "en": ("one that starts with {}, at {}", "a house number that ends in {}"),
    "es": ("uno que empieza con {}, arroba {}", "un número de casa que termina en {}"),
}


def sentences(text: str, language: str) -> list[str]:
    """The sentences of a text in the order they are said, each as a voice reads it."""
    parts = (readable(part.strip(), language) for part in _SENTENCE.split(text))
    return [part if part.endswith(_ENDS) else f"{part}." for part in parts if part]


def readable(text: str, language: str) -> str:
    """One text as a voice reads it."""
    email, house = _MASKED[language]
    text = _EITHER_ENDING.sub("", _IN_BRACKETS.sub("", text))
    text = text.replace("m..", "m.")  # "at 10 a.m." at the end of a sentence
    text = _MASKED_EMAIL.sub(lambda found: email.format(found[1], _address(found[2], language)), text)
    text = _MASKED_HOUSE.sub(lambda found: house.format(found[1]), text)
    text = _DATE.sub(lambda found: _day(found, language), text)
    text = _PHONE.sub(lambda found: ", ".join(map(apart, filter(None, found.groups()))), text)
    text = _SHORT_NUMBER.sub(lambda found: apart(found[0]), text)
    text = _LONG_NUMBER.sub(lambda found: apart(found[0]), text)
    text = _MILES.sub(lambda found: _far(int(found[1]), language), text)
    return _WEB.sub(lambda found: _address(found[0], language), text)


def apart(digits: str) -> str:
    return " ".join(digits)


def spelled(text: str, language: str) -> str:
    """A name, number or address letter by letter, a pause between its words: "R, U, I, Z"."""
    words = ([_letter(letter, language) for letter in word if letter not in _PAUSES] for word in text.split())
    return ". ".join(", ".join(word) for word in words if word)


def said_back(value: str, language: str) -> str:
    """What was understood, as it is read back: a date by name, all else letter by letter."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        local = value.removeprefix("+1") if value.startswith("+1") and value[1:].isdigit() else value
        return spelled(local, language)
    return _spoken_date(day, language)


def _letter(letter: str, language: str) -> str:
    words = _WORDS[language]
    named = {"@": "at", ".": "dot", "/": "slash", "-": "dash", "_": "under", "+": "plus"}
    return words[named[letter]] if letter in named else letter.upper()


def _address(written: str, language: str) -> str:
    words = _WORDS[language]
    return written.replace(".", f" {words['dot']} ").replace("/", f" {words['slash']} ").replace("-", " ")


def _far(miles: int, language: str) -> str:
    if miles == 0:
        return "menos de una milla" if language == "es" else "less than a mile"
    if language == "es":
        return "una milla" if miles == 1 else f"{miles} millas"
    return "one mile" if miles == 1 else f"{miles} miles"


def _day(found: re.Match[str], language: str) -> str:
    try:
        return _spoken_date(date(int(found[3]), int(found[1]), int(found[2])), language)
    except ValueError:
        return found[0]


def _spoken_date(day: date, language: str) -> str:
    month = _MONTHS[language][day.month - 1]
    return f"{day.day} de {month} de {day.year}" if language == "es" else f"{month} {day.day}, {day.year}"
