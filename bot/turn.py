"""The life of one message: claim, load, understand, advance, record, commit, answer. Only this file knows the order."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

import msgspec
from msgspec.structs import replace

from bot import call, engine, keypad, ownership
from bot.bootstrap import Bot
from bot.deciding import look_up, standing, surroundings, turn_taken
from bot.events import (
    Event,
    Marked,
    Said,
)
from bot.findings import urgent_handoffs
from bot.flow import Content
from bot.inputs import MessageReceived
from bot.loading import conversation_of, durable
from bot.records import outbox, sealing, stored
from bot.records import turn as records
from bot.records.database import Away
from bot.records.taken import TurnTaken
from bot.session import OnCall, Session, language_of
from bot.session_store import Answered, Lease, StoreAway, Wait
from bot.vault import SealBroken
from bot.walk import Question
from nlu.corrections import instead
from nlu.relay import without_marks
from nlu.understand import understand
from nlu.understanding import FREE_WORDS, Expecting, NotAnAnswer, Understanding, Value

MAX_TRIES = 25  # a turn redone because someone else wrote first
STEP_BACK_S = 0.004  # times the number of tries: who came too late makes room
MAX_PARTS = 5  # of one message
ASK_AGAIN_S = 0.02  # how often a webhook whose turn is not yet asks for the lease

log = logging.getLogger(__name__)


class RecordsAway(Exception):
    """SQL cannot take the message: answer an error, so that Twilio brings it again."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the webhook answers with; None is an empty answer."""

    text: str | None


def take_turn(bot: Bot, message: MessageReceived) -> Reply:
    """Take a member's message, once however often it is delivered. Raises RecordsAway."""
    conversation = conversation_of(bot, message)
    try:
        try:
            return _in_order(bot, conversation, message)
        except StoreAway:
            log.warning("redis is away: turn taken on SQL alone", extra={"ids": {"conversation": conversation}})
            return _on_sql_alone(bot, conversation, message)
    except Away as error:
        raise RecordsAway from error


def _in_order(bot: Bot, conversation: str, message: MessageReceived) -> Reply:
    """Join the inbox and wait for the lease, or for another holder to take our message too."""
    body = sealing.seal_message(bot.vault, message)
    patience = bot.clock() + bot.settings.webhook_seconds
    while True:
        match bot.sessions.claim(conversation, message.id, body, bot.clock()):
            case Answered(reply):
                return Reply(sealing.open_reply(bot.vault, reply))
            case Lease() as lease:
                return _take_waiting(bot, conversation, lease)
            case Wait():
                if bot.clock() > patience:
                    outbox.postpone(bot.records, bot.vault, conversation, message)
                    return Reply(None)
                time.sleep(ASK_AGAIN_S)


def _take_waiting(bot: Bot, conversation: str, lease: Lease) -> Reply:
    """Take the waiting messages one at a time in order of arrival; the reply to the last, which is ours."""
    session = _hot(bot, conversation, lease)
    reply: str | None = None
    try:
        for number, (message_id, body) in enumerate(lease.waiting, 1):
            message = sealing.open_message(bot.vault, body)
            taken = _take(bot, conversation, message, session)
            session, reply = taken.session, taken.reply
            _commit(bot, conversation, message_id, lease, taken, keep=number < len(lease.waiting))
    except BaseException:
        _release(bot, conversation, lease)
        raise
    return Reply(reply)


def sweep(bot: Bot, conversation: str) -> None:
    """Take what waits in an inbox whose holder died (the worker calls this). Raises StoreAway, RecordsAway."""
    claimed = bot.sessions.claim(conversation, "", b"", bot.clock())
    if isinstance(claimed, Lease) and claimed.waiting:
        try:
            _take_waiting(bot, conversation, claimed)
        except Away as error:
            raise RecordsAway from error


def _on_sql_alone(bot: Bot, conversation: str, message: MessageReceived) -> Reply:
    """The same turn without Redis: the version check still serialises it."""
    return Reply(_take(bot, conversation, message, None).reply)


Decide = Callable[[Bot, Session, MessageReceived, list[Event]], TurnTaken]


@dataclass(frozen=True, slots=True)
class _Taken:
    reply: str | None
    session: Session | None
    sealed: bytes


