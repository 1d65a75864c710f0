"""A person's name out of FHIR's HumanName, as a member would read it."""

from __future__ import annotations

import msgspec

from bot.directory.loose_json import Record, listed, records, text
from bot.directory.repairs import credential, generation, without_capitals

_TITLES = frozenset(["dr", "doctor", "mr", "mrs", "ms", "miss", "prof"])
_UNWANTED = frozenset(["old", "maiden", "temp"])
_BEST = ("usual", "official", "")


class PersonName(msgspec.Struct, frozen=True):
    """shown: "Ana Ruiz Jr.", without title or degree; credential: "MD"; all empty where there is no name."""

    shown: str = ""
    family: str = ""
    credential: str = ""


def person_name(names: object) -> PersonName:
    """The best of a list of HumanName: usual, official, then any that is not an old one."""
    usable = [name for name in records(names) if text(name.get("use")) not in _UNWANTED]
    for name in sorted(usable, key=_rank):
        if (read := _from_parts(name) or _from_text(text(name.get("text")))) is not None:
            return read
    return PersonName()


def _rank(name: Record) -> int:
    use = text(name.get("use"))
    return _BEST.index(use) if use in _BEST else len(_BEST)


def _from_parts(name: Record) -> PersonName | None:
    family = without_capitals(text(name.get("family")))
    if not family:
        return None
    given = [without_capitals(text(part)) for part in listed(name.get("given"))]
    return _named(" ".join(part for part in given if part), family, [text(part) for part in listed(name.get("suffix"))])


def _from_text(written: str) -> PersonName | None:
    """ "Dr. Ana Ruiz, MD" or "RUIZ, ANA, MD"."""
    first, *rest = [part.strip() for part in written.split(",")]
    words = [word for word in first.split() if word.casefold().strip(".") not in _TITLES]
    if not words:
        return None
    if len(words) == 1 and rest:
        return _named(without_capitals(rest[0]), without_capitals(words[0]), rest[1:])
    return _named(without_capitals(" ".join(words[:-1])), without_capitals(words[-1]), rest)


def _named(given: str, family: str, suffixes: list[str]) -> PersonName:
    after = [kind for kind in map(generation, suffixes) if kind]
    degrees = [degree for degree in (credential(s) for s in suffixes if not generation(s)) if degree]
    shown = " ".join(part for part in (given, family, *after) if part)
    return PersonName(shown[:160], family[:80], _fitting(degrees, 40))


def _fitting(degrees: list[str], longest: int) -> str:
    while degrees and len(", ".join(degrees)) > longest:
        degrees = degrees[:-1]
    return ", ".join(degrees)
