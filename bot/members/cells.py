"""Reads one cell of an imported table. A reason for refusing never quotes the value: reports are read by many."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime

FORMULA_STARTS = "=+-@"
_DATE_SHAPES = {
    "%Y-%m-%d": r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}",
    "%m/%d/%Y": r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
    "%Y%m%d": r"[0-9]{8}",
}
_UNSEEN = "\ufeff\u200b\u200c\u200d\u200e\u200f\u00ad"
_SPANISH = frozenset({"es", "spa", "spanish", "espanol", "español", "castellano"})

Reader = Callable[[str], str]


class BadCell(ValueError):
    """A cell cannot be taken; the message says why."""


def clean(cell: str) -> str:
    """The text as meant: marks nobody sees removed, spaces joined. Raises BadCell for control characters."""
    # A spreadsheet's guard against formulas, and ours in a file of rejected rows.
    if cell[:1] == "'" and cell[1:2] and cell[1] in FORMULA_STARTS:
        cell = cell[1:]
    text = " ".join("".join(c for c in cell if c not in _UNSEEN).split())
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") or c == "\ufffd" for c in text):
        raise BadCell("has a character that cannot be read (is the file damaged, or in another encoding?)")
    return unicodedata.normalize("NFC", text)


def text_up_to(limit: int) -> Reader:
    """Any text of at most `limit` characters that no spreadsheet would run as a formula."""

    def read(cell: str) -> str:
        text = clean(cell)
        if len(text) > limit:
            raise BadCell(f"is longer than {limit} characters")
        if text[:1] and text[0] in FORMULA_STARTS:
            raise BadCell("begins like a spreadsheet formula (=, +, - or @)")
        return text

    return read


def name(cell: str) -> str:
    """A person's name, at most 60 characters: letters in any script, spaces, apostrophes, hyphens, full stops."""
    text = text_up_to(60)(cell)
    if any(not (unicodedata.category(c)[0] in "LM" or c in " '’.,-`´") for c in text):
        raise BadCell("has characters that are not part of a name")
    if text and not any(c.isalpha() for c in text):
        raise BadCell("has no letters")
    return text


def day(cell: str) -> str:
    """A date as ISO text: 1990-05-04, 5/4/1990 (month first) or 19900504."""
    text = clean(cell)
    if not text:
        return ""
    text = re.sub(r"[ T]00:00(:00(\.0+)?)?Z?$", "", text)  # a database's midnight
    for form, shape in _DATE_SHAPES.items():
        with suppress(ValueError):
            if re.fullmatch(shape, text):
                return datetime.strptime(text, form).date().isoformat()  # noqa: DTZ007 (a day has no zone)
    raise BadCell("is not a date such as 1990-05-04 or 5/4/1990 (month first)")


def birth_date(today: date) -> Reader:
    """A date of birth: not in the future, not before 1900."""

    def read(cell: str) -> str:
        text = day(cell)
        if text and not "1900-01-01" <= text <= today.isoformat():
            raise BadCell("is not a date of birth: in the future or before 1900")
        return text

    return read


def zip_code(cell: str) -> str:
    """The five digits of a ZIP or ZIP+4."""
    text = re.sub(r"[\s-]", "", clean(cell))
    if text and not re.fullmatch(r"[0-9]{5}([0-9]{4})?", text):
        raise BadCell("is not a ZIP code of 5 digits (did a spreadsheet drop a leading zero?)")
    return text[:5]


def phone(cell: str) -> str:
    """A phone number as E.164; ten digits are a US number."""
    text = clean(cell)
    digits = re.sub(r"[\s().\-]", "", text)
    if not digits:
        return ""
    if us := re.fullmatch(r"(?:\+?1)?([2-9][0-9]{2}[2-9][0-9]{6})", digits):
        return "+1" + us[1]
    if re.fullmatch(r"\+(?!1)[1-9][0-9]{7,14}", digits):
        return digits
    raise BadCell("is not a phone number of 10 digits")


def email(cell: str) -> str:
    text = text_up_to(254)(cell)
    if text and not re.fullmatch(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\"]+", text):
        raise BadCell("is not an email address")
    return text


def sex(cell: str) -> str:
    """F, M, or empty for anything a roster uses for not known."""
    text = clean(cell).casefold()
    known = {"f": "F", "female": "F", "m": "M", "male": "M"}
    if text not in known and text not in ("", "u", "unk", "unknown", "x", "o", "other"):
        raise BadCell("is not F, M or empty")
    return known.get(text, "")


def state(cell: str) -> str:
    text = clean(cell).upper()
    if text and not re.fullmatch("[A-Z]{2}", text):
        raise BadCell("is not a state's two letters")
    return text


def provider_id(cell: str) -> str:
    text = clean(cell)
    if text and not re.fullmatch("[0-9]{10}", text):
        raise BadCell("is not an NPI of 10 digits")
    return text


def relationship(cell: str) -> str:
    """parent, guardian or representative; empty is guardian."""
    text = clean(cell).casefold()
    if text in ("parent", "mother", "father"):
        return "parent"
    if text in ("", "guardian", "legal guardian", "grandparent", "grandmother", "grandfather", "foster parent"):
        return "guardian"
    if text in ("representative", "authorized representative"):
        return "representative"
    raise BadCell("is not parent, guardian or representative")


def spoken_language(roster_language: str) -> str:
    """The language we speak with someone whose roster language is this: es, or en."""
    return "es" if roster_language.casefold().split("-")[0] in _SPANISH else "en"


def one_of(*allowed: str) -> Reader:
    """Exactly one of these words, in any case."""

    def read(cell: str) -> str:
        text = clean(cell).casefold()
        if text not in allowed:
            raise BadCell(f"is not one of: {', '.join(allowed)}")
        return text

    return read
