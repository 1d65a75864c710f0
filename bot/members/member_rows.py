"""What one row of a members file says, read and checked: the member, and the guardian it names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.flow import Plan
from bot.members import cells
from bot.members.cells import BadCell, Reader
from bot.members.roster import Details, normal_member_id

REQUIRED = ("plan", "member_id", "first_name", "last_name", "birth_date", "zip", "benefits_begin")
OPTIONAL = ("sex", "address", "city", "state", "phone", "email", "language", "benefits_end", "pmp_npi")
GUARDIAN = (
    "guardian_first_name",
    "guardian_last_name",
    "guardian_phone",
    "guardian_member_id",
    "relationship",
    "guardianship_ends",
)
NOTE = "note"  # may stand in a file for whoever keeps it; not read
_MUST_BE_FILLED = ("plan", "member_id", "first_name", "last_name", "birth_date", "zip")
_GUARDIAN_READERS: Mapping[str, Reader] = {
    "guardian_first_name": cells.name,
    "guardian_last_name": cells.name,
    "guardian_phone": cells.phone,
    "guardian_member_id": cells.text_up_to(30),
    "relationship": cells.relationship,
    "guardianship_ends": cells.day,
}


@dataclass(frozen=True, slots=True)
class GuardianClaim:
    """A guardian as a child's row names them."""

    first: str
    last: str
    phone: str  # E.164 or empty
    member_id: str  # the plan's ID of the guardian, or empty
    relationship: str
    ends: date | None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One row that can be loaded. `absent`: columns the file does not have; they keep what is on file."""

    plan: str
    details: Details
    language: str  # en or es; empty keeps what is on file
    benefits_begin: date | None
    benefits_end: date | None
    pmp_provider: str  # empty keeps what is on file
    absent: frozenset[str]
    guardian: GuardianClaim | None

    @property
    def incomplete(self) -> tuple[str, ...]:
        """What is absent without which nobody can be added; it can still change who is on file."""
        return tuple(column for column in _MUST_BE_FILLED if column in self.absent)


class BadRow(ValueError):
    """A row that cannot be loaded, with every reason."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def read_member_row(given: Mapping[str, str], plans: Mapping[str, Plan], today: date) -> MemberRow:
    """The row of these cells; all but `plan` and `member_id` may be missing (not: empty). Raises BadRow."""
    values, reasons = _read_cells(given, _readers(plans, today))
    reasons += [f"{column} is empty" for column in _MUST_BE_FILLED if values.get(column) == ""]
    reasons += _contradictions(values, plans)
    if reasons:
        raise BadRow(reasons)
    return MemberRow(
        plan=values["plan"],
        details=_details(values),
        language=cells.spoken_language(values["language"]) if values.get("language") else "",
        benefits_begin=_date(values.get("benefits_begin", "")),
        benefits_end=_date(values.get("benefits_end", "")),
        pmp_provider=values.get("pmp_npi", ""),
        absent=frozenset(column for column in (*REQUIRED, *OPTIONAL) if column not in given),
        guardian=_guardian(values),
    )


def _readers(plans: Mapping[str, Plan], today: date) -> Mapping[str, Reader]:
    return {
        "plan": cells.one_of(*plans),
        "member_id": cells.text_up_to(30),
        "first_name": cells.name,
        "last_name": cells.name,
        "birth_date": cells.birth_date(today),
        "sex": cells.sex,
        "zip": cells.zip_code,
        "address": cells.text_up_to(120),
        "city": cells.text_up_to(60),
        "state": cells.state,
        "phone": cells.phone,
        "email": cells.email,
        "language": cells.text_up_to(30),
        "benefits_begin": cells.day,
        "benefits_end": cells.day,
        "pmp_npi": cells.provider_id,
        **_GUARDIAN_READERS,
    }


def _read_cells(given: Mapping[str, str], readers: Mapping[str, Reader]) -> tuple[dict[str, str], list[str]]:
    values: dict[str, str] = {}
    reasons: list[str] = []
    no_guardian = not any(given.get(column, "").strip() for column in GUARDIAN)
    for column, read in readers.items():
        if column not in given or (column in GUARDIAN and no_guardian):
            continue
        try:
            values[column] = read(given[column])
        except BadCell as error:
            reasons.append(f"{column} {error}")
    return values, reasons


def _contradictions(values: Mapping[str, str], plans: Mapping[str, Plan]) -> list[str]:
    """What is wrong between cells that are each well written."""
    reasons: list[str] = []
    plan = plans.get(values.get("plan", ""))
    for column in ("member_id", "guardian_member_id"):
        reasons += _id_problems(column, values.get(column, ""), plan)
    begin, end = values.get("benefits_begin", ""), values.get("benefits_end", "")
    if begin and end and end < begin:
        reasons.append("benefits_end is before benefits_begin")
    if _names_a_guardian(values) and not _guardian_is_identified(values):
        reasons.append("a guardian needs guardian_first_name and guardian_last_name, or guardian_member_id")
    own, guardian = (normal_member_id(values.get(column, "")) for column in ("member_id", "guardian_member_id"))
    if own and own == guardian:
        reasons.append("guardian_member_id is the member's own")
    return reasons


def _id_problems(column: str, value: str, plan: Plan | None) -> list[str]:
    if not value or plan is None or re.fullmatch(plan.member_id_pattern, normal_member_id(value)):
        return []
    hint = " (a spreadsheet has rounded it)" if re.fullmatch(r"[0-9.,]+E\+[0-9]+", value.upper()) else ""
    return [f"{column} has not the form of the plan's member IDs{hint}"]


def _names_a_guardian(values: Mapping[str, str]) -> bool:
    return any(column in values for column in GUARDIAN)


def _guardian_is_identified(values: Mapping[str, str]) -> bool:
    both_names = values.get("guardian_first_name") and values.get("guardian_last_name")
    return bool(both_names or values.get("guardian_member_id"))


def _guardian(values: Mapping[str, str]) -> GuardianClaim | None:
    if not _names_a_guardian(values):
        return None
    return GuardianClaim(
        first=values.get("guardian_first_name", ""),
        last=values.get("guardian_last_name", ""),
        phone=values.get("guardian_phone", ""),
        member_id=normal_member_id(values.get("guardian_member_id", "")),
        relationship=values.get("relationship", "guardian"),
        ends=_date(values.get("guardianship_ends", "")),
    )


def _details(values: Mapping[str, str]) -> Details:
    return Details(
        member_id=normal_member_id(values["member_id"]),
        first=values.get("first_name", ""),
        last=values.get("last_name", ""),
        birth_date=values.get("birth_date", ""),
        sex=values.get("sex", ""),
        zip=values.get("zip", ""),
        address=values.get("address", ""),
        city=values.get("city", ""),
        state=values.get("state", ""),
        phone=values.get("phone", ""),
        email=values.get("email", ""),
        language=values.get("language", "").lower(),
    )


def _date(iso: str) -> date | None:
    return date.fromisoformat(iso) if iso else None
