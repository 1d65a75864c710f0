"""What the readers of records share: how a value is found and read, and what a record becomes. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal, TypeVar

from bot.records.export.fhir.parts import NAMELESS, OURS
from bot.records.export.plain import Record

LANGUAGES: Mapping[str, str] = {"en": "en", "es": "es"}
NOBODY = "conversation"  # said before anybody was verified
GONE = "gone"  # stands for the id of a guardian who was on file no more where the record came from

_NAME = re.compile(r"[0-9A-Za-z._-]{1,32}")
_STAFF = re.compile(r"[0-9A-Za-z]{1,12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_Meaning = TypeVar("_Meaning")


class NotTaken(ValueError):
    """Why a record cannot be taken. Names parts of it and never quotes what they hold."""


@dataclass(frozen=True, slots=True)
class MemberName:
    """A member as the plan knows them: by an identifier system, or by the plan's id."""

    member_id: str
    system: str = ""
    plan: str = ""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who said it: a member, a guardian by name, somebody of staff by id."""

    kind: Literal["member", "guardian", "agent"]
    member: MemberName | None = None
    name: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One of the three steps a reward was earned by."""

    step: str
    source: str
    reference: str
    at: float


@dataclass(frozen=True, slots=True)
class Incoming:
    """One record that was read: its columns, but for the people in it, who are still called what the plan calls them.

    `sealed` are the texts to seal again, by the column's name without "_sealed". Times in whole UTC seconds."""

    kind: str  # of bot.records.export
    name: str  # its uid; of a screening its run
    changed: float
    values: Mapping[str, Any]
    about: MemberName | None
    said_by: Speaker | None = None  # None: nobody was verified, or nobody said it
    owner: Speaker | None = None  # who of staff has taken a referral
    sealed: Mapping[str, str] = field(default_factory=dict)
    phone: str | None = None
    response: Record | None = None  # of a screening
    steps: tuple[Step, ...] = ()  # of a reward
    clinic: bool = False  # the provider is an organization


# --- finding ---------------------------------------------------------------------------------------------------------


def part(record: Any, *path: str | int) -> Any:
    """What stands at this place. Raises NotTaken where there is nothing."""
    found = record
    for key in path:
        try:
            found = found[key]
        except (KeyError, IndexError, TypeError):
            raise NotTaken(f"{_spelled(path)} is missing") from None
    return found


def has(record: Any, *path: str | int) -> bool:
    try:
        part(record, *path)
    except NotTaken:
        return False
    return True


def _spelled(path: tuple[str | int, ...]) -> str:
    return ".".join(map(str, path))


# --- reading ---------------------------------------------------------------------------------------------------------


def text(record: Any, *path: str | int, most: int = 64) -> str:
    """A line of text that a column of so many characters takes."""
    found = long_text(record, *path)
    if not 0 < len(found) <= most or not found.isprintable():
        raise NotTaken(f"{_spelled(path)} is empty, too long or no plain text")
    return found


def long_text(record: Any, *path: str | int) -> str:
    found = part(record, *path)
    if not isinstance(found, str):
        raise NotTaken(f"{_spelled(path)} is not a text")
    return found


def name(record: Any, *path: str | int) -> str:
    """By which a record is known everywhere."""
    return _matching(_NAME, "a name of a record", record, *path)


def meaning(codes: Mapping[str, _Meaning], record: Any, *path: str | int) -> _Meaning:
    """What one of these codes means."""
    found = part(record, *path)
    if not isinstance(found, str) or found not in codes:
        raise NotTaken(f"{_spelled(path)} is none of the codes there are for it")
    return codes[found]


def moment(record: Any, *path: str | int) -> float:
    """UTC seconds."""
    written = _matching(_MOMENT, "a time such as 2026-06-15T16:00:00Z", record, *path)
    try:
        return datetime.fromisoformat(written).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise NotTaken(f"{_spelled(path)} is no time there is") from None


def day(record: Any, *path: str | int) -> date:
    try:
        return date.fromisoformat(long_text(record, *path))
    except ValueError:
        raise NotTaken(f"{_spelled(path)} is not a day") from None


def yes_or_no(record: Any, *path: str | int) -> bool:
    found = part(record, *path)
    if not isinstance(found, bool):
        raise NotTaken(f"{_spelled(path)} is neither true nor false")
    return found


def number(record: Any, *path: str | int, least: int, most: int) -> int:
    found = part(record, *path)
    if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
        raise NotTaken(f"{_spelled(path)} is not a number from {least} to {most}")
    return found


def _matching(pattern: re.Pattern[str], what: str, record: Any, *path: str | int) -> str:
    found = part(record, *path)
    if not isinstance(found, str) or not pattern.fullmatch(found):
        raise NotTaken(f"{_spelled(path)} is not {what}")
    return found


# --- people ----------------------------------------------------------------------------------------------------------


def member(record: Any, *path: str | int) -> MemberName:
    """A logical reference to a member."""
    where = (*path, "identifier")
    return MemberName(text(record, *where, "value"), system=text(record, *where, "system", most=200))


def maybe_member(record: Any, *path: str | int) -> MemberName | None:
    return member(record, *path) if has(record, *path) else None


def speaker(record: Any, *path: str | int) -> Speaker | None:
    """Who said it; None where nobody stands there."""
    if not has(record, *path):
        return None
    kinds = {"Patient": "member", "RelatedPerson": "guardian", "Practitioner": "agent"}
    kind = meaning(kinds, record, *path, "type")
    if kind == "agent":
        return staff(record, *path)
    if kind == "member" or has(record, *path, "identifier"):
        return Speaker("member", member(record, *path))
    return Speaker("guardian", name=text(record, *path, "display", most=200))


def staff(record: Any, *path: str | int) -> Speaker:
    if part(record, *path, "identifier", "system") != f"{OURS}:staff":
        raise NotTaken(f"{_spelled(path)} is nobody of staff")
    id = _matching(_STAFF, "an id of staff", record, *path, "identifier", "value")
    known = has(record, *path, "display")
    return Speaker("agent", id=id, name=text(record, *path, "display", most=80) if known else "")


def is_nameless(speaker: Speaker) -> bool:
    """A guardian who was on file no more where the record was exported."""
    return speaker.kind == "guardian" and speaker.name == NAMELESS
