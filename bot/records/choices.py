"""What members have chosen, read back."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bot.records import tables as t


def latest_pmp(conn: Connection, member: str) -> str | None:
    """The provider id this member chose last with us; None where there is none."""
    c = t.pmp_choices.c
    return conn.execute(
        select(c.provider).where(c.member == member).order_by(c.at.desc(), c.id.desc()).limit(1)
    ).scalar_one_or_none()
