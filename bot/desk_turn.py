"""The life of one act of staff: load, decide, record, commit, behind the same fence as a member's turn."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from bot import desk, engine
from bot.bootstrap import Bot
from bot.deciding import look_up, standing, surroundings, turn_taken
from bot.desk import Refused, Sitting
from bot.flow import Content, Plan
from bot.inputs import Act, Claim, FillAnswer, MessageReceived, TellNobodyFree
from bot.loading import durable
from bot.records import handoffs, outbox, sealing, stored
from bot.records import turn as records
from bot.records.database import Away, reading
from bot.records.queue import claimer
from bot.records.taken import TurnTaken
from bot.session import Session, language_of
from bot.session_store import StoreAway
from bot.turn import MAX_TRIES, STEP_BACK_S, RecordsAway
from bot.walk import Question
from nlu.understand import understand
from nlu.understanding import Answer, NotAnAnswer, Understanding, Value

SEVERAL = ", "  # between the values of several options in FillAnswer.text

log = logging.getLogger(__name__)


class NoSuchConversation(Exception):
    """There is no conversation of this id."""


@dataclass(frozen=True, slots=True)
class Done:
    """The act stands; the conversation as it is now."""

    session: Session


@dataclass(frozen=True, slots=True)
class Numbers:
    """Between whom texts go: E.164, the member's and ours."""

    member: str
    ours: str


def take_act(bot: Bot, act: Act, numbers: Numbers | None = None) -> Done | Refused:
    """Do this act, once however often it is asked for. `numbers` begins a conversation where there is none.

    Raises NoSuchConversation, RecordsAway."""
    try:
        return _take(bot, act, numbers)
    except Away as error:
        raise RecordsAway from error


def _take(bot: Bot, act: Act, numbers: Numbers | None) -> Done | Refused:
    for tries in range(MAX_TRIES):
        message = _as_message(bot, act, numbers)
        if handoffs.was_done(bot.records, act.id):
            return Done(durable(bot, act.conversation, message)[0])
        with reading(bot.records) as conn:
            under_way = outbox.unanswered_in(conn, act.conversation) if isinstance(act, Claim) else []
        decided = _decide(bot, act, message)
        if isinstance(decided, Refused):
            return decided
        match records.record(bot.records, bot.vault, decided):
            case records.Recorded(session=after, sealed=sealed, due=due):
                _commit(bot, after, sealed, act.id if decided.reply is not None else "", under_way)
                if due:
                    bot.waker.wake()
                return Done(after)
            case stored.AlreadyRecorded():
                return Done(durable(bot, act.conversation, message)[0])
            case records.Conflict():
                time.sleep(STEP_BACK_S * tries)
    raise RecordsAway


def _as_message(bot: Bot, act: Act, numbers: Numbers | None) -> MessageReceived:
    """What decides in place of a member's message: whose conversation it is, and when."""
    with reading(bot.records) as conn:
        address = stored.load_address(conn, bot.vault, act.conversation)
    between = Numbers(*address) if address is not None else numbers
    if between is None:
        raise NoSuchConversation
    return MessageReceived(act.id, act.at, between.member, between.ours, "")


def _decide(bot: Bot, act: Act, message: MessageReceived) -> TurnTaken | Refused:
    before, early = durable(bot, act.conversation, message)
    content, plan, moment = surroundings(bot, before, message)
    session = engine.current(before, moment)
    session, loaded, question = standing(bot, session, content, moment, act.id)
    member = engine.Turn(session, message, Understanding(), question, content, moment)
    sitting = Sitting(session, act, member, plan, _answer(bot, act, member), _calls_back(bot, session))
    outcome = desk.decide(sitting)
    if isinstance(outcome, Refused):
        return outcome
    after, events = outcome
    after, events = look_up(bot, after, [*early, *loaded, *events], content, moment, act.id)
    if after.asked_at == moment.now:  # what arrives before this goes out cannot answer it
        after = msgspec.structs.replace(after, asked_at=bot.clock())
    return turn_taken(bot, message, before, after, events, content, plan, moment, act=act)


def _calls_back(bot: Bot, session: Session) -> str:
    if session.call is None:
        return ""
    with reading(bot.records) as conn:
        return claimer(conn, session.conversation)


def _answer(bot: Bot, act: Act, member: engine.Turn) -> Answer:
    """What the text of FillAnswer says to the open question: an option's own value, or as the member would text it."""
    question = member.question
    if not isinstance(act, FillAnswer) or question is None or not act.text:
        return NotAnAnswer()
    chosen = _chosen(question, act.text)
    if chosen is not None:
        return Value(chosen)
    expecting = engine.expecting(question, member.content, member.moment, member.session.call)
    return understand(act.text, expecting, language_of(member.session), bot.classifier).answer


def _chosen(question: Question, text: str) -> str | tuple[str, ...] | None:
    """The options that a form names by their values; None where it does not, or where they cannot stand together."""
    options = {choice.value: choice for choice in question.choices}
    if question.collect.kind == "choice":
        return text if text in options else None
    if question.collect.kind != "choices":
        return None
    values = tuple(dict.fromkeys(text.split(SEVERAL)))
    alone = len(values) == 1 or not any(value in options and options[value].exclusive for value in values)
    return values if alone and all(value in options for value in values) else None


def _commit(bot: Bot, after: Session, sealed: bytes, unsent: str, withheld: Sequence[str]) -> None:
    """Redis learns of it. Without that the next turn finds in SQL that its session is old."""
    try:
        bot.sessions.put(after.conversation, sealed, after.version, unsent, bot.clock())
        for message_id in withheld:
            bot.sessions.forget_reply(after.conversation, message_id, sealing.seal_reply(bot.vault, None))
    except StoreAway:
        log.warning("redis is away: an act is known to SQL alone", extra={"ids": {"conversation": after.conversation}})


@dataclass(frozen=True, slots=True)
class Present:
    """A conversation as it is now."""

    session: Session
    plan: Plan
    content: Content
    owner: str  # who has it, or on a call whoever sees to it


@dataclass(frozen=True, slots=True)
class Standing(Present):
    """The same, with the question that is open in it."""

    question: Question | None


def present(bot: Bot, conversation: str) -> Present:
    """For staff to look at; nothing is written. Raises NoSuchConversation, RecordsAway."""
    try:
        return _present(bot, conversation)[0]
    except Away as error:
        raise RecordsAway from error


def stands(bot: Bot, conversation: str) -> Standing:
    """The same, with the question. Where that is about the member, it takes their answers to know. Raises alike."""
    try:
        now, moment = _present(bot, conversation)
        session, _, question = standing(bot, now.session, now.content, moment, moment.message_id)
    except Away as error:
        raise RecordsAway from error
    return Standing(session, now.plan, now.content, now.owner, question)


def _present(bot: Bot, conversation: str) -> tuple[Present, engine.Moment]:
    message = _as_message(bot, TellNobodyFree("look", bot.clock(), "", conversation), None)
    before, _ = durable(bot, conversation, message)
    content, plan, moment = surroundings(bot, before, message)
    session = engine.current(before, moment)
    return Present(session, plan, content, _calls_back(bot, session) or session.owner), moment
