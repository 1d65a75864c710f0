"""The made-up people a newcomer can be: bot/members/sample.csv is imported like any roster and printed from here."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from bot.members import cells

SAMPLE_ROSTER = Path(__file__).with_name("sample.csv")


@dataclass(frozen=True, slots=True)
class SampleIdentity:
    """What to type to be one of them."""

    label: str  # first and last name
    plan: str
    member_id: str
    birth_date: str  # ISO date
    zip: str
    phone: str  # E.164: the number to text from
    guardian: str  # the name to give when asked who speaks for the child; empty for an adult
    note: str


def _read(roster: Path) -> tuple[SampleIdentity, ...]:
    """One identity for each member, in the order of the file; a guardian whose time has ended is left out."""
    with roster.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if not row["guardianship_ends"]]
    names = {row["member_id"]: f"{row['first_name']} {row['last_name']}" for row in rows}
    return tuple(_identity(row, names) for row in rows)


def _identity(row: dict[str, str], names: dict[str, str]) -> SampleIdentity:
    typed = f"{row['guardian_first_name']} {row['guardian_last_name']}".strip()
    return SampleIdentity(
        label=names[row["member_id"]],
        plan=row["plan"],
        member_id=row["member_id"],
        birth_date=row["birth_date"],
        zip=row["zip"],
        phone=cells.phone(row["phone"]),
        guardian=typed or names.get(row["guardian_member_id"], ""),
        note=row["note"],
    )


SAMPLE_IDENTITIES = _read(SAMPLE_ROSTER)
