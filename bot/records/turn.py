"""Writes one turn in one SQL transaction, fenced by versions: either all of it stands, once, or none of it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
from msgspec.structs import replace
from sqlalchemy import (
    Connection,
    Engine,
    Integer,
    and_,
    bindparam,
    exists,
    func,
    null,
    or_,
    select,
    update,
)

from bot.events import (
    ConsentGiven,
    Event,
    HandoffRequested,
    Marked,
    NumberFlagged,
    OptedIn,
    OptedOut,
    PmpChosen,
    PreferenceChosen,
    RunStarted,
    ScreeningSubmitted,
    VerificationFailed,
    VerificationPassed,
    Withdrawn,
)
from bot.inputs import Act, StartTask, Write, kind_of
from bot.members.verification import most_failures
from bot.ownership import is_agent
from bot.records import dispatches, rewards
from bot.records import tables as t
from bot.records.effects import EFFECTS, write_marks
from bot.records.keeping import keep_places, take_places
from bot.records.once import insert_once
from bot.records.outbox import post
from bot.records.prepared import Prepared
from bot.records.screenings import update_screenings
from bot.records.sealing import seal_gloss, seal_message, seal_reply, seal_session
from bot.records.stored import AlreadyRecorded, is_opted_out, load_reply
from bot.records.taken import TurnTaken, Writing, how_spoken
from bot.records.transcript import WRITTEN
from bot.session import Session, language_of, line_of
from bot.vault import Vault


@dataclass(frozen=True, slots=True)
class Recorded:
    """The turn stands. `session` is what was stored, `sealed` the same for Redis; `reply` is for the webhook to answer,
    None where it goes by the outbox instead. `due`: something waits for the worker, now."""

    session: Session
    sealed: bytes
    reply: str | None
    due: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """Someone else wrote first: reload and take the turn again."""


_CONVERSATION = ("version", "owner", "waiting_since", "language", "how", "session_sealed", "updated_at")

_here = and_(t.conversations.c.id == bindparam("this"), t.conversations.c.version == bindparam("read_at"))
_opted_out = exists().where(t.opt_outs.c.phone_index == bindparam("phone"))
_MOVE_CONVERSATION = Prepared(update(t.conversations).where(_here), _CONVERSATION)
_MOVE_AND_SPEAK = Prepared(update(t.conversations).where(_here, ~_opted_out), _CONVERSATION)

_MOVE_MEMBER = Prepared(
    update(t.members)
    .where(
        t.members.c.id == bindparam("this"),
        or_(bindparam("read_at", type_=Integer) == null(), t.members.c.version == bindparam("read_at", type_=Integer)),
    )
    .values(version=t.members.c.version + 1)
)

_MEMBERS_VERSION = select(t.members.c.version).where(t.members.c.id == bindparam("this"))


def record(engine: Engine, vault: Vault, turn: TurnTaken) -> Recorded | AlreadyRecorded | Conflict:
    """Write the turn. Raises bot.records.database.Away when SQL cannot be reached."""
    with engine.connect() as conn, conn.begin() as transaction:
        outcome = _record(conn, vault, turn)
        if isinstance(outcome, Conflict):
            transaction.rollback()
        return outcome


def _record(conn: Connection, vault: Vault, turn: TurnTaken) -> Recorded | AlreadyRecorded | Conflict:
    way = _take_in(conn, vault, turn)
    if isinstance(way, AlreadyRecorded):
        return way
    after = replace(turn.after, version=turn.before.version + 1)
    touched = _touched(turn.events)
    if touched and after.person and after.person.id in touched:
        after = replace(after, member_version=after.member_version + 1)
    sealed = seal_session(vault, after)
    stands = (
        _conversation_moves(conn, vault, turn, after, sealed)
        and _members_move(conn, turn, touched)
        and _judged_on_all_failures(conn, turn)
        and take_places(conn, turn)
    )
    if not stands:
        return Conflict()
    writing = Writing(conn, vault, turn)
    for event in turn.events:
        effect = EFFECTS.get(type(event))
        if effect is not None:
            effect(writing, event)
    write_marks(writing)
    update_screenings(writing)
    keep_places(writing)
    for member in _finished_steps(turn.events):
        rewards.evaluate(conn, member, turn.plan, turn.now)
    due = _alerts(turn) or _delivers(conn, turn)
    if way == "webhook":
        return Recorded(after, sealed, turn.reply, due)
    return Recorded(after, sealed, None, due or turn.reply is not None)


def _alerts(turn: TurnTaken) -> bool:
    """Whether staff are to be told of something at once."""
    return bool(turn.alert_by) and any(isinstance(event, HandoffRequested) and event.urgent for event in turn.events)


def _delivers(conn: Connection, turn: TurnTaken) -> bool:
    """Whether a record was written that goes to the plan's own systems."""
    return bool(dispatches.sinks_of(conn)) and any(isinstance(event, _RECORDED) for event in turn.events)


_RECORDED = (PreferenceChosen, ConsentGiven, PmpChosen, ScreeningSubmitted, OptedOut, OptedIn, NumberFlagged)


