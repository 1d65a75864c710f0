"""Records on their way to the plan's own systems: the transactional outbox of what `carestart export` writes.

A dispatch is written in the transaction that writes its record, one for each sink, and holds no more than the record's
name: what is sent is read when it is sent. Dispatches about one member go to a sink in the order in which they were
written; one that waits to be tried again keeps the later ones waiting, one that was given up does not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Engine, and_, exists, func, insert, select, update

from bot.records import tables as t
from bot.records.database import DELIVER_TO, reading
from bot.records.taken import insert_of

Sink = Literal["webhook", "fhir"]
SINKS: tuple[Sink, ...] = ("webhook", "fhir")
State = Literal["due", "sending", "sent", "dead", "dropped"]
# Why the last attempt failed: it could not be reached, answered too late, is not well (429, 5xx), did not let us in
# (401, 403), refused what was sent (400, 413, 422...), or answered what cannot be made sense of. Or our own fault: the
# record cannot be opened with the keys there are, or is there no more.
Problem = Literal["unreachable", "timeout", "unwell", "not_let_in", "refused", "nonsense", "unreadable", "gone"]

DELIVERED: dict[str, tuple[Sink, ...]] = {  # which kinds of bot.records.export go where
    "preferences": SINKS,
    "consents": SINKS,
    "pmp-choices": SINKS,
    "screenings": SINKS,
    "referrals": SINKS,
    "rewards": ("webhook",),  # FHIR has no resource for it
}

FIRST_PAUSE_S = 10.0
LONGEST_PAUSE_S = 3600.0
GIVE_UP_S = 3 * 86_400.0  # a receiver may be away over a weekend

_d = t.dispatches.c


@dataclass(frozen=True, slots=True)
class Dispatch:
    """One record on its way to one sink. Times in UTC seconds."""

    id: int
    uid: str  # by which the receiver knows a repeat
    sink: Sink
    kind: str  # of bot.records.export
    record: str  # its uid
    about: str  # our member id, else a phone's index
    state: State
    at: float  # since when it has been due: when the record was written, or staff had it sent again
    attempts: int
    settled_at: float | None
    problem: Problem | None
    status: int | None  # the HTTP status that came with it


_TABLES = {
    "preferences": t.preferences,
    "consents": t.consents,
    "pmp-choices": t.pmp_choices,
    "referrals": t.referrals,
}


def write(conn: Connection, kind: str, row: Mapping[str, Any]) -> None:
    """Write a record of this kind under a new name, and note that it is to be delivered."""
    uid = uuid4().hex
    conn.execute(insert_of(_TABLES[kind]), {**row, "uid": uid})
    note(conn, kind, uid, row["member"] or row.get("phone_index") or "", row["at"])


def sinks_of(conn: Connection) -> tuple[str, ...]:
    """Where records written through this connection go."""
    sinks: tuple[str, ...] = conn.get_execution_options().get(DELIVER_TO, ())
    return sinks


def note(conn: Connection, kind: str, record: str, about: str, now: float) -> None:
    """In the transaction that writes or changes a record: it is to go to the sinks of this database that take it."""
    sinks = sinks_of(conn)
    rows = [new(uuid4().hex, sink, kind, record, about, now) for sink in DELIVERED[kind] if sink in sinks]
    if rows:
        conn.execute(insert(t.dispatches), rows)


def new(uid: str, sink: Sink, kind: str, record: str, about: str, now: float) -> dict[str, Any]:
    """The row of a dispatch that is due now."""
    return {"uid": uid, "sink": sink, "kind": kind, "record": record, "about": about, "state": "due", "at": now,
            "again_at": now, "attempts": 0}  # fmt: skip


def due(conn: Connection, sink: str, now: float, limit: int = 200) -> list[int]:
    """Ids of what may be sent to this sink now; of each member only the first that has not arrived. What has waited
    longest since it might be tried comes first: records that always fail would otherwise stand before all others."""
    query = select(_d.id).where(_d.sink == sink, _d.state == "due", _d.again_at <= now, ~_is_behind())
    return list(conn.execute(query.order_by(_d.again_at, _d.id).limit(limit)).scalars())


def _is_behind() -> ColumnElement[bool]:
    """Another one about the same member comes before it and has not arrived."""
    before = t.dispatches.alias("before").c
    same = and_(before.sink == _d.sink, before.about == _d.about)
    return exists().where(same, before.state.in_(("due", "sending")), before.id < _d.id)


def take(engine: Engine, id: int, now: float) -> Dispatch | None:
    """Take one to send it; None where another worker did, or where one before it has come back."""
    mine = update(t.dispatches).where(_d.id == id, _d.state == "due", ~_is_behind())
    with engine.begin() as conn:
        taken = conn.execute(mine.values(state="sending", taken_at=now, attempts=_d.attempts + 1)).rowcount == 1
        return _read(conn, _d.id == id, 1)[0] if taken else None


def let_go(engine: Engine, before: float) -> int:
    """What a worker took before `before` and died with is due again: at least once. Returns how many."""
    lost = and_(_d.sink.in_(SINKS), _d.state == "sending", _d.taken_at < before)  # sinks: so that an index serves
    with reading(engine) as conn:  # looked at each second, and hardly ever anything: no writer waits for that
        if not conn.execute(select(_d.id).where(lost).limit(1)).first():
            return 0
    with engine.begin() as conn:
        return conn.execute(update(t.dispatches).where(lost).values(state="due")).rowcount


def arrived(engine: Engine, dispatch: Dispatch, now: float) -> None:
    """The receiver has it."""
    _settle(engine, dispatch, {"state": "sent", "settled_at": now, "problem": None, "status": None})


def failed(
    engine: Engine,
    dispatch: Dispatch,
    problem: Problem,
    now: float,
    *,
    status: int | None = None,
    again_in: float = 0.0,
) -> None:
    """It is tried again after a pause that doubles, or later where the receiver asks for it (`again_in` seconds); given
    up at once where it was refused, and after three days."""
    if problem in ("refused", "gone") or now - dispatch.at >= GIVE_UP_S:
        _settle(engine, dispatch, {"state": "dead", "settled_at": now, "problem": problem, "status": status})
        return
    pause = min(FIRST_PAUSE_S * 2 ** min(dispatch.attempts - 1, 20), LONGEST_PAUSE_S)
    again_at = now + max(pause, again_in)
    _settle(engine, dispatch, {"state": "due", "again_at": again_at, "problem": problem, "status": status})


def _settle(engine: Engine, dispatch: Dispatch, values: dict[str, object]) -> None:
    """Only what this worker still holds: one that was let go belongs to whoever took it next."""
    held = and_(_d.id == dispatch.id, _d.state == "sending", _d.attempts == dispatch.attempts)
    with engine.begin() as conn:
        conn.execute(update(t.dispatches).where(held).values(values))


# --- for staff -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """How one sink stands: how many wait, since when, and how many were given up."""

    sink: Sink
    waiting: int
    oldest: float | None  # UTC seconds; of what waits
    dead: int


def standings(conn: Connection) -> list[Standing]:
    """One for each sink that ever had something to do."""
    counted: dict[str, dict[str, tuple[int, float]]] = {}
    left = and_(_d.sink.in_(SINKS), _d.state.in_(("due", "sending", "dead")))
    query = select(_d.sink, _d.state, func.count(), func.min(_d.at)).where(left)
    for sink, state, count, oldest in conn.execute(query.group_by(_d.sink, _d.state)):
        counted.setdefault(sink, {})[state] = (count, oldest)
    return [_standing(sink, counted[sink]) for sink in SINKS if sink in counted]


def _standing(sink: Sink, states: dict[str, tuple[int, float]]) -> Standing:
    waiting = [states[state] for state in ("due", "sending") if state in states]
    oldest = min((at for _, at in waiting), default=None)
    return Standing(sink, sum(count for count, _ in waiting), oldest, states.get("dead", (0, 0.0))[0])


def dead(conn: Connection, limit: int = 500) -> list[Dispatch]:
    """What was given up, oldest first."""
    return _read(conn, and_(_d.sink.in_(SINKS), _d.state == "dead"), limit)


def resend(engine: Engine, ids: Sequence[int], now: float) -> int:
    """These dead ones are due again, with three days before them. Returns how many of them were dead."""
    again = {"state": "due", "again_at": now, "attempts": 0, "at": now, "settled_at": None}
    return _change_dead(engine, ids, again)


def drop(engine: Engine, ids: Sequence[int], now: float) -> int:
    """These dead ones are not to be sent any more. Returns how many of them were dead."""
    return _change_dead(engine, ids, {"state": "dropped", "settled_at": now})


def _change_dead(engine: Engine, ids: Sequence[int], values: dict[str, object]) -> int:
    with engine.begin() as conn:
        return conn.execute(update(t.dispatches).where(_d.id.in_(ids), _d.state == "dead").values(values)).rowcount


def _read(conn: Connection, which: ColumnElement[bool], limit: int) -> list[Dispatch]:
    rows = conn.execute(select(t.dispatches).where(which).order_by(_d.id).limit(limit))
    return [
        Dispatch(
            id=row.id,
            uid=row.uid,
            sink=row.sink,
            kind=row.kind,
            record=row.record,
            about=row.about,
            state=row.state,
            at=row.at,
            attempts=row.attempts,
            settled_at=row.settled_at,
            problem=row.problem,
            status=row.status,
        )
        for row in rows
    ]