def _take(bot: Bot, conversation: str, message: MessageReceived, session: Session | None) -> _Taken:
    """Decide and record, again from SQL when someone else wrote first. A fault of ours is answered, not repeated."""
    decide: Decide = _decide
    early: list[Event] = []
    for tries in range(MAX_TRIES):
        try:
            if session is None:
                session, early = durable(bot, conversation, message)
            turn = decide(bot, session, message, early)
            outcome = records.record(bot.records, bot.vault, turn)
        except Away:
            raise
        except Exception as error:  # the one boundary: a bug must not silence a conversation
            if decide is _apologise:
                raise
            log.error("a turn failed", exc_info=error, extra={"ids": {"conversation": conversation}})
            decide, session = _apologise, None
            continue
        match outcome:
            case records.Recorded(session=after, sealed=sealed, reply=reply, due=due):
                if due:
                    bot.waker.wake()
                return _Taken(reply, after, sealed)
            case stored.AlreadyRecorded(reply=reply):
                return _Taken(reply, None, b"")
            case records.Conflict():
                session = None
                time.sleep(STEP_BACK_S * tries)
    raise RecordsAway


def _hot(bot: Bot, conversation: str, lease: Lease) -> Session | None:
    """The session as Redis has it; None where SQL must be asked."""
    if lease.orphaned or not lease.session:
        return None
    try:
        session = sealing.open_session(bot.vault, conversation, lease.session)
    except (SealBroken, msgspec.ValidationError, msgspec.DecodeError):
        log.warning("a stored session could not be read: taken from SQL", extra={"ids": {"conversation": conversation}})
        return None
    if session.call is not None:  # that a call goes on shows that the document before has arrived
        return session
    if session.opted_out:  # START on another of our numbers counts here too
        return None
    return replace(session, asked="") if lease.unsent and lease.unsent == session.asked_by else session


# --- deciding --------------------------------------------------------------------------------------------------------


def _decide(bot: Bot, before: Session, message: MessageReceived, early: list[Event]) -> TurnTaken:
    """Everything a turn comes to, without writing any of it. `early` is what loading the session brought about."""
    content, plan, moment = surroundings(bot, before, message)
    session = engine.current(before, moment)
    received = message
    if session.call is not None:
        waits = without_marks(message.text).floor == "wait"
        session, message = call.hear(session, message, asks_to_wait=waits)
    session, loaded, question = standing(bot, session, content, moment, message.id)
    meaning = _heard(bot, message, question, before.call, session, content, moment)
    session = call.listen_for_relay(_listen_for_language(session, meaning), meaning)
    moment = _with_reply_by_twilio(bot, moment, message, meaning, session)
    turn = engine.Turn(session, message, meaning, question, content, moment, call_before=before.call)
    session, events = engine.advance(_with_correction(bot, turn))
    session, events = look_up(bot, session, [*early, *loaded, *events], content, moment, message.id)
    session, events = _take_rest(bot, dataclasses.replace(turn, session=session), events)
    if session.call is not None:
        session, events = call.to_a_person(session, events, content, moment, message.id)
        session, events = look_up(bot, session, events, content, moment, f"{message.id}.person")
        session, events = call.settle(session, events, content, moment)
    events = [*events, *urgent_handoffs(events, before, session, content)]
    session, events = ownership.after_message(session, events, received, plan)
    if session.asked_at == moment.now:  # asked in this turn: what arrives before it goes out cannot answer it
        session = replace(session, asked_at=bot.clock() + message.ahead)
    return turn_taken(bot, received, before, session, events, content, plan, moment)


def _heard(
    bot: Bot,
    message: MessageReceived,
    question: Question | None,
    before: OnCall | None,
    session: Session,
    content: Content,
    moment: engine.Moment,
) -> Understanding:
    """What a message means. On a call keys have a meaning of their own, and "no" may answer "anything else?"."""
    if before is None:
        return _understood(bot, message.text, question, session, content, moment)
    if before.ending and message.heard == "keys" and message.text in keypad.YES_OR_NO:
        return Understanding(answer=Value(keypad.YES_OR_NO[message.text]))
    if message.heard in ("keys", "silence"):
        keyed = keypad.meaning(message.text, question, before, message.at, language_of(session))
        if keyed is not None:
            return keyed
    if message.heard not in ("keys", "speech"):
        return Understanding()
    if before.ending:
        yes_or_no = Expecting("bool", date.fromisoformat(moment.today))
        return understand(message.text, yes_or_no, language_of(session), bot.classifier)
    return _understood(bot, message.text, question, session, content, moment)


def _understood(
    bot: Bot, text: str, question: Question | None, session: Session, content: Content, moment: engine.Moment
) -> Understanding:
    expecting = engine.expecting(question, content, moment, session.call)
    return understand(text, expecting, language_of(session), bot.classifier)


def _with_correction(bot: Bot, turn: engine.Turn) -> engine.Turn:
    """For one who wants to change an answer: what there is to change, and what the message says to the latest of it."""
    if turn.meaning.command != "change":
        return turn
    earlier = engine.answered(turn.session, turn.content, turn.moment)
    if not earlier or earlier[-1].collect.kind in FREE_WORDS:
        return dataclasses.replace(turn, earlier=earlier)
    words = instead(turn.message.text, "change")
    said = _understood(bot, words, earlier[-1], turn.session, turn.content, turn.moment)
    return dataclasses.replace(turn, earlier=earlier, correction=said.answer)