def _take_in(conn: Connection, vault: Vault, turn: TurnTaken) -> AlreadyRecorded | Literal["webhook", "outbox"]:
    """The row of this message: made now, or found waiting for its turn, or found done. Which way the reply goes."""
    message = turn.message
    if turn.act is not None:
        return _take_in_act(conn, vault, turn, turn.act)
    row = {
        "message_id": message.id,
        "conversation": turn.before.conversation,
        "state": "done",
        "body_sealed": seal_message(vault, message),
        "reply_sealed": seal_reply(vault, turn.reply),
        "arrived_at": message.at,
        "done_at": turn.now,
        # A call's document is replayed to whoever asks for it again, and never goes out as a text.
        "answered_at": None if turn.reply is not None and not message.call else turn.now,
        "gloss_sealed": seal_gloss(vault, turn.gloss),
        "version": turn.before.version + 1,
    }
    if insert_once(conn, t.inbound, row):
        return "webhook"
    done = load_reply(conn, vault, message.id)
    if done is not None:
        return done
    # Its webhook was answered empty before its turn: the reply goes by the outbox.
    row = {**row, "answered_at": turn.now}
    conn.execute(update(t.inbound).where(t.inbound.c.message_id == message.id).values(row))
    if message.call:
        return "webhook"
    if turn.reply is not None:
        post(conn, vault, turn.before.conversation, turn.reply, "late_reply", turn.now, message.id, gloss=turn.gloss)
    return "outbox"


def _take_in_act(conn: Connection, vault: Vault, turn: TurnTaken, act: Act) -> AlreadyRecorded | Literal["outbox"]:
    """The row of this act, and what it says to the member, which goes by the outbox."""
    row = {
        "id": act.id,
        "conversation": act.conversation,
        "by": act.by,
        "kind": kind_of(act),
        "version": turn.before.version + 1,
        "at": turn.now,
    }
    if not insert_once(conn, t.acts, row):
        return AlreadyRecorded(None)
    if turn.reply is not None:
        speaks = act.by if is_agent(turn.after.owner) else None
        zone = turn.plan.hours.zone if isinstance(act, StartTask) else None  # nobody asked for it: not at night
        reason = WRITTEN if isinstance(act, Write) else "staff"
        post(conn, vault, act.conversation, turn.reply, reason, turn.now, act.id, zone, by=speaks, gloss=turn.gloss)
    return "outbox"


def _conversation_moves(conn: Connection, vault: Vault, turn: TurnTaken, after: Session, sealed: bytes) -> bool:
    """The conversation's row goes from version v to v+1, only where it still is v; and with something to say only where
    the member has not opted out by another of our numbers a moment ago."""
    texts = turn.reply is not None and not turn.message.call
    speaks = texts and not (turn.before.opted_out or turn.after.opted_out)
    values = {
        "version": after.version,
        "owner": after.owner,
        "waiting_since": after.waiting_since or None,
        "language": language_of(after),
        "how": how_spoken(after),
        "session_sealed": sealed,
        "updated_at": turn.now,
    }
    if turn.before.version:
        now_at = {"this": after.conversation, "read_at": turn.before.version, "phone": after.phone_index}
        return (_MOVE_AND_SPEAK if speaks else _MOVE_CONVERSATION).run(conn, {**values, **now_at}) == 1
    address = msgspec.msgpack.encode({"member": turn.message.sender, "ours": turn.message.recipient})
    new = {
        **values,
        "id": after.conversation,
        "phone_index": after.phone_index,
        "address_sealed": vault.seal(address, "conversations.address"),
        "started_at": turn.now,
    }
    return insert_once(conn, t.conversations, new) and not (speaks and is_opted_out(conn, after.phone_index))


def _members_move(conn: Connection, turn: TurnTaken, touched: set[str]) -> bool:
    """Where facts about a member are written, the member's version moves too: two parents on two phones."""
    shared = {event.member for event in turn.events if isinstance(event, Marked | Withdrawn | RunStarted)} - {""}
    for member in touched:
        read_at = turn.after.member_version if member in shared else None
        if _MOVE_MEMBER.run(conn, {"this": member, "read_at": read_at}) != 1:
            return False
    return _still_as_read(conn, turn, touched)


def _still_as_read(conn: Connection, turn: TurnTaken, touched: set[str]) -> bool:
    """Where nothing is written about the member either: what is asked again has not been answered elsewhere."""
    person = turn.after.person
    if person is None or person.id in touched or not turn.after.member_runs:
        return True
    return bool(conn.execute(_MEMBERS_VERSION, {"this": person.id}).scalar_one() == turn.after.member_version)


def _judged_on_all_failures(conn: Connection, turn: TurnTaken) -> bool:
    """A verification was judged knowing every failure: guesses made at the same time do not each get a try."""
    for event in turn.events:
        if isinstance(event, VerificationPassed | VerificationFailed):
            _one_at_a_time(conn, event.suspect or line_of(turn.after))
            counted = most_failures(conn, line_of(turn.after), event.suspect, turn.failures_since)
            if counted != event.failures:
                return False
    return True


def _one_at_a_time(conn: Connection, subject: str) -> None:
    """Transactions about one subject follow each other. SQLite's all do."""
    if conn.dialect.name == "postgresql":
        number = int(hashlib.sha256(subject.encode()).hexdigest()[:15], 16)
        conn.execute(select(func.pg_advisory_xact_lock(number)))


def _touched(events: Sequence[Event]) -> set[str]:
    kinds = (Marked, Withdrawn, RunStarted, PreferenceChosen, ConsentGiven, PmpChosen, ScreeningSubmitted)
    return {event.member for event in events if isinstance(event, kinds)} - {""}


def _finished_steps(events: Sequence[Event]) -> set[str]:
    return {e.member for e in events if isinstance(e, PreferenceChosen | PmpChosen | ScreeningSubmitted)} - {""}
