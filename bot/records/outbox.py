"""Texts on their way out, and replies that never were handed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, and_, exists, or_, select, tuple_, update

from bot.calendar import waking
from bot.inputs import MessageReceived
from bot.ownership import is_agent
from bot.records import tables as t
from bot.records.once import insert_once
from bot.records.reminders import REMINDER
from bot.records.sealing import open_address, open_message, open_reply, seal_gloss, seal_message
from bot.vault import Vault
from bot.walk import run_id


@dataclass(frozen=True, slots=True)
class Due:
    """One text to be sent: from our number `ours` to the member's."""

    id: str
    conversation: str
    message_id: str | None
    text: str
    member: str
    ours: str
    allowed: bool  # no opt-out, and the bot may speak
    attempt: int  # 1 for the first


def mark_answered(engine: Engine, message_ids: Sequence[str], now: float) -> list[tuple[str, str]]:
    """These replies have been handed over with their webhooks; (conversation, message id) of each."""
    c = t.inbound.c
    with engine.begin() as conn:
        conn.execute(
            update(t.inbound).where(c.message_id.in_(message_ids), c.answered_at.is_(None)).values(answered_at=now)
        )
        rows = conn.execute(select(c.conversation, c.message_id).where(c.message_id.in_(message_ids)))
        return [(row.conversation, row.message_id) for row in rows]


def unanswered(conn: Connection, before: float, limit: int = 200) -> list[tuple[str, str]]:
    """Replies never handed over since `before`: (conversation, message id) of each."""
    c = t.inbound.c
    lost = and_(c.answered_at.is_(None), c.state == "done", c.done_at < before)
    return [
        (row.conversation, row.message_id)
        for row in conn.execute(select(c.conversation, c.message_id).where(lost).limit(limit))
    ]


def unanswered_in(conn: Connection, conversation: str) -> list[str]:
    """Messages of this conversation whose replies have not been noted as handed over."""
    c = t.inbound.c
    open_ones = and_(c.conversation == conversation, c.answered_at.is_(None), c.state == "done")
    return list(conn.execute(select(c.message_id).where(open_ones)).scalars())


def withhold(conn: Connection, vault: Vault, conversation: str, before: float, now: float) -> None:
    """Replies recorded before `before` and never handed over do not go out any more: somebody else speaks now."""
    c, o = t.inbound.c, t.outbox.c
    lost = and_(c.conversation == conversation, c.answered_at.is_(None), c.state == "done", c.done_at < before)
    for row in conn.execute(update(t.inbound).where(lost).values(answered_at=now).returning(*c)).all():
        text = open_reply(vault, row.reply_sealed)
        if text is not None and post(conn, vault, conversation, text, "late_reply", now, row.message_id):
            conn.execute(update(t.outbox).where(o.message_id == row.message_id).values(state="dropped"))


def post_unanswered(engine: Engine, vault: Vault, message_ids: Sequence[str], now: float) -> None:
    """Put these replies into the outbox, but for those that were noted as handed over meanwhile."""
    c = t.inbound.c
    still = and_(c.message_id.in_(message_ids), c.answered_at.is_(None))
    with engine.begin() as conn:
        moved = update(t.inbound).where(still).values(answered_at=now)
        for row in conn.execute(moved.returning(c.message_id, c.conversation, c.reply_sealed)).all():
            text = open_reply(vault, row.reply_sealed)
            if text is not None:
                post(conn, vault, row.conversation, text, "late_reply", now, row.message_id)


def pending(conn: Connection, vault: Vault, limit: int = 200) -> list[tuple[str, MessageReceived]]:
    """Messages whose webhook was answered before their turn, oldest first."""
    c = t.inbound.c
    query = select(c.conversation, c.body_sealed).where(c.state == "pending").order_by(c.arrived_at).limit(limit)
    return [(row.conversation, open_message(vault, row.body_sealed)) for row in conn.execute(query)]


HOLDS_UP_S = 60.0  # a text that waits for longer does not keep the next ones of its conversation waiting


def due(conn: Connection, now: float, limit: int = 200) -> list[str]:
    """Ids of the texts to be sent now, oldest first."""
    o = t.outbox.c
    ready = and_(o.state == "due", o.due_at <= now, or_(o.again_at.is_(None), o.again_at <= now))
    query = select(o.id).where(ready).order_by(o.due_at, o.id).limit(limit)
    return list(conn.execute(query).scalars())


def take(engine: Engine, vault: Vault, outbox_id: str, now: float) -> Due | None:
    """Take one text to send it; None where another worker did, where it must wait for the morning or for one before it,
    or where it comes too late. Owner and opt-out are read at that moment."""
    o, c, out = t.outbox.c, t.conversations.c, t.opt_outs.c
    values = {"state": "sending", "sent_at": now, "attempts": o.attempts + 1}
    query = (
        select(o.id, o.conversation, o.message_id, o.body_sealed, o.by, o.attempts)
        .add_columns(c.address_sealed, c.owner, out.phone_index)
        .join(t.conversations, c.id == o.conversation)
        .outerjoin(t.opt_outs, out.phone_index == c.phone_index)
        .where(o.id == outbox_id)
    )
    with engine.begin() as conn:
        if _sleeps(conn, outbox_id, now) or _is_overtaken(conn, outbox_id) or _is_behind(conn, outbox_id, now):
            return None
        mine = conn.execute(update(t.outbox).where(o.id == outbox_id, o.state == "due").values(values)).rowcount == 1
        return _due(vault, conn.execute(query).one()) if mine else None