def _take_rest(bot: Bot, turn: engine.Turn, events: list[Event]) -> tuple[Session, list[Event]]:
    """What follows the answer in the same message is taken as if sent after it: "text, and I want Dr Lee". Questions
    that it answers need not be said. `turn` has the session as it stands now; `events` are those of the beginning."""
    session, rest = turn.session, _rest_of(turn, events)
    for number in range(MAX_PARTS if rest else 0):
        message = replace(turn.message, id=f"{turn.message.id}.{number}")  # the runs it starts are others
        session, loaded, question = standing(bot, session, turn.content, turn.moment, message.id)
        meaning = _understood(bot, rest, question, session, turn.content, turn.moment)
        if turn.meaning.command == "later":  # "busy, tomorrow": the same words may say when
            meaning = Understanding(answer=meaning.answer if isinstance(meaning.answer, Value) else NotAnAnswer())
        part = engine.Turn(session, message, meaning, question, turn.content, turn.moment, follows=True)
        outcome = engine.advance_rest(part)
        if outcome is None:
            break
        after, more = outcome
        session, more = look_up(bot, after, [*loaded, *more], turn.content, turn.moment, message.id)
        events = [event for event in events if not (isinstance(event, Said) and event.asks)] + more
        rest = meaning.rest
        if not rest:
            break
    return session, events


def _rest_of(turn: engine.Turn, events: Sequence[Event]) -> str:
    """The rest of a message whose beginning was taken as an answer."""
    if turn.meaning.command == "later":
        return instead(turn.message.text, "later")
    question = turn.question
    taken = question is not None and any(
        isinstance(event, Marked) and (event.run, event.question) == (question.run, question.path) for event in events
    )
    return turn.meaning.rest if taken else ""


def _apologise(bot: Bot, before: Session, message: MessageReceived, _early: list[Event]) -> TurnTaken:
    """The turn after deciding it failed: nothing moves, the member is told, staff can see it."""
    content, plan, moment = surroundings(bot, before, message)
    meaning = understand(message.text, None, language_of(before))
    session = call.hear(before, message)[0] if before.call is not None else before
    session, events = engine.apologise(engine.Turn(session, message, meaning, None, content, moment))
    session, events = ownership.after_message(session, events, message, plan)
    return turn_taken(bot, message, before, session, events, content, plan, moment, unasked=True)


def _listen_for_language(session: Session, meaning: Understanding) -> Session:
    return replace(session, language=meaning.language) if meaning.language else session


_TWILIOS_WORDS = frozenset(
    [
        "STOP",
        "UNSUBSCRIBE",
        "END",
        "QUIT",
        "STOPALL",
        "REVOKE",
        "OPTOUT",
        "CANCEL",
        "START",
        "YES",
        "UNSTOP",
        "HELP",
        "INFO",
    ]
)


def _with_reply_by_twilio(
    bot: Bot, moment: engine.Moment, message: MessageReceived, meaning: Understanding, session: Session
) -> engine.Moment:
    """Twilio answers its own words itself, unless that is switched off: never answer twice."""
    mode = bot.settings.twilio_opt_out
    known = message.text.strip().upper() in _TWILIOS_WORDS and (bool(meaning.opt) or session.opted_out)
    by_keyword = mode == "default" and known
    twilios = mode != "self" and (bool(message.opt_out_type) or by_keyword) and bot.twilio_connected
    return dataclasses.replace(moment, reply_is_twilios=twilios)


# --- after deciding --------------------------------------------------------------------------------------------------


def _commit(bot: Bot, conversation: str, message_id: str, lease: Lease, taken: _Taken, *, keep: bool) -> None:
    reply = sealing.seal_reply(bot.vault, taken.reply)
    version = taken.session.version if taken.session else 0
    try:
        bot.sessions.commit(conversation, message_id, reply, lease, taken.sealed, version, keep=keep, now=bot.clock())
    except StoreAway:  # SQL has the turn; Redis catches up from there
        log.warning("redis is away: commit left to the next turn", extra={"ids": {"conversation": conversation}})


def _release(bot: Bot, conversation: str, lease: Lease) -> None:
    with suppress(StoreAway):  # it runs out by itself
        bot.sessions.release(conversation, lease)


def handed_over(bot: Bot, message_id: str) -> None:
    """The reply to this message has gone out with its webhook (called after the response was written)."""
    bot.handovers.put(message_id)
