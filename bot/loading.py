"""What a turn begins with: whose conversation it is, and the session as SQL has it, with what changed around it."""

from __future__ import annotations

import logging

import msgspec
from msgspec.structs import replace

from bot import engine
from bot.bootstrap import Bot
from bot.events import Event
from bot.flow import Content, Plan
from bot.inputs import MessageReceived
from bot.phones import canonical, is_known
from bot.records import sealing, stored
from bot.records.database import Connection, reading
from bot.session import OnCall, Session
from bot.vault import SealBroken

log = logging.getLogger(__name__)


def conversation_of(bot: Bot, message: MessageReceived) -> str:
    """The conversation's id: a keyed hash of the two numbers; each call is a conversation of its own."""
    if message.call:
        return bot.vault.index("conversation", message.call)
    return bot.vault.index("conversation", f"{canonical(message.sender)}>{canonical(message.recipient)}")


def plan_of(content: Content, number: str) -> Plan:
    """The plan that a number of ours belongs to; the first where none says so."""
    dialled = canonical(number)
    return next((p for p in content.plans.values() if dialled in p.numbers), next(iter(content.plans.values())))


def durable(bot: Bot, conversation: str, message: MessageReceived) -> tuple[Session, list[Event]]:
    """The session as SQL has it, with what has changed around it since: a new one before the first turn."""
    now = bot.clock() + message.ahead
    with reading(bot.records) as conn:
        row = stored.load_conversation(conn, conversation)
        session = _new(bot, conversation, message)
        if row is not None:
            session = _readable(bot, conversation, message, row.session)
            session = replace(session, version=row.version, owner=row.owner)
        if session.call is not None:
            call = replace(session.call, no_texts=stored.is_opted_out(conn, session.phone_index))
            return _with_answers_now(bot, conn, replace(session, call=call), message.id)
        session = replace(session, opted_out=stored.is_opted_out(conn, session.phone_index))
        if row is None:
            return session, []
        if not stored.speaks_for(conn, session):  # "wrong number", said meanwhile on another of our numbers
            session = engine.forget_speaker(session)
        if not stored.went_out(conn, session.asked_by, now):
            session = replace(session, asked="")
        return _with_answers_now(bot, conn, session, message.id)


def _readable(bot: Bot, conversation: str, message: MessageReceived, sealed: bytes) -> Session:
    """What cannot be read is begun anew: the answers stay in SQL, and who speaks is asked again."""
    try:
        return sealing.open_session(bot.vault, conversation, sealed)
    except (SealBroken, msgspec.ValidationError, msgspec.DecodeError):
        log.error("a durable session could not be read: begun anew", extra={"ids": {"conversation": conversation}})
        return _new(bot, conversation, message)


def _new(bot: Bot, conversation: str, message: MessageReceived) -> Session:
    plan = plan_of(bot.content.current, message.recipient)
    call = OnCall(number_known=is_known(canonical(message.sender))) if message.call else None
    return Session(conversation, _phone_index(bot, message), plan.id, channel=message.channel, call=call)


def _phone_index(bot: Bot, message: MessageReceived) -> str:
    """Whose phone it is. A caller who hides the number has one for this call."""
    number = canonical(message.sender)
    return bot.vault.index("phone", message.call if message.call and not is_known(number) else number)


def _with_answers_now(bot: Bot, conn: Connection, session: Session, seed: str) -> tuple[Session, list[Event]]:
    """The members' own answers as they are now; a form handed in elsewhere meanwhile ends what led to it here."""
    for key, run in session.member_runs.items():
        flow, member = key.split(":")
        if not stored.is_open(conn, run.id):
            left = {other: r for other, r in session.member_runs.items() if other != key}
            return engine.start_over(replace(session, member_runs=left))
        loaded = stored.load_answers(conn, bot.vault, flow, member, run.id)
        session, _ = engine.attach(session, loaded, seed)
    return session, []
