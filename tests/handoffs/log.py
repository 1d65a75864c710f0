"""Reads from the records who spoke when: every version of a conversation is one message or one act, in order."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from bot.bootstrap import Bot
from bot.ownership import is_agent
from bot.records import tables as t
from bot.records.database import reading
from bot.records.sealing import open_message, open_reply


@dataclass(frozen=True, slots=True)
class Spoke:
    """What was said to the member at one version of the conversation, and by whom."""

    version: int
    by: str  # bot, or agent:<id>
    owner: str  # who had the conversation then
    text: str
    asked: str  # what the member had written, where it answers that


def versions(bot: Bot, conversation: str) -> list[int]:
    """Of all messages and acts."""
    with reading(bot.records) as conn:
        made = [
            conn.execute(select(table.c.version).where(table.c.conversation == conversation)).scalars()
            for table in (t.inbound, t.acts)
        ]
        return sorted(version for some in made for version in some)


def spoken(bot: Bot, conversation: str) -> list[Spoke]:
    """Everything said to the member, in order, with who had the conversation."""
    with reading(bot.records) as conn:
        changes = conn.execute(
            select(t.ownership).where(t.ownership.c.conversation == conversation).order_by(t.ownership.c.version)
        ).all()
        received = conn.execute(select(t.inbound).where(t.inbound.c.conversation == conversation)).all()
        acts = conn.execute(select(t.acts).where(t.acts.c.conversation == conversation)).all()
        posted = {row.message_id: row for row in conn.execute(select(t.outbox))}

    def owner_at(version: int) -> str:
        return next((change.after for change in reversed(changes) if change.version <= version), "bot")

    found = []
    for row in received:
        reply = open_reply(bot.vault, row.reply_sealed)
        if reply is not None:
            asked = open_message(bot.vault, row.body_sealed).text
            found.append(Spoke(row.version, "bot", owner_at(row.version), reply, asked))
    for act in acts:
        if act.id in posted:
            text = bot.vault.open(posted[act.id].body_sealed, "outbox.body").decode()
            found.append(Spoke(act.version, posted[act.id].by or "bot", owner_at(act.version), text, ""))
    return sorted(found, key=lambda one: one.version)


def two_speakers(said: list[Spoke]) -> list[Spoke]:
    """What was said by somebody who did not have the conversation."""
    return [one for one in said if one.by != one.owner and (is_agent(one.by) or is_agent(one.owner))]
