"""What staff must be told at once: a row for each way of telling, sent by the worker until it has arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, and_, insert, select, update

from bot.records import tables as t

URGENT_HANDOFF, CALLBACK_DUE = "urgent_handoff", "callback_due"  # the kinds there are

FIRST_RETRY_S = 5.0  # then twice as long each time, up to
LONGEST_RETRY_S = 300.0
MOST_ATTEMPTS = 200  # some sixteen hours


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to be told at once. It says where to look, and nothing of what was written or by whom."""

    id: int
    kind: str  # urgent_handoff, callback_due
    conversation: str
    reason: str  # of a hand-off: crisis_medical, ...; of a call-back: soon, late
    way: str  # webhook, email
    at: float  # of the hand-off; for which the call was agreed on
    attempts: int


def post(
    conn: Connection,
    conversation: str,
    reason: str,
    ways: Sequence[str],
    now: float,
    *,
    kind: str = URGENT_HANDOFF,
    at: float | None = None,
) -> None:
    """Have staff told, in every way that is set up, of what was at `at` (now, unless said otherwise)."""
    for way in ways:
        row = {"kind": kind, "conversation": conversation, "reason": reason, "way": way, "state": "due",
               "due_at": now, "attempts": 0, "at": now if at is None else at}  # fmt: skip
        conn.execute(insert(t.alerts), row)


def drop(conn: Connection, conversation: str, kind: str) -> None:
    """What has not arrived is out of date."""
    a = t.alerts.c
    out_of_date = and_(a.conversation == conversation, a.kind == kind, a.state == "due")
    conn.execute(update(t.alerts).where(out_of_date).values(state="dropped"))


def due(conn: Connection, now: float, limit: int = 100) -> list[Alert]:
    """Alerts to be sent now, oldest first."""
    a = t.alerts.c
    query = select(t.alerts).where(a.state == "due", a.due_at <= now).order_by(a.id).limit(limit)
    return [
        Alert(row.id, row.kind, row.conversation, row.reason, row.way, row.at, row.attempts)
        for row in conn.execute(query)
    ]


def settle(engine: Engine, alert: Alert, *, arrived: bool, now: float) -> None:
    """It arrived, or is tried again later: an alert told twice is better than one not told."""
    attempts = alert.attempts + 1
    wait = min(FIRST_RETRY_S * 2.0 ** min(alert.attempts, 10), LONGEST_RETRY_S)
    given_up = attempts >= MOST_ATTEMPTS
    values = {"attempts": attempts, "state": "sent" if arrived else "dead" if given_up else "due", "due_at": now + wait}
    with engine.begin() as conn:
        conn.execute(update(t.alerts).where(t.alerts.c.id == alert.id, t.alerts.c.state == "due").values(values))
