"""A conversation as its member saw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Engine, select

from bot.records import tables as t
from bot.records.database import reading
from bot.records.sealing import open_message, open_reply
from bot.vault import Vault


@dataclass(frozen=True, slots=True)
class Line:
    """One text. `at` in UTC seconds."""

    at: float
    who: Literal["member", "bot"]
    text: str


def transcript(engine: Engine, vault: Vault, conversation: str, limit: int = 200) -> list[Line]:
    """The last texts of a conversation in order: each message, its reply, and what the outbox sent."""
    i, o = t.inbound.c, t.outbox.c
    with reading(engine) as conn:
        received = conn.execute(
            select(i.message_id, i.body_sealed, i.reply_sealed, i.arrived_at)
            .where(i.conversation == conversation)
            .order_by(i.arrived_at.desc())
            .limit(limit)
        ).all()
        sent = conn.execute(
            select(o.message_id, o.body_sealed, o.sent_at).where(o.conversation == conversation, o.state == "sent")
        ).all()
    by_outbox = {row.message_id for row in sent}
    lines = [Line(row.sent_at, "bot", vault.open(row.body_sealed, "outbox.body").decode()) for row in sent]
    for row in received:
        lines.append(Line(row.arrived_at, "member", open_message(vault, row.body_sealed).text))
        reply = open_reply(vault, row.reply_sealed)
        if reply is not None and row.message_id not in by_outbox:
            lines.append(Line(row.arrived_at, "bot", reply))
    return sorted(lines, key=lambda line: line.at)  # stable: a reply follows its message
