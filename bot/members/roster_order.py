"""Remembers which transactions of a sender were loaded, so that an older file is not laid over a newer one."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from bot.members.x12_loops import Transaction
from bot.records.tables import roster_files


def is_older(conn: Connection, plan: str, transaction: Transaction) -> bool:
    """Whether one made later, or as late under a higher control number, was loaded from the same sender. The same one
    again is not older."""
    newest = conn.execute(
        select(roster_files.c.created, roster_files.c.interchange, roster_files.c.group_number)
        .where(roster_files.c.plan == plan, roster_files.c.sender == transaction.sender)
        .order_by(roster_files.c.created.desc(), roster_files.c.interchange.desc(), roster_files.c.group_number.desc())
        .limit(1)
    ).first()
    return newest is not None and (transaction.created, transaction.interchange, transaction.group) < tuple(newest)


def remember(conn: Connection, plan: str, transaction: Transaction, now: float) -> None:
    """Note that this one is being loaded, once."""
    what = {
        "plan": plan,
        "sender": transaction.sender,
        "created": transaction.created,
        "interchange": transaction.interchange,
        "group_number": transaction.group,
        "transaction_number": transaction.control,
    }
    this = [roster_files.c[name] == value for name, value in what.items()]
    if conn.scalar(select(roster_files.c.id).where(*this)) is None:
        conn.execute(insert(roster_files).values(what | {"whole": transaction.whole, "loaded_at": now}))
