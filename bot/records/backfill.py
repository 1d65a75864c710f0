"""Puts records on their way that were written while nothing was delivered, or not to this sink."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Connection, Engine, Select, exists, func, literal, select

from bot.records import tables as t
from bot.records.database import reading
from bot.records.dispatches import DELIVERED, Sink, new
from bot.records.once import insert_once

_STREAMED: dict[str, Any] = {"yield_per": 500}


def put_on_their_way(engine: Engine, sinks: tuple[Sink, ...], since: float | None, now: float) -> dict[str, int]:
    """Have every record since then delivered to each of the sinks that takes it and has not had it. Safe to repeat.
    Returns how many of each kind."""
    counted = dict.fromkeys(DELIVERED, 0)
    for kind, takers in DELIVERED.items():
        for sink in takers:
            if sink in sinks:
                counted[kind] += _put(engine, kind, sink, since, now)
    return counted


def _put(engine: Engine, kind: str, sink: Sink, since: float | None, now: float) -> int:
    """Read in one go, beside the writing: looking for the next few from the start each time takes ever longer, and
    members' turns would wait for it."""
    put = 0
    query = _undelivered(kind, sink, since)
    with reading(engine) as read, closing(read.execute(query, execution_options=_STREAMED)) as rows:
        for found in rows.partitions():
            with engine.begin() as conn:
                put += sum(_put_one(conn, kind, sink, record, about, now) for record, about, _ in found)
    return put


def _put_one(conn: Connection, kind: str, sink: Sink, record: str, about: str, now: float) -> bool:
    # The same name whoever asks: two who ask at once put it on its way once.
    uid = uuid5(NAMESPACE_URL, f"{sink}:{kind}:{record}").hex
    return insert_once(conn, t.dispatches, new(uid, sink, kind, record, about, now))


def _undelivered(kind: str, sink: Sink, since: float | None) -> Select[Any]:
    """(uid, about, when) of the records of this kind that never were on their way to this sink, oldest first."""
    record, about, at, *more = _columns(kind)
    gone = exists().where(t.dispatches.c.sink == sink, t.dispatches.c.record == record)
    query = select(record, about, at).where(~gone, *more).order_by(at, record)
    return query if since is None else query.where(at >= since)


def _columns(kind: str) -> Iterator[Any]:
    """Name, whom it is about, when, and which records of the kind are delivered at all."""
    if kind == "screenings":
        c = t.screenings.c
        yield from (c.run, c.member, c.completed_at, c.status == "completed")
        return
    table = {"preferences": t.preferences, "consents": t.consents, "pmp-choices": t.pmp_choices,
             "referrals": t.referrals, "rewards": t.rewards}[kind]  # fmt: skip
    nobody = literal("")
    yield from (table.c.uid, func.coalesce(table.c.member, table.c.get("phone_index", nobody), nobody), table.c.at)
