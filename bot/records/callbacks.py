"""Call-backs: one at most for a phone; the calendar of them, what staff did with each, and who is reminded when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, or_, select, update

from bot.events import CallbackAgreed
from bot.phones import canonical
from bot.records import alerts
from bot.records import tables as t
from bot.records.database import reading
from bot.records.taken import Writing, insert_of
from bot.session import Session
from bot.vault import Vault

PHONE_PLACE = "callbacks.phone"
SOON_S = 600.0  # before it is due, staff are told
LATE_S = 900.0  # after it was due they are told again, where it still stands open
MOST_TRIES = 2  # unanswered calls, then it is missed

State = Literal["booked", "called", "missed", "cancelled"]
Outcome = Literal["reached", "no_answer", "wrong_number"]
OUTCOMES: tuple[Outcome, ...] = ("reached", "no_answer", "wrong_number")

_c = t.callbacks.c
_TOLD = {"soon": "told_at", "late": "late_told_at"}


@dataclass(frozen=True, slots=True)
class Callback:
    """A call by a person. Times in UTC seconds. `tries`: how often somebody has called so far."""

    id: int
    due_at: float
    zone: str  # in which the time was said
    language: str
    how: str  # sms, voice, relay: to be called by relay, too
    member: str | None  # our id, where known
    conversation: str
    phone: str  # E.164
    state: State
    tries: int
    outcome: Outcome | None  # of the last try
    done_by: str  # agent:<id>, who made it; or ""
    done_at: float | None


def book(w: Writing, event: CallbackAgreed) -> None:
    """In place of one booked before."""
    cancel(w.conn, w.turn.after)
    person = w.turn.after.person
    phone = event.phone or canonical(w.turn.message.sender)
    row = {
        "conversation": w.turn.after.conversation,
        "member": person.id if person and w.turn.after.verified_until else None,
        "phone_index": w.turn.after.phone_index,
        "phone_sealed": w.vault.seal(phone.encode(), PHONE_PLACE),
        "due_at": event.at,
        "zone": event.zone,
        "language": w.language,
        "how": w.how,
        "state": "booked",
        "message_id": w.turn.message.id,
        "at": w.turn.now,
    }
    w.conn.execute(insert_of(t.callbacks), row)


def cancel(conn: Connection, session: Session) -> None:
    """Whatever is booked for this phone, or in this conversation; staff are not told of it any more."""
    mine = or_(_c.phone_index == session.phone_index, _c.conversation == session.conversation)
    booked = select(_c.id, _c.conversation).where(_c.state == "booked", mine)
    for row in conn.execute(booked).all():
        _settle(conn, row.conversation, _c.id == row.id, {"state": "cancelled"})


def callback_list(conn: Connection, vault: Vault, since: float, until: float) -> list[Callback]:
    """Every call-back due from `since` to before `until` (UTC seconds), whatever became of it, in order; and before
    them what is still to be made from earlier: nobody is forgotten."""
    return _read(conn, vault, and_(or_(_c.due_at >= since, _c.state == "booked"), _c.due_at < until))


def booked_for(conn: Connection, vault: Vault, member: str) -> list[Callback]:
    """The calls this member waits for, in order."""
    return _read(conn, vault, and_(_c.member == member, _c.state == "booked"))


def _read(conn: Connection, vault: Vault, which: ColumnElement[bool]) -> list[Callback]:
    rows = conn.execute(select(t.callbacks).where(which).order_by(_c.due_at, _c.id))
    return [_callback(vault, row) for row in rows]


def _callback(vault: Vault, row: Row[tuple[object, ...]]) -> Callback:
    return Callback(
        id=row.id,
        due_at=row.due_at,
        zone=row.zone,
        language=row.language,
        how=row.how,
        member=row.member,
        conversation=row.conversation,
        phone=vault.open(row.phone_sealed, PHONE_PLACE).decode(),
        state=row.state,
        tries=row.tries,
        outcome=row.outcome,
        done_by=row.done_by or "",
        done_at=row.done_at,
    )


def phone_of(conn: Connection, vault: Vault, id: int) -> str:
    """The number to call (E.164). Raises LookupError where there is no such call-back."""
    sealed = conn.execute(select(_c.phone_sealed).where(_c.id == id)).scalar_one_or_none()
    if sealed is None:
        raise LookupError(id)
    return vault.open(sealed, PHONE_PLACE).decode()


def is_there(conn: Connection, id: int) -> bool:
    return conn.execute(select(_c.id).where(_c.id == id)).first() is not None


def mark_called(engine: Engine, id: int, by: str, outcome: Outcome, now: float, *, tries: int) -> bool:
    """`by` (agent:<id>) has called. Reached, it is done; at a wrong number, or unanswered for the second time, missed.

    `tries` is how often it had been called as `by` saw it: of two who mark it at once, and of one form sent twice, one
    counts. False where it came too late, or is not booked. Raises ValueError for an outcome there is none of.
    """
    if outcome not in OUTCOMES:
        raise ValueError(f"no outcome of a call: {outcome}")
    values = {"state": _after(outcome, tries + 1), "tries": tries + 1, "outcome": outcome, "done_by": by,
              "done_at": now}  # fmt: skip
    with engine.begin() as conn:
        conversation = conn.execute(select(_c.conversation).where(_c.id == id)).scalar_one_or_none()
        as_seen = and_(_c.id == id, _c.state == "booked", _c.tries == tries)
        return conversation is not None and _settle(conn, conversation, as_seen, values)


def _after(outcome: Outcome, tries: int) -> State:
    if outcome == "reached":
        return "called"
    return "missed" if outcome == "wrong_number" or tries >= MOST_TRIES else "booked"


def _settle(conn: Connection, conversation: str, which: ColumnElement[bool], values: Mapping[str, object]) -> bool:
    """What is still to be told of it is out of date from then on."""
    if not conn.execute(update(t.callbacks).where(which).values(values)).rowcount:
        return False
    alerts.drop(conn, conversation, alerts.CALLBACK_DUE)
    return True


def remind_staff(engine: Engine, ways: Sequence[str], now: float) -> int:
    """Have staff told of calls due soon and of calls nobody made, each once; how many. Without a way to tell, none."""
    soon = and_(_c.told_at.is_(None), _c.due_at <= now + SOON_S, _c.due_at > now - LATE_S)
    late = and_(_c.late_told_at.is_(None), _c.due_at <= now - LATE_S)
    if not ways:
        return 0
    return _remind(engine, soon, "soon", ways, now) + _remind(engine, late, "late", ways, now)


def _remind(engine: Engine, which: ColumnElement[bool], reason: str, ways: Sequence[str], now: float) -> int:
    open_ones = and_(_c.state == "booked", which)
    with reading(engine) as conn:  # mostly there are none, and looking holds up no writer
        if conn.execute(select(_c.id).where(open_ones).limit(1)).first() is None:
            return 0
    with engine.begin() as conn:
        told = update(t.callbacks).where(open_ones).values({_TOLD[reason]: now})
        calls = conn.execute(told.returning(_c.conversation, _c.due_at)).all()
        for call in calls:
            alerts.post(conn, call.conversation, reason, ways, now, kind=alerts.CALLBACK_DUE, at=call.due_at)
        return len(calls)
