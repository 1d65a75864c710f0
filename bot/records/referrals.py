"""Referrals for staff: screenings that somebody should look at, who has taken which, and what came of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, case, or_, select, update

from bot.records import dispatches
from bot.records import tables as t

State = Literal["open", "taken", "closed"]
Outcome = Literal["helped", "not_reached", "declined", "not_needed"]
OUTCOMES: tuple[Outcome, ...] = ("helped", "not_reached", "declined", "not_needed")
_GRAVEST_FIRST = {"URGENT": 0, "HIGH": 1, "MED": 2}

_c = t.referrals.c


@dataclass(frozen=True, slots=True)
class Referral:
    """A screening that somebody should look at. Times in UTC seconds."""

    id: int
    screening: str
    member: str | None  # our id
    tier: str  # URGENT, HIGH, MED
    rules: tuple[str, ...]  # the risk rules that fired
    state: State
    at: float
    taken_by: str  # agent:<id>, or ""
    taken_at: float | None
    closed_at: float | None
    outcome: Outcome | None


def open_referrals(conn: Connection, *, limit: int = 500) -> list[Referral]:
    """What is open or taken: the gravest first, then the oldest."""
    return _read(conn, _c.state.in_(("open", "taken")), limit)


def referrals_of(conn: Connection, member: str) -> list[Referral]:
    """Every referral about this member, whatever became of it, in the same order."""
    return _read(conn, _c.member == member, 500)


def _read(conn: Connection, which: ColumnElement[bool], limit: int) -> list[Referral]:
    gravity = case(_GRAVEST_FIRST, value=_c.tier, else_=len(_GRAVEST_FIRST))
    rows = conn.execute(select(t.referrals).where(which).order_by(gravity, _c.at, _c.id).limit(limit))
    return [_referral(row) for row in rows]


def _referral(row: Row[tuple[object, ...]]) -> Referral:
    return Referral(
        id=row.id,
        screening=row.screening,
        member=row.member,
        tier=row.tier,
        rules=tuple(json.loads(row.rules)),
        state=row.state,
        at=row.at,
        taken_by=row.taken_by or "",
        taken_at=row.taken_at,
        closed_at=row.closed_at,
        outcome=row.outcome,
    )


def is_there(conn: Connection, id: int) -> bool:
    return conn.execute(select(_c.id).where(_c.id == id)).first() is not None


def take_referral(engine: Engine, id: int, by: str, now: float, *, from_: str = "") -> bool:
    """`by` (agent:<id>) sees to it. False where another was faster, or it is closed. `from_` is who it is taken over
    from: it moves only where they still have it."""
    free = or_(_c.state == "open", and_(_c.state == "taken", _c.taken_by == from_, _c.taken_by != by))
    return _change(engine, id, free, {"state": "taken", "taken_by": by, "taken_at": now}, now)


def close_referral(engine: Engine, id: int, by: str, outcome: Outcome, now: float) -> bool:
    """Done with, by the one who has taken it; False for anybody else. Raises ValueError for an unknown outcome."""
    if outcome not in OUTCOMES:
        raise ValueError(f"no outcome of a referral: {outcome}")
    theirs = and_(_c.state == "taken", _c.taken_by == by)
    return _change(engine, id, theirs, {"state": "closed", "closed_at": now, "outcome": outcome}, now)


def _change(engine: Engine, id: int, which: ColumnElement[bool], values: dict[str, str | float], now: float) -> bool:
    with engine.begin() as conn:
        changed = conn.execute(update(t.referrals).where(_c.id == id, which).values(values)).rowcount == 1
        if changed:
            row = conn.execute(select(_c.uid, _c.member).where(_c.id == id)).one()
            dispatches.note(conn, "referrals", row.uid, row.member, now)
        return changed
