"""What screenings showed of a member."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from bot.records import tables as t


@dataclass(frozen=True, slots=True)
class FindingOnFile:
    """One rule that a screening of the member met. `at` in UTC seconds."""

    rule: str
    tier: str  # INFO, MED, HIGH, URGENT
    topic: str
    at: float


def findings_of(conn: Connection, member: str) -> list[FindingOnFile]:
    """Newest first."""
    f = t.findings.c
    rows = conn.execute(select(t.findings).where(f.member == member).order_by(f.at.desc(), f.id))
    return [FindingOnFile(row.rule, row.tier, row.topic, row.at) for row in rows]