def _is_behind(conn: Connection, outbox_id: str, now: float) -> bool:
    """A text of the same conversation comes before this one, and is in somebody's hands or will be within a minute: the
    one before is never overtaken by another worker, and holds nobody up for long. It is the same order for all."""
    this, before = t.outbox.c, t.outbox.alias("before")
    soon = or_(before.c.again_at.is_(None), before.c.again_at <= now + HOLDS_UP_S)
    under_way = or_(before.c.state == "sending", and_(before.c.state == "due", soon))
    earlier = tuple_(before.c.due_at, before.c.id) < tuple_(this.due_at, this.id)
    query = select(before.c.id).where(
        this.id == outbox_id, before.c.conversation == this.conversation, earlier, under_way
    )
    return conn.execute(query.limit(1)).first() is not None


def _is_overtaken(conn: Connection, outbox_id: str) -> bool:
    """It did not arrive, and before it was sent once more the conversation went on: it stays where it is."""
    o, later, d, i = t.outbox.c, t.outbox.alias("later"), t.deliveries.c, t.inbound.c
    tried = exists().where(d.outbox == o.id)
    went_on = or_(
        exists().where(later.c.conversation == o.conversation, later.c.sent_at > o.sent_at, later.c.state.in_(_LEFT)),
        exists().where(i.conversation == o.conversation, i.arrived_at > o.sent_at),
    )
    stays = update(t.outbox).where(o.id == outbox_id, o.state == "due", tried, went_on)
    return conn.execute(stays.values(state="undelivered")).rowcount == 1


_LEFT = ("sending", "sent", "delivered", "undelivered", "unknown")


def _sleeps(conn: Connection, outbox_id: str, now: float) -> bool:
    """It is night where this text goes: it waits for the morning. A worker may have been away when it fell due."""
    o = t.outbox.c
    zone = conn.execute(select(o.zone).where(o.id == outbox_id)).scalar_one()
    morning = waking(now, zone) if zone else now
    if morning > now:
        conn.execute(update(t.outbox).where(o.id == outbox_id, o.state == "due").values(due_at=morning))
    return morning > now


def _due(vault: Vault, row: Any) -> Due:
    member, ours = open_address(vault, row.address_sealed)
    text = vault.open(row.body_sealed, "outbox.body").decode()
    allowed = row.phone_index is None and (row.by is not None or not is_agent(row.owner))
    return Due(row.id, row.conversation, row.message_id, text, member, ours, allowed, row.attempts)


def drop(engine: Engine, text: Due) -> None:
    """This text was taken, and may not go out."""
    o = t.outbox.c
    with engine.begin() as conn:
        conn.execute(update(t.outbox).where(o.id == text.id, o.state == "sending").values(state="dropped"))


def let_go(engine: Engine, before: float, *, again: bool) -> None:
    """Texts taken before `before` and never settled: sent `again`, or never repeated, their fate unknown."""
    o = t.outbox.c
    stale = update(t.outbox).where(o.state == "sending", o.sent_at < before)
    with engine.begin() as conn:
        conn.execute(stale.values(state="due" if again else "unknown"))


def cancel_reminders(conn: Connection, conversation: str) -> None:
    """The member came back by themselves: what is still to come is not needed."""
    o = t.outbox.c
    waiting = update(t.outbox).where(o.conversation == conversation, o.reason == REMINDER, o.state == "due")
    conn.execute(waiting.values(state="dropped"))


def postpone(engine: Engine, vault: Vault, conversation: str, message: MessageReceived) -> None:
    """Keep a message whose webhook is answered before its turn; the worker takes it."""
    row = {
        "message_id": message.id,
        "conversation": conversation,
        "state": "pending",
        "body_sealed": seal_message(vault, message),
        "arrived_at": message.at,
    }
    with engine.begin() as conn:
        insert_once(conn, t.inbound, row)


def post(
    conn: Connection,
    vault: Vault,
    conversation: str,
    text: str,
    reason: str,
    due: float,
    message_id: str | None = None,
    zone: str | None = None,
    *,
    once: bool = False,
    by: str | None = None,
    gloss: str | None = None,
) -> bool:
    """Put a text into the outbox; one reply a message. False where it is there already. With a `zone` (an IANA name) it
    goes out by day only. `once`: for this reason the conversation gets no other. `by`: the agent who speaks in it, who
    may even while the bot may not; `gloss`: the same in English."""
    row = {
        "id": run_id("outbox", conversation, reason, "once" if once else message_id or due),
        "conversation": conversation,
        "message_id": message_id,
        "body_sealed": vault.seal(text.encode(), "outbox.body"),
        "reason": reason,
        "state": "due",
        "due_at": due,
        "attempts": 0,
        "zone": zone,
        "by": by,
        "gloss_sealed": seal_gloss(vault, gloss),
    }
    return insert_once(conn, t.outbox, row)
