"""What SQL has of a conversation and its members' answers, read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    func,
    select,
)

from bot.inputs import AnswersLoaded
from bot.ownership import is_agent
from bot.records import tables as t
from bot.records.sealing import open_address, open_reply
from bot.session import Session
from bot.vault import Vault

UNDER_WAY_S = 1.0  # between recording a reply and noting that it went out; longer means it never did


_CONVERSATION = select(t.conversations.c.version, t.conversations.c.owner, t.conversations.c.session_sealed).where(
    t.conversations.c.id == bindparam("this")
)
_ADDRESS = select(t.conversations.c.address_sealed).where(t.conversations.c.id == bindparam("this"))
_OPTED_OUT = select(t.opt_outs.c.phone_index).where(t.opt_outs.c.phone_index == bindparam("phone"))


@dataclass(frozen=True, slots=True)
class Stored:
    """The durable copy of a conversation; `session` is sealed."""

    version: int
    owner: str
    session: bytes


def load_conversation(conn: Connection, conversation: str) -> Stored | None:
    """None before the first turn."""
    row = conn.execute(_CONVERSATION, {"this": conversation}).one_or_none()
    return Stored(row.version, row.owner, row.session_sealed) if row else None


def load_address(conn: Connection, vault: Vault, conversation: str) -> tuple[str, str] | None:
    """The two numbers of a conversation, the member's and ours (E.164); None where there is none."""
    sealed = conn.execute(_ADDRESS, {"this": conversation}).scalar_one_or_none()
    return None if sealed is None else open_address(vault, sealed)


def load_answers(conn: Connection, vault: Vault, flow: str, member: str, run: str = "") -> AnswersLoaded:
    """The member's open run of this flow (or the run named), folded from the log; `run` is empty where none is open."""
    version = conn.execute(select(t.members.c.version).where(t.members.c.id == member)).scalar_one()
    open_run = select(t.runs.c.id).where(t.runs.c.member == member, t.runs.c.flow == flow, t.runs.c.state == "open")
    found = run or conn.execute(open_run.order_by(t.runs.c.started_at.desc()).limit(1)).scalar_one_or_none()
    marks = fold(conn, vault, found) if found else ()
    return AnswersLoaded(flow, member, found or "", marks, version)


def fold(conn: Connection, vault: Vault, run: str) -> tuple[tuple[str, str, dict[str, Any]], ...]:
    """The marks of a run that stand: its answer log, without what was withdrawn, in order."""
    c = t.answers.c
    rows = conn.execute(select(c.question, c.status, c.value_sealed).where(c.run == run).order_by(c.id))
    marks: dict[str, tuple[str, str, dict[str, Any]]] = {}
    for question, status, sealed in rows:
        marks.pop(question, None)
        if status != "withdrawn":
            slots = msgspec.msgpack.decode(vault.open(sealed, "answers.value")) if sealed else {}
            marks[question] = (question, status, slots)
    return tuple(marks.values())


def load_reply(conn: Connection, vault: Vault, message_id: str) -> AlreadyRecorded | None:
    """The reply of a message that had its turn, or None. One that went by the outbox is not repeated: it is empty."""
    c = t.inbound.c
    query = (
        select(c.state, c.reply_sealed, c.answered_at, t.conversations.c.owner)
        .join(t.conversations, t.conversations.c.id == c.conversation)
        .where(c.message_id == message_id)
    )
    row = conn.execute(query).one_or_none()
    if row is None or row.state != "done":
        return None
    if row.answered_at is None and is_agent(row.owner):  # it never went out, and now somebody else speaks
        return AlreadyRecorded(None)
    posted = conn.execute(select(func.count()).where(t.outbox.c.message_id == message_id)).scalar_one()
    return AlreadyRecorded(None if posted else open_reply(vault, row.reply_sealed))


def is_opted_out(conn: Connection, phone_index: str) -> bool:
    return conn.execute(_OPTED_OUT, {"phone": phone_index}).first() is not None


def speaks_for(conn: Connection, session: Session) -> bool:
    """Whether this phone is still known for whom the session says it verified."""
    c = t.phone_links.c
    mine = and_(c.phone_index == session.phone_index, c.member == session.verified_member)
    return not session.verified_member or conn.execute(select(c.member).where(mine)).first() is not None


def went_out(conn: Connection, message_id: str, now: float) -> bool:
    """Whether the reply to this message was handed over, or was given a moment ago and may just be on its way; or what
    an act of staff said has been sent."""
    c, o = t.inbound.c, t.outbox.c
    row = conn.execute(select(c.answered_at, c.done_at).where(c.message_id == message_id)).one_or_none()
    if row is None:
        state = conn.execute(select(o.state).where(o.message_id == message_id)).scalar_one_or_none()
        return state not in ("due", "sending", "dropped", "failed", "undelivered")
    return row.answered_at is not None or now - (row.done_at or 0.0) <= UNDER_WAY_S


def is_open(conn: Connection, run: str) -> bool:
    """Whether this run may still be answered."""
    state = conn.execute(select(t.runs.c.state).where(t.runs.c.id == run)).scalar_one_or_none()
    return state in (None, "open")


@dataclass(frozen=True, slots=True)
class AlreadyRecorded:
    """This message had its turn before: its reply; the session is the one in SQL."""

    reply: str | None
