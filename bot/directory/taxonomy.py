"""Which NUCC taxonomy codes may be a primary medical provider, what a member would call them, and whom they see.

Only the codes used are listed (NUCC's code set is copyright AMA). Whether a plan allows each is plan policy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal["family", "pediatrics", "internal", "obgyn", "nurse_practitioner", "clinic"]
KINDS: tuple[Kind, ...] = get_args(Kind)

ANY_AGE = (0, 150)
GROWN_UP = (18, 150)
UNDER_21 = (0, 20)
ADOLESCENT = (10, 20)


@dataclass(frozen=True, slots=True)
class Practice:
    """What a provider does: kinds, and the members they see (whole years of age, both ends included)."""

    kinds: tuple[Kind, ...]
    ages: tuple[int, int] = ANY_AGE
    women_only: bool = False


_FAMILY = Practice(("family",))
_INTERNAL = Practice(("internal",), GROWN_UP)
_WOMEN = Practice(("obgyn",), women_only=True)
_CLINIC = Practice(("clinic",))

# A physician assistant stands with the nurse practitioners: the credential, not the member, tells them apart.
PRACTICES: dict[str, Practice] = {
    "207Q00000X": _FAMILY,
    "207QA0505X": Practice(("family",), GROWN_UP),
    "207QG0300X": Practice(("family",), GROWN_UP),
    "208D00000X": _FAMILY,
    "207R00000X": _INTERNAL,
    "207RG0300X": _INTERNAL,
    "208000000X": Practice(("pediatrics",), UNDER_21),
    "2080A0000X": Practice(("pediatrics",), ADOLESCENT),
    "207V00000X": _WOMEN,
    "363L00000X": Practice(("nurse_practitioner",)),
    "363LF0000X": Practice(("nurse_practitioner", "family")),
    "363LP2300X": Practice(("nurse_practitioner", "family")),
    "363LP0200X": Practice(("nurse_practitioner", "pediatrics"), UNDER_21),
    "363LA2200X": Practice(("nurse_practitioner", "internal"), GROWN_UP),
    "363LG0600X": Practice(("nurse_practitioner", "internal"), GROWN_UP),
    "363LW0102X": Practice(("nurse_practitioner", "obgyn"), women_only=True),
    "363A00000X": Practice(("nurse_practitioner",)),
    "363AM0700X": Practice(("nurse_practitioner",)),
    "367A00000X": _WOMEN,
    "261QF0400X": _CLINIC,
    "261QR1300X": _CLINIC,
    "261QP2300X": _CLINIC,
}

_CODE = re.compile(r"[0-9A-Z]{9}X")
_SUBSPECIALTIES = ("207R", "2080")  # of internal medicine and of pediatrics


def is_taxonomy_code(code: str) -> bool:
    """Whether it has the shape of a NUCC code, known to us or not."""
    return _CODE.fullmatch(code) is not None


def practice_of(codes: Iterable[str]) -> Practice | None:
    """What these codes together do as a primary provider; None when they are not one.

    A subspecialist of internal medicine or pediatrics who also carries the general code is not one."""
    codes = tuple(codes)
    if any(code.startswith(_SUBSPECIALTIES) and code not in PRACTICES for code in codes):
        return None
    return joined(PRACTICES[code] for code in codes if code in PRACTICES)


def joined(practices: Iterable[Practice]) -> Practice | None:
    """One practice that sees everybody that any of these sees; None for none."""
    practices = tuple(practices)
    if not practices:
        return None
    wanted = {kind for practice in practices for kind in practice.kinds}
    ages = (min(p.ages[0] for p in practices), max(p.ages[1] for p in practices))
    return Practice(tuple(k for k in KINDS if k in wanted), ages, all(p.women_only for p in practices))


def kinds_right_for(kinds: Iterable[Kind], age: int | None, sex: str | None) -> tuple[Kind, ...]:
    """Those of the kinds a person of this age and sex ("F", "M", or None: unknown) can be seen by at all."""
    return tuple(kind for kind in kinds if _right_for(kind, age, sex))


def _right_for(kind: Kind, age: int | None, sex: str | None) -> bool:
    if kind == "obgyn":
        return sex != "M"
    if kind == "pediatrics":
        return age is None or age <= UNDER_21[1]
    if kind == "internal":
        return age is None or age >= GROWN_UP[0]
    return True
