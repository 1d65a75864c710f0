"""How somebody needs to be spoken with, read back."""

from __future__ import annotations

from sqlalchemy import Connection, select

from bot.records import tables as t

RELAY = "relay"


def uses_relay(conn: Connection, speaker: str) -> bool:
    """Whether this speaker (bot.session.speaker) has called through a relay operator before."""
    c = t.accommodations.c
    return conn.execute(select(c.at).where(c.speaker == speaker, c.kind == RELAY)).first() is not None
