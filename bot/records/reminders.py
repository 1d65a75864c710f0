"""What was agreed about reminders, read back."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from bot.records import tables as t

REMINDER = "reminder"  # the reason of a text of the outbox


def reminders_since(conn: Connection, phone_index: str, since: float) -> int:
    """Reminders that went or will go to this phone since then, the cancelled ones aside."""
    o, c = t.outbox.c, t.conversations.c
    query = (
        select(func.count())
        .select_from(t.outbox)
        .join(t.conversations, c.id == o.conversation)
        .where(c.phone_index == phone_index, o.reason == REMINDER, o.state != "dropped", o.due_at >= since)
    )
    return int(conn.execute(query).scalar_one())
