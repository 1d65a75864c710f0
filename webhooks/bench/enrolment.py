"""Made-up families without end, and enrolment files (X12 834) of them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

Cells = Mapping[str, str]

_FIRST = ("Ann", "Leo", "Eva", "Rosa", "Tom", "José", "Mia", "Noah", "Lucía", "Omar", "Grace", "Ivy")
_LAST = ("Bell", "Hill", "Stone", "Rivera", "Núñez", "Park", "Green", "West")
_STREETS = ("Oak Ave", "Main St", "W 10th St Apt 4", "Elm Ct")
_RELATION = {"parent": "19", "guardian": "15"}  # INS02 of a dependent, by what the subscriber is to them
_RESPONSIBLE = {"parent": "S1", "guardian": "GD", "representative": "LR"}


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around the members. `created`: BGN03 and BGN04."""

    payer_id: str
    created: str = "202604010900"
    control: int = 1
    whole: bool = False
    end: str = "~"
    element: str = "*"
    newline: str = "\n"


def families(count: int, plan: str, seed: int = 1) -> Iterator[dict[str, str]]:
    """So many members as rows of a members file: adults, each with up to three children after them."""
    chance = random.Random(seed)
    parent: dict[str, str] = {}
    children = 0
    for number in range(count):
        own = {"plan": plan, "member_id": f"{880_000_000_000 + number}", "first_name": chance.choice(_FIRST)}
        if children:
            children -= 1
            claim = {"guardian_member_id": parent["member_id"], "relationship": "parent"}
            yield parent | own | {"birth_date": _born(chance, 2010, 2025), "sex": chance.choice("FM")} | claim
        else:
            parent = own | _adult(chance, number)
            children = chance.choice((0, 0, 1, 2, 3))
            yield parent


def _adult(chance: random.Random, number: int) -> dict[str, str]:
    return {
        "last_name": chance.choice(_LAST),
        "birth_date": _born(chance, 1950, 2005),
        "sex": chance.choice("FM"),
        "zip": f"46{chance.randrange(200, 299)}",
        "address": f"{chance.randrange(1, 9999)} {chance.choice(_STREETS)}",
        "city": "Indianapolis",
        "state": "IN",
        "phone": f"317555{number % 10_000:04}",
        "email": f"member{number}@example.org",
        "language": chance.choice(("eng", "eng", "spa")),
        "benefits_begin": f"2026-0{chance.randrange(1, 5)}-01",
        "pmp_npi": f"1{chance.randrange(10**9):09}",
    }


def _born(chance: random.Random, first: int, last: int) -> str:
    return f"{chance.randrange(first, last)}-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}"


def as_834(rows: Iterable[Cells], envelope: Envelope, maintenance: str = "021") -> Iterator[str]:
    """An interchange with a loop for each row, segment by segment. A row may name one guardian."""
    for before, segment in enumerate(_segments(rows, envelope, maintenance)):
        counted = ("SE", str(before - 1), "0001") if segment[0] == "SE" else segment
        yield envelope.element.join(counted) + envelope.end + envelope.newline


def _segments(rows: Iterable[Cells], envelope: Envelope, maintenance: str) -> Iterator[tuple[str, ...]]:
    day, clock = envelope.created[:8], envelope.created[8:12]
    ids = ("ZZ", "STATE".ljust(15), "ZZ", "PLAN".ljust(15))
    control = f"{envelope.control:09}"
    yield ("ISA", "00", " " * 10, "00", " " * 10, *ids, day[2:], clock, "^", "00501", control, "0", "T", ":")
    yield ("GS", "BE", "STATE", "PLAN", day, clock, str(envelope.control), "X", "005010X220A1")
    yield ("ST", "834", "0001", "005010X220A1")
    yield ("BGN", "00", str(envelope.control), day, clock, "", "", "", "4" if envelope.whole else "2")
    yield ("N1", "P5", "STATE", "FI", "000000001")
    yield ("N1", "IN", "PLAN", "FI", envelope.payer_id)
    for row in rows:
        yield from loop_of(row, maintenance)
    yield ("SE",)
    yield ("GE", "1", str(envelope.control))
    yield ("IEA", "1", control)


def loop_of(row: Cells, maintenance: str = "021") -> Iterator[tuple[str, ...]]:
    """One member's segments, as a State writes them: what the row leaves empty is not there."""
    at = {column: cell for column, cell in row.items() if cell}
    subscriber = at.get("guardian_member_id", "")
    relation = _RELATION[at["relationship"]] if subscriber else "18"
    yield ("INS", "N" if subscriber else "Y", relation, maintenance, "XN", "A")
    yield ("REF", "0F", subscriber or at["member_id"])
    if subscriber:
        yield ("REF", "23", at["member_id"])
    yield ("NM1", "IL", "1", at["last_name"], at["first_name"])
    reached = [part for kind, name in (("TE", "phone"), ("EM", "email")) if name in at for part in (kind, at[name])]
    if reached:
        yield ("PER", "IP", "", *reached)
    if "address" in at:
        yield ("N3", at["address"])
    yield ("N4", at.get("city", ""), at.get("state", ""), at["zip"])
    yield ("DMG", "D8", _eight(at["birth_date"]), at.get("sex", "U"))
    if "language" in at:
        yield ("LUI", "LE", at["language"], "", "7")
    if "guardian_first_name" in at:
        code = _RESPONSIBLE[at["relationship"]]
        yield ("NM1", code, "1", at["guardian_last_name"], at["guardian_first_name"])
        if "guardian_phone" in at:
            yield ("PER", "RP", "", "TE", at["guardian_phone"])
    yield ("HD", maintenance, "", "HMO", "", "IND")
    for qualifier, column in (("348", "benefits_begin"), ("349", "benefits_end")):
        if column in at:
            yield ("DTP", qualifier, "D8", _eight(at[column]))
    if "pmp_npi" in at:
        yield ("LX", "1")
        yield ("NM1", "P3", "1", "DOE", "SAM", "", "", "", "XX", at["pmp_npi"], "72")


def _eight(day: str) -> str:
    return day.replace("-", "")
