"""A conversation as its member saw it, and as staff see it: with what never went out, and who wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Engine, select

from bot.inputs import Heard
from bot.records import tables as t
from bot.records.database import reading
from bot.records.sealing import open_gloss, open_message, open_reply
from bot.vault import Vault

ARRIVED = ("sent", "delivered", "undelivered")  # states of the outbox in which a text has left us


@dataclass(frozen=True, slots=True)
class Line:
    """One text, or what was said on a call. `at` in UTC seconds."""

    at: float
    who: Literal["member", "bot", "agent"]
    text: str
    by: str = ""  # agent:<id>, who wrote it
    state: str = ""  # of ours: answered (handed over with its webhook), replied (not noted yet), or the outbox's state
    gloss: str = ""  # the same in English, where it was said in another language
    heard: Heard | None = None  # on a call
    media: int = 0


def transcript(engine: Engine, vault: Vault, conversation: str, limit: int = 200) -> list[Line]:
    """The last texts of a conversation in order, as its member saw them."""
    return [line for line in full_transcript(engine, vault, conversation, limit) if line.state in _SEEN]


_SEEN = ("", "answered", "replied", *ARRIVED)


def full_transcript(engine: Engine, vault: Vault, conversation: str, limit: int = 200) -> list[Line]:
    """The last texts of a conversation in order: each message, its reply, and what is or was in the outbox."""
    i, o = t.inbound.c, t.outbox.c
    with reading(engine) as conn:
        received = conn.execute(
            select(i.message_id, i.body_sealed, i.reply_sealed, i.gloss_sealed, i.arrived_at, i.answered_at)
            .where(i.conversation == conversation)
            .order_by(i.arrived_at.desc())
            .limit(limit)
        ).all()
        posted = conn.execute(
            select(o.message_id, o.body_sealed, o.gloss_sealed, o.state, o.by, o.sent_at, o.due_at, o.reason)
            .where(o.conversation == conversation)
            .order_by(o.due_at.desc())
            .limit(limit)
        ).all()
    by_outbox = {row.message_id for row in posted}
    lines = []
    for sent in posted:
        text, gloss = vault.open(sent.body_sealed, "outbox.body").decode(), open_gloss(vault, sent.gloss_sealed) or ""
        who: Literal["agent", "bot"] = "agent" if sent.reason == WRITTEN else "bot"
        at = sent.sent_at if sent.state in ARRIVED and sent.sent_at else sent.due_at
        lines.append(Line(at, who, text, sent.by or "", sent.state, gloss))
    for row in received:
        message = open_message(vault, row.body_sealed)
        lines.append(Line(row.arrived_at, "member", message.text, heard=message.heard, media=message.media))
        reply = open_reply(vault, row.reply_sealed)
        if reply is not None and row.message_id not in by_outbox:
            state = "answered" if row.answered_at else "replied"
            lines.append(Line(row.arrived_at, "bot", reply, "", state, open_gloss(vault, row.gloss_sealed) or ""))
    return sorted(lines, key=lambda line: line.at)[-limit:]  # stable: a reply follows its message


WRITTEN = "agent"  # the reason of a text of the outbox that an agent wrote
