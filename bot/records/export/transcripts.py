"""Conversations, a message at a time, as their members saw them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping, Select, case, exists, func, literal, select, union_all

from bot.records import tables as t
from bot.records.export.people import People
from bot.records.export.plain import Record
from bot.records.export.rows import Rows
from bot.records.export.since import iso
from bot.records.sealing import open_message, open_reply
from bot.records.transcript import ARRIVED, WRITTEN
from bot.vault import Vault

_i, _o = t.inbound.c, t.outbox.c


def message(people: People, row: RowMapping) -> Record | None:
    """Who said what when, in which conversation, of whom that was verified to speak. None: it was silence."""
    text, media = _opened(people.vault, row)
    if text is None:
        return None
    known = [found for one in people.spoken_of(row["talk"]) if (found := people.member(one))]
    return {
        "uid": row["uid"],
        "conversation": row["talk"],
        "at": iso(row["at"]),
        "who": row["who"],
        "text": text,
        "media": media,
        "language": row["language"],
        "channel": row["how"],
        "plan": known[0].plan if known else None,
        "member_ids": [one.member_id for one in known],
    }


def _opened(vault: Vault, row: RowMapping) -> tuple[str | None, int]:
    """The text and the number of pictures. No text: a message that was met with silence."""
    if row["source"] == "received":
        received = open_message(vault, row["sealed"])
        return received.text, received.media
    if row["source"] == "replied":
        return open_reply(vault, row["sealed"]), 0
    return vault.open(row["sealed"], "outbox.body").decode(), 0


def _messages() -> Rows:
    said = union_all(_received(), _replied(), _posted()).subquery("said")
    c = t.conversations.c
    query = select(said, c.language, c.how).join(t.conversations, c.id == said.c.talk, isouter=True)
    return Rows(query, said.c.changed, said.c.uid)


def _received() -> Select[*tuple[Any, ...]]:
    """What members sent or said."""
    return select(
        _i.message_id.label("uid"),
        _i.conversation.label("talk"),
        _i.arrived_at.label("at"),
        func.coalesce(_i.done_at, _i.arrived_at).label("changed"),  # it may be taken long after it came
        literal("member").label("who"),
        literal("received").label("source"),
        _i.body_sealed.label("sealed"),
    )


def _replied() -> Select[*tuple[Any, ...]]:
    """Replies handed over with their webhooks. Of the others the outbox tells whether they went out."""
    in_outbox = exists().where(_o.message_id == _i.message_id)
    return select(
        _i.message_id + ".reply",
        _i.conversation,
        _i.answered_at,
        _i.answered_at,
        literal("bot"),
        literal("replied"),
        _i.reply_sealed,
    ).where(_i.answered_at.is_not(None), _i.reply_sealed.is_not(None), ~in_outbox)


def _posted() -> Select[*tuple[Any, ...]]:
    """What left by the outbox: late replies, reminders, what staff wrote."""
    return select(
        _o.id,
        _o.conversation,
        func.coalesce(_o.sent_at, _o.due_at),
        func.coalesce(_o.sent_at, _o.due_at),
        case((_o.reason == WRITTEN, func.coalesce(_o.by, "agent")), else_="bot"),
        literal("posted"),
        _o.body_sealed,
    ).where(_o.state.in_(ARRIVED))


MESSAGES = _messages()
